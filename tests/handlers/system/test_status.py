"""状态: everything that needs somebody, each with its one next step."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contracts.cards import Card, Level, Note, Table, Text
from bot.contracts.quantities import StoreId
from handlers.common.freshness import Freshness
from handlers.system.cards import status_card
from handlers.system.results import ChatWindow, LateData, StatusResult
from handlers.system.rules import findings, windows_to_watch
from storage.catalog.rows import Store
from storage.jobs.rows import Backlog, JobRecord
from storage.outbox.rows import OutboxCount
from tests.handlers.asking import NOW, some_words
from tests.handlers.deliveries.test_cards import a_message

STORE = Store(StoreId("101"), "Morning-US", "美国", "NA", "ATVPDKIKX0DER", 1)
LATE = LateData(
    store_id=STORE.store_id,
    store_name=STORE.name,
    freshness=Freshness("stock", timedelta(hours=5), True, "lingxing_white_list"),
)


def a_status(**changes: Any) -> StatusResult:
    """All is well, unless ``changes`` say otherwise."""
    well = StatusResult(
        version="1.0",
        running_for=timedelta(hours=3),
        backlog=a_backlog(),
        dead_letters=0,
        running=(),
        failing=(),
        failing_count=0,
        refused=(),
        open_messages=(),
        unknown_messages=(),
        late=(),
        stores=(STORE,),
        off=(),
        on=("feishu", "lingxing"),
        now=NOW,
    )
    return replace(well, **changes)


def a_backlog(*, waiting: int = 0, seconds: int = 0) -> Backlog:
    return Backlog(waiting=waiting, running=1, dead=0, oldest_due_at=NOW - timedelta(seconds=seconds))


def some_messages(state: str) -> tuple[OutboxCount, ...]:
    return (OutboxCount(channel="feishu", state=state, count=2, oldest=NOW),)


def texts(card: Card) -> list[str]:
    return [block.markdown for block in card.blocks if isinstance(block, Text)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_when_nothing_needs_anybody_the_card_is_green(language: str) -> None:
    card = status_card(a_status(), some_words(language))
    assert (card.tone, len(texts(card)), card.actions) == ("good", 1, ())


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"backlog": a_backlog(waiting=3, seconds=31)}, [("slow_queue", 3, None)]),
        ({"backlog": a_backlog(waiting=3, seconds=29)}, []),
        ({"failing_count": 2}, [("failing", 2, None)]),
        ({"refused": (("unsigned", 2), ("wrong_token", 1))}, [("refused", 3, None)]),
        ({"dead_letters": 2}, [("dead_letters", 2, "dead_letters")]),
        ({"open_messages": some_messages("unknown")}, [("unknown_messages", 2, "dead_letters")]),
        ({"open_messages": some_messages("failed")}, [("failed_messages", 2, "dead_letters")]),
        ({"open_messages": some_messages("queued")}, []),
        ({"late": (LATE,)}, [("late_data", 1, "sync")]),
        ({"stores": (replace(STORE, status=2), STORE)}, [("unauthorised_stores", 1, None)]),
        ({"stores": (replace(STORE, status=3),)}, [("stores_in_arrears", 1, None)]),
        ({"stores": (replace(STORE, status=0),)}, []),
        ({"stores": ()}, [("no_stores", 1, "sync")]),
        ({"stores": (), "on": ("feishu",)}, []),
    ],
)
def test_each_trouble_is_found_with_what_to_do(
    changes: dict[str, Any], found: list[tuple[str, int, str | None]]
) -> None:
    assert [(each.trouble, each.count, each.line) for each in findings(a_status(**changes))] == found


@pytest.mark.parametrize("language", ["zh", "en"])
@given(dead=st.integers(0, 3), waiting=st.integers(0, 3), late=st.integers(0, 30))
def test_the_card_tells_every_trouble_and_is_orange_then(language: str, dead: int, waiting: int, late: int) -> None:
    status = a_status(backlog=a_backlog(waiting=waiting, seconds=60), dead_letters=dead, late=(LATE,) * late)
    card = status_card(status, some_words(language))
    expected = sum(map(bool, (dead, waiting, late)))
    assert len(texts(card)) == max(1, expected)
    assert card.tone == ("warning" if expected else "good")


def test_late_data_name_their_cause_in_words() -> None:
    card = status_card(a_status(late=(LATE,)), some_words())
    (table,) = [block for block in card.blocks if isinstance(block, Table)]
    assert table.rows[0][0] == "Morning-US"
    assert table.rows[0][3] == "这台机器不在领星白名单里"


def test_a_cause_without_words_is_told_by_its_code() -> None:
    strange = replace(LATE, freshness=replace(LATE.freshness, error_code="brand_new"))
    card = status_card(a_status(late=(strange,)), some_words())
    (table,) = [block for block in card.blocks if isinstance(block, Table)]
    assert table.rows[0][3] == "brand_new"


def test_a_platform_that_is_off_says_what_turns_it_on() -> None:
    card = status_card(a_status(off=(("feishu", "FEISHU_APP_ID"),)), some_words())
    assert [block.text for block in card.blocks if isinstance(block, Note)] == [
        "飞书：未接通（设置 FEISHU_APP_ID 后重启）"
    ]


def test_why_messages_were_not_sent_is_said_once_with_what_to_do() -> None:
    told = "UpstreamAuthError/feishu_scope: 99991672 im:message:send_as_bot"
    failed = (a_message(1, error=told), a_message(2, error=told))
    card = status_card(a_status(open_messages=some_messages("failed"), failed_messages=failed), some_words())
    (why,) = [block.text for block in card.blocks if isinstance(block, Note)]
    assert "飞书没有给应用权限（99991672 im:message:send_as_bot）" in why
    assert "「权限管理」" in why


def a_failing_job(task: str, lane: str, error: str) -> JobRecord:
    waits: dict[str, Any] = {
        "payload": {},
        "state": "waiting",
        "run_at": NOW,
        "due_at": NOW,
        "attempt": 2,
        "finished_at": None,
    }
    return JobRecord(id="J1", key="k", task=task, lane=lane, error=error, **waits)


@pytest.mark.parametrize(
    ("task", "lane", "error", "told"),
    [
        ("sync.pull", "lingxing", "UpstreamUnavailable: x", ("拉取领星数据", "领星暂时连不上（x）")),
        ("send", "send:feishu:oc_1", "UpstreamAuthError", ("发送一条消息", "飞书拒绝了我们的凭证")),
        ("new.task", "l", "ValueError: odd", ("new.task", "odd")),
    ],
)
def test_work_that_waits_for_a_retry_is_told_with_its_error(
    task: str, lane: str, error: str, told: tuple[str, str]
) -> None:
    card = status_card(a_status(failing=(a_failing_job(task, lane, error),), failing_count=1), some_words())
    (table,) = [block for block in card.blocks if isinstance(block, Table)]
    assert (table.rows[0][0], table.rows[0][2], table.rows[0][3], card.tone) == (told[0], NOW, told[1], "warning")


def test_windows_that_close_soon_or_closed_lately_are_watched() -> None:
    heard = {str(hours): NOW - timedelta(hours=hours) for hours in (1, 19, 25, 80)} | {"stranger": NOW}
    found = windows_to_watch(heard, {str(hours): f"{hours} h" for hours in (1, 19, 25, 80)}, NOW)
    assert [each.name for each in found] == ["25 h", "19 h"]


def test_a_window_shows_what_is_left_of_it_without_being_a_trouble() -> None:
    windows = (ChatWindow("小陈", NOW - timedelta(hours=1)), ChatWindow("林掌柜", NOW + timedelta(hours=5)))
    card = status_card(a_status(windows=windows), some_words())
    table = next(block for block in card.blocks if isinstance(block, Table))
    assert table.rows == (
        ("小陈", Level("已关闭：请对方先发一句话", "bad")),
        ("林掌柜", Level("还剩 5 小时", "warning")),
    )
    assert card.tone == "good"
