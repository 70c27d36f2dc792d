"""before first tables"""

import sqlalchemy as sa
from alembic import op
import storage.schema


revision = '0001'
down_revision = None


def upgrade() -> None:
    op.create_table('actions',
    sa.Column('token', sa.String(length=32), nullable=False),
    sa.Column('message_id', sa.String(length=14), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('content_hash', sa.String(length=32), nullable=False),
    sa.Column('command', sa.Text(), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('once', sa.Boolean(), nullable=False),
    sa.Column('asker_id', sa.Text(), nullable=False),
    sa.Column('expires_at', storage.schema.Moment(), nullable=False),
    sa.Column('claimed_event_id', sa.Text(), nullable=False),
    sa.Column('claimed_name', sa.Text(), nullable=False),
    sa.Column('claimed_at', storage.schema.Moment(), nullable=True),
    sa.PrimaryKeyConstraint('token', name=op.f('pk_actions'))
    )
    with op.batch_alter_table('actions', schema=None) as batch_op:
        batch_op.create_index('ix_actions_expires_at', ['expires_at'], unique=False)
        batch_op.create_index('ix_actions_message_id', ['message_id'], unique=False)

    op.create_table('audit',
    sa.Column('id', sa.String(length=14), nullable=False),
    sa.Column('at', storage.schema.Moment(), nullable=False),
    sa.Column('person_id', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('chat_id', sa.Text(), nullable=False),
    sa.Column('sender_id', sa.Text(), nullable=False),
    sa.Column('event_id', sa.Text(), nullable=False),
    sa.Column('command', sa.Text(), nullable=False),
    sa.Column('arguments', sa.Text(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit'))
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index('ix_audit_at', ['at'], unique=False)

    op.create_table('chats',
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('chat_id', sa.Text(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('changed_by', sa.Text(), nullable=False),
    sa.Column('changed_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('channel', 'chat_id', name=op.f('pk_chats'))
    )
    op.create_table('daily_sales',
    sa.Column('store_id', sa.String(length=32), nullable=False),
    sa.Column('msku', sa.String(length=200), nullable=False),
    sa.Column('sales_date_marketplace', sa.Date(), nullable=False),
    sa.Column('units', sa.Integer(), nullable=False),
    sa.Column('orders', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('store_id', 'msku', 'sales_date_marketplace', name=op.f('pk_daily_sales')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('daily_sales', schema=None) as batch_op:
        batch_op.create_index('ix_daily_sales_store_id_sales_date_marketplace', ['store_id', 'sales_date_marketplace'], unique=False)

    op.create_table('fba_stock',
    sa.Column('store_id', sa.String(length=32), nullable=False),
    sa.Column('msku', sa.String(length=200), nullable=False),
    sa.Column('fulfillable', sa.Integer(), nullable=True),
    sa.Column('reserved_transfers', sa.Integer(), nullable=True),
    sa.Column('reserved_processing', sa.Integer(), nullable=True),
    sa.Column('reserved_orders', sa.Integer(), nullable=True),
    sa.Column('inbound_working', sa.Integer(), nullable=True),
    sa.Column('inbound_shipped', sa.Integer(), nullable=True),
    sa.Column('inbound_receiving', sa.Integer(), nullable=True),
    sa.Column('unsellable', sa.Integer(), nullable=True),
    sa.Column('researching', sa.Integer(), nullable=True),
    sa.Column('is_shared', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('store_id', 'msku', name=op.f('pk_fba_stock'))
    )
    op.create_table('inbox',
    sa.Column('id', sa.String(length=14), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('chat_id', sa.Text(), nullable=False),
    sa.Column('sender_id', sa.Text(), nullable=False),
    sa.Column('received_at', storage.schema.Moment(), nullable=False),
    sa.Column('written_at', storage.schema.Moment(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('command', sa.Text(), nullable=False),
    sa.Column('handled_at', storage.schema.Moment(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox'))
    )
    with op.batch_alter_table('inbox', schema=None) as batch_op:
        batch_op.create_index('ix_inbox_chat', ['channel', 'chat_id', 'id'], unique=False)
        batch_op.create_index('ix_inbox_received_at', ['received_at'], unique=False)

    op.create_table('inbox_keys',
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('event_id', sa.String(length=14), nullable=False),
    sa.Column('seen_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('channel', 'key', name=op.f('pk_inbox_keys')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('inbox_keys', schema=None) as batch_op:
        batch_op.create_index('ix_inbox_keys_seen_at', ['seen_at'], unique=False)

    op.create_table('jobs',
    sa.Column('id', sa.String(length=14), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('task', sa.Text(), nullable=False),
    sa.Column('lane', sa.Text(), nullable=True),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('state', sa.SmallInteger(), nullable=False),
    sa.Column('run_at', storage.schema.Moment(), nullable=False),
    sa.Column('due_at', storage.schema.Moment(), nullable=False),
    sa.Column('holds_lane', sa.Boolean(), nullable=False),
    sa.Column('attempt', sa.SmallInteger(), nullable=False),
    sa.Column('starts', sa.SmallInteger(), nullable=False),
    sa.Column('first_started_at', storage.schema.Moment(), nullable=True),
    sa.Column('finished_at', storage.schema.Moment(), nullable=True),
    sa.Column('error', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_jobs')),
    sa.UniqueConstraint('key', name=op.f('uq_jobs_key'))
    )
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.create_index('ix_jobs_due', ['due_at'], unique=False, sqlite_where=sa.text('state = 0'), postgresql_where=sa.text('state = 0'))
        batch_op.create_index('ix_jobs_finished', ['finished_at'], unique=False, sqlite_where=sa.text('state = 2'), postgresql_where=sa.text('state = 2'))
        batch_op.create_index('ix_jobs_open', ['state'], unique=False, sqlite_where=sa.text('state IN (1, 3)'), postgresql_where=sa.text('state IN (1, 3)'))
        batch_op.create_index('ix_jobs_waiting', ['run_at', 'id'], unique=False, sqlite_where=sa.text('state = 0'), postgresql_where=sa.text('state = 0'))

    op.create_table('listing_codes',
    sa.Column('code', sa.String(length=200), nullable=False),
    sa.Column('store_id', sa.String(length=32), nullable=False),
    sa.Column('msku', sa.String(length=200), nullable=False),
    sa.Column('spelling', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('code', 'store_id', 'msku', name=op.f('pk_listing_codes'))
    )
    with op.batch_alter_table('listing_codes', schema=None) as batch_op:
        batch_op.create_index('ix_listing_codes_store_id_msku', ['store_id', 'msku'], unique=False)

    op.create_table('listings',
    sa.Column('store_id', sa.String(length=32), nullable=False),
    sa.Column('msku', sa.String(length=200), nullable=False),
    sa.Column('asin', sa.String(length=20), nullable=True),
    sa.Column('fnsku', sa.String(length=40), nullable=True),
    sa.Column('local_sku', sa.String(length=200), nullable=True),
    sa.Column('name', sa.String(length=500), nullable=True),
    sa.Column('opened_on', sa.Date(), nullable=True),
    sa.PrimaryKeyConstraint('store_id', 'msku', name=op.f('pk_listings'))
    )
    op.create_table('messages',
    sa.Column('id', sa.String(length=14), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('chat_id', sa.Text(), nullable=False),
    sa.Column('reply_to', sa.Text(), nullable=False),
    sa.Column('event_id', sa.String(length=14), nullable=False),
    sa.Column('card', sa.JSON(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('sent_version', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('platform_id', sa.Text(), nullable=False),
    sa.Column('refusal', sa.Text(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('created_at', storage.schema.Moment(), nullable=False),
    sa.Column('updated_at', storage.schema.Moment(), nullable=False),
    sa.Column('platform_sent_at', storage.schema.Moment(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages')),
    sa.UniqueConstraint('key', name=op.f('uq_messages_key'))
    )
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.create_index('ix_messages_chat', ['channel', 'chat_id', 'id'], unique=False)
        batch_op.create_index('ix_messages_created_at', ['created_at'], unique=False)
        batch_op.create_index('ix_messages_event_id', ['event_id'], unique=False)
        batch_op.create_index('ix_messages_open', ['state'], unique=False, sqlite_where=sa.text("state IN ('queued', 'failed', 'unknown')"), postgresql_where=sa.text("state IN ('queued', 'failed', 'unknown')"))

    op.create_table('pairing_codes',
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('person_id', sa.String(length=14), nullable=False),
    sa.Column('expires_at', storage.schema.Moment(), nullable=False),
    sa.Column('used_at', storage.schema.Moment(), nullable=True),
    sa.PrimaryKeyConstraint('code_hash', name=op.f('pk_pairing_codes'))
    )
    op.create_table('pairing_tries',
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('since', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('channel', 'external_id', name=op.f('pk_pairing_tries'))
    )
    op.create_table('people',
    sa.Column('id', sa.String(length=14), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('created_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_people'))
    )
    op.create_table('products',
    sa.Column('local_sku', sa.String(length=200), nullable=False),
    sa.Column('name', sa.String(length=500), nullable=True),
    sa.Column('purchase_lead_days', sa.Integer(), nullable=True),
    sa.Column('moq_units', sa.Integer(), nullable=True),
    sa.Column('units_per_carton', sa.Integer(), nullable=True),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('local_sku', name=op.f('pk_products'))
    )
    op.create_table('quarantine',
    sa.Column('platform', sa.String(length=40), nullable=False),
    sa.Column('store_id', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('row', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('platform', 'store_id', 'kind', 'digest', name=op.f('pk_quarantine'))
    )
    op.create_table('restock_suggestions',
    sa.Column('store_id', sa.String(length=32), nullable=False),
    sa.Column('msku', sa.String(length=200), nullable=False),
    sa.Column('purchase_units', sa.Integer(), nullable=True),
    sa.Column('local_to_fba_units', sa.Integer(), nullable=True),
    sa.Column('local_to_oversea_units', sa.Integer(), nullable=True),
    sa.Column('oversea_to_fba_units', sa.Integer(), nullable=True),
    sa.Column('daily_units', sa.String(length=40), nullable=True),
    sa.Column('supply_days', sa.String(length=40), nullable=True),
    sa.Column('fba_supply_days', sa.String(length=40), nullable=True),
    sa.Column('stockout_on', sa.Date(), nullable=True),
    sa.Column('needs_restock', sa.Boolean(), nullable=True),
    sa.Column('local_units', sa.Integer(), nullable=True),
    sa.Column('oversea_units', sa.Integer(), nullable=True),
    sa.Column('purchase_plan_units', sa.Integer(), nullable=True),
    sa.Column('purchase_ordered_units', sa.Integer(), nullable=True),
    sa.Column('inspection_units', sa.Integer(), nullable=True),
    sa.Column('local_shipping_units', sa.Integer(), nullable=True),
    sa.Column('oversea_shipping_units', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('store_id', 'msku', name=op.f('pk_restock_suggestions'))
    )
    op.create_table('sales_days',
    sa.Column('store_id', sa.String(length=32), nullable=False),
    sa.Column('sales_date_marketplace', sa.Date(), nullable=False),
    sa.Column('is_settled', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('store_id', 'sales_date_marketplace', name=op.f('pk_sales_days'))
    )
    op.create_table('sales_windows',
    sa.Column('store_id', sa.String(length=32), nullable=False),
    sa.Column('msku', sa.String(length=200), nullable=False),
    sa.Column('through', sa.Date(), nullable=False),
    sa.Column('history_from', sa.Date(), nullable=False),
    sa.Column('days_3', sa.Integer(), nullable=False),
    sa.Column('days_7', sa.Integer(), nullable=False),
    sa.Column('days_14', sa.Integer(), nullable=False),
    sa.Column('days_30', sa.Integer(), nullable=False),
    sa.Column('days_60', sa.Integer(), nullable=False),
    sa.Column('days_90', sa.Integer(), nullable=False),
    sa.Column('units_3', sa.Integer(), nullable=False),
    sa.Column('units_7', sa.Integer(), nullable=False),
    sa.Column('units_14', sa.Integer(), nullable=False),
    sa.Column('units_30', sa.Integer(), nullable=False),
    sa.Column('units_60', sa.Integer(), nullable=False),
    sa.Column('units_90', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('store_id', 'msku', name=op.f('pk_sales_windows'))
    )
    op.create_table('schedule_ticks',
    sa.Column('schedule', sa.Text(), nullable=False),
    sa.Column('slot', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('schedule', name=op.f('pk_schedule_ticks'))
    )
    op.create_table('sessions',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Text(), nullable=False),
    sa.Column('csrf_token', sa.Text(), nullable=False),
    sa.Column('created_at', storage.schema.Moment(), nullable=False),
    sa.Column('last_seen_at', storage.schema.Moment(), nullable=False),
    sa.Column('expires_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_sessions'))
    )
    with op.batch_alter_table('sessions', schema=None) as batch_op:
        batch_op.create_index('ix_sessions_expires_at', ['expires_at'], unique=False)
        batch_op.create_index('ix_sessions_person_id', ['person_id'], unique=False)

    op.create_table('sign_in_links',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Text(), nullable=False),
    sa.Column('created_at', storage.schema.Moment(), nullable=False),
    sa.Column('expires_at', storage.schema.Moment(), nullable=False),
    sa.Column('used_at', storage.schema.Moment(), nullable=True),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_sign_in_links'))
    )
    with op.batch_alter_table('sign_in_links', schema=None) as batch_op:
        batch_op.create_index('ix_sign_in_links_expires_at', ['expires_at'], unique=False)

    op.create_table('stores',
    sa.Column('store_id', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('country', sa.String(length=80), nullable=False),
    sa.Column('region', sa.String(length=40), nullable=False),
    sa.Column('marketplace_id', sa.String(length=40), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('has_ads', sa.Boolean(), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=True),
    sa.Column('time_zone', sa.String(length=60), nullable=True),
    sa.Column('is_listed', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('store_id', name=op.f('pk_stores'))
    )
    op.create_table('strangers',
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('answered_at', storage.schema.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('channel', 'external_id', name=op.f('pk_strangers'))
    )
    op.create_table('sync_ages',
    sa.Column('store_id', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('as_of', storage.schema.Moment(), nullable=True),
    sa.Column('last_tried_at', storage.schema.Moment(), nullable=True),
    sa.Column('last_error_code', sa.String(length=60), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('quarantined', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('store_id', 'kind', name=op.f('pk_sync_ages'))
    )
    op.create_table('sync_runs',
    sa.Column('run_id', sa.String(length=120), nullable=False),
    sa.Column('kinds', sa.JSON(), nullable=False),
    sa.Column('store_ids', sa.JSON(), nullable=False),
    sa.Column('started_at', storage.schema.Moment(), nullable=False),
    sa.Column('reply_key', sa.Text(), nullable=False),
    sa.Column('asked_by', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=10), nullable=False),
    sa.Column('shown_at', storage.schema.Moment(), nullable=True),
    sa.Column('show_at', storage.schema.Moment(), nullable=True),
    sa.Column('ended_at', storage.schema.Moment(), nullable=True),
    sa.PrimaryKeyConstraint('run_id', name=op.f('pk_sync_runs'))
    )
    with op.batch_alter_table('sync_runs', schema=None) as batch_op:
        batch_op.create_index('ix_sync_runs_open', ['started_at'], unique=False, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('tokens',
    sa.Column('platform', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('refresh_value', sa.Text(), nullable=False),
    sa.Column('expires_at', storage.schema.Moment(), nullable=False),
    sa.Column('refresh_expires_at', storage.schema.Moment(), nullable=True),
    sa.PrimaryKeyConstraint('platform', 'account', name=op.f('pk_tokens'))
    )
    op.create_table('grants',
    sa.Column('person_id', sa.String(length=14), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('granted_by', sa.Text(), nullable=False),
    sa.Column('granted_at', storage.schema.Moment(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_grants_person_id')),
    sa.PrimaryKeyConstraint('person_id', 'role', name=op.f('pk_grants'))
    )
    op.create_table('identities',
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('person_id', sa.String(length=14), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_identities_person_id')),
    sa.PrimaryKeyConstraint('channel', 'external_id', name=op.f('pk_identities'))
    )
    with op.batch_alter_table('identities', schema=None) as batch_op:
        batch_op.create_index('ix_identities_person_id', ['person_id'], unique=False)

    op.create_table('sync_steps',
    sa.Column('run_id', sa.String(length=120), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('store_id', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('quarantined', sa.Integer(), nullable=False),
    sa.Column('error_code', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['sync_runs.run_id'], name=op.f('fk_sync_steps_run_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('run_id', 'kind', 'store_id', name=op.f('pk_sync_steps'))
    )


def downgrade() -> None:
    op.drop_table('sync_steps')
    with op.batch_alter_table('identities', schema=None) as batch_op:
        batch_op.drop_index('ix_identities_person_id')

    op.drop_table('identities')
    op.drop_table('grants')
    op.drop_table('tokens')
    with op.batch_alter_table('sync_runs', schema=None) as batch_op:
        batch_op.drop_index('ix_sync_runs_open', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.drop_table('sync_runs')
    op.drop_table('sync_ages')
    op.drop_table('strangers')
    op.drop_table('stores')
    with op.batch_alter_table('sign_in_links', schema=None) as batch_op:
        batch_op.drop_index('ix_sign_in_links_expires_at')

    op.drop_table('sign_in_links')
    with op.batch_alter_table('sessions', schema=None) as batch_op:
        batch_op.drop_index('ix_sessions_person_id')
        batch_op.drop_index('ix_sessions_expires_at')

    op.drop_table('sessions')
    op.drop_table('schedule_ticks')
    op.drop_table('sales_windows')
    op.drop_table('sales_days')
    op.drop_table('restock_suggestions')
    op.drop_table('quarantine')
    op.drop_table('products')
    op.drop_table('people')
    op.drop_table('pairing_tries')
    op.drop_table('pairing_codes')
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.drop_index('ix_messages_open', sqlite_where=sa.text("state IN ('queued', 'failed', 'unknown')"), postgresql_where=sa.text("state IN ('queued', 'failed', 'unknown')"))
        batch_op.drop_index('ix_messages_event_id')
        batch_op.drop_index('ix_messages_created_at')
        batch_op.drop_index('ix_messages_chat')

    op.drop_table('messages')
    op.drop_table('listings')
    with op.batch_alter_table('listing_codes', schema=None) as batch_op:
        batch_op.drop_index('ix_listing_codes_store_id_msku')

    op.drop_table('listing_codes')
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.drop_index('ix_jobs_waiting', sqlite_where=sa.text('state = 0'), postgresql_where=sa.text('state = 0'))
        batch_op.drop_index('ix_jobs_open', sqlite_where=sa.text('state IN (1, 3)'), postgresql_where=sa.text('state IN (1, 3)'))
        batch_op.drop_index('ix_jobs_finished', sqlite_where=sa.text('state = 2'), postgresql_where=sa.text('state = 2'))
        batch_op.drop_index('ix_jobs_due', sqlite_where=sa.text('state = 0'), postgresql_where=sa.text('state = 0'))

    op.drop_table('jobs')
    with op.batch_alter_table('inbox_keys', schema=None) as batch_op:
        batch_op.drop_index('ix_inbox_keys_seen_at')

    op.drop_table('inbox_keys')
    with op.batch_alter_table('inbox', schema=None) as batch_op:
        batch_op.drop_index('ix_inbox_received_at')
        batch_op.drop_index('ix_inbox_chat')

    op.drop_table('inbox')
    op.drop_table('fba_stock')
    with op.batch_alter_table('daily_sales', schema=None) as batch_op:
        batch_op.drop_index('ix_daily_sales_store_id_sales_date_marketplace')

    op.drop_table('daily_sales')
    op.drop_table('chats')
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_at')

    op.drop_table('audit')
    with op.batch_alter_table('actions', schema=None) as batch_op:
        batch_op.drop_index('ix_actions_message_id')
        batch_op.drop_index('ix_actions_expires_at')

    op.drop_table('actions')
