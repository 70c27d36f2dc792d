"""before shadow report"""

import sqlalchemy as sa
from alembic import op


revision = '0022'
down_revision = '0021'


def upgrade() -> None:
    shadow = sa.text("kind = 'shadow'")
    op.create_index(
        'ix_order_lines_shadow', 'order_lines', ['at'], unique=False, sqlite_where=shadow, postgresql_where=shadow
    )


def downgrade() -> None:
    op.drop_index('ix_order_lines_shadow', table_name='order_lines')
