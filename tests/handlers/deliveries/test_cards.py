"""追踪 and 死信: what is told about a message, and never the message itself."""

from datetime import timedelta
from typing import Any

import pytest

from bot.contracts.cards import Card, Facts, Table, Text
from handlers.deliveries.cards import dead_letters_card, dead_message_card, trace_card
from handlers.deliveries.results import DeadLetters, Trace
from storage.inbox.rows import StoredEvent
from storage.jobs.rows import JobRecord
from storage.outbox.rows import StoredMessage
from tests.handlers.asking import NOW, some_words

SECRET = "只有他们俩知道"


def a_message(number: int = 1, **changes: Any) -> StoredMessage:
    values: dict[str, Any] = {
        "id": f"MESSAGE{number:07}",
        "key": f"reply:{number}:0",
        "channel": "feishu",
        "chat_id": "oc_1",
        "reply_to": "",
        "event_id": "EVENT000000001",
        "card": Card("补货", "info", (Text(SECRET),)),
        "version": 1,
        "sent_version": 0,
        "state": "failed",
        "platform_id": "",
        "refusal": "",
        "error": "UpstreamRejected: 230002",
        "created_at": NOW,
        "updated_at": NOW,
        "platform_sent_at": None,
    }
    return StoredMessage(**values | changes)


def a_job(number: int = 1) -> JobRecord:
    return JobRecord(
        id=f"JOB{number:011}",
        key=f"event:{number}",
        task="event",
        lane=None,
        payload={},
        state="dead",
        run_at=NOW,
        due_at=NOW,
        attempt=2,
        finished_at=NOW,
        error="ValueError: x",
    )


AN_EVENT = StoredEvent(
    id="EVENT000000001",
    channel="feishu",
    kind="message",
    chat_id="oc_1",
    sender_id="ou_1",
    sender_name="",
    text=SECRET,
    received_at=NOW,
    written_at=NOW,
    outcome="answered",
    command="restock",
    handled_at=NOW + timedelta(seconds=1),
)


def rows(card: Card) -> list[tuple[Any, ...]]:
    return [row for block in card.blocks if isinstance(block, Table) for row in block.rows]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_trace_is_in_order_of_time_and_tells_no_text(language: str) -> None:
    sent = a_message(state="accepted", sent_version=1, error="", platform_sent_at=NOW + timedelta(seconds=2))
    card = trace_card("E", Trace(event=AN_EVENT, jobs=(a_job(),), messages=(sent,)), some_words(language))
    assert [row[0] for row in rows(card)] == sorted(row[0] for row in rows(card))
    assert len(rows(card)) == 4
    assert SECRET not in repr(card)


@pytest.mark.parametrize("state", ["queued", "accepted", "delivered", "read", "failed", "unknown", "resent"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_state_of_a_message_has_a_name(language: str, state: str) -> None:
    trace = Trace(event=None, jobs=(), messages=(a_message(state=state),))
    assert rows(trace_card("E", trace, some_words(language)))[0][2].label


@pytest.mark.parametrize("language", ["zh", "en"])
def test_at_most_five_dead_letters_have_a_button_and_all_have_a_row(language: str) -> None:
    dead = DeadLetters(jobs=tuple(map(a_job, range(4))), messages=tuple(map(a_message, range(4))))
    card = dead_letters_card(dead, some_words(language))
    assert (len(rows(card)), len(card.actions)) == (8, 5)
    assert {action.command for action in card.actions} <= {f"死信 {row[0]}" for row in rows(card)}


def test_a_refused_message_is_shown_by_its_title_and_reason() -> None:
    card = dead_message_card(a_message(), some_words())
    facts = {item.label: item.value for block in card.blocks if isinstance(block, Facts) for item in block.items}
    assert (facts["内容"], facts["说明"]) == ("补货", "飞书拒绝了这个请求（230002）")
    assert SECRET not in repr(card)
