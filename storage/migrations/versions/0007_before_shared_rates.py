"""before shared rates"""

import sqlalchemy as sa
from alembic import op
import storage.schema


revision = '0007'
down_revision = '0006'


def upgrade() -> None:
    op.create_table('rate_buckets',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('paused_until', storage.schema.Moment(), nullable=True),
    sa.Column('limits', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('idle_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_rate_buckets'))
    )
    with op.batch_alter_table('rate_buckets', schema=None) as batch_op:
        batch_op.create_index('ix_rate_buckets_idle_at', ['idle_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('rate_buckets', schema=None) as batch_op:
        batch_op.drop_index('ix_rate_buckets_idle_at')

    op.drop_table('rate_buckets')
