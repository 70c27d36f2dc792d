"""Stock day by day: what the last pull of each day found. Days without a pull have no row and stay unknown."""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import delete, func, select, tuple_

from bot.contracts.quantities import Msku, StoreId
from storage.catalog.replacing import replace_rows
from storage.catalog.rows import FbaStock, StockDay, StockHistory
from storage.catalog.tables import stock_history, stores
from storage.database import Database, Reader, Transaction

_day = stock_history.c.stock_date_marketplace


def stock_day(stock: FbaStock, day: date) -> StockDay:
    """The part of a listing's stock that is remembered of ``day``."""
    return StockDay(
        store_id=stock.store_id,
        msku=stock.msku,
        stock_date_marketplace=day,
        fulfillable=stock.fulfillable,
        reserved_transfers=stock.reserved_transfers,
        reserved_processing=stock.reserved_processing,
        inbound_working=stock.inbound_working,
        inbound_shipped=stock.inbound_shipped,
        inbound_receiving=stock.inbound_receiving,
    )


async def store_stock_day(database: Database, store_id: StoreId, day: date, stock: Iterable[FbaStock]) -> None:
    """Make what is remembered of the store's ``day`` exactly ``stock``: the last pull of a day counts."""
    rows = [stock_day(each, day) for each in stock]
    await replace_rows(database, StockDay, rows, stock_history.c.store_id == store_id, _day == day)


async def read_stock_history(reader: Reader, store_id: StoreId, msku: Msku, *, days: int) -> StockHistory:
    """The ``days`` days of one listing up to the newest that is known of its store; empty if none is."""
    newest = await reader.execute(select(func.max(_day)).where(stock_history.c.store_id == store_id))
    through: date | None = newest.scalar()
    if through is None:
        return StockHistory(store_id, msku, (), ())
    span = tuple(through - timedelta(days=ago) for ago in range(days - 1, -1, -1))
    found = await reader.execute(
        stock_history.select().where(
            stock_history.c.store_id == store_id, stock_history.c.msku == msku, _day.between(span[0], span[-1])
        )
    )
    known = {row.stock_date_marketplace: StockDay(*row) for row in found}
    return StockHistory(store_id, msku, span, tuple(known.get(day) for day in span))


async def forget_stock_days(tx: Transaction, *, before: date, limit: int) -> int:
    """Delete up to ``limit`` rows of days before ``before``. Returns how many."""
    key = (stock_history.c.store_id, stock_history.c.msku, _day)
    in_index = stock_history.c.store_id.in_(select(stores.c.store_id))  # the index leads with the store
    old = select(*key).where(in_index, _day < before).limit(limit)
    result = await tx.execute(delete(stock_history).where(tuple_(*key).in_(old)))
    return result.rowcount
