"""Links sign in once and in time; sessions end when unused, when old, and when told to."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from storage.database import Database
from storage.sign_in import store
from storage.sign_in.rows import Session
from storage.sign_in.tables import sessions, sign_in_links

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
LINK = "link-of-wei"


@pytest.fixture
async def linked(database: Database) -> Database:
    """A database with one open link."""
    async with database.begin() as tx:
        await store.create_link(tx, person_id="wei", token=LINK, now=NOW)
    return database


@pytest.fixture
async def signed_in(database: Database) -> Database:
    """A database with one session."""
    await sign_in(database, "cookie", NOW)
    return database


async def use(database: Database, token: str, now: datetime) -> str | None:
    async with database.begin() as tx:
        return await store.use_link(tx, token=token, now=now)


async def is_open(database: Database, now: datetime) -> bool:
    async with database.read() as reader:
        return await store.link_is_open(reader, token=LINK, now=now)


async def sign_in(database: Database, token: str, now: datetime) -> None:
    async with database.begin() as tx:
        await store.open_session(tx, token=token, csrf_token="csrf", person_id="wei", now=now)


async def session(database: Database, now: datetime, token: str = "cookie") -> Session | None:
    async with database.read() as reader:
        return await store.find_session(reader, token=token, now=now)


async def touch(database: Database, now: datetime) -> None:
    found = await session(database, now)
    assert found is not None
    async with database.begin() as tx:
        await store.touch_session(tx, token="cookie", session=found, now=now)


async def test_looking_at_a_link_does_not_use_it_up(linked: Database) -> None:
    assert [await is_open(linked, NOW), await is_open(linked, NOW)] == [True, True]


async def test_a_link_signs_in_once(linked: Database) -> None:
    assert [await use(linked, LINK, NOW), await use(linked, LINK, NOW)] == ["wei", None]


async def test_a_used_link_no_longer_looks_open(linked: Database) -> None:
    await use(linked, LINK, NOW)
    assert not await is_open(linked, NOW)


async def test_of_two_browsers_at_once_only_one_is_signed_in(linked: Database) -> None:
    answers = await asyncio.gather(use(linked, LINK, NOW), use(linked, LINK, NOW))
    assert sorted(answers, key=str) == [None, "wei"]


@pytest.mark.parametrize(("minutes", "signed_in"), [(9.99, "wei"), (10, None)])
async def test_a_link_lives_ten_minutes(linked: Database, minutes: float, signed_in: str | None) -> None:
    assert await use(linked, LINK, NOW + timedelta(minutes=minutes)) == signed_in


async def test_an_unknown_link_signs_nobody_in(linked: Database) -> None:
    assert await use(linked, LINK + "x", NOW) is None


async def test_a_new_link_ends_the_older_one(linked: Database) -> None:
    async with linked.begin() as tx:
        await store.create_link(tx, person_id="wei", token="newer", now=NOW)
    assert [await use(linked, LINK, NOW), await use(linked, "newer", NOW)] == [None, "wei"]


async def test_tokens_are_not_stored_readably(linked: Database) -> None:
    await sign_in(linked, "cookie", NOW)
    async with linked.read() as reader:
        links = (await reader.execute(select(sign_in_links))).one()
        cookies = (await reader.execute(select(sessions))).one()
    assert LINK not in str(links) and "'cookie'" not in str(cookies)


async def test_a_session_knows_its_person_and_csrf_token(signed_in: Database) -> None:
    assert await session(signed_in, NOW) == Session(
        person_id="wei", csrf_token="csrf", created_at=NOW, last_seen_at=NOW, expires_at=NOW + timedelta(days=14)
    )


async def test_a_session_does_not_print_its_csrf_token(signed_in: Database) -> None:
    assert "csrf" not in repr(await session(signed_in, NOW)).replace("csrf_token", "")


@pytest.mark.parametrize("token", ["", "other"])
async def test_an_unknown_cookie_has_no_session(signed_in: Database, token: str) -> None:
    assert await session(signed_in, NOW, token) is None


async def test_an_unused_session_ends_after_14_days(signed_in: Database) -> None:
    assert await session(signed_in, NOW + timedelta(days=14)) is None


async def test_a_used_session_goes_on(signed_in: Database) -> None:
    await touch(signed_in, NOW + timedelta(days=13))
    assert await session(signed_in, NOW + timedelta(days=20)) is not None


async def test_no_session_lasts_longer_than_90_days(signed_in: Database) -> None:
    await touch(signed_in, NOW + timedelta(days=13))
    await touch(signed_in, NOW + timedelta(days=26))
    await touch(signed_in, NOW + timedelta(days=39))
    await touch(signed_in, NOW + timedelta(days=52))
    await touch(signed_in, NOW + timedelta(days=65))
    await touch(signed_in, NOW + timedelta(days=78))
    last = await session(signed_in, NOW + timedelta(days=89))
    assert last is not None and last.expires_at == NOW + timedelta(days=90)


async def test_signing_out_ends_one_browser_only(signed_in: Database) -> None:
    await sign_in(signed_in, "phone", NOW)
    async with signed_in.begin() as tx:
        await store.close_session(tx, token="cookie")
    assert await session(signed_in, NOW) is None
    assert await session(signed_in, NOW, "phone") is not None


async def test_a_person_can_be_signed_out_everywhere(linked: Database) -> None:
    await sign_in(linked, "cookie", NOW)
    await sign_in(linked, "phone", NOW)
    async with linked.begin() as tx:
        closed = await store.close_sessions_of(tx, person_id="wei")
    assert (closed, await session(linked, NOW), await use(linked, LINK, NOW)) == (2, None, None)


async def test_signing_in_forgets_what_expired(linked: Database) -> None:
    await sign_in(linked, "cookie", NOW)
    await sign_in(linked, "phone", NOW + timedelta(days=30))
    async with linked.read() as reader:
        left = (await reader.execute(select(sessions))).all(), (await reader.execute(select(sign_in_links))).all()
    assert [len(rows) for rows in left] == [1, 0]
