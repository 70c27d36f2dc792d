"""A matter that nobody takes climbs out of the chat: robot, text message, mail; one tap in the mail stops it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.messengers import PERSON_MAIL, PHONE, PUBLIC_URL, Messengers, opened
from tests.scenarios.stage import TEAM, invite_team
from tests.scenarios.test_matters import TITLE, open_matter, until_state
from tests.scenarios.test_one_button import page

LADDER = "阶梯 0 群 1 企业微信 5 短信 运营 10 邮件 运营 60 私聊 管理员"


@pytest.fixture
async def messengers(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Messengers]:
    """With the team known, whose operator has a telephone and a mail address."""
    async with opened(sqlite_url, tmp_path) as messengers:
        await invite_team(messengers.stage)
        for channel, address in (("sms", PHONE), ("email", PERSON_MAIL)):
            known = f"'{channel}', '{address}', id FROM people WHERE name = '小陈'"
            await messengers.stage.execute(f"INSERT INTO identities (channel, external_id, person_id) SELECT {known}")
        yield messengers


async def test_one_tap_in_a_mail_stops_every_step_everywhere(messengers: Messengers) -> None:
    stage = messengers.stage
    await stage.ask("提醒群", chat_id=TEAM, is_group=True)
    await stage.ask(LADDER)
    await open_matter(stage)
    await stage.first(lambda shown: shown.title == f"#1 {TITLE}")
    assert messengers.arrived("email") == []
    stage.clock.move(minutes=2)
    await stage.until(lambda: len(messengers.arrived("wecom")) == 1)
    stage.clock.move(minutes=4)
    await stage.until(lambda: len(messengers.arrived("sms")) == 1)
    stage.clock.move(minutes=5)
    await stage.until(lambda: len(messengers.arrived("email")) == 1)
    (link,) = re.findall(rf"我来处理: {PUBLIC_URL}(/a/\S+)", messengers.arrived("email")[0])
    status, _ = await page("POST", stage.url + link)
    assert status == 200
    await until_state(stage, "taken")
    await stage.first(lambda shown: shown.title == f"#1 {TITLE}" and "小陈 接手" in shown.text)
    stage.clock.move(hours=8)
    await stage.quiet()
    assert await stage.rows("SELECT count(*) FROM ladder_steps WHERE state = 'pending'") == [(0,)]
    assert [len(messengers.arrived(channel)) for channel in ("wecom", "sms", "email")] == [1, 1, 1]
