"""before stock history"""

import sqlalchemy as sa
from alembic import op


revision = '0006'
down_revision = '0005'


def upgrade() -> None:
    op.create_table('stock_history',
    sa.Column('store_id', sa.String(length=32), nullable=False),
    sa.Column('msku', sa.String(length=200), nullable=False),
    sa.Column('stock_date_marketplace', sa.Date(), nullable=False),
    sa.Column('fulfillable', sa.Integer(), nullable=True),
    sa.Column('reserved_transfers', sa.Integer(), nullable=True),
    sa.Column('reserved_processing', sa.Integer(), nullable=True),
    sa.Column('inbound_working', sa.Integer(), nullable=True),
    sa.Column('inbound_shipped', sa.Integer(), nullable=True),
    sa.Column('inbound_receiving', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('store_id', 'msku', 'stock_date_marketplace', name=op.f('pk_stock_history')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('stock_history', schema=None) as batch_op:
        batch_op.create_index('ix_stock_history_store_id_stock_date_marketplace', ['store_id', 'stock_date_marketplace'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('stock_history', schema=None) as batch_op:
        batch_op.drop_index('ix_stock_history_store_id_stock_date_marketplace')

    op.drop_table('stock_history')
