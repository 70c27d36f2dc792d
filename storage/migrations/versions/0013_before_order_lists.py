"""before order lists"""

import sqlalchemy as sa
from alembic import op


revision = '0013'
down_revision = '0012'

INDEXES = (
    ('ix_orders_refund_at', ['refund_at'], "refund = 'requested'"),
    ('ix_orders_status_at', ['status_at'], "status = 'shipped'"),
    ('ix_orders_account_id', ['source', 'account_id', 'first_seen_at'], None),
)


def upgrade() -> None:
    for name, columns, where in INDEXES:
        partly = sa.text(where) if where else None
        op.create_index(name, 'orders', columns, unique=False, sqlite_where=partly, postgresql_where=partly)


def downgrade() -> None:
    for name, _, _ in INDEXES:
        op.drop_index(name, table_name='orders')
