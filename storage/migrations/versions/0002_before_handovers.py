"""before handovers"""

import sqlalchemy as sa
from alembic import op
import storage.schema


revision = '0002'
down_revision = '0001'


def upgrade() -> None:
    op.create_table('handovers',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('message_id', sa.String(length=14), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('is_final', sa.Boolean(), nullable=False),
    sa.Column('platform_id', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('begun_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handovers'))
    )
    with op.batch_alter_table('handovers', schema=None) as batch_op:
        batch_op.create_index('ix_handovers_message_id', ['message_id'], unique=False)
        batch_op.create_index('ix_handovers_platform_id', ['platform_id'], unique=False)
        batch_op.create_index('ix_handovers_untold', ['begun_at'], unique=False, sqlite_where=sa.text("state IN ('pending', 'accepted')"), postgresql_where=sa.text("state IN ('pending', 'accepted')"))


def downgrade() -> None:
    with op.batch_alter_table('handovers', schema=None) as batch_op:
        batch_op.drop_index('ix_handovers_untold', sqlite_where=sa.text("state IN ('pending', 'accepted')"), postgresql_where=sa.text("state IN ('pending', 'accepted')"))
        batch_op.drop_index('ix_handovers_platform_id')
        batch_op.drop_index('ix_handovers_message_id')

    op.drop_table('handovers')
