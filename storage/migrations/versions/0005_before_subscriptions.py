"""before subscriptions"""

import sqlalchemy as sa
from alembic import op
import storage.schema


revision = '0005'
down_revision = '0004'


def upgrade() -> None:
    op.create_table('subscriptions',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('person_id', sa.String(length=14), nullable=False),
    sa.Column('sender_id', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('chat_id', sa.Text(), nullable=False),
    sa.Column('chat_kind', sa.Text(), nullable=False),
    sa.Column('plan', sa.Text(), nullable=False),
    sa.Column('line', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('next_at', storage.schema.Moment(), nullable=True),
    sa.Column('last_at', storage.schema.Moment(), nullable=True),
    sa.Column('last_outcome', sa.Text(), nullable=False),
    sa.Column('created_at', storage.schema.Moment(), nullable=False),
    sa.Column('changed_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_subscriptions'))
    )
    with op.batch_alter_table('subscriptions', schema=None) as batch_op:
        batch_op.create_index('ix_subscriptions_chat', ['channel', 'chat_id'], unique=False)
        batch_op.create_index('ix_subscriptions_person_id', ['person_id'], unique=False)

    op.create_table('quiet_hours',
    sa.Column('person_id', sa.String(length=14), nullable=False),
    sa.Column('starts', sa.String(length=5), nullable=False),
    sa.Column('ends', sa.String(length=5), nullable=False),
    sa.Column('set_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_quiet_hours'))
    )
    op.create_table('held_messages',
    sa.Column('person_id', sa.String(length=14), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('chat_id', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('command', sa.Text(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('held_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('person_id', 'channel', 'chat_id', 'source', name=op.f('pk_held_messages'))
    )


def downgrade() -> None:
    op.drop_table('held_messages')
    op.drop_table('quiet_hours')
    op.drop_table('subscriptions')
