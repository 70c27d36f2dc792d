"""before an index of the lanes that wait for a retry"""

import sqlalchemy as sa
from alembic import op


revision = '0014'
down_revision = '0013'


def upgrade() -> None:
    held = sa.text('state = 0 AND holds_lane')
    op.create_index('ix_jobs_held', 'jobs', ['lane'], unique=False, sqlite_where=held, postgresql_where=held)


def downgrade() -> None:
    op.drop_index('ix_jobs_held', table_name='jobs')
