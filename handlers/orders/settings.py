"""At which level a setting stands, how people name it, and what another one would change for the orders that wait."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from bot.contracts.errors import UserInputError
from handlers.orders.shipping import (
    BUT_TIME,
    Effective,
    Situation,
    checks,
    effective,
    first_stop,
    may_plan,
    plain_variant,
    same_variant,
)
from storage.orders.rows import Order, SettingChange, ShippingSetting

DEFAULT = ("默认", "default")
_LEVEL = ("account_id", "item_id", "variant")
_COUNTED = ("stock",)
"""What shipping itself changes: it may have moved on since somebody set it."""
_APART = str.maketrans("，、;；+＋", ",,,,,,")


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a change would do to the orders that wait: how many would go out by themselves, stop, or be rehearsed then
    and not now, of those that were looked at; ``is_all`` if no more are concerned."""

    go: int
    stop: int
    rehearse: int
    looked_at: int
    is_all: bool


def names_of(text: str) -> tuple[str, ...]:
    """The levels that a person names, apart. Raises: UserInputError for none."""
    names = tuple(dict.fromkeys(part.strip() for part in text.translate(_APART).split(",") if part.strip()))
    if not names:
        raise UserInputError(code="shipping_setting", values={"text": text[:80]})
    return names


def item_level(name: str) -> ShippingSetting:
    """The level of an item, or behind a slash of one variant of it. Raises: UserInputError."""
    item_id, _, variant = name.partition("/")
    if not (item_id and item_id.isascii()):
        raise UserInputError(code="shipping_setting", values={"text": name[:80]})
    return ShippingSetting(item_id=item_id, variant=variant)


def name_of(setting: ShippingSetting) -> str:
    """How a person names the level: one word, as ``item_level`` reads it."""
    variant = plain_variant(setting.variant)
    return setting.account_id or (f"{setting.item_id}/{variant}" if variant else setting.item_id) or DEFAULT[0]


def is_same_level(one: ShippingSetting, other: ShippingSetting) -> bool:
    """True if both are of the same shop, item and variant, however that is spaced."""
    of_same_item = (one.account_id, one.item_id) == (other.account_id, other.item_id)
    return of_same_item and same_variant(one.variant, other.variant)


def effective_at(setting: ShippingSetting, known: Iterable[ShippingSetting], now: datetime) -> Effective:
    """What goes at a level if it is set so and the other ``known`` settings stand."""
    sample = Order(
        key="",
        source="",
        account_id=setting.account_id,
        order_id="",
        item_id=setting.item_id,
        sku_text=setting.variant,
        status_at=now,
        refund_at=now,
        told_at=now,
        first_seen_at=now,
    )
    return effective(concerning(sample, changed(known, [setting])), sample)


def changed(known: Iterable[ShippingSetting], wanted: Sequence[ShippingSetting]) -> list[ShippingSetting]:
    """The settings once the ``wanted`` ones stand."""
    return [*(each for each in known if not any(is_same_level(each, one) for one in wanted)), *wanted]


def concerning(order: Order, settings: Iterable[ShippingSetting]) -> list[ShippingSetting]:
    """Those of the settings that have a say about the order."""
    return [
        each
        for each in settings
        if each.item_id == order.item_id or (not each.item_id and each.account_id in ("", order.account_id))
    ]


def outlook(before: Sequence[Situation], after: Sequence[Situation], *, is_all: bool) -> Outlook:
    """What becomes of each order, whose situation is told ``before`` and ``after`` the change."""
    pairs = [(_way(old), _way(new)) for old, new in zip(before, after, strict=True)]
    return Outlook(
        go=sum(new == "goes" != old for old, new in pairs),
        stop=sum(old == "goes" != new for old, new in pairs),
        rehearse=sum(new == "rehearsed" != old for old, new in pairs),
        looked_at=len(pairs),
        is_all=is_all,
    )


def _way(situation: Situation) -> str:
    found = checks(situation)
    if first_stop(found, ignoring=BUT_TIME) is None:
        return "goes"
    return "rehearsed" if may_plan(found) else "waits"


def differences(before: ShippingSetting | None, after: ShippingSetting) -> dict[str, tuple[object, object]]:
    """What changed, by field: from what to what."""
    old, new = asdict(before or ShippingSetting()), asdict(after)
    return {name: (old[name], new[name]) for name in new if name not in _LEVEL and old[name] != new[name]}


def moved_on(change: SettingChange, present: ShippingSetting | None) -> bool:
    """True if somebody changed again since what the change set, so that it cannot be taken back."""
    now = asdict(present or ShippingSetting())
    changed_fields = differences(change.before, change.after).items()
    return any(now[name] != new for name, (_, new) in changed_fields if name not in _COUNTED)


def taken_back(change: SettingChange, present: ShippingSetting | None) -> ShippingSetting | None:
    """What is set once the change is taken back; None for nothing."""
    old = {name: before for name, (before, _) in differences(change.before, change.after).items()}
    back = replace(present or change.after, **old)  # type: ignore[arg-type]
    return None if change.before is None and not differences(None, back) else back
