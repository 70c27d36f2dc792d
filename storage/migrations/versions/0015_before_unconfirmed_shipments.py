"""before shipments that nobody confirms are looked for"""

import sqlalchemy as sa
from alembic import op


revision = '0015'
down_revision = '0014'


def upgrade() -> None:
    marked = sa.text("state = 'marked'")
    op.create_index(
        'ix_shipments_marked', 'shipments', ['changed_at'], unique=False, sqlite_where=marked, postgresql_where=marked
    )


def downgrade() -> None:
    op.drop_index('ix_shipments_marked', table_name='shipments')
