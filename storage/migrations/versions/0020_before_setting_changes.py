"""before setting changes"""

import sqlalchemy as sa
from alembic import op
import storage.schema


revision = '0020'
down_revision = '0019'


def upgrade() -> None:
    op.create_table('shipping_changes',
    sa.Column('id', sa.String(length=14), nullable=False),
    sa.Column('batch', sa.String(length=14), nullable=False),
    sa.Column('person_id', sa.String(length=14), nullable=False),
    sa.Column('at', storage.schema.Moment(), nullable=False),
    sa.Column('before', sa.Text(), nullable=True),
    sa.Column('after', sa.Text(), nullable=False),
    sa.Column('undone_by', sa.String(length=14), nullable=False),
    sa.Column('undone_at', storage.schema.Moment(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shipping_changes'))
    )
    op.create_index('ix_shipping_changes_at', 'shipping_changes', ['at'], unique=False)
    op.create_index('ix_shipping_changes_batch', 'shipping_changes', ['batch'], unique=False)


def downgrade() -> None:
    op.drop_table('shipping_changes')
