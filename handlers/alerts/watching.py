"""What a rule of the team finds on a day: one function for the days that are stored and for the day that is now.

Stock of a day is what its last pull found; sales count up to the day before, because a day's own are not complete.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from itertools import accumulate
from math import inf
from typing import Literal

from bot.contracts.quantities import Msku, StoreId
from handlers.common.freshness import NORMAL, Ages, freshness
from storage.alerts.rows import WATCH_KINDS, Watch, WatchKind
from storage.catalog.rows import DataKind, Store, StoreDays
from storage.matters.rows import NewMatter

WINDOW_DAYS = 7
"""Sales are averaged over so many days; a drop or a jump compares them with as many before."""
LEAST_UNITS = 7
"""Who sells fewer in a window is never down, nor up: one unit more or less is chance."""
TRIAL_DAYS = 30
MOST_IN_A_ROW = 14
_MOST_NAMES = 6
_TENTH = Decimal("0.1")
STOCK_KINDS: frozenset[WatchKind] = frozenset({"stockout", "overstock"})
WATCH_MATTERS = frozenset(f"watch_{kind}" for kind in WATCH_KINDS)
"""The kinds of the matters that tell of rules."""

MissingData = Literal["stopped", "stock", "sales", "sku"]
"""stopped: the platform gives no news of the store; stock, sales: not pulled, or too old; sku: nothing is sold there
under the code."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One listing on one day. ``units`` can be sold; ``sold`` and ``before`` are the two windows' units.

    ``value`` is what the threshold is compared with: days, or percent; None without end.
    """

    msku: Msku
    value: Decimal | None
    units: int | None
    sold: int
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule finds in a store on ``day``: whom its condition ``met``, the most urgent first, else who is nearest.

    ``unknown`` counts the listings that could not be judged.
    """

    day: date
    met: tuple[Figures, ...]
    nearest: Figures | None
    unknown: int


@dataclass(frozen=True, slots=True)
class Missing:
    """The rule cannot be judged there: it neither opens nor closes anything."""

    what: MissingData


@dataclass(frozen=True, slots=True)
class Opening:
    """An alarm that would have been told on ``verdict.day``; ``ended_on`` is the first day without, None if none is."""

    verdict: Verdict
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Trial:
    """A rule against the stored days of one store: ``first`` is the first of ``judged`` days that had data."""

    store: Store
    first: date | None
    last: date | None
    judged: int
    missing: int
    openings: tuple[Opening, ...]


def needed_days(watch: Watch) -> int:
    """So many days of history does the judgement of today and of yesterday need."""
    return _windows(watch.kind) * WINDOW_DAYS + watch.days_in_a_row + 1


def fingerprint(watch: Watch, store_id: StoreId) -> str:
    """The name of the cause: one per rule and store."""
    return f"{fingerprint_of(watch.number)}{store_id}"


def fingerprint_of(number: int) -> str:
    """What the names of all causes of a rule begin with."""
    return f"watch:{number}:"


def judge(watch: Watch, days: StoreDays, at: int) -> Verdict | Missing:
    """What the rule finds on the day at position ``at``, from that day's stock and the days before it alone."""
    return _judge(watch, days, _summed(days), at)


def _judge(watch: Watch, days: StoreDays, listings: "Sequence[_Sums]", at: int) -> Verdict | Missing:
    span = _windows(watch.kind) * WINDOW_DAYS
    first = at - watch.days_in_a_row + 1
    if first < span:
        return Missing("sales")
    if watch.kind in STOCK_KINDS and not all(days.has_stock[first : at + 1]):
        return Missing("stock")
    if not all(days.has_sales[first - span : at]):
        return Missing("sales")
    met, calm, unknown = list[_Found](), list[_Found](), 0
    for listing in listings:
        found, is_met = _standing(watch, listing, first, at)
        if is_met is None:
            unknown += 1
        elif is_met:
            met.append(found)
        else:
            calm.append(found)
    if not met and not calm:
        return Missing("sku")
    urgency = _URGENCY[watch.kind]
    nearest = min((each for each in calm if each.is_known), key=urgency, default=None)
    shown = tuple(_figures(watch.kind, each) for each in sorted(met, key=urgency))
    return Verdict(days.days[at], shown, _figures(watch.kind, nearest) if nearest else None, unknown)


