"""before matters"""

import sqlalchemy as sa
from alembic import op
import storage.schema


revision = '0008'
down_revision = '0007'


def upgrade() -> None:
    op.create_table('matters',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.Text(), nullable=False),
    sa.Column('details', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('store_id', sa.Text(), nullable=False),
    sa.Column('is_urgent', sa.Boolean(), nullable=False),
    sa.Column('due_at', storage.schema.Moment(), nullable=True),
    sa.Column('cost_per_day', storage.schema.Exact(length=40), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('owner_id', sa.String(length=14), nullable=False),
    sa.Column('snoozed_until', storage.schema.Moment(), nullable=True),
    sa.Column('opened_at', storage.schema.Moment(), nullable=False),
    sa.Column('changed_at', storage.schema.Moment(), nullable=False),
    sa.Column('settled_at', storage.schema.Moment(), nullable=True),
    sa.Column('seen_at', storage.schema.Moment(), nullable=True),
    sa.Column('clear_since', storage.schema.Moment(), nullable=True),
    sa.Column('returns', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_matters'))
    )
    unsettled = sa.text("state <> 'settled'")
    op.create_index('uq_matters_unsettled', 'matters', ['fingerprint'], unique=True,
        sqlite_where=unsettled, postgresql_where=unsettled)
    op.create_index('ix_matters_changed_at', 'matters', ['changed_at'], unique=False)
    op.create_table('matter_entries',
    sa.Column('matter', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', storage.schema.Moment(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('person_id', sa.String(length=14), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('matter', 'position', name=op.f('pk_matter_entries'))
    )
    op.create_table('matter_places',
    sa.Column('matter', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('chat_id', sa.Text(), nullable=False),
    sa.Column('person_id', sa.String(length=14), nullable=False),
    sa.PrimaryKeyConstraint('matter', 'channel', 'chat_id', name=op.f('pk_matter_places'))
    )
    op.create_table('ladder_steps',
    sa.Column('matter', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('how', sa.Text(), nullable=False),
    sa.Column('target', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('needs', sa.Text(), nullable=False),
    sa.Column('due_at', storage.schema.Moment(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('done_at', storage.schema.Moment(), nullable=True),
    sa.PrimaryKeyConstraint('matter', 'position', name=op.f('pk_ladder_steps'))
    )
    op.create_table('ladder_rungs',
    sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('after_minutes', sa.Integer(), nullable=False),
    sa.Column('how', sa.Text(), nullable=False),
    sa.Column('target', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('needs', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('position', name=op.f('pk_ladder_rungs'))
    )
    op.create_table('alarm_chats',
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('chat_id', sa.Text(), nullable=False),
    sa.Column('set_by', sa.String(length=14), nullable=False),
    sa.Column('set_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('channel', 'chat_id', name=op.f('pk_alarm_chats'))
    )
    op.create_table('roster',
    sa.Column('weekday', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('person_id', sa.String(length=14), nullable=False),
    sa.PrimaryKeyConstraint('weekday', 'person_id', name=op.f('pk_roster'))
    )
    op.create_table('silences',
    sa.Column('fingerprint', sa.Text(), nullable=False),
    sa.Column('ends_at', storage.schema.Moment(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('person_id', sa.String(length=14), nullable=False),
    sa.Column('set_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('fingerprint', name=op.f('pk_silences'))
    )


def downgrade() -> None:
    for name in ('silences', 'roster', 'alarm_chats', 'ladder_rungs', 'ladder_steps', 'matter_places',
                 'matter_entries', 'matters'):
        op.drop_table(name)
