"""A rule of the team as somebody proposes it, who may see and change it, and what becomes of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bot.contracts.errors import ConflictError
from bot.contracts.feature import Person
from bot.contracts.quantities import StoreId
from handlers.alerts.grammar import Slots
from storage.alerts.rows import Watch, WatchKind, WatchState

MOST_RULES = 50
Switch = Literal["on", "pause", "end"]
_BECOMES: dict[Switch, WatchState] = {"on": "live", "pause": "paused", "end": "ended"}
_FROM: dict[Switch, tuple[WatchState, ...]] = {
    "on": ("tried", "paused", "ended"),
    "pause": ("live",),
    "end": ("tried", "live", "paused"),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """``store_ids`` is empty for all stores, ``sku`` for every one."""

    store_ids: tuple[StoreId, ...]
    sku: str


def proposed(
    kind: WatchKind,
    slots: Slots,
    threshold: int,
    scope: Scope,
    base: Watch | None,
    *,
    number: int,
    by: str,
    now: datetime,
) -> Watch:
    """The rule that was said; what was not said is as in ``base``, or as usual.

    It takes the place of a ``base`` that works, or of what a ``base`` that was only tried should have replaced.
    """
    usual = Watch(
        number=number, kind=kind, threshold=threshold, person_id=by, made_at=now, changed_by=by, changed_at=now
    )
    said = replace(
        usual,
        store_ids=scope.store_ids,
        sku=scope.sku,
        days_in_a_row=slots.days_in_a_row or (base or usual).days_in_a_row,
        is_urgent=(base or usual).is_urgent if slots.is_urgent is None else slots.is_urgent,
    )
    if base is None:
        return said
    return replace(said, replaces=base.number if base.state in ("live", "paused") else base.replaces)


def is_same(one: Watch, other: Watch) -> bool:
    """True if both say the same."""
    return _content(one) == _content(other)


def _content(watch: Watch) -> tuple[object, ...]:
    said = (watch.kind, watch.sku, watch.threshold, watch.days_in_a_row, watch.is_urgent)
    return (*said, tuple(sorted(watch.store_ids)))


def check_room(watch: Watch, present: Iterable[Watch]) -> None:
    """Raises: ConflictError if a rule works that says the same, or there are too many."""
    every = tuple(present)
    for each in every:
        if is_same(each, watch):
            raise ConflictError(code="watch_twice", values={"number": str(each.number)})
    if len(every) >= MOST_RULES:
        raise ConflictError(code="watch_too_many", values={"most": str(MOST_RULES)})


def switched(watch: Watch, switch: Switch, present: Iterable[Watch], *, by: str, now: datetime) -> Watch:
    """The rule afterwards. Raises: ConflictError if it cannot, or the same is live under another number."""
    if watch.state not in _FROM[switch]:
        raise ConflictError(code="watch_state", values={"number": str(watch.number)})
    twins = (each for each in present if each.number not in (watch.number, watch.replaces) and is_same(each, watch))
    live = next((each for each in twins if each.state == "live"), None)
    if switch == "on" and live is not None:
        raise ConflictError(code="watch_twice", values={"number": str(live.number)})
    return replace(watch, state=_BECOMES[switch], changed_by=by, changed_at=now)


def may_see(person: Person, watch: Watch) -> bool:
    """True if the rule concerns a store that the person may see."""
    return not watch.store_ids or any(person.may("viewer", store_id=store_id) for store_id in watch.store_ids)


def may_change(person: Person, watch: Watch) -> bool:
    """True if the person works on every store that the rule concerns."""
    if not watch.store_ids:
        return person.is_for_all_stores("operator")
    return all(person.may("operator", store_id=store_id) for store_id in watch.store_ids)