def judge_now(watch: Watch, store: Store, days: StoreDays, ages: Ages, now: datetime) -> Verdict | Missing:
    """What the rule finds on the newest day that is complete: the last, else the one before."""
    if store.status != NORMAL:
        return Missing("stopped")
    for kind in _needed(watch.kind):
        if freshness(ages, store.store_id, kind, now).is_stale:
            return Missing(kind)
    listings = _summed(days)
    newest = _judge(watch, days, listings, len(days.days) - 1)
    before = _judge(watch, days, listings, len(days.days) - 2) if isinstance(newest, Missing) else newest
    return newest if isinstance(before, Missing) else before


def try_out(watch: Watch, store: Store, days: StoreDays) -> Trial:
    """When the rule would have told of the store in the last days that are stored.

    It opens as live rules do: not again while it lasts, and a day without data neither opens nor closes.
    """
    span = range(max(0, len(days.days) - TRIAL_DAYS), len(days.days))
    listings = _summed(days)
    found = [_judge(watch, days, listings, at) for at in span]
    verdicts = [each for each in found if isinstance(each, Verdict)]
    first = verdicts[0].day if verdicts else None
    last = verdicts[-1].day if verdicts else None
    return Trial(store, first, last, len(verdicts), len(found) - len(verdicts), _openings(verdicts))


def _openings(verdicts: Sequence[Verdict]) -> tuple[Opening, ...]:
    openings: list[Opening] = []
    began: Verdict | None = None
    for verdict in verdicts:
        if verdict.met and began is None:
            began = verdict
        elif began is not None and not verdict.met:
            openings.append(Opening(began, verdict.day))
            began = None
    return tuple(openings) if began is None else (*openings, Opening(began, None))


def finding(watch: Watch, store: Store, verdict: Verdict) -> NewMatter | None:
    """The one matter that tells of a rule in a store, naming the most urgent listings with their inputs."""
    if not verdict.met:
        return None
    count = len(verdict.met)
    shown = "、".join(explained(watch.kind, each) for each in verdict.met[:_MOST_NAMES])
    details = {
        "rule": str(watch.number),
        "store": store.name,
        "count": str(count),
        "skus": f"{shown} … ({count})" if count > _MOST_NAMES else shown,
        "threshold": str(watch.threshold),
        "day": verdict.day.isoformat(),
    }
    return NewMatter(
        kind=f"watch_{watch.kind}",
        fingerprint=fingerprint(watch, store.store_id),
        details=details,
        store_id=store.store_id,
        is_urgent=watch.is_urgent,
    )


def explained(kind: WatchKind, figures: Figures) -> str:
    """A listing with its value and the arithmetic behind it, in figures alone: no language."""
    value = "∞" if figures.value is None else f"{figures.value}"
    if kind in STOCK_KINDS:
        return f"{figures.msku} {value} ({_known(figures.units)} ÷ {figures.sold} × {WINDOW_DAYS})"
    return f"{figures.msku} {value}% ({_known(figures.before)} → {figures.sold})"


def _known(units: int | None) -> str:
    return "?" if units is None else str(units)


def _needed(kind: WatchKind) -> tuple[Literal["stock", "sales"], ...]:
    return ("stock", "sales") if kind in STOCK_KINDS else ("sales",)


def needed_kinds(kind: WatchKind) -> tuple[DataKind, ...]:
    """The data that a rule of this kind is judged by."""
    return _needed(kind)


def _windows(kind: WatchKind) -> int:
    return 1 if kind in STOCK_KINDS else 2


@dataclass(frozen=True, slots=True)
class _Sums:
    """A listing's days with its sales added up from the first day on, and how many of them are not known."""

    msku: Msku
    sellable: Sequence[int | None]
    sold: Sequence[int]
    unknown: Sequence[int]

    def sold_before(self, at: int) -> int | None:
        """Units of the window that ends before the day at position ``at``; None if one of its days is not known."""
        begin = at - WINDOW_DAYS
        return None if self.unknown[at] > self.unknown[begin] else max(0, self.sold[at] - self.sold[begin])


