"""What happens when our own side fails: nothing is lost, and somebody is told."""

import asyncio
import sqlite3
import time
from datetime import timedelta

from integrations.feishu.simulator import Said
from storage.jobs.rows import NewJob
from storage.jobs.store import add_jobs
from tests.scenarios.shown import Shown
from tests.scenarios.stage import ADMIN, OPERATOR, Stage

BREAK = "ALTER TABLE restock_suggestions RENAME TO restock_suggestions_gone"
MEND = "ALTER TABLE restock_suggestions_gone RENAME TO restock_suggestions"
OURS = "我们这边出错了"


def a_message(stage: Stage, text: str = "店铺") -> dict[str, object]:
    return stage.feishu.envelopes.message(Said(text=text, chat_id="oc_private_admin", sender_id=ADMIN))


async def test_what_cannot_be_stored_is_not_acknowledged_and_answered_once_when_it_comes_again(stage: Stage) -> None:
    envelope = a_message(stage)
    await stage.execute("ALTER TABLE inbox RENAME TO inbox_gone")
    assert await stage.push(envelope) == 503
    await stage.execute("ALTER TABLE inbox_gone RENAME TO inbox")
    assert [await stage.push(envelope), await stage.push(envelope)] == [200, 200]
    await stage.settled()
    assert [shown.title for shown in stage.shown()] == ["店铺"]


async def test_while_the_database_is_locked_the_acknowledgement_waits_for_the_disk(stage: Stage) -> None:
    other = sqlite3.connect(stage.app.database.url.database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    pushed = asyncio.create_task(stage.push(a_message(stage)))
    await asyncio.wait([pushed], timeout=0.3)
    assert not pushed.done()
    other.execute("ROLLBACK")
    other.close()
    assert await pushed == 200
    await stage.settled()
    assert len(stage.sent()) == 1


async def fail(stage: Stage) -> Shown:
    """The answer to a command that our own bug keeps from being answered."""
    await stage.execute(BREAK)
    shown = await stage.ask("补货")
    await stage.execute(MEND)
    await stage.settled()
    return shown


async def test_a_bug_is_answered_with_a_reference_after_three_tries(stage: Stage) -> None:
    answer = await fail(stage)
    ((event_id, attempt),) = await stage.rows("SELECT id, attempt FROM jobs WHERE state = 3")
    assert (answer.title, answer.tone, f"编号 {event_id}" in answer.text) == (OURS, "bad", True)
    assert attempt == 2  # two tries failed before the last one


async def test_a_bug_reveals_nothing_of_our_inside(stage: Stage) -> None:
    answer = await fail(stage)
    assert "restock_suggestions" not in answer.text
    assert "Error" not in answer.text


async def test_the_chat_goes_on_after_a_bug(stage: Stage) -> None:
    await stage.execute(BREAK)
    failed, next_one = await stage.say("补货"), await stage.say("店铺")
    assert (await stage.answer(next_one)).title == "店铺"
    assert (await stage.answer(failed)).title == OURS


async def test_a_dead_letter_is_listed_read_and_replayed_into_the_same_card(stage: Stage) -> None:
    failed = await fail(stage)
    listed = await stage.ask("死信")
    (show,) = listed.buttons
    await stage.press(listed, show)
    letter = await stage.first(lambda shown: "重放" in shown.buttons)
    assert "试过  3" in letter.text
    await stage.press(letter, "重放", by=OPERATOR)
    await stage.settled()
    replayed = next(each for each in stage.shown() if each.message.message_id == failed.message.message_id)
    assert replayed.title == "补货：全部店铺"
    assert "没有死信" in (await stage.ask("死信")).text


async def test_a_dead_letter_is_replayed_once(stage: Stage) -> None:
    await fail(stage)
    ((event_id,),) = await stage.rows("SELECT id FROM jobs WHERE state = 3")
    first, second = await stage.ask(f"重放 {event_id}"), await stage.ask(f"重放 {event_id}")
    assert (first.title, second.title) == ("已重新开始", "没有这封死信")


async def test_only_an_operator_may_replay_or_resend(stage: Stage) -> None:
    titles = [(await stage.ask(f"{name} 01ABCDEFGHJKMN", by="ou_demo_viewer")).title for name in ("重放", "再发")]
    assert titles == ["你没有这个权限"] * 2


async def test_a_graceful_stop_is_quick_and_loses_nothing(stage: Stage) -> None:
    stage.feishu.delay("reply", seconds=60, times=3)
    heard = [await stage.say("店铺", chat_id=f"oc_private_{number}") for number in range(10)]
    began = time.monotonic()
    await stage.restart()
    assert time.monotonic() - began < 10
    await stage.settled()
    assert sorted(shown.quotes for shown in stage.shown()) == sorted(each.message_id for each in heard)


async def test_a_stop_in_the_middle_of_a_sync_lets_it_end_after_the_start(stage: Stage) -> None:
    stage.lingxing.delay("fba_stock", seconds=30)
    heard = await stage.say("同步", by=OPERATOR)
    await stage.until(lambda: bool(stage.lingxing.calls_of("sellers")))
    await stage.restart()
    assert (await stage.answer(heard)).title == "同步完成，有店铺没有拉取"


async def test_the_process_is_healthy_and_ready(stage: Stage) -> None:
    assert (await stage.get("/healthz"))[0] == 200
    assert await stage.get("/readyz") == (200, '{"database": true, "migrations": true, "queue": true}')


async def test_a_queue_that_stands_still_is_not_ready(stage: Stage) -> None:
    await stage.ask("帮助")
    await stage.quiet()  # what was due while nothing ran
    due = stage.clock.now() - timedelta(minutes=2)
    stuck = NewJob(id="STUCK0000000001", key="stuck", task="nobody", lane=None, payload={}, run_at=due)
    async with stage.app.database.begin() as tx:
        await add_jobs(tx, [stuck])
    status, checks = await stage.get("/readyz")
    assert (status, '"queue": false' in checks) == (503, True)
    assert "1 件工作排队超过半分钟" in (await stage.ask("状态")).text


async def test_without_its_database_the_service_is_alive_but_not_ready(stage: Stage) -> None:
    await stage.execute("ALTER TABLE jobs RENAME TO jobs_gone")
    assert await stage.get("/readyz") == (503, '{"database": false}')
    assert (await stage.get("/healthz"))[0] == 200
    await stage.execute("ALTER TABLE jobs_gone RENAME TO jobs")


async def test_the_metrics_tell_what_waits(stage: Stage) -> None:
    stage.feishu.next_answer("reply", status=503, times=1000)
    await stage.say("店铺")
    await stage.until(lambda: bool(stage.feishu.calls_of("reply")))
    metrics = (await stage.get("/metrics"))[1]
    assert 'zhanggui_outbox_pending{channel="feishu"} 1.0' in metrics
    assert 'zhanggui_command_seconds_count{command="stores",outcome="answered"} 1.0' in metrics
