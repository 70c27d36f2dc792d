"""before card keys"""

import sqlalchemy as sa
from alembic import op
import storage.schema


revision = '0018'
down_revision = '0017'


def upgrade() -> None:
    op.add_column('shipping_settings', sa.Column('template', sa.Text(), nullable=True))
    op.add_column('shipping_settings', sa.Column('stock', sa.Integer(), nullable=True))
    op.add_column('shipping_settings', sa.Column('low_stock', sa.Integer(), nullable=True))
    op.add_column('shipments', sa.Column('taken', sa.Integer(), nullable=False, server_default='0'))
    op.create_table('key_pools',
    sa.Column('id', sa.String(length=14), nullable=False),
    sa.Column('account_id', sa.Text(), nullable=False),
    sa.Column('item_id', sa.Text(), nullable=False),
    sa.Column('variant', sa.Text(), nullable=False),
    sa.Column('held_since', storage.schema.Moment(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_key_pools'))
    )
    op.create_index('uq_key_pools_place', 'key_pools', ['item_id', 'account_id', 'variant'], unique=True)
    op.create_table('card_keys',
    sa.Column('id', sa.String(length=14), nullable=False),
    sa.Column('pool_id', sa.String(length=14), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('order_key', sa.Text(), nullable=False),
    sa.Column('unit_no', sa.Integer(), nullable=False),
    sa.Column('changed_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_card_keys'))
    )
    free, owned = sa.text("state = 'free'"), sa.text("order_key <> ''")
    op.create_index('uq_card_keys_digest', 'card_keys', ['digest'], unique=True)
    op.create_index('ix_card_keys_free', 'card_keys', ['pool_id', 'id'], unique=False,
        sqlite_where=free, postgresql_where=free)
    op.create_index('ix_card_keys_pool_id', 'card_keys', ['pool_id', 'state'], unique=False)
    op.create_index('uq_card_keys_unit', 'card_keys', ['order_key', 'unit_no'], unique=True,
        sqlite_where=owned, postgresql_where=owned)
    op.create_table('key_deliveries',
    sa.Column('id', sa.String(length=14), nullable=False),
    sa.Column('order_key', sa.Text(), nullable=False),
    sa.Column('command_id', sa.Text(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_key_deliveries'))
    )
    op.create_index('ix_key_deliveries_order_key', 'key_deliveries', ['order_key', 'command_id'], unique=False)
    op.create_table('key_marks',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_key_marks'))
    )


def downgrade() -> None:
    for name in ('key_marks', 'key_deliveries', 'card_keys', 'key_pools'):
        op.drop_table(name)
    op.drop_column('shipments', 'taken')
    for name in ('low_stock', 'stock', 'template'):
        op.drop_column('shipping_settings', name)
