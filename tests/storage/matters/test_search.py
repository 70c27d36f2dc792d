"""Matters found and ranked on both databases, a part at a time."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from storage.database import Database, Transaction
from storage.matters import store
from storage.matters.rows import MatterState, NewMatter, Sought, Wanted
from storage.matters.search import WAITING, find_matters, one_of_each_kind
from tests.storage.matters.work import Submitted

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
PLAIN = NewMatter(kind="late_data", fingerprint="f", details={"stores": "屿光-US"})


@pytest.fixture
async def tx(database: Database) -> AsyncIterator[Transaction]:
    database.work = Submitted()
    async with database.begin() as tx:
        yield tx


async def opened(tx: Transaction, *matters: NewMatter) -> None:
    """One after the other, numbered from 1."""
    for number, new in enumerate(matters):
        assert await store.open_matter(tx, replace(new, fingerprint=f"f{number}"), now=NOW) is not None


async def settle_all(tx: Transaction) -> None:
    for matter in await store.list_unsettled(tx):
        await store.change_matter(tx, matter, "settled", now=NOW, state="settled", settled_at=NOW)


async def numbers(tx: Transaction, *words: Sought, states: tuple[MatterState, ...] = WAITING) -> list[int]:
    found, total = await find_matters(tx, Wanted(states=states, words=words))
    assert total == len(found)
    return [matter.number for matter in found]


def costs(amount: str, currency: str = "USD") -> NewMatter:
    return replace(PLAIN, cost_per_day=Decimal(amount), currency=currency)


async def test_the_dearest_of_the_usual_currency_goes_first_and_the_unknown_last(tx: Transaction) -> None:
    await opened(tx, PLAIN, costs("9"), costs("500", "CNY"), costs("80.5"), costs("1E+2"), costs("0"))
    assert await numbers(tx) == [5, 4, 2, 6, 3, 1]


async def test_a_currency_without_an_amount_makes_no_currency_usual(tx: Transaction) -> None:
    unknown = replace(PLAIN, currency="CNY")
    await opened(tx, unknown, unknown, unknown, costs("5", "CNY"), costs("1"), costs("2"))
    assert await numbers(tx) == [6, 5, 4, 1, 2, 3]


async def test_what_is_urgent_and_what_is_due_first_go_before_the_rest_of_the_unknown(tx: Transaction) -> None:
    soon = replace(PLAIN, due_at=NOW + timedelta(days=1))
    await opened(tx, PLAIN, soon, replace(PLAIN, is_urgent=True), replace(soon, due_at=NOW - timedelta(days=1)))
    assert await numbers(tx) == [3, 4, 2, 1]


async def test_what_is_over_is_listed_newest_first(tx: Transaction) -> None:
    await opened(tx, costs("9"), PLAIN, PLAIN)
    await settle_all(tx)
    assert await numbers(tx, states=("settled",)) == [3, 2, 1]
    assert await numbers(tx) == []


async def test_a_part_of_many_says_how_many_there_are(tx: Transaction) -> None:
    await opened(tx, *[PLAIN] * 7)
    found, total = await find_matters(tx, Wanted(states=WAITING), first=5, most=5)
    assert ([matter.number for matter in found], total) == ([6, 7], 7)
    assert await find_matters(tx, Wanted(states=WAITING), first=50, most=5) == ((), 7)


async def test_only_matters_of_the_wanted_stores_are_found(tx: Transaction) -> None:
    await opened(tx, PLAIN, replace(PLAIN, store_id="1"), replace(PLAIN, store_id="2"))
    wanted = Wanted(states=WAITING, store_ids=frozenset({"1", "3"}))
    found, total = await find_matters(tx, wanted)
    assert ([matter.number for matter in found], total) == ([2], 1)
    assert await find_matters(tx, replace(wanted, store_ids=frozenset())) == ((), 0)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        (Sought(text="2"), [2]),
        (Sought(text="#2"), [2]),
        (Sought(text="us"), [1]),
        (Sought(text="升级"), [3]),
        (Sought(text="x", kinds=("silent",)), [2]),
        (Sought(text="x", owner_ids=("P1",)), [3]),
        (Sought(text="stores"), []),  # the name of a detail is no word about it
        (Sought(text="%"), [4]),
        (Sought(text="_"), [4]),
        (Sought(text="\\"), [4]),
        (Sought(text="'"), []),
        (Sought(text="99999999999999999999"), []),
        (Sought(text="²"), []),
    ],
)
async def test_a_word_is_sought_in_number_details_kind_owner_and_lines(
    tx: Transaction, word: Sought, found: list[int]
) -> None:
    silent = NewMatter(kind="silent", fingerprint="s", details={"names": "sync.stock"})
    odd = NewMatter(kind="alertmanager", fingerprint="a", details={"name": "90% of a_disk \\ full"})
    await opened(tx, PLAIN, silent, replace(PLAIN, details={"stores": "屿光-JP"}), odd)
    third = await store.load_matter(tx, 3)
    assert third is not None
    await store.change_matter(tx, third, "taken", now=NOW, text="领星在升级", state="taken", owner_id="P1")
    assert await numbers(tx, word) == found


async def test_every_word_must_be_there(tx: Transaction) -> None:
    await opened(tx, PLAIN, replace(PLAIN, details={"stores": "屿光-JP"}))
    assert await numbers(tx, Sought(text="屿光"), Sought(text="JP")) == [2]


async def test_of_each_kind_the_newest_is_shown(tx: Transaction) -> None:
    await opened(tx, PLAIN, replace(PLAIN, kind="silent"), PLAIN)
    assert [(matter.kind, matter.number) for matter in await one_of_each_kind(tx)] == [("late_data", 3), ("silent", 2)]
