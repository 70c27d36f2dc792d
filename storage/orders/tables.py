"""Orders, what was told of them, their items, and how the channels stand. Personal data are encrypted."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, false, text

from storage.schema import Exact, Moment, metadata

_PLAIN = Text().with_variant(Text(collation="C"), "postgresql")  # compared byte by byte: found by their beginning

order_events = Table(
    "order_events",
    metadata,
    Column("source", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),  # the sender's; kept for ever
    Column("id", String(14), nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text),  # encrypted
    Column("received_at", Moment, nullable=False),
)
Index("uq_order_events_id", order_events.c.id, unique=True)
_KEPT = text("body IS NOT NULL")
Index("ix_order_events_kept", order_events.c.received_at, sqlite_where=_KEPT, postgresql_where=_KEPT)

orders = Table(
    "orders",
    metadata,
    Column("key", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("order_id", _PLAIN, nullable=False),
    Column("status", Text, nullable=False),  # storage.orders.rows.OrderStatus
    Column("status_at", Moment, nullable=False),
    Column("refund", Text, nullable=False),  # bot.contracts.orders.RefundState
    Column("refund_at", Moment, nullable=False),
    Column("told_at", Moment, nullable=False),
    Column("raw_status", Text, nullable=False),
    Column("item_id", _PLAIN, nullable=False),
    Column("sku_text", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("amount", Exact),
    Column("currency", Text, nullable=False),
    Column("delivery_kind", Text),
    Column("chat_id", Text, nullable=False),
    Column("buyer", Text, nullable=False),  # encrypted
    Column("waybill_no", _PLAIN, nullable=False),
    Column("express_code", Text, nullable=False),
    Column("paid_at", Moment),
    Column("ship_by", Moment),
    Column("first_seen_at", Moment, nullable=False),
)
_WAITING = text("status = 'paid'")
Index("ix_orders_ship_by", orders.c.ship_by, sqlite_where=_WAITING, postgresql_where=_WAITING)
Index("ix_orders_first_seen_at", orders.c.first_seen_at)
Index("ix_orders_order_id", orders.c.order_id)
Index("ix_orders_item_id", orders.c.item_id, orders.c.first_seen_at)
_SENT = text("waybill_no <> ''")
Index("ix_orders_waybill_no", orders.c.waybill_no, sqlite_where=_SENT, postgresql_where=_SENT)
_CHATTING = text("chat_id <> ''")
Index("ix_orders_chat_id", orders.c.chat_id, sqlite_where=_CHATTING, postgresql_where=_CHATTING)
_ASKED_BACK = text("refund = 'requested'")
Index("ix_orders_refund_at", orders.c.refund_at, sqlite_where=_ASKED_BACK, postgresql_where=_ASKED_BACK)
_SHIPPED = text("status = 'shipped'")
Index("ix_orders_status_at", orders.c.status_at, sqlite_where=_SHIPPED, postgresql_where=_SHIPPED)
Index("ix_orders_account_id", orders.c.source, orders.c.account_id, orders.c.first_seen_at)

order_items = Table(
    "order_items",
    metadata,
    Column("source", Text, primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("item_id", Text, primary_key=True),
    Column("title", Text, nullable=False),
)

order_lines = Table(
    "order_lines",
    metadata,
    Column("order_key", Text, primary_key=True),
    Column("id", String(14), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),  # storage.orders.rows.LineKind
    Column("person_id", String(14), nullable=False),
    Column("text", Text, nullable=False),  # encrypted for what was said
)

_IN_SHADOW = text("kind = 'shadow'")
Index("ix_order_lines_shadow", order_lines.c.at, sqlite_where=_IN_SHADOW, postgresql_where=_IN_SHADOW)

order_channels = Table(
    "order_channels",
    metadata,
    Column("source", Text, primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("status", Text, nullable=False),  # storage.orders.rows.ChannelStatus
    Column("status_at", Moment, nullable=False),
)

order_polls = Table(
    "order_polls",
    metadata,
    Column("source", Text, primary_key=True),
    Column("read_until", Moment, nullable=False),
)

order_replies = Table(
    "order_replies",
    metadata,
    Column("id", String(14), primary_key=True),
    Column("order_key", Text, nullable=False),
    Column("person_id", String(14), nullable=False),
    Column("text", Text, nullable=False),  # encrypted
    Column("state", Text, nullable=False),  # storage.orders.rows.ReplyState
    Column("command_id", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("reply_key", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
)

shipping_settings = Table(
    "shipping_settings",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("item_id", Text, primary_key=True),
    Column("variant", Text, primary_key=True),
    Column("mode", Text),  # storage.orders.rows.ShippingMode
    Column("delay_from", Integer),  # seconds
    Column("delay_to", Integer),
    Column("express_code", Text),
    Column("template", Text),
    Column("stock", Integer),
    Column("low_stock", Integer),
)

shipping_changes = Table(
    "shipping_changes",
    metadata,
    Column("id", String(14), primary_key=True),
    Column("batch", String(14), nullable=False),  # what was changed together: the event's id
    Column("person_id", String(14), nullable=False),
    Column("at", Moment, nullable=False),
    Column("before", Text),  # the setting as JSON, null if nothing was set
    Column("after", Text, nullable=False),
    Column("undone_by", String(14), nullable=False),
    Column("undone_at", Moment),
)
Index("ix_shipping_changes_at", shipping_changes.c.at)
Index("ix_shipping_changes_batch", shipping_changes.c.batch)

shipping_holds = Table(
    "shipping_holds",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("person_id", String(14), nullable=False),
    Column("set_at", Moment, nullable=False),
)

shipments = Table(
    "shipments",
    metadata,
    Column("order_key", Text, primary_key=True),
    Column("state", Text, nullable=False),  # storage.orders.rows.ShipmentState
    Column("run_at", Moment, nullable=False),
    Column("round", Integer, nullable=False),
    Column("is_shadow", Boolean, nullable=False),
    Column("person_id", String(14), nullable=False),
    Column("express_code", Text, nullable=False),
    Column("waybill_no", Text, nullable=False),
    Column("command_id", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("taken", Integer, nullable=False, server_default="0"),
    Column("has_own_way", Boolean, nullable=False, server_default=false()),
)
_MARKED = text("state = 'marked'")
Index("ix_shipments_marked", shipments.c.changed_at, sqlite_where=_MARKED, postgresql_where=_MARKED)
Index("ix_shipments_state", shipments.c.state, shipments.c.run_at)
Index("ix_shipments_run_at", shipments.c.run_at)
_SHADOW = text("is_shadow")
Index("ix_shipments_shadow", shipments.c.run_at, sqlite_where=_SHADOW, postgresql_where=_SHADOW)
Index("ix_shipments_waybill_no", shipments.c.waybill_no, sqlite_where=_SENT, postgresql_where=_SENT)

waybills = Table(
    "waybills",
    metadata,
    Column("express_code", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("order_key", Text, nullable=False),  # empty: free
)
_FREE = text("order_key = ''")
Index("ix_waybills_free", waybills.c.express_code, sqlite_where=_FREE, postgresql_where=_FREE)
_USED = text("order_key <> ''")
Index("ix_waybills_order_key", waybills.c.order_key, sqlite_where=_USED, postgresql_where=_USED)
