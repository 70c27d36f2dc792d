"""Orders as marketplaces tell of them, what was told when, and how a channel stands, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal
from urllib.parse import quote

from bot.contracts.orders import DeliveryKind, RefundState

OrderStatus = Literal["unknown", "pending_payment", "paid", "shipped", "completed", "closed", "refunded"]
"""unknown: only states that we do not know were told so far; paid: to be shipped; the last three are final."""
ChannelStatus = Literal["online", "login_required", "risk_control", "offline"]
LineKind = Literal[
    "status",
    "refund",
    "message",
    "unknown_state",
    "by_hand",
    "shadow",
    "marked",
    "refused",
    "unclear",
    "cancelled",
    "no_number",
    "price",
    "reply",
    "reply_refused",
    "reply_unclear",
]
SEALED_LINES: frozenset[LineKind] = frozenset({"message", "reply"})
"""Kinds of lines whose text is encrypted."""
"""by_hand: somebody shipped it; shadow: what would have been done; marked: the platform took our word for it."""
ShippingMode = Literal["auto", "manual", "shadow"]
"""shadow: only say what would have been done."""
ShipmentState = Literal["planned", "shipping", "marked", "confirmed", "refused", "unclear", "cancelled", "shadowed"]
"""shipping: the platform is being told, nobody else may; marked: it took our word; confirmed: it says so itself;
unclear: it may have been told, only it knows; refused: it did not take it, somebody must look."""

KeyState = Literal["free", "reserved", "sent", "confirmed", "set_aside"]
"""reserved: an order's, nobody was told; sent: it may have reached the buyer; confirmed: the platform has the order as
shipped; set_aside: never to be given to anybody."""

EVENT_TASK = "orders.event"
"""The job that takes in a stored event, with payload ``{"event": id}``."""
GOOFISH = "goofish"
"""The source of 闲管家's orders."""
GOOFISH_TASK = "orders.goofish"
"""The job that takes in what 闲管家 told, with payload ``{"event": id}``."""
LINGXING = "lingxing"
"""The source of orders that stores in Lingxing fulfil themselves: they are shipped there, and their shops are its
stores."""
PUSHED, LISTED = "goofish.pushed", "goofish.listed"
"""Kinds of its events: a push, whose order must be asked for, and a whole order out of its list."""
WAYBILL_TASK = "orders.waybill"
"""The job that orders a number for an order's parcel, with payload ``{"order": key, "company": code}``."""
REPLY_TASK = "orders.reply"
"""The job that brings words to a buyer, with payload ``{"reply": id}``."""
SHIP_TASK = "orders.ship"
"""The job that ships an order, at its time, with payload ``{"order": key}``."""
REPLAN_TASK = "orders.replan"
"""The job that looks again at every order that waits."""

TOPIC = "orders"
"""Told when an order or its timeline changes, for pages that show them."""


