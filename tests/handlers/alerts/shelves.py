"""A store's days for rules to be judged by, and a rule that lives through them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from hypothesis import strategies as st

from bot.contracts.quantities import Msku, StoreId
from handlers.alerts.rules import decide, returns_of
from handlers.alerts.watching import MOST_IN_A_ROW, Verdict, finding, judge_now, needed_days
from storage.alerts.rows import WATCH_KINDS, Watch
from storage.catalog.rows import DataKind, ListingDays, Store, StoreDays, SyncAge
from storage.matters.rows import Matter, NewMatter

SHOP = Store(StoreId("101"), "屿光-US", "美国", "NA", "ATVPDKIKX0DER", 1)
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
TODAY = NOW.date()
WATCH = Watch(
    number=3, kind="stockout", threshold=14, state="live", person_id="P1", made_at=NOW, changed_by="P1", changed_at=NOW
)
HALF_DAY = timedelta(hours=12)


def some_days(*listings: ListingDays, has_stock: str = "", has_sales: str = "") -> StoreDays:
    """The days up to today; ``-`` in ``has_stock`` and ``has_sales`` is a day without a pull, else all were pulled."""
    count = len(listings[0].sold)
    days = tuple(TODAY - timedelta(days=ago) for ago in range(count - 1, -1, -1))
    pulled = [tuple(sign != "-" for sign in (signs or "x" * count)) for signs in (has_stock, has_sales)]
    return StoreDays(SHOP.store_id, days, pulled[0], pulled[1], listings)


def a_listing(*, sold: list[int | None], sellable: list[int | None] | None = None, msku: str = "YG-1") -> ListingDays:
    """A listing's days; without ``sellable`` its stock is not known."""
    return ListingDays(Msku(msku), tuple(sellable or [None] * len(sold)), tuple(sold))


def fresh_ages(now: datetime = NOW) -> dict[tuple[StoreId, DataKind], SyncAge]:
    return {(SHOP.store_id, kind): SyncAge(SHOP.store_id, kind, now) for kind in ("stock", "sales")}


def known_on(days: StoreDays, at: int, span: int) -> StoreDays:
    """What was stored by the end of the day at position ``at``: its stock, and sales up to the day before."""
    begin, end = max(0, at + 1 - span), at + 1
    cut = slice(begin, end)
    listings = tuple(ListingDays(each.msku, each.sellable[cut], (*each.sold[begin:at], None)) for each in days.listings)
    return StoreDays(days.store_id, days.days[cut], days.has_stock[cut], (*days.has_sales[begin:at], False), listings)


@dataclass(slots=True)
class Life:
    """A rule that is live from the day at position ``at`` on, looked at twice a day."""

    watch: Watch
    matter: Matter | None = None

    def lived(self, days: StoreDays, at: int) -> list[date]:
        """The days on which a matter opens."""
        opened = []
        for day in range(at, len(days.days)):
            known = known_on(days, day, needed_days(self.watch))
            morning = datetime.combine(days.days[day], time(), UTC)
            opened += [days.days[day] for now in (morning, morning + HALF_DAY) if self._looks(known, now)]
        return opened

    def _looks(self, known: StoreDays, now: datetime) -> bool:
        outcome = judge_now(self.watch, SHOP, known, fresh_ages(now), now)
        if not isinstance(outcome, Verdict):
            return False
        found, matter = finding(self.watch, SHOP, outcome), self.matter
        change = decide(matter, found, now=now, is_silenced=False)
        if change == "open" and found is not None:
            self.matter = _opened(found, now, returns_of(matter, now))
        elif matter is not None and change == "close":
            self.matter = replace(matter, state="settled", settled_at=matter.clear_since)
        elif matter is not None and change == "calm":
            self.matter = replace(matter, clear_since=now)
        elif matter is not None and change == "return":
            self.matter = replace(matter, clear_since=None, returns=matter.returns + 1)
        return change == "open"


def _opened(found: NewMatter, now: datetime, returns: int) -> Matter:
    return Matter(
        number=1,
        kind=found.kind,
        fingerprint=found.fingerprint,
        details=found.details,
        store_id=found.store_id,
        is_urgent=found.is_urgent,
        due_at=None,
        cost_per_day=None,
        currency="",
        opened_at=now,
        changed_at=now,
        returns=returns,
    )


def _spells(chance: Random, count: int, levels: Sequence[int]) -> list[int]:
    """A level that stays for some days, then another."""
    found: list[int] = []
    while len(found) < count:
        found += [chance.choice(levels)] * chance.randint(1, 12)
    return found[:count]


def _signs(chance: Random, count: int) -> str:
    """The days of a store: at times one was not pulled, often none of them is missing."""
    gap = chance.choice((0, 0, 0, 0.03))
    return "".join("-" if chance.random() < gap else "x" for _ in range(count))


def _shelves(seed: int) -> StoreDays:
    chance = Random(seed)
    count = chance.randint(20, 60)
    has_stock, has_sales = _signs(chance, count), _signs(chance, count)
    listings = [
        a_listing(
            msku=f"YG-{number}",
            sold=[
                units if sign == "x" else None
                for units, sign in zip(_spells(chance, count, (0, 1, 3, 9)), has_sales, strict=True)
            ],
            sellable=[
                units if units >= 0 else None for units in _spells(chance, count, (-1, 0, 9, 30, 30, 90, 90, 400))
            ],
        )
        for number in range(chance.randint(1, 3))
    ]
    return some_days(*listings, has_stock=has_stock, has_sales=has_sales)


shelves = st.integers(0, 10**6).map(_shelves)
"""Up to 60 days of up to three listings, with days that were not pulled and stock that is not known."""
any_watch = st.builds(
    lambda kind, threshold, days: replace(WATCH, kind=kind, threshold=threshold, days_in_a_row=days),
    st.sampled_from(WATCH_KINDS),
    st.integers(2, 60),
    st.sampled_from((1, 1, 1, 2, 3, MOST_IN_A_ROW)),
)
