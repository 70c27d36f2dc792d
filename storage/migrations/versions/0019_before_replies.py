"""before replies to buyers"""

import sqlalchemy as sa
from alembic import op
import storage.schema


revision = '0019'
down_revision = '0018'


def upgrade() -> None:
    op.create_table('order_replies',
    sa.Column('id', sa.String(length=14), nullable=False),
    sa.Column('order_key', sa.Text(), nullable=False),
    sa.Column('person_id', sa.String(length=14), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('command_id', sa.Text(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('reply_key', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('changed_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_replies'))
    )


def downgrade() -> None:
    op.drop_table('order_replies')
