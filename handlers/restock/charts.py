"""Sales, stock and days of supply as charts. What is not known is a gap, and what is assumed is said in the title."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from bot.contracts.cards import Chart, Series
from handlers.restock.rules import RestockLine
from handlers.restock.surroundings import Surroundings
from storage.catalog.rows import SalesHistory, StockDay, StockHistory

HISTORY_DAYS = 90
MOST_STORES = 5
"""More lines in one chart are no longer told apart."""
_MOST_OUTLOOKS = 2
_RATE_DAYS = 14
"""Days whose sales give the daily figure of a past day's supply."""
_MOST_BARS = 10
_LONGEST_OUTLOOK = 120


def supply_chart(lines: Sequence[RestockLine], around: Surroundings) -> tuple[Chart, ...]:
    """Days of supply of the most urgent lines, as they are sorted; none if fewer than two are known."""
    words = around.words
    shown = [line for line in lines if line.supply_days is not None][:_MOST_BARS]
    if len(shown) < 2:
        return ()
    has_stores = len({line.facts.listing.store_id for line in shown}) > 1
    labels = (_label(line, around) if has_stores else line.facts.listing.msku for line in shown)
    series = (
        Series(words("restock.column.supply"), tuple(_float(line.supply_days) for line in shown)),
        Series(words("restock.column.supply_with_transit"), tuple(_float(x.supply_days_with_transit) for x in shown)),
    )
    return (Chart(words("restock.chart.supply"), "bar", tuple(labels), series, words("restock.chart.days")),)


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of one listing's last ``HISTORY_DAYS`` days, and the states that count as sellable."""

    sales: SalesHistory
    stock: StockHistory
    sellable_states: tuple[str, ...]


def sku_charts(lines: Sequence[RestockLine], pasts: Sequence[Past], around: Surroundings) -> tuple[Chart, ...]:
    """One SKU's daily sales, stock and days of supply, a line per store; for the most urgent how long stock lasts.

    ``pasts`` are at most those of the first ``MOST_STORES`` lines.
    """
    is_all = len(lines) <= MOST_STORES
    return (
        *_sales([past.sales for past in pasts], around, is_all=is_all),
        *_stock(pasts, around),
        *(chart for line in lines[:_MOST_OUTLOOKS] for chart in _outlook(line, around)),
    )


def _sales(histories: Sequence[SalesHistory], around: Surroundings, *, is_all: bool) -> Iterator[Chart]:
    sold = [each for each in histories if any(units is not None for units in each.units)]
    if not sold:
        return
    days = sorted({day for each in sold for day in each.days})
    by_day = [dict(zip(each.days, each.units, strict=True)) for each in sold]
    names = _names(sold, around)
    series = tuple(
        Series(name, tuple(_float(units.get(day)) for day in days)) for name, units in zip(names, by_day, strict=True)
    )
    words = around.words
    title = words(
        "restock.chart.sales" if is_all else "restock.chart.sales_some", days=HISTORY_DAYS, stores=MOST_STORES
    )
    yield Chart(title, "line", tuple(f"{day:%m-%d}" for day in days), series, words("restock.chart.units"))


def _stock(pasts: Sequence[Past], around: Surroundings) -> Iterator[Chart]:
    """Sellable stock, and how long it would have lasted; nothing until two days are known."""
    known = [past for past in pasts if sum(day is not None for day in past.stock.stock) > 1]
    if not known:
        return
    words, days = around.words, sorted({day for past in known for day in past.stock.days})
    names = _names([past.sales for past in known], around)
    for key, unit, values_of in (("stock_days", "units", _sellable), ("supply_days", "days", _supply)):
        lines = [values_of(past) for past in known]
        if any(value is not None for line in lines for value in line.values()):
            series = tuple(
                Series(name, tuple(line.get(day) for day in days)) for name, line in zip(names, lines, strict=True)
            )
            title = words(f"restock.chart.{key}", days=HISTORY_DAYS, rate=_RATE_DAYS)
            labels = tuple(f"{day:%m-%d}" for day in days)
            yield Chart(title, "line", labels, series, words(f"restock.chart.{unit}"))


def _sellable(past: Past) -> dict[date, float | None]:
    return {day: _units(stock, past) for day, stock in zip(past.stock.days, past.stock.stock, strict=True)}


def _units(stock: StockDay | None, past: Past) -> float | None:
    units = 0
    for state in past.sellable_states:
        part: int | None = getattr(stock, state, None)
        if part is None:
            return None
        units += part
    return float(units)


def _supply(past: Past) -> dict[date, float | None]:
    """Units by the average sale of the days up to then; not known if too few of these are, or nothing was sold."""
    sold = dict(zip(past.sales.days, past.sales.units, strict=True))
    return {day: _lasts(units, _sold_before(day, sold)) for day, units in _sellable(past).items()}


def _sold_before(day: date, sold: Mapping[date, int | None]) -> list[int]:
    span = (sold.get(day - timedelta(days=ago)) for ago in range(_RATE_DAYS))
    return [units for units in span if units is not None]


def _lasts(units: float | None, sold: Sequence[int]) -> float | None:
    if units is None or 2 * len(sold) < _RATE_DAYS or not sum(sold):
        return None
    return round(units * len(sold) / sum(sold), 1)


def _names(histories: Sequence[SalesHistory], around: Surroundings) -> list[str]:
    """The stores' names, with the MSKU where one store lists the SKU twice."""
    stores = [each.store_id for each in histories]
    return [
        around.stores[each.store_id].name + (f" · {each.msku}" if stores.count(each.store_id) > 1 else "")
        for each in histories
    ]


def _outlook(line: RestockLine, around: Surroundings) -> Iterator[Chart]:
    """Stock from today on. When transit arrives is not known: the lower line counts none of it, the upper all now."""
    sellable, transit, daily = line.sellable_units, line.transit_units, line.daily_units
    if sellable is None or transit is None or not daily or sellable + transit == 0:
        return
    words = around.words
    lasts = int((sellable + transit) / daily) + 1
    days = range(min(lasts, _LONGEST_OUTLOOK) + 1)
    lower, upper = _left(sellable, daily, days), _left(sellable + transit, daily, days)
    series = Series(words("restock.chart.stock"), lower, upper if transit else ())
    title = words(
        "restock.chart.outlook_transit" if transit else "restock.chart.outlook",
        store=around.store_name(line.facts),
        daily=words.number(daily, 2),
    )
    labels = tuple(words("restock.chart.in_days", days=day) for day in days)
    yield Chart(title, "band" if transit else "area", labels, (series,), words("restock.chart.units"))


def _left(units: int, daily: Decimal, days: range) -> tuple[float, ...]:
    return tuple(round(float(max(Decimal(0), units - daily * day)), 1) for day in days)


def _label(line: RestockLine, around: Surroundings) -> str:
    return f"{line.facts.listing.msku} · {around.store_name(line.facts)}"


def _float(value: Decimal | int | None) -> float | None:
    return None if value is None else round(float(value), 1)