def order_key(source: str, account_id: str, order_id: str) -> str:
    """The one name of an order over all sources and accounts."""
    return "/".join(quote(part, safe="") for part in (source, account_id, order_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """A verified delivery. ``event_id`` is the sender's, the same in every repetition; ``subject`` is what it is
    about: events of one subject are taken in one after the other, by jobs of ``task``."""

    id: str
    source: str
    event_id: str
    kind: str
    subject: str
    body: str = field(repr=False)
    received_at: datetime
    task: str = EVENT_TASK


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event as it is kept; ``body`` is encrypted, and None once it was forgotten."""

    id: str
    source: str
    kind: str
    body: str | None = field(repr=False)
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order as it stands.

    ``status_at`` and ``refund_at`` are when the platform changed to the present state, ``told_at`` when it last changed
    anything; ``paid_at`` is the earliest moment at which it was told to be paid. ``amount`` is None if it was not told,
    ``quantity`` 0 (see ``pieces``). ``buyer`` is encrypted (see ``storage.orders.buyers``).
    """

    key: str
    source: str
    account_id: str
    order_id: str
    status: OrderStatus = "unknown"
    status_at: datetime
    refund: RefundState = "none"
    refund_at: datetime
    told_at: datetime
    raw_status: str = ""
    item_id: str = ""
    sku_text: str = ""
    title: str = ""
    quantity: int = 0
    amount: Decimal | None = None
    currency: str = ""
    delivery_kind: DeliveryKind | None = None
    chat_id: str = ""
    buyer: str = field(default="", repr=False)
    waybill_no: str = ""
    express_code: str = ""
    paid_at: datetime | None = None
    ship_by: datetime | None = None
    first_seen_at: datetime

    @property
    def account(self) -> str:
        """The shop, as grants and matters name it."""
        return self.account_id if self.source == LINGXING else f"{self.source}:{self.account_id}"

    @property
    def pieces(self) -> int:
        """How many were bought; one, as long as nobody told."""
        return self.quantity or 1

    @property
    def is_to_ship(self) -> bool:
        """Paid, and nobody wants the money back."""
        return self.status == "paid" and self.refund in ("none", "closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of an order's timeline. ``text`` of what was said is encrypted (``SEALED_LINES``)."""

    order_key: str
    id: str
    at: datetime
    kind: LineKind
    person_id: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """How a shop's channel stands, as its bridge last told."""

    source: str
    account_id: str
    status: ChannelStatus
    status_at: datetime


Buyer = Mapping[str, str]
"""Who bought, by what the platform calls it: ``id``, ``nick``, and where it tells them receiver and address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingSetting:
    """How goods are shipped, at one level: of a variant of an item, of an item, of a shop, or (all empty) by default.

    What is None is left to the level above. The goods go out between ``delay_from`` and ``delay_to`` seconds after they
    may. ``template`` is what a buyer of virtual goods is sent; ``stock`` counts the pieces that may still go out by
    themselves; less than ``low_stock`` pieces or keys are told.
    """

    account_id: str = ""
    item_id: str = ""
    variant: str = ""
    mode: ShippingMode | None = None
    delay_from: int | None = None
    delay_to: int | None = None
    express_code: str | None = None
    template: str | None = None
    stock: int | None = None
    low_stock: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChange:
    """What somebody set at one level, and what was set there before (None: nothing). ``batch`` is what was changed at
    once; ``undone_by`` is who took it back at ``undone_at``."""

    id: str
    batch: str
    person_id: str
    at: datetime
    before: ShippingSetting | None
    after: ShippingSetting
    undone_by: str = ""
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Nothing goes out by itself in ``scope``: ``all``, ``shop:<account id>`` or ``order:<key>``."""

    scope: str
    person_id: str
    set_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """How far an order's way out is; there is one per order, so nothing goes out twice.

    ``round`` counts new beginnings. ``command_id`` names what the platform is told: the same is never done twice,
    however often it is told. ``is_shadow``: it will only be said what would have been done. ``person_id`` is empty for
    what goes out by itself. ``taken`` pieces were counted off the stock for it. ``has_own_way``: the goods got to their
    buyer in another way, the platform is only told.
    """

    order_key: str
    state: ShipmentState
    run_at: datetime
    round: int = 1
    is_shadow: bool = False
    person_id: str = ""
    express_code: str = ""
    waybill_no: str = ""
    command_id: str = ""
    tries: int = 0
    error: str = ""
    taken: int = 0
    has_own_way: bool = False
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPool:
    """Where card keys of an item lie; ``account_id`` and ``variant`` are empty where any will do.

    Nothing leaves it after ``held_since``, until somebody said what of it was sent.
    """

    id: str
    account_id: str
    item_id: str
    variant: str
    held_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolStock:
    """A pool with how many of its keys are in each state."""

    pool: KeyPool
    counts: Mapping[KeyState, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardKey:
    """One key; ``unit_no`` counts those of an order from 1."""

    id: str
    pool_id: str
    sealed: str = field(repr=False)
    state: KeyState
    order_key: str
    unit_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysAdded:
    """How many were new, and the positions (from 0, as given) of those that were there before."""

    new: int
    known: tuple[int, ...]


ReplyState = Literal["asked", "said", "refused", "unclear"]
"""asked: the marketplace is being told; unclear: it may have been, only it knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerReply:
    """What a person writes to an order's buyer. ``text`` is encrypted under ``id``.

    ``command_id`` names what the marketplace is told: the same is never done twice. ``reply_key`` is the card of who
    wrote it, in ``language``.
    """

    id: str
    order_key: str
    person_id: str
    text: str = field(repr=False)
    state: ReplyState = "asked"
    command_id: str
    tries: int = 0
    error: str = ""
    reply_key: str
    language: str
    changed_at: datetime
