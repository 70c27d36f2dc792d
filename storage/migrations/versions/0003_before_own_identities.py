"""before own identities"""

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'


def upgrade() -> None:
    op.create_table('own_identities',
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('channel', 'account', name=op.f('pk_own_identities'))
    )


def downgrade() -> None:
    op.drop_table('own_identities')
