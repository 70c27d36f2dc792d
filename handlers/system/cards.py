"""How help, the state of the service and the round trip look."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.contracts.cards import Action, Block, Card, Column, Fact, Facts, Level, Note, Progress, Table, Text, plain
from bot.contracts.feature import Command, Words
from handlers.common.failures import failure_step, failure_text, failure_title
from handlers.system.access import access_blocks
from handlers.system.results import FeishuAccess, Leg, StatusResult
from handlers.system.rules import Finding, findings
from storage.jobs.rows import JobRecord
from storage.outbox.rows import StoredMessage

_MOST_LATE_ROWS = 20
_MOST_COMMANDS = 20  # in a table; WhatsApp makes a file of a longer one


def overview_card(commands: Sequence[Command], words: Words) -> Card:
    """Everything this person may run here: what everybody may first, then what needs a role of its own."""
    common = [c for c in commands if c.role in (None, "viewer")]
    special = [c for c in commands if c not in common]
    quick = tuple(Action(_name(c, words), c.names[0]) for c in commands if c.key in ("stores", "restock", "status"))
    further: tuple[Block, ...] = ()
    if special:
        further = (Text(words("system.help.special")), *_overviews(special, words))
    blocks: tuple[Block, ...] = (*_overviews(common, words), *further, Note(words("system.help.more")))
    return Card(words("system.help.title"), "info", blocks, quick)


def _overviews(commands: Sequence[Command], words: Words) -> tuple[Table, ...]:
    """Tables that no channel has to shorten."""
    starts = range(0, len(commands), _MOST_COMMANDS)
    return tuple(_overview(commands[start : start + _MOST_COMMANDS], words) for start in starts)


def _overview(commands: Sequence[Command], words: Words) -> Table:
    columns = tuple(Column(words(f"system.help.{name}")) for name in ("command", "does", "example"))
    rows = tuple(
        (_name(c, words), words(f"command.{c.key}.summary"), words(f"command.{c.key}.example")) for c in commands
    )
    return Table(columns, rows, len(rows))


def command_card(command: Command, usage: str, words: Words) -> Card:
    """One command: what it does, how it is written, an example to tap."""
    example = words(f"command.{command.key}.example")
    facts = Facts(
        (
            Fact(words("system.help.usage"), usage),
            Fact(words("system.help.example"), example),
            Fact(words("system.help.names"), " / ".join(command.names)),
        )
    )
    summary = Text(plain(words(f"command.{command.key}.summary")))
    actions = (Action(example, example),) if command.risk == "read" else ()
    return Card(_name(command, words), "info", (summary, facts), actions)


def _name(command: Command, words: Words) -> str:
    return command.names[0 if words.language == "zh" else 1]


def status_card(status: StatusResult, words: Words) -> Card:
    """The state of the service: what needs somebody first, each with one next step."""
    found = findings(status)
    blocks: list[Block] = [_finding(each, words) for each in found] or [Text(words("system.status.all_well"))]
    if status.running or status.failing:
        blocks.append(_work_table(status, words))
    if status.unknown_messages:
        blocks.append(_unknown_table(status, words))
    if status.late:
        blocks.append(_late_table(status, words))
    if status.windows:
        blocks.append(_window_table(status, words))
    blocks.append(_facts(status, words))
    blocks.extend(Note(reason) for reason in _reasons(status, words))
    blocks.extend(
        Note(words("system.status.refused_reason", reason=reason, count=count)) for reason, count in status.refused
    )
    blocks.extend(
        Note(words("system.status.off", platform=words(f"platform.{name}"), setting=setting))
        for name, setting in status.off
    )
    lines = dict.fromkeys(words(f"system.line.{each.line}") for each in found if each.line)
    actions = (*(_resend(each, words) for each in status.unknown_messages), *(Action(line, line) for line in lines))
    return Card(words("system.status.title"), "warning" if found else "good", tuple(blocks), actions)


def _reasons(status: StatusResult, words: Words) -> tuple[str, ...]:
    """Why messages were not sent, each reason once with its next step."""
    told = dict.fromkeys((each.error, each.channel) for each in status.failed_messages if each.error)
    return tuple(
        words("system.status.failed_reason", why=failure_text(error, channel, words), step=failure_step(error, words))
        for error, channel in told
    )


def _finding(finding: Finding, words: Words) -> Text:
    return Text(words(f"system.status.{finding.trouble}", count=finding.count))


def _work_table(status: StatusResult, words: Words) -> Table:
    """What runs and what waits for another try, with the last error."""
    running = [
        (_task(job, words), Level(words("system.status.work.runs"), "good"), None, None) for job in status.running
    ]
    waits = Level(words("system.status.work.waits"), "bad")
    failing = [(_task(job, words), waits, job.due_at, _last_error(job, words)) for job in status.failing]
    columns = (
        Column(words("system.status.work.task")),
        Column(words("system.status.work.state"), "level"),
        Column(words("system.status.work.next_try"), "time"),
        Column(words("system.status.work.error")),
    )
    return Table(columns, (*running, *failing), len(status.running) + status.failing_count)


def _task(job: JobRecord, words: Words) -> str:
    try:
        return words(f"system.work.{job.task}")
    except KeyError:
        return job.task


def _last_error(job: JobRecord, words: Words) -> str:
    platform = "lingxing" if job.task.startswith("sync.") else str(job.lane).partition(":")[2].partition(":")[0]
    return failure_text(job.error, platform, words)


def _resend(message: StoredMessage, words: Words) -> Action:
    return Action(words("system.status.resend", title=message.card.title), f"再发 {message.id}")


def _unknown_table(status: StatusResult, words: Words) -> Table:
    rows = tuple((each.card.title, each.channel, each.created_at) for each in status.unknown_messages)
    columns = tuple(Column(words(f"system.status.unknown.{name}")) for name in ("message", "channel"))
    total = sum(each.count for each in status.open_messages if each.state == "unknown")
    columns += (Column(words("system.status.unknown.at"), "time"),)
    return Table(columns, rows, total, more=words("system.line.dead_letters") if total > len(rows) else "")


def _window_table(status: StatusResult, words: Words) -> Table:
    """Who can be written to freely for how long."""
    columns = tuple(Column(words(f"system.status.window.{name}")) for name in ("person", "left"))
    rows = tuple((each.name, _window_level(each.closes_at - status.now, words)) for each in status.windows)
    return Table(
        (columns[0], replace(columns[1], kind="level")), rows, len(rows), title=words("system.status.window.title")
    )


def _window_level(left: timedelta, words: Words) -> Level:
    if left > timedelta():
        return Level(words("system.status.window.open", left=words.duration(left)), "warning")
    return Level(words("system.status.window.closed"), "bad")


def _late_table(status: StatusResult, words: Words) -> Table:
    rows = tuple(
        (
            late.store_name,
            words(f"kind.{late.freshness.kind}"),
            Level(late.freshness.told(words), "bad" if late.freshness.error_code else "warning"),
            failure_title(late.freshness.error_code, "lingxing", words) or None,
        )
        for late in status.late[:_MOST_LATE_ROWS]
    )
    columns = tuple(Column(words(f"system.status.late.{name}")) for name in ("store", "kind"))
    columns += (Column(words("system.status.late.age"), "level"), Column(words("system.status.late.error")))
    return Table(
        columns, rows, len(status.late), more=words("system.line.stores") if len(status.late) > len(rows) else ""
    )


def _facts(status: StatusResult, words: Words) -> Facts:
    queued = sum(each.count for each in status.open_messages if each.state == "queued")
    on = words("system.status.separator").join(words(f"platform.{name}") for name in status.on)
    return Facts(
        (
            Fact(
                words("system.status.running"),
                words.duration(status.running_for),
                words("system.status.version", version=status.version),
            ),
            Fact(words("system.status.on"), on or words("system.status.nothing")),
            Fact(words("system.status.waiting"), words.number(status.backlog.waiting)),
            Fact(words("system.status.queued"), words.number(queued)),
            Fact(words("system.status.stores"), words.number(len(status.stores))),
        )
    )


def working_card(words: Words) -> Card:
    """Shown while the round trip runs."""
    return Card(words("system.test.title"), "working", (Progress(words("system.test.working"), 0, 0),))


def trip_card(legs: Sequence[Leg], words: Words, access: FeishuAccess | None = None) -> Card:
    """The round trip, leg by leg, and what Feishu's app lacks."""
    failed = [leg for leg in legs if leg.seconds is None]
    rows = tuple((_leg_name(leg, words), _milliseconds(leg), _judged(leg, words)) for leg in legs)
    columns = (
        Column(words("system.test.leg")),
        Column(words("system.test.milliseconds"), "number"),
        Column(words("system.test.result"), "level"),
    )
    lacks = [lack for lack in (access.lacks if access else None) or () if lack.necessary]
    blocks: list[Block] = [Text(_verdict(len(failed), len(lacks), words)), Table(columns, rows, len(rows))]
    if access is not None:
        blocks.extend(access_blocks(access, words))
    return Card(words("system.test.title"), "warning" if failed or lacks else "good", tuple(blocks))


def _verdict(failed: int, lacks: int, words: Words) -> str:
    if failed:
        return words("system.test.failed", count=failed)
    return words("system.test.lacks", count=lacks) if lacks else words("system.test.all_well")


def _leg_name(leg: Leg, words: Words) -> str:
    return (
        words(f"system.test.leg_{leg.name}")
        if leg.name in ("channel", "database", "queue")
        else words(f"platform.{leg.name}")
    )


def _milliseconds(leg: Leg) -> Decimal | None:
    return None if leg.seconds is None else Decimal(round(leg.seconds * 1000))


def _judged(leg: Leg, words: Words) -> Level:
    if leg.seconds is None:
        why = failure_title(leg.error_code, leg.name, words)
        if leg.platform_code:
            why = words("failure.because", title=why, detail=leg.platform_code)
        return Level(words("system.test.error", why=why), "bad")
    is_slow = timedelta(seconds=leg.seconds) > timedelta(seconds=2)
    return Level(words("system.test.slow" if is_slow else "system.test.good"), "warning" if is_slow else "good")
