"""Events of a marketplace's bridge, parsed strictly at the edge.

Only what an event is about must be there: a thin event names its order and leaves the rest to be asked for. What is
there must fit: ids are text, money is decimal text with a currency, moments have a time zone. Texts that are only
shown are cut; ids and variants, which things are matched by, are refused when they are too long.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, cast, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from bot.contracts.orders import DeliveryKind, OrderState, RefundState
from bot.contracts.quantities import Money
from integrations.marketplace.currencies import CURRENCIES

OrderType = Literal[
    "order.created",
    "order.paid",
    "order.shipped",
    "order.completed",
    "order.closed",
    "order.refund_requested",
    "order.refund_closed",
    "order.refunded",
]
ChannelState = Literal["online", "login_required", "risk_control", "offline"]

_STATES: Mapping[OrderType, OrderState] = {
    "order.created": "pending_payment",
    "order.paid": "paid",
    "order.shipped": "shipped",
    "order.completed": "completed",
    "order.closed": "closed",
    "order.refunded": "refunded",
}
_REFUNDS: Mapping[OrderType, RefundState] = {
    "order.refund_requested": "requested",
    "order.refund_closed": "closed",
    "order.refunded": "refunded",
}
_REFUNDING = "refunding"
"""What some tell as the state of an order whose buyer wants the money back: its own state is then not told."""
_MOST_IMAGES = 20
_YEARS = range(2000, 2100)
_DECIMAL = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,4})?")


class UnreadableEvent(ValueError):
    """A body that is no event; its words say which field and why, and show no other value than a currency's code."""


def _plain(value: Any) -> Any:
    """PostgreSQL cannot store NUL."""
    return value.replace("\0", "") if isinstance(value, str) else value


def _cut(longest: int) -> AfterValidator:
    return AfterValidator(lambda text: text if len(text) <= longest else f"{text[: longest - 1]}…")


def _moment(value: Any) -> Any:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _in_utc(moment: datetime) -> datetime:
    """Years far from ours have no UTC in every zone, and could never be overtaken."""
    if moment.year not in _YEARS:
        raise ValueError("no moment of our time")
    return moment.astimezone(UTC)


def _decimal(value: Any) -> Any:
    return Decimal(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else value


def _known_currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError(f"{code} is no currency of ISO 4217")
    return code


def _first_images(value: Any) -> Any:
    return tuple(value[:_MOST_IMAGES]) if isinstance(value, list) else value


Id = Annotated[str, BeforeValidator(_plain), StringConstraints(min_length=1, max_length=100)]
MaybeId = Annotated[str, BeforeValidator(_plain), StringConstraints(max_length=100)]
Key = Annotated[str, BeforeValidator(_plain), StringConstraints(max_length=300)]
Shown = Annotated[str, BeforeValidator(_plain), _cut(300)]
Words = Annotated[str, BeforeValidator(_plain), _cut(4000)]
Link = Annotated[str, BeforeValidator(_plain), StringConstraints(max_length=2000)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment), AfterValidator(_in_utc)]
Value = Annotated[Decimal, BeforeValidator(_decimal)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{1,8}$"), AfterValidator(_known_currency)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _null_is_not_told(cls, value: Any) -> Any:
        return {name: each for name, each in value.items() if each is not None} if isinstance(value, Mapping) else value


class Item(_Part):
    """What was bought. ``sku_text`` is the variant as the platform words it; ``quantity`` is None if not told."""

    item_id: MaybeId = ""
    sku_text: Key = ""
    title: Shown = ""
    quantity: Annotated[int, Field(ge=1, le=100_000)] | None = None


class Amount(_Part):
    """What the buyer pays."""

    value: Value
    currency: Currency

    @property
    def money(self) -> Money:
        return Money(self.value, self.currency)


class Buyer(_Part):
    """Personal data: never logged."""

    id: MaybeId = ""
    nick: Shown = ""


class Recipient(_Part):
    """Where the parcel goes, from bridges that know: personal data, never logged."""

    name: Shown = Field(default="", repr=False)
    phone: Shown = Field(default="", repr=False)
    address: Shown = Field(default="", repr=False)


class _Told(_Part):
    """Which shop it is about. ``channel`` is the marketplace's name, such as ``xianyu``."""

    channel: MaybeId = ""
    account_id: MaybeId = ""


class OrderData(_Told):
    """An order as it was at ``modified_at``. Empty or None is not told, which is not the same as none."""

    order_id: Id
    status: Shown = ""
    refund_status: Shown = ""
    raw_status: Shown = ""
    modified_at: Moment | None = None
    item: Item = Item()
    amount: Amount | None = None
    buyer: Buyer = Buyer()
    recipient: Recipient = Recipient()
    chat_id: MaybeId = ""
    delivery_kind: Shown = ""


class MessageData(_Told):
    """What was said in a chat, by the buyer or by the platform itself (``is_system``)."""

    chat_id: Id
    sender: MaybeId = Field(default="", alias="from")
    text: Words = ""
    images: Annotated[tuple[Link, ...], BeforeValidator(_first_images)] = ()
    item_id: MaybeId = ""
    sent_at: Moment | None = None
    is_system: bool = False


class ChannelData(_Told):
    status: ChannelState


class OrderEvent(_Part):
    type: OrderType
    timestamp: Moment
    data: OrderData

    @property
    def state(self) -> OrderState | None:
        """The order's state: what is told, else what the type says; None for a state we do not know, or none told."""
        if not self.data.status:
            return _STATES.get(self.type)
        return cast(OrderState, self.data.status) if self.data.status in get_args(OrderState) else None

    @property
    def refund(self) -> RefundState | None:
        """How far a refund is, the same way; a type that speaks of one goes before a "none" that was told."""
        told = self.data.refund_status
        if told in ("", "none"):
            implied = "requested" if self.data.status == _REFUNDING else _REFUNDS.get(self.type)
            return implied or ("none" if told else None)
        return cast(RefundState, told) if told in get_args(RefundState) else None

    @property
    def delivery(self) -> DeliveryKind | None:
        """How the goods go out; None if not told, or in a way we do not know."""
        known = self.data.delivery_kind in get_args(DeliveryKind)
        return cast(DeliveryKind, self.data.delivery_kind) if known else None

    @property
    def modified_at(self) -> datetime:
        """What decides which of two events is later."""
        return self.data.modified_at or self.timestamp


class MessageEvent(_Part):
    type: Literal["message.received"]
    timestamp: Moment
    data: MessageData


class ChannelEvent(_Part):
    """Whether the bridge can reach the platform in a shop's name."""

    type: Literal["channel.status"]
    timestamp: Moment
    data: ChannelData


class UnknownEvent(_Part):
    """A type that nobody here knows: acknowledged and counted."""

    type: Id


Event = OrderEvent | MessageEvent | ChannelEvent | UnknownEvent

_KINDS: Mapping[str, type[OrderEvent | MessageEvent | ChannelEvent]] = {
    **dict.fromkeys(get_args(OrderType), OrderEvent),
    "message.received": MessageEvent,
    "channel.status": ChannelEvent,
}


def read_event(body: Mapping[str, Any]) -> Event:
    """The event in a parsed body. Raises: UnreadableEvent."""
    kind = body.get("type")
    model = _KINDS.get(kind, UnknownEvent) if isinstance(kind, str) else UnknownEvent
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise UnreadableEvent(_reason(error)) from None


def _reason(error: ValidationError) -> str:
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in problems[:5])
