"""Whatever happens in whatever order: a key is one order's, and an order of n gets n."""

import asyncio
import shutil
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.orders.key_jobs import (
    Handed,
    hand_over,
    handed_over,
    look_back,
    release_keys,
    reserve_keys,
    stock_for,
    take_back,
    take_in_keys,
)
from handlers.orders.ports import OrdersDeps
from handlers.orders.shipping import KeyStock, effective
from storage.credentials.cipher import Cipher
from storage.database import Database
from storage.orders import keys
from storage.orders.key_witness import KeyWitness
from storage.orders.rows import KeyPool, Shipment, ShippingSetting
from tests.scenarios.clock import StoryClock
from tests.storage.orders.builders import NOW, an_order

ITEM = "900000000001"
PLACE = KeyPool(id="", account_id="", item_id=ITEM, variant="")
PLANNED = Shipment(order_key="", state="planned", run_at=NOW, changed_at=NOW)
CHOSEN = effective([ShippingSetting(mode="auto")], an_order())


class NoWork:
    """Work that nobody does: these stories end with the commit."""

    async def submit(self, tx: Any, task: str, payload: Any, **how: Any) -> None:
        return None

    async def send(self, tx: Any, message: Any) -> None:
        return None


def ids() -> Callable[[], str]:
    numbers = iter(range(10**6))
    return lambda: f"{next(numbers):014}"


@asynccontextmanager
async def opened(url: str, folder: Path) -> AsyncIterator[OrdersDeps]:
    """What the jobs need, over a migrated database."""
    database = Database(url)
    database.work = NoWork()
    try:
        yield OrdersDeps(
            database=database,
            clock=StoryClock(NOW),
            new_id=ids(),
            cipher=Cipher(bytes(range(32))),
            bridges={},
            witness=KeyWitness(folder / "keys-sent"),
            words=lambda language: None,  # type: ignore[arg-type,return-value]
        )
    finally:
        await database.close()


class Story:
    """Orders that are bought, shipped, refused and refunded; ``handed`` is what buyers of each order got."""

    def __init__(self, deps: OrdersDeps) -> None:
        self.deps = deps
        self.bought: dict[int, int] = {}
        self.commands: dict[int, str] = {}
        self.handed: dict[int, list[list[str]]] = defaultdict(list)
        self.numbers = iter(range(10**6))

    def shipment(self, number: int, state: Any = "planned") -> Shipment:
        command_id = self.commands.get(number, f"c{next(self.numbers)}")
        key = an_order(str(number)).key
        return Shipment(order_key=key, state=state, run_at=NOW, changed_at=NOW, command_id=command_id)

    async def happens(self, act: str, number: int, count: int) -> None:
        await getattr(self, act)(number, count)

    async def put(self, _number: int, count: int) -> None:
        async with self.deps.database.begin() as tx:
            found = [f"KEY-{next(self.numbers)}" for _ in range(count)]
            await take_in_keys(tx, PLACE, found, self.deps)

    async def buy(self, number: int, count: int) -> None:
        quantity = count if number not in self.commands else self.bought[number]
        self.bought[number] = quantity
        order = an_order(str(number), delivery_kind="virtual", quantity=quantity)
        async with self.deps.database.begin() as tx:
            await reserve_keys(tx, order, CHOSEN, self.deps)

    async def ship(self, number: int, _count: int) -> None:
        """The command goes out, or the same goes out again."""
        quantity = self.bought.setdefault(number, 1)
        order = an_order(str(number), delivery_kind="virtual", quantity=quantity)
        shipment = self.shipment(number)
        async with self.deps.database.begin() as tx:
            again = number in self.commands
            act = handed_over(tx, order, shipment, self.deps) if again else self._begin(tx, order, shipment)
            handed = await act
        found = handed.content.split("\n") if handed is not None else []
        self.commands |= {number: shipment.command_id} if found else {}
        self.handed[number] += [found] if found else []

    async def _begin(self, tx: Any, order: Any, shipment: Shipment) -> Any:
        return await hand_over(tx, order, shipment, CHOSEN, self.deps)

    async def refuse(self, number: int, _count: int) -> None:
        """The platform did nothing of it."""
        refused = self.commands.pop(number, None)
        self.handed[number] = self.handed[number] if refused is None else []
        order = an_order(str(number), delivery_kind="virtual")
        async with self.deps.database.begin() as tx:
            await (take_back(tx, order, self.deps) if refused else asyncio.sleep(0))

    async def refund(self, number: int, _count: int) -> None:
        order = an_order(str(number), delivery_kind="virtual", status="refunded")
        async with self.deps.database.begin() as tx:
            await release_keys(tx, order, self.shipment(number, "cancelled"), self.deps)

    async def crash(self, number: int, _count: int) -> None:
        """What is not committed did not happen."""
        order = an_order(str(number), delivery_kind="virtual", quantity=2)
        with pytest.raises(ZeroDivisionError):
            async with self.deps.database.begin() as tx:
                await reserve_keys(tx, order, CHOSEN, self.deps)
                raise ZeroDivisionError


