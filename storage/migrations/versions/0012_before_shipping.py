"""before shipping"""

import sqlalchemy as sa
from alembic import op
import storage.schema


revision = '0012'
down_revision = '0011'


def upgrade() -> None:
    op.create_table('shipping_settings',
    sa.Column('account_id', sa.Text(), nullable=False),
    sa.Column('item_id', sa.Text(), nullable=False),
    sa.Column('variant', sa.Text(), nullable=False),
    sa.Column('mode', sa.Text(), nullable=True),
    sa.Column('delay_from', sa.Integer(), nullable=True),
    sa.Column('delay_to', sa.Integer(), nullable=True),
    sa.Column('express_code', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('account_id', 'item_id', 'variant', name=op.f('pk_shipping_settings'))
    )
    op.create_table('shipping_holds',
    sa.Column('scope', sa.Text(), nullable=False),
    sa.Column('person_id', sa.String(length=14), nullable=False),
    sa.Column('set_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('scope', name=op.f('pk_shipping_holds'))
    )
    op.create_table('shipments',
    sa.Column('order_key', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('run_at', storage.schema.Moment(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('is_shadow', sa.Boolean(), nullable=False),
    sa.Column('person_id', sa.String(length=14), nullable=False),
    sa.Column('express_code', sa.Text(), nullable=False),
    sa.Column('waybill_no', sa.Text(), nullable=False),
    sa.Column('command_id', sa.Text(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('changed_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('order_key', name=op.f('pk_shipments'))
    )
    op.create_table('waybills',
    sa.Column('express_code', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('order_key', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('express_code', 'number', name=op.f('pk_waybills'))
    )
    free = sa.text("order_key = ''")
    op.create_index('ix_waybills_free', 'waybills', ['express_code'], unique=False,
        sqlite_where=free, postgresql_where=free)


def downgrade() -> None:
    for name in ('waybills', 'shipments', 'shipping_holds', 'shipping_settings'):
        op.drop_table(name)
