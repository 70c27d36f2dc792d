"""Grants and acts on both databases."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce

import pytest

from bot.contracts.feature import Grant, Role
from handlers.people.rules import after_giving
from storage.database import Database
from storage.people import grants
from storage.people.acts import Sought, find_acts, record_act
from storage.people.rows import Act
from storage.people.store import add_person, find_person, list_people, person_by_id

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
EVERY_LIMIT = Grant(
    "approver",
    store_id="101",
    supplier="深圳配件",
    amount=Decimal("5000.50"),
    currency="CNY",
    channel="feishu",
    chat_id="oc_1",
    ends_at=NOW + timedelta(days=1),
)


@pytest.fixture
async def team(database: Database) -> Database:
    """Two people without grants."""
    async with database.begin() as tx:
        await add_person(tx, person_id="wei", name="王伟", now=NOW)
        await add_person(tx, person_id="lin", name="林", now=NOW)
    return database


async def given(database: Database, *own: Grant, person_id: str = "wei") -> None:
    async with database.begin() as tx:
        for grant in own:
            await grants.give(tx, grant, person_id=person_id, by="lin", now=NOW)


async def done(database: Database, id: str, who: str, what: str, about: str, *, matter: str = "") -> None:
    rest = {"channel": "web", "chat_id": "team", "sender_id": "x", "event_id": "", "outcome": "answered"}
    async with database.begin() as tx:
        await record_act(tx, Act(id=id, at=NOW, person_id=who, command=what, arguments=about, matter=matter, **rest))


async def test_a_grant_comes_back_as_it_was_given_however_the_person_is_loaded(team: Database) -> None:
    await given(team, EVERY_LIMIT)
    async with team.read() as reader:
        by_id, (by_identity, _) = await person_by_id(reader, "wei"), await find_person(reader, "web", "wei")
        listed = {each.person.id: each.person.grants for each in await list_people(reader)}
    assert by_id is not None
    assert by_id.grants == by_identity.grants == listed["wei"] == (EVERY_LIMIT,)
    assert listed["lin"] == ()


@pytest.mark.parametrize(
    "own",
    [
        (Grant("viewer", store_id="101"), Grant("viewer", store_id="102")),
        (Grant("viewer"), Grant("viewer", store_id="101")),
        (Grant("viewer", store_id="101"), Grant("operator"), Grant("viewer")),
        (EVERY_LIMIT, replace(EVERY_LIMIT, amount=Decimal(1), ends_at=None)),
        (EVERY_LIMIT, replace(EVERY_LIMIT, currency="EUR")),
    ],
)
async def test_what_is_stored_is_what_the_rule_says(team: Database, own: tuple[Grant, ...]) -> None:
    await given(team, *own)
    none: tuple[Grant, ...] = ()
    async with team.read() as reader:
        stored = await grants.grants_of(reader, "wei")
    assert set(stored) == set(reduce(lambda given, grant: after_giving(tuple(given), grant), own, none))


@pytest.mark.parametrize(("role", "taken"), [("viewer", 2), (None, 3), ("buyer", 0)])
async def test_a_role_is_taken_with_all_its_grants(team: Database, role: Role | None, taken: int) -> None:
    await given(team, Grant("viewer", store_id="101"), Grant("viewer", store_id="102"), Grant("operator"))
    async with team.begin() as tx:
        assert await grants.take(tx, person_id="wei", role=role) == taken


async def test_present_administrators_are_named_and_only_lasting_ones_count_as_the_last(team: Database) -> None:
    await given(team, Grant("admin"), person_id="lin")
    await given(team, Grant("admin", ends_at=NOW + timedelta(days=1)))
    async with team.begin() as tx:
        assert await grants.admin_names(tx, NOW) == ["林", "王伟"]
        assert await grants.admin_names(tx, NOW + timedelta(days=1)) == ["林"]
        assert await grants.lock_lasting_admins(tx) == {"lin"}


async def test_two_who_take_it_from_each_other_at_once_see_one_after_the_other(team: Database) -> None:
    await given(team, Grant("admin"))
    await given(team, Grant("admin"), person_id="lin")

    async def take_from(person_id: str) -> int:
        async with team.begin() as tx:
            await grants.lock_lasting_admins(tx)
            await grants.take(tx, person_id=person_id, role="admin")
            return len(await grants.lock_lasting_admins(tx))

    assert sorted(await asyncio.gather(take_from("wei"), take_from("lin"))) == [0, 1]


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        (Sought(), ["A3", "A2", "A1"]),
        (Sought(person_ids=["wei"], text="王伟"), ["A2"]),
        (Sought(command="grant", text="授权"), ["A3", "A1"]),
        (Sought(text="us"), ["A3"]),
        (Sought(text="100%"), ["A1"]),
        (Sought(text="_"), []),
        (Sought(text="M7"), ["A2"]),
    ],
)
async def test_acts_are_found_by_person_command_content_or_matter(
    team: Database, sought: Sought, found: list[str]
) -> None:
    await done(team, "A1", "lin", "grant", "100%")
    await done(team, "A2", "wei", "sync", "", matter="M7")
    await done(team, "A3", "lin", "grant", "王伟 US")
    async with team.read() as reader:
        acts, total = await find_acts(reader, sought, limit=10)
    assert ([act.id for act in acts], total) == (found, len(found))
