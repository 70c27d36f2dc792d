"""测试 names each permission that the Feishu app lacks, and each event that never came."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.contracts.cards import Card, Level, Link, Table, Text, plain
from bot.contracts.errors import UpstreamAuthError
from bot.contracts.events import Event
from handlers.system.access import lack_text
from handlers.system.cards import trip_card
from handlers.system.jobs import lacks_of, measure_round_trip
from handlers.system.ports import FeishuApp, Platform, SystemDeps
from handlers.system.results import Leg
from integrations.feishu.scopes import NEEDS, SUBSCRIPTIONS, Need
from storage.database import Database
from storage.inbox.store import add_events
from tests.handlers.asking import NOW, some_words
from tests.handlers.sync.desk import Desk, commit
from tests.handlers.system.test_round_trip import JOB
from tests.integrations.http.fakes import SteppingClock

EVERYTHING = frozenset(scope for need in NEEDS for scope in need.scopes)
EVERY_NEED = pytest.mark.parametrize("need", NEEDS, ids=[need.use for need in NEEDS])
BASE = "https://open.feishu.cn"


def without(need: Need) -> frozenset[str]:
    return EVERYTHING - set(need.scopes)


async def shown(database: Database, scopes: Callable[[], Awaitable[frozenset[str]]], check: Any) -> Card:
    """The card of a round trip."""
    clock = SteppingClock()
    database.work = desk = Desk(clock)
    deps = SystemDeps(
        database=database,
        clock=clock,
        platforms=(Platform("feishu", "FEISHU_APP_ID", check),),
        started_at=NOW,
        version="1.0",
        words=some_words,
        refused=dict,
        feishu=FeishuApp(app_id="cli_a", base_url=BASE, scopes=scopes),
    )
    await commit(database, await measure_round_trip(JOB, deps=deps))
    (card,) = desk.cards
    return card


async def reached() -> None:
    """Feishu answers."""


def granting(granted: frozenset[str]) -> Callable[[], Awaitable[frozenset[str]]]:
    async def scopes() -> frozenset[str]:
        return granted

    return scopes


def said(card: Card) -> str:
    return "\n".join(block.markdown for block in card.blocks if isinstance(block, Text))


def links(card: Card) -> list[str]:
    return [block.url for block in card.blocks if isinstance(block, Link)]


def heard(card: Card) -> dict[str, Level]:
    table = [block for block in card.blocks if isinstance(block, Table)][-1]
    return {str(name): level for name, level in table.rows if isinstance(level, Level)}


async def test_with_every_permission_the_card_says_so_and_is_green(database: Database) -> None:
    card = await shown(database, granting(EVERYTHING), reached)
    assert (card.tone, "飞书权限齐全" in said(card)) == ("good", True)


@EVERY_NEED
async def test_exactly_the_missing_permission_is_named_with_where_to_get_it(database: Database, need: Need) -> None:
    card = await shown(database, granting(without(need)), reached)
    assert [each.use for each in NEEDS if plain(each.scopes[0]) in said(card)] == [need.use]
    assert f"{BASE}/app/cli_a/auth?q={need.scopes[0]}" in links(card)
    assert (card.tone, "飞书缺 1 项权限" in said(card)) == (("warning", True) if need.necessary else ("good", False))


@pytest.mark.parametrize("language", ["zh", "en"])
@EVERY_NEED
def test_each_lack_says_what_does_not_work_and_feishus_code(need: Need, language: str) -> None:
    (lack,) = lacks_of(without(need), BASE, "cli_a")
    words = some_words(language)
    text = lack_text(lack, words)
    assert words(f"system.access.without.{need.use}") in text
    assert ("99991672" in text) == (need.use in ("write", "files"))


async def test_when_feishu_does_not_answer_the_leg_says_why_and_no_permission_is_accused(database: Database) -> None:
    async def refused() -> frozenset[str]:
        values = {"platform_code": "10003"}
        raise UpstreamAuthError(platform="feishu", operation="token", code="feishu_credentials", values=values)

    card = await shown(database, refused, refused)
    (legs, _) = [block for block in card.blocks if isinstance(block, Table)]
    assert legs.rows[-1][2] == Level("不通：飞书不认 App ID 或 App Secret（10003）", "bad")
    assert (card.tone, "权限" in said(card)) == ("warning", False)


async def test_events_that_never_came_are_told_by_their_names(database: Database) -> None:
    card = await shown(database, granting(EVERYTHING), reached)
    assert heard(card).keys() == {each.name for each in SUBSCRIPTIONS}
    assert heard(card)["im.message.receive_v1"] == Level("还没收到过", "warning")
    assert heard(card)["application.bot.menu_v6"] == Level("还没收到过", "neutral")
    assert f"{BASE}/app/cli_a/event" in links(card)


async def test_an_event_that_came_is_told_with_when(database: Database) -> None:
    async with database.begin() as tx:
        await add_events(tx, [an_event(1), an_event(2), an_event(3, channel="web")], outcomes=["answered"] * 3)
    card = await shown(database, granting(EVERYTHING), reached)
    assert heard(card)["im.message.receive_v1"] == Level("2026-11-22 16:02", "good")
    assert heard(card)["card.action.trigger"].label == "还没收到过"


def an_event(minute: int, channel: str = "feishu") -> Event:
    at = NOW + timedelta(minutes=minute)
    return Event(
        id=f"EVENT{minute:09}", channel=channel, keys=(f"k{minute}",), kind="message", received_at=at, written_at=at
    )


def test_without_feishu_the_card_has_the_legs_alone() -> None:
    card = trip_card((Leg("queue", 0.1),), some_words())
    assert [type(block) for block in card.blocks] == [Text, Table]
