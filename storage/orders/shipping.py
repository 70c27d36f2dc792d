"""How goods go out: settings by level, what is held back, one shipment per order, and numbers for parcels."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, literal_column, or_, select, update

from storage.database import Reader, Transaction
from storage.orders.rows import Hold, Order, Shipment, ShippingSetting
from storage.orders.store import values_of
from storage.orders.tables import orders, shipments, shipping_holds, shipping_settings, waybills
from storage.upsert import insert_into

MOST_COUNTED = 100
_LEVEL = ("account_id", "item_id", "variant")
_IS_FREE: ColumnElement[bool] = literal_column("order_key = ''")  # spelled as in the partial index
_IS_MARKED: ColumnElement[bool] = literal_column("shipments.state = 'marked'")
_IS_USED: ColumnElement[bool] = literal_column("order_key <> ''")
_SHIPMENT = select(shipments).where(shipments.c.order_key == bindparam("order_key"))  # asked by every event
_SETTINGS = select(shipping_settings).where(
    or_(
        and_(shipping_settings.c.account_id.in_(("", bindparam("account_id"))), shipping_settings.c.item_id == ""),
        and_(shipping_settings.c.item_id == bindparam("item_id"), shipping_settings.c.item_id != ""),
    )
)
_WAYBILL = ("express_code", "number", "order_key")


async def settings_for(reader: Reader, account_id: str, item_id: str) -> tuple[ShippingSetting, ...]:
    """What is set by default, for a shop, an item and any variant of it."""
    rows = await reader.execute(_SETTINGS, {"account_id": account_id, "item_id": item_id})
    return tuple(ShippingSetting(**row._mapping) for row in rows)


async def put_setting(tx: Transaction, setting: ShippingSetting, *, with_stock: bool = False) -> None:
    """Set what goes for one level. Pieces that are counted already stay as they are now, but ``with_stock``: they may
    have changed since somebody looked."""
    row = asdict(setting)
    changed = row if with_stock else {name: value for name, value in row.items() if name != "stock"}
    statement = insert_into(shipping_settings, tx).values(row)
    await tx.execute(statement.on_conflict_do_update(index_elements=_LEVEL, set_=changed))


async def change_stock(tx: Transaction, place: ShippingSetting, pieces: int) -> int | None:
    """Count pieces on, or off if negative, where a setting counts them. Returns how many are there now; None if there
    are too few, then nothing changed."""
    same = (getattr(shipping_settings.c, name) == getattr(place, name) for name in _LEVEL)
    stock = shipping_settings.c.stock
    counted = update(shipping_settings).where(*same, stock + pieces >= 0).values(stock=stock + pieces)
    return (await tx.execute(counted.returning(stock))).scalar()


async def holds_on(reader: Reader, order: Order) -> tuple[Hold, ...]:
    """What holds an order back."""
    rows = await reader.execute(select(shipping_holds).where(shipping_holds.c.scope.in_(scopes_of(order))))
    return tuple(Hold(**row._mapping) for row in rows)


def scopes_of(order: Order) -> tuple[str, ...]:
    """The scopes of holds that concern an order."""
    return ("all", f"shop:{order.account_id}", f"order:{order.key}")


async def list_holds(reader: Reader) -> tuple[Hold, ...]:
    """Everything that is held back."""
    return tuple(Hold(**row._mapping) for row in await reader.execute(select(shipping_holds)))


async def put_hold(tx: Transaction, hold: Hold) -> None:
    """Hold something back."""
    row = asdict(hold)
    statement = insert_into(shipping_holds, tx).values(row)
    await tx.execute(statement.on_conflict_do_update(index_elements=["scope"], set_=row))


async def end_hold(tx: Transaction, scope: str) -> None:
    """Let it go out again."""
    await tx.execute(delete(shipping_holds).where(shipping_holds.c.scope == scope))


async def load_shipment(reader: Reader, order_key: str) -> Shipment | None:
    """The order's shipment, or None. Note: whoever changes it has locked its order."""
    row = (await reader.execute(_SHIPMENT, {"order_key": order_key})).one_or_none()
    return None if row is None else Shipment(**row._mapping)


