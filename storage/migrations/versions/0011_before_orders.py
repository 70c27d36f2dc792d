"""before orders"""

import sqlalchemy as sa
from alembic import op
import storage.schema


revision = '0011'
down_revision = '0010'


def _plain() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(sa.Text(collation='C'), 'postgresql')


def upgrade() -> None:
    op.create_table('order_events',
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('event_id', sa.Text(), nullable=False),
    sa.Column('id', sa.String(length=14), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=True),
    sa.Column('received_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('source', 'event_id', name=op.f('pk_order_events'))
    )
    op.create_index('uq_order_events_id', 'order_events', ['id'], unique=True)
    kept = sa.text('body IS NOT NULL')
    op.create_index('ix_order_events_kept', 'order_events', ['received_at'], unique=False,
        sqlite_where=kept, postgresql_where=kept)
    op.create_table('orders',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('account_id', sa.Text(), nullable=False),
    sa.Column('order_id', _plain(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('status_at', storage.schema.Moment(), nullable=False),
    sa.Column('refund', sa.Text(), nullable=False),
    sa.Column('refund_at', storage.schema.Moment(), nullable=False),
    sa.Column('told_at', storage.schema.Moment(), nullable=False),
    sa.Column('raw_status', sa.Text(), nullable=False),
    sa.Column('item_id', _plain(), nullable=False),
    sa.Column('sku_text', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('amount', storage.schema.Exact(length=40), nullable=True),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('delivery_kind', sa.Text(), nullable=True),
    sa.Column('chat_id', sa.Text(), nullable=False),
    sa.Column('buyer', sa.Text(), nullable=False),
    sa.Column('waybill_no', _plain(), nullable=False),
    sa.Column('express_code', sa.Text(), nullable=False),
    sa.Column('paid_at', storage.schema.Moment(), nullable=True),
    sa.Column('ship_by', storage.schema.Moment(), nullable=True),
    sa.Column('first_seen_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_orders'))
    )
    for name, columns, where in (
        ('ix_orders_ship_by', ['ship_by'], "status = 'paid'"),
        ('ix_orders_first_seen_at', ['first_seen_at'], None),
        ('ix_orders_order_id', ['order_id'], None),
        ('ix_orders_item_id', ['item_id', 'first_seen_at'], None),
        ('ix_orders_waybill_no', ['waybill_no'], "waybill_no <> ''"),
        ('ix_orders_chat_id', ['chat_id'], "chat_id <> ''"),
    ):
        partly = sa.text(where) if where else None
        op.create_index(name, 'orders', columns, unique=False, sqlite_where=partly, postgresql_where=partly)
    op.create_table('order_items',
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('account_id', sa.Text(), nullable=False),
    sa.Column('item_id', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('source', 'account_id', 'item_id', name=op.f('pk_order_items'))
    )
    op.create_table('order_lines',
    sa.Column('order_key', sa.Text(), nullable=False),
    sa.Column('id', sa.String(length=14), nullable=False),
    sa.Column('at', storage.schema.Moment(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('person_id', sa.String(length=14), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('order_key', 'id', name=op.f('pk_order_lines'))
    )
    op.create_table('order_channels',
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('account_id', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('status_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('source', 'account_id', name=op.f('pk_order_channels'))
    )


def downgrade() -> None:
    for name in ('order_channels', 'order_lines', 'order_items', 'orders', 'order_events'):
        op.drop_table(name)
