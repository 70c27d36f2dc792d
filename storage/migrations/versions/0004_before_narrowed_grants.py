"""before narrowed grants"""

import sqlalchemy as sa
from alembic import op
import storage.schema


revision = '0004'
down_revision = '0003'

KEPT = ('person_id', 'role', 'granted_by', 'granted_at')


def upgrade() -> None:
    op.execute('CREATE TABLE grants_kept AS SELECT * FROM grants')
    op.drop_table('grants')
    op.create_table('grants',
    sa.Column('person_id', sa.String(length=14), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('store_id', sa.Text(), nullable=False, server_default=''),
    sa.Column('supplier', sa.Text(), nullable=False, server_default=''),
    sa.Column('currency', sa.Text(), nullable=False, server_default=''),
    sa.Column('channel', sa.Text(), nullable=False, server_default=''),
    sa.Column('chat_id', sa.Text(), nullable=False, server_default=''),
    sa.Column('amount', sa.String(length=40), nullable=True),
    sa.Column('ends_at', storage.schema.Moment(), nullable=True),
    sa.Column('granted_by', sa.Text(), nullable=False),
    sa.Column('granted_at', storage.schema.Moment(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_grants_person_id')),
    sa.PrimaryKeyConstraint('person_id', 'role', 'store_id', 'supplier', 'currency', 'channel', 'chat_id', name=op.f('pk_grants'))
    )
    columns = ', '.join(KEPT)
    op.execute(f'INSERT INTO grants ({columns}) SELECT {columns} FROM grants_kept')
    op.drop_table('grants_kept')
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.add_column(sa.Column('matter', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('reason', sa.Text(), nullable=False, server_default=''))


def downgrade() -> None:
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.drop_column('reason')
        batch_op.drop_column('matter')
    columns = ', '.join(KEPT)
    op.execute(f"CREATE TABLE grants_kept AS SELECT {columns} FROM grants WHERE store_id = '' AND supplier = '' "
               "AND currency = '' AND channel = '' AND chat_id = '' AND ends_at IS NULL")
    op.drop_table('grants')
    op.create_table('grants',
    sa.Column('person_id', sa.String(length=14), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('granted_by', sa.Text(), nullable=False),
    sa.Column('granted_at', storage.schema.Moment(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_grants_person_id')),
    sa.PrimaryKeyConstraint('person_id', 'role', name=op.f('pk_grants'))
    )
    op.execute(f'INSERT INTO grants ({columns}) SELECT {columns} FROM grants_kept')
    op.drop_table('grants_kept')