def _summed(days: StoreDays) -> list[_Sums]:
    return [
        _Sums(
            each.msku,
            each.sellable,
            list(accumulate((units or 0 for units in each.sold), initial=0)),
            list(accumulate((units is None for units in each.sold), initial=0)),
        )
        for each in days.listings
    ]


@dataclass(frozen=True, slots=True)
class _Found:
    """The inputs of one listing on one day; ``units`` or ``sold`` may not be known."""

    msku: Msku
    units: int | None
    sold: int | None
    before: int | None

    @property
    def is_known(self) -> bool:
        return self.sold is not None


def _standing(watch: Watch, listing: _Sums, first: int, at: int) -> tuple[_Found, bool | None]:
    """The inputs of the last day, and whether the condition was met on all days from ``first`` on.

    One day on which it was not met settles it; else None if a day could not be judged.
    """
    newest = _found(watch.kind, listing, at)
    is_met = _is_met(watch, newest)
    for day in range(at - 1, first - 1, -1):
        if is_met is False:
            break
        earlier = _is_met(watch, _found(watch.kind, listing, day))
        is_met = earlier if earlier is False else None if is_met is None else earlier
    return newest, is_met


def _found(kind: WatchKind, listing: _Sums, at: int) -> _Found:
    sold = listing.sold_before(at)
    if kind in STOCK_KINDS:
        return _Found(listing.msku, listing.sellable[at], sold, None)
    return _Found(listing.msku, None, sold, listing.sold_before(at - WINDOW_DAYS))


def _is_met(watch: Watch, found: _Found) -> bool | None:
    """None if an input is not known; stock that is not known does not matter of what sells nothing."""
    units, sold, before, threshold = found.units, found.sold, found.before, watch.threshold
    if sold is None:
        return None
    if watch.kind in STOCK_KINDS:
        if units is None:
            return None if sold else False
        if watch.kind == "stockout":
            return sold > 0 and units * WINDOW_DAYS < threshold * sold
        return units > 0 and units * WINDOW_DAYS > threshold * sold
    if before is None:
        return None
    if watch.kind == "drop":
        return before >= LEAST_UNITS and (before - sold) * 100 >= threshold * before
    return sold >= LEAST_UNITS and (sold - before) * 100 >= threshold * before


def _figures(kind: WatchKind, found: _Found) -> Figures:
    units, sold, before = found.units, found.sold or 0, found.before
    value = None
    if kind in STOCK_KINDS and units is not None and sold:
        value = _tenths(units * WINDOW_DAYS, sold, up=kind == "overstock")
    elif before:
        value = _tenths((sold - before) * 100, before)
    return Figures(found.msku, value, units, sold, before)


def _tenths(numerator: int, denominator: int, *, up: bool = False) -> Decimal:
    """The quotient to one place, rounded so that it stands on the same side of a whole threshold as before."""
    return (Decimal(numerator) / denominator).quantize(_TENTH, ROUND_UP if up else ROUND_DOWN)


_Urgency = tuple[float, int, str]


def _shortest(found: _Found) -> _Urgency:
    sold = found.sold or 0
    return (inf if found.units is None or not sold else found.units / sold, -sold, found.msku)


def _longest(found: _Found) -> _Urgency:
    units, sold = found.units or 0, found.sold or 0
    return (-units / sold if sold else -inf if units else 0, -units, found.msku)


def _most_lost(found: _Found) -> _Urgency:
    sold = found.sold or 0
    return (sold - (found.before or 0), sold, found.msku)


def _most_won(found: _Found) -> _Urgency:
    sold = found.sold or 0
    return ((found.before or 0) - sold, sold, found.msku)


_URGENCY: Mapping[WatchKind, Callable[[_Found], _Urgency]] = {
    "stockout": _shortest,
    "overstock": _longest,
    "drop": _most_lost,
    "jump": _most_won,
}