async def marked_before(reader: Reader, moment: datetime) -> tuple[str, ...]:
    """Keys of orders that the platform was told are shipped before ``moment``, and has not confirmed."""
    of_waiting = select(shipments.c.order_key).join(orders, orders.c.key == shipments.c.order_key)
    old = of_waiting.where(_IS_MARKED, shipments.c.changed_at <= moment, orders.c.status == "paid")
    return tuple((await reader.execute(old.order_by(shipments.c.changed_at))).scalars())


async def load_shipments(reader: Reader, order_keys: Collection[str]) -> dict[str, Shipment]:
    """The shipments of some orders by key."""
    rows = await reader.execute(select(shipments).where(shipments.c.order_key.in_(order_keys)))
    return {row.order_key: Shipment(**row._mapping) for row in rows}


async def put_shipment(tx: Transaction, shipment: Shipment) -> None:
    """Keep how far the shipment of a locked order is."""
    await tx.put_many(shipments, Shipment.__slots__, [values_of(shipment)])


async def add_waybills(tx: Transaction, express_code: str, numbers: Iterable[str]) -> int:
    """Put numbers into a company's pool; those that were ever there are left out. Returns how many are new."""
    rows = [(express_code, number, "") for number in sorted(set(numbers))]
    return await tx.insert_many(waybills, _WAYBILL, rows, skip_known=True)


async def known_waybills(reader: Reader, express_code: str, numbers: Collection[str]) -> frozenset[str]:
    """Those of the numbers that were ever in the company's pool."""
    same = (waybills.c.express_code == express_code, waybills.c.number.in_(numbers))
    return frozenset((await reader.execute(select(waybills.c.number).where(*same))).scalars())


async def take_waybill(tx: Transaction, express_code: str, order_key: str) -> str:
    """The company's number that is the order's already, else a free one, from now on the order's; empty if there is
    none."""
    if ours := await waybill_of(tx, express_code, order_key):
        return ours
    free = select(waybills.c.number).where(_IS_FREE, waybills.c.express_code == express_code).limit(1)
    number = (await tx.execute(free.with_for_update(skip_locked=True))).scalar()
    if number is None:
        return ""
    same = (waybills.c.express_code == express_code, waybills.c.number == number)
    await tx.execute(update(waybills).where(*same).values(order_key=order_key))
    return str(number)


async def use_waybill(tx: Transaction, express_code: str, number: str, order_key: str) -> bool:
    """Give the order this very number, in the pool or not; False if another order has it."""
    row = {"express_code": express_code, "number": number, "order_key": order_key}
    await tx.execute(insert_into(waybills, tx).values(row).on_conflict_do_nothing())
    same = (waybills.c.express_code == express_code, waybills.c.number == number)
    is_ours = update(waybills).where(*same, waybills.c.order_key.in_(("", order_key))).values(order_key=order_key)
    return (await tx.execute(is_ours)).rowcount == 1


async def waybill_of(reader: Reader, express_code: str, order_key: str) -> str:
    """The company's number that is the order's, empty if it has none."""
    ours = (_IS_USED, waybills.c.order_key == order_key, waybills.c.express_code == express_code)
    return str((await reader.execute(select(waybills.c.number).where(*ours).limit(1))).scalar() or "")


async def count_free_waybills(reader: Reader, express_code: str) -> int:
    """How many numbers of the company are left; ``MOST_COUNTED`` if there are more."""
    free = select(waybills.c.number).where(_IS_FREE, waybills.c.express_code == express_code).limit(MOST_COUNTED)
    return int((await reader.execute(select(func.count()).select_from(free.subquery()))).scalar_one())
