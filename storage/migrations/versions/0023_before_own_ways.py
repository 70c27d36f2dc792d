"""before goods that got to their buyer in another way"""

import sqlalchemy as sa
from alembic import op


revision = '0023'
down_revision = '0022'


def upgrade() -> None:
    op.add_column('shipments', sa.Column('has_own_way', sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column('shipments', 'has_own_way')
