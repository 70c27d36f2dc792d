"""测试: every leg is measured, and one that does not work says so in words."""

from datetime import UTC, datetime
from typing import Any

from bot.contracts.cards import Card, Level, Table
from bot.contracts.errors import UpstreamAuthError, UpstreamUnavailable
from bot.contracts.feature import Job
from handlers.system.cards import trip_card
from handlers.system.jobs import ROUND_TRIP, measure_round_trip
from handlers.system.ports import Platform, SystemDeps
from handlers.system.results import Leg
from storage.database import Database
from tests.handlers.asking import NOW, some_words
from tests.handlers.sync.desk import Desk, commit
from tests.integrations.http.fakes import SteppingClock

JOB = Job(
    id="J1",
    task=ROUND_TRIP,
    key="k",
    payload={"card": "reply:1:0", "language": "zh", "channel_seconds": 0.2, "submitted_at": 0},
    attempt=1,
    first_started_at=NOW,
)


def results(card: Card) -> dict[Any, Any]:
    (table,) = [block for block in card.blocks if isinstance(block, Table)]
    return {row[0]: row[2] for row in table.rows}


async def test_a_platform_that_does_not_answer_is_named_with_its_trouble(database: Database) -> None:
    async def down() -> None:
        raise UpstreamUnavailable(platform="lingxing", operation="sellers")

    clock = SteppingClock()
    database.work = desk = Desk(clock)
    await commit(database, await measure_round_trip(JOB, deps=deps_with(database, clock, down)))
    (card,) = desk.cards
    assert (card.tone, card.language) == ("warning", "zh")
    assert results(card)["领星"] == Level("不通：领星暂时连不上", "bad")
    assert results(card)["数据库"] == Level("正常", "good")


def test_a_slow_leg_is_called_slow() -> None:
    card = trip_card((Leg("queue", 2.5), Leg("feishu", 1.9)), some_words())
    assert (card.tone, results(card)) == ("good", {"排队": Level("偏慢", "warning"), "飞书": Level("正常", "good")})


def test_credentials_that_are_refused_are_told_with_the_platforms_name() -> None:
    error = UpstreamAuthError(platform="feishu", operation="bot_info")
    card = trip_card((Leg("feishu", None, error.code),), some_words())
    assert results(card) == {"飞书": Level("不通：飞书拒绝了我们的凭证", "bad")}


def deps_with(database: Database, clock: SteppingClock, check: Any) -> SystemDeps:
    return SystemDeps(
        database=database,
        clock=clock,
        platforms=(Platform("feishu", "FEISHU_APP_ID"), Platform("lingxing", "LINGXING_APP_ID", check)),
        started_at=datetime(2026, 11, 22, tzinfo=UTC),
        version="1.0",
        words=some_words,
        refused=dict,
    )
