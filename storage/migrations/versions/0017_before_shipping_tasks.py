"""before shipping tasks"""

import sqlalchemy as sa
from alembic import op


revision = '0017'
down_revision = '0016'

INDEXES = (
    ('ix_shipments_state', ['state', 'run_at'], None),
    ('ix_shipments_run_at', ['run_at'], None),
    ('ix_shipments_shadow', ['run_at'], 'is_shadow'),
    ('ix_shipments_waybill_no', ['waybill_no'], "waybill_no <> ''"),
)


def upgrade() -> None:
    for name, columns, where in INDEXES:
        partly = sa.text(where) if where else None
        op.create_index(name, 'shipments', columns, unique=False, sqlite_where=partly, postgresql_where=partly)


def downgrade() -> None:
    for name, _, _ in INDEXES:
        op.drop_index(name, table_name='shipments')
