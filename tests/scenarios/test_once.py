"""Stored before acknowledged, and once: repeats, old formats, unknown events, wrong order."""

import pytest

from integrations.feishu.simulator import Said
from tests.scenarios.stage import ADMIN, Stage

PRIVATE = "oc_private_admin"


def a_message(stage: Stage, text: str = "店铺") -> dict[str, object]:
    return stage.feishu.envelopes.message(Said(text=text, chat_id=PRIVATE, sender_id=ADMIN))


async def test_the_same_delivery_again_changes_nothing(stage: Stage) -> None:
    envelope = a_message(stage)
    assert [await stage.push(envelope) for _ in range(3)] == [200, 200, 200]
    await stage.settled()
    assert len(stage.sent()) == 1


async def test_the_same_delivery_after_a_restart_changes_nothing(stage: Stage) -> None:
    envelope = a_message(stage)
    await stage.push(envelope)
    await stage.settled()
    await stage.restart()
    assert await stage.push(envelope) == 200
    await stage.settled()
    assert len(stage.sent()) == 1


async def test_the_same_delivery_seven_hours_later_changes_nothing(stage: Stage) -> None:
    push = stage.feishu.envelopes.sealed(a_message(stage))
    await stage.deliver(push)
    await stage.settled()
    stage.clock.move(hours=7)
    assert await stage.deliver(push) == 200
    await stage.settled()
    assert len(stage.sent()) == 1


async def test_the_same_message_under_a_new_event_id_changes_nothing(stage: Stage) -> None:
    envelope = a_message(stage)
    again = stage.feishu.envelopes.event("im.message.receive_v1", envelope["event"])  # type: ignore[arg-type]
    assert [await stage.push(envelope), await stage.push(again)] == [200, 200]
    await stage.settled()
    assert len(stage.sent()) == 1


async def test_a_sync_asked_for_twice_by_a_repeated_delivery_runs_once(stage: Stage) -> None:
    envelope = a_message(stage, "同步 日本")
    await stage.push(envelope)
    await stage.push(envelope)
    await stage.settled()
    assert len(await stage.rows("SELECT run_id FROM sync_runs WHERE reply_key <> ''")) == 1


async def test_a_legacy_event_is_stored_and_counted_and_not_answered(stage: Stage) -> None:
    legacy = {
        "uuid": "legacy-1",
        "token": stage.feishu.app.verification_token,
        "ts": "1763800000.1",
        "type": "event_callback",
        "event": {"type": "message", "app_id": stage.feishu.app.app_id, "text": "店铺", "open_id": ADMIN},
    }
    assert await stage.push(legacy) == 200
    await stage.settled()
    assert await stage.rows("SELECT kind, outcome FROM inbox") == [("legacy", "stored")]
    assert 'zhanggui_events_total{channel="feishu",outcome="legacy"} 1.0' in (await stage.get("/metrics"))[1]
    assert stage.sent() == []


async def test_an_event_of_an_unknown_type_is_acknowledged_and_counted(stage: Stage) -> None:
    envelope = stage.feishu.envelopes.event("calendar.changed_v9", {"anything": 1})
    assert await stage.push(envelope) == 200
    assert 'zhanggui_events_total{channel="feishu",outcome="unknown"} 1.0' in (await stage.get("/metrics"))[1]
    await stage.settled()
    assert stage.sent() == []


async def test_messages_that_arrive_in_the_wrong_order_are_each_answered(stage: Stage) -> None:
    first, second = a_message(stage, "店铺"), a_message(stage, "死信")
    stage.clock.move(minutes=1)
    assert [await stage.push(second), await stage.push(first)] == [200, 200]
    await stage.settled()
    assert [each.title for each in stage.shown()] == ["死信", "店铺"]


async def test_messages_of_one_chat_are_answered_in_order(stage: Stage) -> None:
    lines = ["店铺", "死信", "补货", "帮助", "状态"]
    for_each = [await stage.push(a_message(stage, line)) for line in lines]
    await stage.settled()
    assert for_each == [200] * 5
    titles = [each.title for each in stage.shown()]
    assert titles == ["店铺", "死信", "补货：全部店铺", "我能做这些", "运行状态"]


async def test_an_edge_is_not_believed_without_its_signature(stage: Stage) -> None:
    push = stage.feishu.envelopes.sealed(a_message(stage))
    forged = type(push)(push.body, {**push.headers, "X-Lark-Signature": "0" * 64})
    assert await stage.deliver(forged) == 401
    await stage.settled()
    assert await stage.rows("SELECT id FROM inbox") == []


@pytest.mark.parametrize("answer", ["ajls384kdjx98XX"])
async def test_the_url_check_is_answered_with_the_challenge(stage: Stage, answer: str) -> None:
    assert await stage.push(stage.feishu.envelopes.challenge(answer)) == 200
    assert await stage.rows("SELECT id FROM inbox") == []
