"""What the owner of the process may do without chat rights."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from bot.administration import Administration
from bot.contracts.clock import id_source
from bot.contracts.errors import AssistantError, ConflictError, NotFoundError, UserInputError
from bot.contracts.feature import Grant
from storage.database import Database
from storage.people.grants import give
from storage.people.store import find_pairing_code
from tests.integrations.http.fakes import SteppingClock

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.fixture
async def office(sqlite_url: str) -> AsyncIterator[Administration]:
    """Over an empty database; "random" numbers count up."""
    clock, numbers = SteppingClock(), count()
    database = Database(sqlite_url)
    yield Administration(
        database=database, clock=clock, new_id=id_source(clock), random_below=lambda n: next(numbers) % n
    )
    await database.close()


async def test_a_person_is_added_with_roles_and_identities(office: Administration) -> None:
    added = await office.add_user("林", ["viewer", "operator"], ["feishu:ou_1"])
    (listed,) = await office.list_users()
    assert listed == {
        "id": added["id"],
        "name": "林",
        "roles": ["operator", "viewer"],
        "identities": ["feishu:ou_1", f"terminal:{added['id']}", f"web:{added['id']}"],
    }


async def test_roles_are_listed_with_their_limits_and_without_those_that_ended(office: Administration) -> None:
    added = await office.add_user("林", ["admin"], [])
    end = datetime(2026, 12, 31, 16, tzinfo=UTC)
    narrowed = replace(
        Grant("approver", store_id="101", supplier="A", amount=Decimal(5000), currency="CNY"),
        channel="feishu",
        chat_id="oc_1",
        ends_at=end,
    )
    async with office.database.begin() as tx:
        await give(tx, narrowed, person_id=added["id"], by="", now=NOW)
        await give(tx, Grant("viewer", ends_at=NOW), person_id=added["id"], by="", now=NOW)
    (listed,) = await office.list_users()
    assert listed["roles"] == [
        "admin",
        "approver store=101 supplier=A amount=5000CNY chat=feishu:oc_1 until=2026-12-31T16:00+00:00",
    ]


@pytest.mark.parametrize(
    ("roles", "identities"),
    [
        ([], []),
        (["king"], []),
        (["admin", "king"], []),
        (["admin"], ["feishu"]),
        (["admin"], [":x"]),
        (["admin"], ["x:"]),
    ],
)
async def test_a_wrong_role_or_identity_is_refused_and_nobody_is_added(
    office: Administration, roles: list[str], identities: list[str]
) -> None:
    with pytest.raises(UserInputError, match=r"--(role|identity) takes"):
        await office.add_user("林", roles, identities)
    assert await office.list_users() == []


async def test_an_identity_belongs_to_one_person(office: Administration) -> None:
    await office.add_user("林", ["admin"], ["feishu:ou_1"])
    with pytest.raises(ConflictError, match="feishu:ou_1 belongs to somebody"):
        await office.add_user("陈", ["admin"], ["feishu:ou_1"])
    assert [each["name"] for each in await office.list_users()] == ["林"]


async def test_somebody_is_found_by_name_or_id_and_an_administrator_without_either(office: Administration) -> None:
    viewer = await office.add_user("阿芳", ["viewer"], [])
    admin = await office.add_user("林", ["admin"], [])
    found = [(await office.find_person(name)).id for name in ("阿芳", viewer["id"], "")]
    assert found == [viewer["id"], viewer["id"], admin["id"]]


@pytest.mark.parametrize(("name", "told"), [("谁", "nobody is called '谁'"), ("", "zhanggui user add")])
async def test_nobody_is_not_found(office: Administration, name: str, told: str) -> None:
    with pytest.raises(NotFoundError, match=told):
        await office.find_person(name)


async def test_a_name_that_two_people_have_is_refused_with_their_ids(office: Administration) -> None:
    ids = [(await office.add_user("林", ["viewer"], []))["id"] for _ in range(2)]
    with pytest.raises(ConflictError, match=f"2 people are called '林'.*{ids[0]}, {ids[1]}"):
        await office.find_person("林")


async def test_a_pairing_code_has_seventy_bits_and_can_be_used(office: Administration) -> None:
    code = await office.make_pairing_code("admin")
    assert code == "ABCDE-FGHJK-LMNP"
    async with office.database.read() as reader:
        found = await find_pairing_code(reader, code=code, now=NOW)
    assert found is not None
    assert found.role == "admin"


async def test_an_invitation_is_a_code_for_the_role(office: Administration) -> None:
    invited = await office.act({"do": "user invite", "role": "operator"})
    async with office.database.read() as reader:
        found = await find_pairing_code(reader, code=invited["code"], now=NOW)
    assert found is not None
    assert found.role == invited["role"] == "operator"


async def test_nobody_is_invited_to_an_unknown_role(office: Administration) -> None:
    with pytest.raises(UserInputError, match="--role takes"):
        await office.act({"do": "user invite", "role": "king"})


@pytest.mark.parametrize(
    "asked", [{}, [], "user list", {"do": "fly"}, {"do": "user add"}, {"do": "user add", "name": 1, "roles": "admin"}]
)
async def test_an_act_that_makes_no_sense_is_refused(office: Administration, asked: Any) -> None:
    with pytest.raises(AssistantError, match="no such act"):
        await office.act(asked)
