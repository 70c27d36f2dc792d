"""闲管家's own words, parsed strictly at the edge. Receiver and buyer are personal data: never logged, never shown.

Identities and states must be there. What else is missing or null is not told; 0 is no moment.
Source: reference sections 3.2 and 3.3.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationError,
    model_validator,
)

from bot.contracts.orders import OrderState, RefundState
from bot.contracts.quantities import Money
from integrations.goofish.states import order_state, refund_state

OTHER_COMPANY = "other"
"""The code of a company that is in no table."""
_LONGEST = 400


def _text(value: Any) -> Any:
    """Ids come as text and as numbers. PostgreSQL cannot store NUL."""
    if isinstance(value, str):
        return value.replace("\0", "")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _whole(value: Any) -> Any:
    """Numbers come as 12 and "12"."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16 else value


def _moment(value: Any) -> Any:
    """Unix seconds; 0 is none."""
    number = _whole(value)
    is_number = isinstance(number, int) and not isinstance(number, bool) and 0 < number < 10**11
    return datetime.fromtimestamp(number, UTC) if is_number else None if number == 0 else value


def _seconds(moment: datetime | None) -> int:
    return int(moment.timestamp()) if moment else 0


Id = Annotated[str, BeforeValidator(_text), StringConstraints(min_length=1, max_length=100)]
Text = Annotated[str, BeforeValidator(_text), StringConstraints(max_length=_LONGEST)]
Whole = Annotated[int, BeforeValidator(_whole)]
Fen = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=10**12)]
MaybeMoment = Annotated[datetime | None, BeforeValidator(_moment), PlainSerializer(_seconds, when_used="json")]


class Row(BaseModel):
    """What all share: unknown fields are ignored, null is the same as not there, values are never guessed."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _null_is_not_told(cls, value: Any) -> Any:
        return {name: each for name, each in value.items() if each is not None} if isinstance(value, Mapping) else value


_R = TypeVar("_R", bound=Row)


@dataclass(frozen=True, slots=True)
class Pulled(Generic[_R]):
    """What one pull brought: the rows that fit, and why the others do not."""

    rows: tuple[_R, ...]
    misfits: tuple[str, ...] = ()


class Unreadable(ValueError):
    """What does not fit; its words say which field and why, and show no value."""


class Shop(Row):
    """An authorised shop."""

    authorize_id: Id
    user_name: Text = ""
    user_nick: Text = ""
    shop_name: Text = ""


class Goods(Row):
    """What was bought. ``sku_text`` is the variant in words; ``price`` is in 分."""

    quantity: Annotated[int, BeforeValidator(_whole), Field(ge=1, le=100_000)] | None = None
    price: Fen | None = None
    product_id: Text = ""
    item_id: Text = ""
    outer_id: Text = ""
    sku_id: Text = ""
    sku_outer_id: Text = ""
    sku_text: Text = ""
    title: Text = ""


class Order(Row):
    """One order. Amounts are in 分 (to be checked with a live order)."""

    order_no: Id
    order_status: Whole
    refund_status: Whole = 0
    order_type: Whole = 0
    total_amount: Fen | None = None
    pay_amount: Fen | None = None
    create_time: MaybeMoment = None
    pay_time: MaybeMoment = None
    consign_time: MaybeMoment = None
    confirm_time: MaybeMoment = None
    cancel_time: MaybeMoment = None
    cancel_reason: Text = ""
    update_time: MaybeMoment = None
    receiver_name: Text = Field(default="", repr=False)
    receiver_mobile: Text = Field(default="", repr=False)
    prov_name: Text = Field(default="", repr=False)
    city_name: Text = Field(default="", repr=False)
    area_name: Text = Field(default="", repr=False)
    town_name: Text = Field(default="", repr=False)
    address: Text = Field(default="", repr=False)
    waybill_no: Text = ""
    express_code: Text = ""
    buyer_eid: Text = ""
    buyer_nick: Text = Field(default="", repr=False)
    seller_name: Text = ""
    goods: Goods = Goods()

    @property
    def state(self) -> OrderState | None:
        return order_state(self.order_status, self.refund_status)

    @property
    def refund(self) -> RefundState | None:
        return refund_state(self.order_status, self.refund_status)

    @property
    def paid(self) -> Money | None:
        """What the buyer pays; None if not told."""
        return None if self.pay_amount is None else Money(Decimal(self.pay_amount).scaleb(-2), "CNY")


class Company(Row):
    """A line of the table of express companies."""

    express_code: Id
    express_name: Text = ""


class CardKey(Row):
    """One card that the platform itself gave out for an order."""

    card_no: Text = Field(default="", repr=False)
    card_pwd: Text = Field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A parcel that is on its way. ``express_name`` must be there if the code is ``other``.

    ``sender`` is one whole group of the platform's fields, such as name, mobile, district_id and address; empty for the
    one that the shop has set.
    """

    order_no: str
    waybill_no: str
    express_code: str
    express_name: str = ""
    sender: Mapping[str, str] = field(default_factory=dict, repr=False)


class OrderPush(Row):
    """What is pushed when an order changed: no address, no quantity. The detail must be asked for."""

    order_no: Id
    order_status: Whole
    refund_status: Whole = 0
    modify_time: Whole
    order_type: Whole = 0
    seller_id: Text = ""
    user_name: Text = ""
    product_id: Text = ""
    item_id: Text = ""
    address_status: Whole = 0

    @property
    def event_id(self) -> str:
        """The same for the same change, however often it is pushed: the platform gives none."""
        return f"{self.order_no}-{self.order_status}-{self.refund_status}-{self.modify_time}"

    @property
    def state(self) -> OrderState | None:
        return order_state(self.order_status, self.refund_status)

    @property
    def refund(self) -> RefundState | None:
        return refund_state(self.order_status, self.refund_status)


PUSH_TAKEN = '{"result":"success","msg":"接收成功"}'.encode()
"""The exact answer to a push, as JSON; anything else counts as a failure."""


def read_push(body: Mapping[str, Any]) -> OrderPush:
    """The push in a parsed body. Raises: Unreadable."""
    return read_row(OrderPush, body)


def read_row(model: type[_R], row: Any) -> _R:
    """``row`` as ``model``. Raises: Unreadable."""
    try:
        return model.model_validate(row)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False, include_context=False)
        told = (f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in problems[:5])
        raise Unreadable("; ".join(told)) from None


def read_rows(model: type[_R], rows: Iterable[Any]) -> Pulled[_R]:
    """The rows that fit; the others leave their reasons."""
    fits, misfits = list[_R](), list[str]()
    for row in rows:
        try:
            fits.append(read_row(model, row))
        except Unreadable as error:
            misfits.append(str(error))
    return Pulled(tuple(fits), tuple(misfits))
