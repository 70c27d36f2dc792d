"""How a message's way and the dead letters look. Message texts are never shown, only what happened to them."""

from datetime import datetime

from bot.contracts.cards import Action, Card, Cell, Column, Fact, Facts, Level, LevelTone, Note, Table, Text
from bot.contracts.feature import Words
from handlers.common.failures import failure_step, failure_text
from handlers.deliveries.results import DeadLetters, Trace
from storage.jobs.rows import JobRecord
from storage.outbox.rows import StoredMessage

_MOST_BUTTONS = 5
_TONES: dict[str, LevelTone] = {
    "done": "good",
    "accepted": "good",
    "delivered": "good",
    "read": "good",
    "answered": "good",
    "dead": "bad",
    "failed": "bad",
    "unknown": "warning",
}


def trace_card(identifier: str, trace: Trace, words: Words) -> Card:
    """received → stored → handled → sent → delivered, with times and what went wrong."""
    rows: list[tuple[datetime, tuple[Cell, ...]]] = []
    if trace.event is not None:
        event = trace.event
        rows.append((event.received_at, _step(words, "received", event.received_at, event.channel, "")))
        if event.handled_at is not None:
            rows.append((event.handled_at, _step(words, "handled", event.handled_at, event.outcome, event.command)))
    for job in trace.jobs:
        at = job.finished_at or job.due_at
        rows.append((at, _step(words, "job", at, job.state, f"{job.task} {job.error}".strip())))
    for message in trace.messages:
        at = message.platform_sent_at or message.updated_at
        detail = message.refusal or _failure(message, words)
        detail = detail or f"{message.channel} v{message.sent_version}/{message.version}"
        rows.append((at, _step(words, "sent", at, message.state, detail)))
    columns = (
        Column(words("deliveries.at"), "time"),
        Column(words("deliveries.step")),
        Column(words("deliveries.state"), "level"),
        Column(words("deliveries.detail")),
    )
    table = Table(columns, tuple(row for _, row in sorted(rows, key=lambda each: each[0])), len(rows))
    return Card(words("deliveries.trace_title", id=identifier), "info", (table,))


def _step(words: Words, step: str, at: datetime, state: str, detail: str) -> tuple[Cell, ...]:
    return (at, words(f"deliveries.step_{step}"), _state(state, words), detail or None)


def _state(state: str, words: Words) -> Level:
    return Level(words(f"deliveries.state_{state}"), _TONES.get(state, "neutral"))


def dead_letters_card(dead: DeadLetters, words: Words) -> Card:
    """Everything that came to nothing, newest first, each with the command that shows it."""
    if not dead.jobs and not dead.messages:
        return Card(words("deliveries.dead_title"), "good", (Text(words("deliveries.none")),))
    rows = [_job_row(job, words) for job in dead.jobs] + [_message_row(message, words) for message in dead.messages]
    columns = (
        Column(words("deliveries.id")),
        Column(words("deliveries.at"), "time"),
        Column(words("deliveries.what")),
        Column(words("deliveries.state"), "level"),
        Column(words("deliveries.detail")),
    )
    actions = [Action(words("deliveries.show", id=job.id[-5:]), f"死信 {job.id}") for job in dead.jobs]
    actions += [Action(words("deliveries.show", id=each.id[-5:]), f"死信 {each.id}") for each in dead.messages]
    blocks = (Table(columns, tuple(rows), len(rows)), Note(words("deliveries.how")))
    return Card(words("deliveries.dead_title"), "warning", blocks, tuple(actions[:_MOST_BUTTONS]))


def _job_row(job: JobRecord, words: Words) -> tuple[Cell, ...]:
    return (job.id, job.finished_at, job.task, _state(job.state, words), job.error)


def _message_row(message: StoredMessage, words: Words) -> tuple[Cell, ...]:
    what = words("deliveries.message_to", channel=message.channel)
    return (message.id, message.updated_at, what, _state(message.state, words), _failure(message, words))


def _failure(message: StoredMessage, words: Words) -> str:
    return failure_text(message.error, message.channel, words)


def dead_job_card(job: JobRecord, words: Words) -> Card:
    """One dead letter with a button that gives it a fresh start."""
    facts = Facts(
        (
            Fact(words("deliveries.id"), job.id),
            Fact(words("deliveries.what"), job.task, job.key),
            Fact(words("deliveries.tries"), words.number(job.attempt + 1)),
            Fact(words("deliveries.detail"), job.error),
        )
    )
    replay = Action(words("deliveries.replay"), f"重放 {job.id}", "primary")
    return Card(words("deliveries.dead_title"), "warning", (facts,), (replay,))


def dead_message_card(message: StoredMessage, words: Words) -> Card:
    """One message that was refused or may have been lost, with a button that sends it again."""
    facts = Facts(
        (
            Fact(words("deliveries.id"), message.id),
            Fact(words("deliveries.what"), message.card.title, message.channel),
            Fact(words("deliveries.state"), words(f"deliveries.state_{message.state}")),
            Fact(words("deliveries.detail"), _failure(message, words)),
        )
    )
    text = Text(words(f"deliveries.about_{message.state}"))
    step = failure_step(message.error, words)
    again = Action(words("deliveries.resend"), f"再发 {message.id}", "primary")
    return Card(words("deliveries.dead_title"), "warning", (text, facts, *([Text(step)] if step else [])), (again,))


def replayed_card(identifier: str, words: Words) -> Card:
    """The dead letter runs again."""
    trace = Action(words("deliveries.trace"), f"追踪 {identifier}")
    return Card(words("deliveries.replayed_title"), "good", (Text(words("deliveries.replayed")),), (trace,))


def resent_card(words: Words) -> Card:
    """The message is on its way again."""
    return Card(words("deliveries.resent_title"), "good", (Text(words("deliveries.resent")),))
