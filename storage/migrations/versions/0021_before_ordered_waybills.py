"""before numbers that are ordered for one parcel"""

import sqlalchemy as sa
from alembic import op


revision = '0021'
down_revision = '0020'


def upgrade() -> None:
    used = sa.text("order_key <> ''")
    op.create_index('ix_waybills_order_key', 'waybills', ['order_key'], unique=False,
        sqlite_where=used, postgresql_where=used)


def downgrade() -> None:
    op.drop_index('ix_waybills_order_key', table_name='waybills')
