"""Matters on both databases: one per fingerprint, changed with a line and a job, searched and forgotten."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from storage.database import Database, Transaction
from storage.matters import ladder, store
from storage.matters.rows import Entry, Matter, NewMatter, Place, Step
from tests.storage.matters.work import Submitted

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
LATER = NOW + timedelta(hours=5)
LATE = NewMatter(
    kind="late_data",
    fingerprint="late_data",
    details={"stores": "屿光-US"},
    cost_per_day=Decimal("12.50"),
    currency="USD",
    due_at=LATER,
)


@pytest.fixture
async def work(database: Database) -> AsyncIterator[Submitted]:
    """What the transactions asked for."""
    submitted = Submitted()
    database.work = submitted
    yield submitted


async def opened(tx: Transaction, new: NewMatter = LATE) -> Matter:
    matter = await store.open_matter(tx, new, now=NOW)
    assert matter is not None
    return matter


async def test_a_matter_comes_back_as_it_was_opened_with_its_job(database: Database, work: Submitted) -> None:
    async with database.begin() as tx:
        matter = await opened(tx)
    async with database.read() as reader:
        assert await store.load_matter(reader, 1) == matter
        assert await store.list_entries(reader, 1) == (Entry(matter=1, position=0, at=NOW, kind="opened"),)
    assert (matter.number, matter.state, matter.cost_per_day) == (1, "open", Decimal("12.50"))
    assert work.keys == ["matter:1:opened"]


async def test_while_it_is_not_settled_there_is_no_second_with_its_fingerprint(
    database: Database, work: Submitted
) -> None:
    async with database.begin() as tx:
        first = await opened(tx)
        assert await store.open_matter(tx, LATE, now=LATER) is None
        await store.change_matter(tx, first, "settled", now=LATER, state="settled", settled_at=LATER)
        assert (await opened(tx)).number == 2


async def test_two_workers_that_open_it_at_once_make_one(database: Database, work: Submitted) -> None:
    async def offer() -> Matter | None:
        async with database.begin() as tx:
            return await store.open_matter(tx, LATE, now=NOW)

    made = await asyncio.gather(*(offer() for _ in range(8)))
    assert len([matter for matter in made if matter]) == 1


async def test_different_matters_opened_at_once_get_different_numbers(database: Database, work: Submitted) -> None:
    async def offer(name: int) -> Matter | None:
        async with database.begin() as tx:
            return await store.open_matter(tx, NewMatter(kind="k", fingerprint=f"k:{name}"), now=NOW)

    made = await asyncio.gather(*(offer(name) for name in range(8)))
    assert sorted(matter.number for matter in made if matter) == list(range(1, 9))


async def test_whoever_takes_it_stops_every_pending_step_in_the_same_commit(
    database: Database, work: Submitted
) -> None:
    step = Step(matter=1, position=0, how="private", target="duty", channel="", needs="acknowledged", due_at=LATER)
    async with database.begin() as tx:
        matter = await opened(tx)
        await ladder.add_steps(tx, [step])
        await store.change_matter(tx, matter, "taken", now=LATER, person_id="P1", state="taken", owner_id="P1")
        (ended,) = await ladder.list_steps(tx, 1)
        changed = await store.load_matter(tx, 1)
    assert (ended.state, ended.reason, ended.done_at) == ("cancelled", "acknowledged", LATER)
    assert changed is not None
    assert (changed.state, changed.owner_id, changed.version) == ("taken", "P1", 2)
    assert work.keys[-1] == "matter:1:show:2"


async def test_a_note_leaves_the_ladder_as_it_is(database: Database, work: Submitted) -> None:
    step = Step(matter=1, position=0, how="card", target="chats", channel="", needs="read", due_at=LATER)
    async with database.begin() as tx:
        matter = await opened(tx)
        await ladder.add_steps(tx, [step])
        await store.change_matter(tx, matter, "noted", now=LATER, person_id="P1", text="问过了")
        assert await ladder.next_pending(tx, 1) == step


async def test_a_matter_has_one_card_per_chat(database: Database, work: Submitted) -> None:
    place = Place(matter=1, channel="feishu", chat_id="oc_1")
    async with database.begin() as tx:
        assert await store.add_place(tx, place)
        assert not await store.add_place(tx, place)
        assert await store.list_places(tx, 1) == (place,)
    assert place.key == "matter:1:feishu:oc_1"


async def test_what_is_not_settled_is_counted_by_kind(database: Database, work: Submitted) -> None:
    async with database.begin() as tx:
        await opened(tx)
        await opened(tx, NewMatter(kind="dead_letters", fingerprint="dead_letters"))
        assert dict(await store.count_unsettled(tx)) == {"late_data": 1, "dead_letters": 1}


async def test_whoever_looks_is_told_of_every_change_and_line(database: Database, work: Submitted) -> None:
    told: list[str] = []
    database.tell = told.append
    async with database.begin() as tx:
        matter = await opened(tx)
        await store.add_entry(tx, matter.number, "reminded", at=LATER)
    async with database.begin() as tx:
        await store.renew_details(tx, matter, {"stores": "屿光-JP"}, now=LATER)
    assert told == ["matters", "matters"]


async def test_old_settled_matters_go_with_all_about_them(database: Database, work: Submitted) -> None:
    async with database.begin() as tx:
        first = await opened(tx)
        second = await opened(tx, NewMatter(kind="k", fingerprint="k"))
        await store.change_matter(tx, first, "settled", now=NOW, state="settled", settled_at=NOW)
        await store.change_matter(tx, second, "settled", now=NOW, state="settled", settled_at=NOW)
        assert await store.forget_matters(tx, before=LATER, limit=9) == 1
        assert await store.list_entries(tx, 1) == ()
        assert (await opened(tx)).number == 3


async def test_a_step_and_its_job_are_stored_once(database: Database, work: Submitted) -> None:
    step = Step(matter=1, position=0, how="card", target="chats", channel="", needs="read", due_at=LATER)
    async with database.begin() as tx:
        await ladder.add_steps(tx, [step, step])
        assert await ladder.load_step(tx, 1, 0) == step
        assert await ladder.last_position(tx, 1) == 0
        assert await ladder.last_position(tx, 2) == -1
    assert work.keys == [f"matter:1:step:0:{LATER.isoformat()}"]


async def test_the_roster_is_set_day_by_day(database: Database, work: Submitted) -> None:
    async with database.begin() as tx:
        await ladder.set_roster(tx, (0, 1), ("P1", "P2"))
        await ladder.set_roster(tx, (1,), ())
        assert await ladder.list_roster(tx) == {0: ("P1", "P2")}


async def test_chats_ask_for_alarms_and_leave_again(database: Database, work: Submitted) -> None:
    async with database.begin() as tx:
        await ladder.set_alarm_chat(tx, "feishu", "oc_1", wanted=True, by="P1", now=NOW)
        await ladder.set_alarm_chat(tx, "feishu", "oc_1", wanted=True, by="P1", now=NOW)
        assert await ladder.list_alarm_chats(tx) == (("feishu", "oc_1"),)
        await ladder.set_alarm_chat(tx, "feishu", "oc_1", wanted=False, by="P1", now=NOW)
        assert await ladder.list_alarm_chats(tx) == ()
