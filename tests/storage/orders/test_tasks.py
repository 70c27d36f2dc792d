"""Shipments to leaf through on both databases: by view, by shop, by what is sought, each found by an index."""

from datetime import timedelta
from functools import partial

import pytest

from storage.database import Database
from storage.orders import store
from storage.orders.rows import Shipment
from storage.orders.shipping import put_shipment
from storage.orders.tasks import FoundTasks, TaskView, WantedTasks, list_tasks, load_task
from tests.storage.orders.builders import NOW, an_order, plans_of

LATER = NOW + timedelta(hours=1)
OF_ALL = an_order("10")
SHIPMENTS = (
    ("10", "shop-a", Shipment(order_key="", state="planned", run_at=LATER, changed_at=NOW)),
    ("11", "shop-b", Shipment(order_key="", state="planned", run_at=NOW, changed_at=NOW, is_shadow=True)),
    ("12", "shop-a", Shipment(order_key="", state="marked", run_at=NOW, changed_at=NOW, waybill_no="SF100000000007")),
    ("13", "shop-a", Shipment(order_key="", state="refused", run_at=NOW, changed_at=NOW, waybill_no="SF100000000008")),
    ("14", "shop-a", Shipment(order_key="", state="unclear", run_at=NOW, changed_at=NOW)),
    ("15", "shop-A", Shipment(order_key="", state="confirmed", run_at=LATER, changed_at=NOW)),
)


@pytest.fixture
async def stored(database: Database) -> Database:
    async with database.begin() as tx:
        for number, account_id, shipment in SHIPMENTS:
            order = an_order(number, account_id=account_id)
            await store.put_order(tx, order)
            named = {name: getattr(shipment, name) for name in ("state", "run_at", "is_shadow", "waybill_no")}
            await put_shipment(tx, Shipment(order_key=order.key, changed_at=NOW, **named))
    return database


async def ask(database: Database, wanted: WantedTasks, *, first: int = 0, most: int = 50) -> FoundTasks:
    async with database.read() as reader:
        return await list_tasks(reader, wanted, first=first, most=most)


def numbers(found: FoundTasks) -> str:
    return " ".join(task.order.order_id for task in found.tasks)


@pytest.mark.parametrize(
    ("view", "listed"),
    [
        ("planned", "11 10"),
        ("under_way", "12"),
        ("unclear", "14"),
        ("refused", "13"),
        ("shadow", "11"),
        ("all", "15 10 12 13 14 11"),
    ],
)
async def test_each_view_has_its_shipments(stored: Database, view: TaskView, listed: str) -> None:
    found = await ask(stored, WantedTasks(view=view))
    assert (numbers(found), found.total, found.goes_on) == (listed, len(listed.split()), False)


@pytest.mark.parametrize(
    ("text", "listed"),
    [("1", "15 10 12 13 14 11"), ("12", "12"), ("sf100000000008", "13"), ("SF10000000000", ""), ("%", "")],
)
async def test_a_shipment_is_found_by_its_order_or_waybill_number(stored: Database, text: str, listed: str) -> None:
    assert numbers(await ask(stored, WantedTasks(text=text))) == listed


@pytest.mark.parametrize(
    ("shops", "listed"),
    [((("xianyu", "shop-b"),), "11"), ((("xianyu", "shop-A"),), "15"), ((("xianyu", "shop"),), ""), ((), "")],
)
async def test_who_sees_some_shops_sees_their_shipments(
    stored: Database, shops: tuple[tuple[str, str], ...], listed: str
) -> None:
    found = await ask(stored, WantedTasks(shops=shops))
    assert (numbers(found), found.total) == (listed, len(listed.split()))


async def test_a_part_of_them_is_read(stored: Database) -> None:
    assert numbers(await ask(stored, WantedTasks(), first=2, most=2)) == "12 13"


async def test_one_is_found_with_its_order(stored: Database) -> None:
    async with stored.read() as reader:
        task, none = await load_task(reader, OF_ALL.key), await load_task(reader, "none")
    assert task is not None
    assert (task.order.order_id, task.shipment.state, none) == ("10", "planned", None)


async def test_no_list_reads_all_shipments(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    views: tuple[TaskView, ...] = ("planned", "under_way", "unclear", "refused", "shadow", "all")
    wanted = (*(WantedTasks(view=view) for view in views), WantedTasks(text="12"))
    asked = [partial(list_tasks, wanted=each, first=0, most=50) for each in wanted]
    plans = await plans_of(database, asked)
    await database.close()
    assert len(plans) > len(asked)
    assert [plan for plan in plans if plan.startswith("SCAN shipments") and "INDEX" not in plan] == []