_ACT = st.tuples(
    st.sampled_from(["put", "buy", "buy", "ship", "ship", "refuse", "refund", "crash"]),
    st.integers(0, 4),
    st.integers(1, 4),
)


async def told(template: Path, acts: Sequence[tuple[str, int, int]]) -> Story:
    with TemporaryDirectory() as folder:
        path = shutil.copy(template, Path(folder) / "zhanggui.db")
        async with opened(f"sqlite+aiosqlite:///{path}", Path(folder)) as deps:
            story = Story(deps)
            for act, number, count in acts:
                await story.happens(act, number, count)
            return story


@given(acts=st.lists(_ACT, max_size=40))
async def test_no_key_reaches_two_buyers_and_nobody_gets_fewer(
    sqlite_template: Path, acts: list[tuple[str, int, int]]
) -> None:
    story = await told(sqlite_template, acts)
    handed = {number: found for number, found in story.handed.items() if found}
    assert {number: {len(each) for each in found} for number, found in handed.items()} == {
        number: {story.bought[number]} for number in handed
    }
    assert [found for found in handed.values() if any(each != found[0] for each in found)] == []
    given = [key for found in handed.values() for key in found[0]]
    assert len(given) == len(set(given))


async def test_many_orders_at_once_share_no_key(database_url: str, tmp_path: Path) -> None:
    async with opened(database_url, tmp_path) as deps:
        async with deps.database.begin() as tx:
            await take_in_keys(tx, PLACE, [f"K{n}" for n in range(20)], deps)

        async def ship(number: int) -> list[str]:
            order = an_order(str(number), delivery_kind="virtual", quantity=3)
            shipment = Shipment(
                order_key=order.key, state="planned", run_at=NOW, changed_at=NOW, command_id=str(number)
            )
            async with deps.database.begin() as tx:
                handed = await hand_over(tx, order, shipment, CHOSEN, deps)
            return handed.content.split("\n") if handed else []

        found = await asyncio.gather(*(ship(number) for number in range(9)))
        each = [key for keys in found for key in keys]
        assert (sorted(map(len, found)), len(each), len(set(each))) == ([0, 0, 0, 3, 3, 3, 3, 3, 3], 18, 18)


@pytest.mark.parametrize(("has_own_way", "handed"), [(False, None), (True, Handed())])
async def test_whoever_ships_marks_nothing_without_its_keys_unless_they_went_another_way(
    database_url: str, tmp_path: Path, has_own_way: bool, handed: Handed | None
) -> None:
    order = an_order("1", delivery_kind="virtual")
    by_hand = Shipment(
        order_key=order.key, state="planned", run_at=NOW, changed_at=NOW, person_id="p1", has_own_way=has_own_way
    )
    async with opened(database_url, tmp_path) as deps:
        async with deps.database.begin() as tx:
            await take_in_keys(tx, PLACE, ["K1"], deps)
            await reserve_keys(tx, order, CHOSEN, deps)
            await take_in_keys(tx, PLACE, ["K1"], deps, is_delivered=True)
        async with deps.database.begin() as tx:
            assert await hand_over(tx, order, by_hand, CHOSEN, deps) == handed


async def test_goods_in_a_parcel_ask_the_database_nothing() -> None:
    assert await stock_for(None, an_order()) == KeyStock()  # type: ignore[arg-type]


async def test_a_copied_postgresql_database_holds_its_pools(postgres_url: str, tmp_path: Path) -> None:
    async with opened(postgres_url, tmp_path) as deps:
        await look_back(deps)
        async with deps.database.begin() as tx:
            await take_in_keys(tx, PLACE, ["K1"], deps)
            home = await keys.load_mark(tx, "home")
        assert home
        later = replace(deps, witness=KeyWitness(tmp_path / "other"))
        await look_back(later)
        async with deps.database.begin() as tx:
            assert (await keys.list_pools(tx))[0].pool.held_since is None
            await keys.put_mark(tx, "home", home.replace("/", "/9", 1))
        await look_back(replace(deps, witness=KeyWitness(tmp_path / "third")))
        async with deps.database.begin() as tx:
            assert (await keys.list_pools(tx))[0].pool.held_since is not None


async def test_deliveries_that_a_database_does_not_know_hold_its_pools(database_url: str, tmp_path: Path) -> None:
    async with opened(database_url, tmp_path) as deps:
        async with deps.database.begin() as tx:
            await take_in_keys(tx, PLACE, ["K1"], deps)
        await deps.witness.note("D" * 14)
        await asyncio.to_thread((tmp_path / "keys-sent").write_text, f"\n{'D' * 14}\n\ncut of")
        await look_back(deps)
        async with deps.database.begin() as tx:
            (stock,) = await keys.list_pools(tx)
            assert stock.pool.held_since is not None
            assert await keys.unknown_deliveries(tx, ["D" * 14]) == frozenset()
            await keys.release_pool(tx, stock.pool.id)
        await look_back(replace(deps, witness=KeyWitness(tmp_path / "keys-sent")))
        async with deps.database.begin() as tx:
            assert (await keys.list_pools(tx))[0].pool.held_since is None
