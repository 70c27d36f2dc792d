"""Card keys by pool, what was delivered of them, and by what the database knows that it is the present one."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from storage.schema import Moment, metadata

key_pools = Table(
    "key_pools",
    metadata,
    Column("id", String(14), primary_key=True),
    Column("account_id", Text, nullable=False),  # empty: of any shop
    Column("item_id", Text, nullable=False),
    Column("variant", Text, nullable=False),  # empty: of any variant
    Column("held_since", Moment),  # what was sent is not known for certain until somebody reconciled it
)
Index("uq_key_pools_place", key_pools.c.item_id, key_pools.c.account_id, key_pools.c.variant, unique=True)

card_keys = Table(
    "card_keys",
    metadata,
    Column("id", String(14), primary_key=True),
    Column("pool_id", String(14), nullable=False),
    Column("digest", Text, nullable=False),  # keyed
    Column("sealed", Text, nullable=False),  # encrypted
    Column("state", Text, nullable=False),  # storage.orders.rows.KeyState
    Column("order_key", Text, nullable=False),  # empty: nobody's
    Column("unit_no", Integer, nullable=False),  # of the order, from 1
    Column("changed_at", Moment, nullable=False),
)
Index("uq_card_keys_digest", card_keys.c.digest, unique=True)
_FREE = text("state = 'free'")
Index("ix_card_keys_free", card_keys.c.pool_id, card_keys.c.id, sqlite_where=_FREE, postgresql_where=_FREE)
Index("ix_card_keys_pool_id", card_keys.c.pool_id, card_keys.c.state)
_OWNED = text("order_key <> ''")
Index(
    "uq_card_keys_unit",
    card_keys.c.order_key,
    card_keys.c.unit_no,
    unique=True,
    sqlite_where=_OWNED,
    postgresql_where=_OWNED,
)

key_deliveries = Table(
    "key_deliveries",
    metadata,
    Column("id", String(14), primary_key=True),
    Column("order_key", Text, nullable=False),  # empty: one that was sent, of which this database knows no more
    Column("command_id", Text, nullable=False),
    Column("content", Text, nullable=False),  # encrypted
    Column("at", Moment, nullable=False),
)
Index("ix_key_deliveries_order_key", key_deliveries.c.order_key, key_deliveries.c.command_id)

key_marks = Table(
    "key_marks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),  # encrypted where it is a secret
)
