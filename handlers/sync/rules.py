"""What to pull: which sales days, which kinds of which stores."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.contracts.quantities import StoreId
from handlers.sync.marketplaces import LAST_TIME_ZONE
from storage.catalog.rows import ACCOUNT, DataKind, SalesDay, Store
from storage.sync.rows import Run, Step

HISTORY_DAYS = 180
SETTLING_DAYS = 7
"""Sales of a closed day still move (pending orders, cancellations); for so long it is pulled again."""
WINDOW_DAYS = 10

_STORE_KINDS: tuple[DataKind, ...] = ("stock", "suggestions")
_NORMAL = 1


def last_closed_day(store: Store, now: datetime) -> date:
    """The newest day of the marketplace's calendar that is over."""
    return now.astimezone(ZoneInfo(store.time_zone or LAST_TIME_ZONE)).date() - timedelta(days=1)


def open_day(store: Store, now: datetime) -> date:
    """The day of the marketplace's calendar that is not over yet."""
    return last_closed_day(store, now) + timedelta(days=1)


def sales_windows_due(
    last_closed: date, pulled: Mapping[date, bool], history_days: int = HISTORY_DAYS
) -> tuple[tuple[date, date], ...]:
    """Spans of days to pull, the newest first: those never pulled and those pulled before they were settled.

    ``pulled`` says of each stored day whether it is settled. No span is longer than ``WINDOW_DAYS``.
    """
    spans: list[tuple[date, date]] = []
    for age in range(history_days):
        day = last_closed - timedelta(days=age)
        if pulled.get(day):
            continue
        if spans and _extends(spans[-1], day):
            spans[-1] = (day, spans[-1][1])
        else:
            spans.append((day, day))
    return tuple(spans)


def sales_days(store_id: StoreId, start: date, end: date, last_closed: date) -> tuple[SalesDay, ...]:
    """The days of a span as they count once pulled."""
    days = (start + timedelta(days=number) for number in range((end - start).days + 1))
    return tuple(SalesDay(store_id, day, (last_closed - day).days >= SETTLING_DAYS) for day in days)


def steps_after_sellers(
    run: Run, stores: Sequence[Store], busy: Collection[tuple[DataKind, StoreId]]
) -> tuple[Step, ...]:
    """What a run still has to pull once the stores are known, in order: quick and urgent kinds before long ones.

    Only stores that sync normally are asked for; what is ``busy`` elsewhere is left out of a schedule's run.
    """
    wanted = (
        Step(run.run_id, kind, store_id)
        for kind, store_id in _wanted(run, stores)
        if run.reply_key or (kind, store_id) not in busy
    )
    return tuple(wanted)


def _wanted(run: Run, stores: Sequence[Store]) -> Iterator[tuple[DataKind, StoreId]]:
    asked = [s.store_id for s in stores if s.status == _NORMAL and (not run.store_ids or s.store_id in run.store_ids)]
    for kind in _STORE_KINDS:
        if kind in run.kinds:
            yield from ((kind, store_id) for store_id in asked)
    if "products" in run.kinds:
        yield ("products", ACCOUNT)
    if "sales" in run.kinds:
        yield from (("sales", store_id) for store_id in asked)


def _extends(span: tuple[date, date], day: date) -> bool:
    return span[0] - day == timedelta(days=1) and (span[1] - day).days < WINDOW_DAYS
