"""Prometheus Alertmanager tells of a group of alerts: one matter, until the group is resolved and stays so."""

import shutil
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import ClientSession

from tests.scenarios.clock import MORNING, StoryClock
from tests.scenarios.conftest import AFTER_FIRST_PULL
from tests.scenarios.stage import OPERATOR, TEAM, Stage, open_stage, small_world
from tests.scenarios.test_alarms import look

TOKEN = "a-long-random-word"
DISK = {
    "status": "firing",
    "labels": {"alertname": "DiskFull", "instance": "a", "severity": "critical"},
    "annotations": {"summary": "disk of a is full"},
    "startsAt": "2026-11-22T08:00:00Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus.example.com/graph",
    "fingerprint": "c0ffee",
}
GROUP = {
    "version": "4",
    "groupKey": '{}:{alertname="DiskFull"}',
    "truncatedAlerts": 0,
    "status": "firing",
    "receiver": "zhanggui",
    "groupLabels": {"alertname": "DiskFull"},
    "commonLabels": {"alertname": "DiskFull"},
    "commonAnnotations": {},
    "externalURL": "http://alertmanager.example.com",
    "alerts": [DISK],
}
"""Source: the shape documented for ``webhook_config``; invented values."""
RESOLVED = {**GROUP, "status": "resolved", "alerts": [{**DISK, "status": "resolved"}]}


@pytest.fixture
async def watched(pulled_template: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage with Alertmanager let in and alarms told in the group."""
    path = shutil.copy(pulled_template, tmp_path / "zhanggui.db")
    url, clock, world = f"sqlite+aiosqlite:///{path}", StoryClock(AFTER_FIRST_PULL), small_world(MORNING.date())
    async with open_stage(url, tmp_path, clock, world, ALERTMANAGER_TOKEN=TOKEN) as stage:
        for what in ("stockout:", "authorisation:"):
            await stage.ask(f"静音 {what} 300天 样例里总有")
        await stage.ask("提醒群", chat_id=TEAM, is_group=True)
        await stage.execute("DELETE FROM silences WHERE fingerprint = ''")
        yield stage


async def post(stage: Stage, body: Any, *, token: str = TOKEN) -> int:
    headers, url = {"Authorization": f"Bearer {token}"}, f"{stage.url}/webhooks/alertmanager"
    headers["Content-Type"] = "application/json"
    sent = BytesIO(orjson.dumps(body))
    async with ClientSession() as session, session.post(url, headers=headers, data=sent) as answer:
        return answer.status


async def test_a_group_is_one_matter_that_closes_once_it_stays_resolved(watched: Stage) -> None:
    assert [await post(watched, GROUP), await post(watched, GROUP)] == [200, 200]
    card = await watched.first(lambda shown: shown.title == "#1 DiskFull")
    assert (card.tone, "disk of a is full" in card.text) == ("bad", True)
    await post(watched, RESOLVED)
    await watched.until_true(lambda: _found(watched, "SELECT 1 FROM matters WHERE clear_since > 0"))
    await look(watched, minutes=16)
    over = await watched.first(lambda shown: "结束了，持续" in shown.title)
    assert over.quotes == card.message.message_id


async def test_a_group_that_goes_on_renews_its_card_and_stays_one_matter(watched: Stage) -> None:
    await post(watched, GROUP)
    second = {**DISK, "annotations": {"summary": "disk of b is full"}, "fingerprint": "c0ffef"}
    await post(watched, {**GROUP, "alerts": [DISK, second]})
    await watched.first(lambda shown: "disk of a is full; disk of b is full" in shown.text)
    await look(watched)
    assert await watched.rows("SELECT state FROM matters") == [("open",)]


async def test_what_somebody_settled_stays_quiet_while_the_group_is_repeated(watched: Stage) -> None:
    await post(watched, GROUP)
    await watched.first(lambda shown: shown.title == "#1 DiskFull")
    await watched.ask("办结 1", by=OPERATOR)
    await look(watched)
    await look(watched, hours=5)
    await post(watched, GROUP)
    await look(watched)
    assert await watched.rows("SELECT number FROM matters WHERE kind = 'alertmanager'") == [(1,)]


async def test_a_repeated_group_is_told_of_once_its_silence_has_ended(watched: Stage) -> None:
    await watched.ask("静音 alertmanager: 2小时 在换盘", by=OPERATOR)
    await post(watched, GROUP)
    await look(watched)
    assert await watched.rows("SELECT number FROM matters WHERE kind = 'alertmanager'") == []
    await look(watched, hours=3)
    await post(watched, GROUP)
    await watched.first(lambda shown: shown.title.endswith("DiskFull"))


async def test_who_takes_a_group_stops_its_reminders(watched: Stage) -> None:
    await post(watched, GROUP)
    card = await watched.first(lambda shown: shown.title == "#1 DiskFull")
    await watched.press(card, "我来处理", by=OPERATOR)
    await watched.until_true(lambda: _found(watched, "SELECT 1 FROM matters WHERE state = 'taken'"))
    assert not await _found(watched, "SELECT 1 FROM ladder_steps WHERE state = 'pending'")


async def test_what_is_no_group_of_ours_is_refused_and_changes_nothing(watched: Stage) -> None:
    statuses = [
        await post(watched, GROUP, token="wrong"),
        await post(watched, {**GROUP, "version": "3"}),
        await post(watched, {**GROUP, "alerts": None}),
        await post(watched, {**GROUP, "alerts": [DISK] * 4000}),
    ]
    assert statuses == [401, 400, 400, 413]
    assert await watched.rows("SELECT number FROM matters") == []


async def test_without_a_token_there_is_no_such_place(stage: Stage) -> None:
    assert await post(stage, GROUP) == 404


async def _found(stage: Stage, query: str) -> bool:
    return bool(await stage.rows(query))
