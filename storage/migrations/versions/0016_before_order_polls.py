"""before orders are read out of a platform's list"""

import sqlalchemy as sa
from alembic import op
import storage.schema


revision = '0016'
down_revision = '0015'


def upgrade() -> None:
    op.create_table('order_polls',
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('read_until', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('source', name=op.f('pk_order_polls'))
    )


def downgrade() -> None:
    op.drop_table('order_polls')
