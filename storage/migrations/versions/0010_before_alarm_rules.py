"""before the team's own alarm rules"""

import sqlalchemy as sa
from alembic import op
import storage.schema


revision = '0010'
down_revision = '0009'


def upgrade() -> None:
    op.create_table('watches',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('store_ids', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('sku', sa.Text(), nullable=False),
    sa.Column('threshold', sa.Integer(), nullable=False),
    sa.Column('days_in_a_row', sa.Integer(), nullable=False),
    sa.Column('is_urgent', sa.Boolean(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('replaces', sa.Integer(), nullable=True),
    sa.Column('person_id', sa.String(length=14), nullable=False),
    sa.Column('made_at', storage.schema.Moment(), nullable=False),
    sa.Column('changed_by', sa.String(length=14), nullable=False),
    sa.Column('changed_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_watches'))
    )


def downgrade() -> None:
    op.drop_table('watches')
