"""Whether an order goes out by itself: every rule in order, so that shipping and the answer to why not are the same."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, cast, get_args
from zlib import crc32

from bot.contracts.errors import UserInputError
from handlers.orders.content import PLAIN_TEMPLATE, read_template
from handlers.orders.rules import is_cut_off
from storage.orders.rows import (
    Channel,
    Hold,
    KeyPool,
    Order,
    Shipment,
    ShipmentState,
    ShippingMode,
    ShippingSetting,
)

Level = Literal["variant", "item", "shop", "default", "built_in"]
LEVELS: tuple[Level, ...] = get_args(Level)
CheckName = Literal[
    "paid",
    "refund",
    "under_way",
    "error",
    "known_variant",
    "mode",
    "held",
    "channel",
    "bridge",
    "keys",
    "company",
    "waybill",
    "stock",
    "time",
]
NumberSource = Literal["pool", "own", "courier", "no_address"]
"""Where a parcel's number comes from; no_address: a courier could be asked, but nobody told where the parcel goes."""
BUT_TIME: tuple[CheckName, ...] = ("time",)
_NOT_OF_PEOPLE: tuple[CheckName, ...] = (
    "error",
    "known_variant",
    "mode",
    "held",
    "channel",
    "keys",
    "company",
    "waybill",
    "stock",
    "time",
)
_NOT_OF_SHADOWS: tuple[CheckName, ...] = ("mode",)
UNDER_WAY = ("shipping", "marked", "unclear", "confirmed")
"""States of a shipment after which nobody may ship the order again."""
_FIRST_WAIT = timedelta(seconds=30)
_MOST_TRIES = 6
_BUILT_IN = ShippingSetting(
    mode="manual", delay_from=0, delay_to=0, express_code="", template=PLAIN_TEMPLATE, low_stock=0
)
_VALUES = ("mode", "delay_from", "delay_to", "express_code", "template", "stock", "low_stock")
COMPANIES: Mapping[str, str] = {
    "顺丰": "SF",
    "圆通": "YTO",
    "中通": "ZTO",
    "申通": "STO",
    "韵达": "YUNDA",
    "京东": "JD",
    "邮政": "EMS",
    "极兔": "JTSD",
}
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,19}")
_NUMBER = re.compile(r"[A-Za-z0-9-]{6,40}")
_MODES: Mapping[str, ShippingMode] = {"自动": "auto", "手动": "manual", "影子": "shadow"}
_NAMES: Mapping[str, str] = {
    "规格": "variant",
    "方式": "mode",
    "延迟": "delay",
    "公司": "company",
    "模板": "template",
    "低库存": "low_stock",
    "库存": "stock",
}
_PARTS = {**_NAMES, **{name: name for name in _NAMES.values()}}
_ABOVE = ("上级", "above")
"""Instead of a value: that of the level above goes."""
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "mode": ("mode",),
    "delay": ("delay_from", "delay_to"),
    "company": ("express_code",),
    "template": ("template",),
    "stock": ("stock",),
    "low_stock": ("low_stock",),
}
_PART = re.compile(rf"({'|'.join(sorted(_PARTS, key=len, reverse=True))})[=＝]")
_DELAY = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")
_COUNT = re.compile(r"\d{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """What goes for an order, and at which level each of it is set. ``is_known_variant`` is False if others of the item
    are set but not the one that was bought. ``stock`` is None where nobody counts, else ``counted_at`` is the setting
    that has it."""

    mode: ShippingMode
    delay_from: int
    delay_to: int
    express_code: str
    template: str
    stock: int | None
    counted_at: ShippingSetting | None
    low_stock: int
    levels: Mapping[str, Level]
    is_known_variant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStock:
    """Card keys for an order: those it has already, and those that are ``free`` in its ``pool``, if there is one."""

    pool: KeyPool | None = None
    own: int = 0
    free: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything that decides. ``free_waybills`` are those of the company that the order may take, ``keys`` are for
    virtual goods."""

    order: Order
    effective: Effective
    now: datetime
    holds: tuple[Hold, ...] = ()
    channel: Channel | None = None
    shipment: Shipment | None = None
    has_bridge: bool = True
    free_waybills: int = 0
    number_source: NumberSource = "pool"
    keys: KeyStock = KeyStock()


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; ``text`` is what was found, as a code, a name or a number."""

    name: CheckName
    passed: bool
    text: str = ""


def effective(settings: Iterable[ShippingSetting], order: Order) -> Effective:
    """The value of the lowest level that has one: variant, item, shop, default."""
    every = list(settings)
    of_variants = [each for each in every if each.item_id and each.variant]
    mine = [each for each in of_variants if same_variant(each.variant, order.sku_text)]
    by_level: dict[Level, ShippingSetting | None] = {
        "variant": mine[0] if mine else None,
        "item": next((each for each in every if each.item_id and not each.variant), None),
        "shop": next((each for each in every if each.account_id and not each.item_id), None),
        "default": next((each for each in every if not each.account_id and not each.item_id), None),
        "built_in": _BUILT_IN,
    }
    found = {name: _first(by_level, name) for name in _VALUES}
    return Effective(
        levels={name: level for name, (level, _) in found.items()},
        is_known_variant=bool(mine) or not of_variants,
        mode=cast(ShippingMode, found["mode"][1]),
        delay_from=cast(int, found["delay_from"][1]),
        delay_to=cast(int, found["delay_to"][1]),
        express_code=str(found["express_code"][1]),
        template=str(found["template"][1]),
        stock=cast("int | None", found["stock"][1]),
        counted_at=by_level[found["stock"][0]] if found["stock"][1] is not None else None,
        low_stock=cast(int, found["low_stock"][1]),
    )


def _first(by_level: Mapping[Level, ShippingSetting | None], name: str) -> tuple[Level, object]:
    for level in LEVELS:
        value = getattr(by_level[level], name, None)
        if value is not None:
            return level, value
    return "built_in", None


def pool_for(pools: Iterable[KeyPool], order: Order) -> KeyPool | None:
    """The pool out of which the order is served, one of its own shop first. Where variants have pools of their own none
    is guessed."""
    mine = sorted((each for each in pools if each.account_id in ("", order.account_id)), key=lambda p: not p.account_id)
    of_variants = [each for each in mine if each.variant]
    if of_variants:
        return next((each for each in of_variants if same_variant(each.variant, order.sku_text)), None)
    return mine[0] if mine else None


def same_variant(one: str, other: str) -> bool:
    """Marketplaces and people space and write variants differently."""
    return plain_variant(one) == plain_variant(other)


def plain_variant(text: str) -> str:
    """A variant as it is compared."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def checks(situation: Situation) -> tuple[Check, ...]:
    """Every rule in the order in which they are asked; the first that is not passed stops the order."""
    return tuple(_checks(situation))


def _checks(s: Situation) -> Iterator[Check]:
    order, shipment, chosen = s.order, s.shipment, s.effective
    yield Check("paid", order.status == "paid", order.status)
    yield Check("refund", order.refund in ("none", "closed"), order.refund)
    state = shipment.state if shipment else ""
    yield Check("under_way", state not in UNDER_WAY, state)
    error = shipment.error if shipment and shipment.state == "refused" else ""
    yield Check("error", not error, error)
    yield Check("known_variant", chosen.is_known_variant, order.sku_text)
    yield Check("mode", chosen.mode == "auto", chosen.mode)
    yield Check("held", not s.holds, s.holds[0].scope.partition(":")[0] if s.holds else "")
    yield Check("channel", s.channel is None or not is_cut_off(s.channel), s.channel.status if s.channel else "")
    yield Check("bridge", s.has_bridge, order.source)
    yield from _of_keys(s) if order.delivery_kind == "virtual" else _of_parcel(s)
    is_due = shipment is not None and shipment.run_at <= s.now
    yield Check("time", is_due, shipment.run_at.isoformat() if shipment else "")


def _of_keys(s: Situation) -> Iterator[Check]:
    pool, count, needed = s.keys.pool, s.keys.own + s.keys.free, s.order.pieces
    hindrance = "none" if pool is None else "held" if pool.held_since is not None else ""
    yield Check("keys", not hindrance and count >= needed, hindrance or f"{count}/{needed}")


def _of_parcel(s: Situation) -> Iterator[Check]:
    chosen, shipment = s.effective, s.shipment
    is_counted_off = shipment is not None and shipment.taken > 0
    is_enough = chosen.stock is None or is_counted_off or chosen.stock >= s.order.pieces
    yield Check("stock", is_enough, "" if chosen.stock is None else f"{chosen.stock}/{s.order.pieces}")
    yield Check("company", bool(chosen.express_code), chosen.express_code)
    has_number = s.free_waybills > 0 or bool(shipment and shipment.waybill_no)
    yield Check("waybill", has_number, _number_found(s))


def _number_found(s: Situation) -> str:
    return str(s.free_waybills) if s.number_source == "pool" else s.number_source


def first_stop(found: Iterable[Check], *, ignoring: Collection[CheckName] = ()) -> Check | None:
    """The first that stopped it, None if none did."""
    return next((check for check in found if not check.passed and check.name not in ignoring), None)


def may_plan(found: Sequence[Check]) -> bool:
    """True if the order shall go out by itself, or in shadow, once its time has come."""
    stop = first_stop(found, ignoring=BUT_TIME)
    if stop is not None and (stop.name, stop.text) == ("mode", "shadow"):
        stop = first_stop(found, ignoring=(*BUT_TIME, *_NOT_OF_SHADOWS))
    return stop is None


def delay(chosen: Effective, share: float) -> timedelta:
    """How long to wait; ``share`` in 0..1 is where in the window."""
    return timedelta(seconds=chosen.delay_from + (max(chosen.delay_from, chosen.delay_to) - chosen.delay_from) * share)


def share_of(order: Order) -> float:
    """Where in its window an order goes out: by chance, but the same each time it is asked."""
    return crc32(order.key.encode()) / 2**32


def wait_after(tries: int) -> timedelta | None:
    """How long to wait before a refused command is given anew; None if it was refused often enough."""
    return _FIRST_WAIT * 2**tries if tries < _MOST_TRIES else None


def not_asked_of(shipment: Shipment) -> Collection[CheckName]:
    """What does not stop a shipment: a person may ship what does not go out by itself."""
    if shipment.person_id:
        return _NOT_OF_PEOPLE
    return _NOT_OF_SHADOWS if shipment.is_shadow else ()


def ended_by(order: Order, shipment: Shipment) -> ShipmentState | None:
    """What becomes of the shipment of an order that waits for none any more; None if it stays as it is."""
    if order.status in ("shipped", "completed"):
        return "confirmed" if shipment.state in ("shipping", "marked", "unclear", "refused") else None
    is_over = order.status in ("closed", "refunded")  # a refund that is only asked for may be withdrawn
    return "cancelled" if shipment.state == "planned" or (is_over and shipment.state == "refused") else None


def read_company(text: str) -> str:
    """The company's code. Raises: UserInputError for what is none."""
    name = text.strip().removesuffix("快递").removesuffix("速运").removesuffix("速递")
    code = COMPANIES.get(name, text.strip().upper())
    if not _CODE.fullmatch(code):
        raise UserInputError(code="shipping_company", values={"text": text[:40]})
    return code


def read_number(text: str) -> str:
    """A waybill number, so that no formula of a sheet passes for one. Raises: UserInputError."""
    number = text.strip()
    if not _NUMBER.fullmatch(number):
        raise UserInputError(code="shipping_number", values={"text": text[:40]})
    return number.upper()


def read_changes(setting: ShippingSetting, text: str) -> ShippingSetting:
    """The setting with what ``text`` says, such as ``方式=自动 延迟=30-60 公司=顺丰``. Raises: UserInputError."""
    parts = _PART.split(text.strip())
    if _folded(parts[0]) or len(parts) == 1:
        raise UserInputError(code="shipping_setting", values={"text": text[:80]})
    for name, value in zip(parts[1::2], parts[2::2], strict=True):
        is_words = _PARTS[name] == "template"
        given = value.strip() if is_words else _folded(value)
        found = _changed(setting, _PARTS[name], given)
        if found is None:
            raise UserInputError(code="shipping_setting", values={"text": f"{name}={given}"[:80]})
        setting = found
    return setting


def _folded(value: str) -> str:
    """A value however it was typed: full-width forms folded, punctuation around it dropped."""
    return " ".join(unicodedata.normalize("NFKC", value).strip(" \t\r\n,;、。").split())


def _changed(setting: ShippingSetting, name: str, value: str) -> ShippingSetting | None:
    """The setting with one value changed, None if it is none."""
    if name == "variant" and value:
        return replace(setting, variant=value)
    if value in _ABOVE and name in _FIELDS:
        return replace(setting, **dict.fromkeys(_FIELDS[name]))  # type: ignore[arg-type]
    mode = _MODES.get(value, value)
    if name == "mode" and mode in get_args(ShippingMode):
        return replace(setting, mode=cast(ShippingMode, mode))
    if name == "company" and value:
        return replace(setting, express_code=read_company(value))
    if name == "delay" and (given := _DELAY.fullmatch(value)):
        first, last = int(given[1]), int(given[2] or given[1])
        return replace(setting, delay_from=first, delay_to=last) if first <= last else None
    if name == "template":
        return replace(setting, template=read_template(value))
    if name in ("stock", "low_stock") and _COUNT.fullmatch(value):
        return replace(setting, stock=int(value)) if name == "stock" else replace(setting, low_stock=int(value))
    return None
