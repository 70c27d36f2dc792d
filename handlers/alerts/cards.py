"""Alarms, silences, and why nobody was told, as cards."""

from collections.abc import Mapping

from bot.contracts.cards import Action, Block, Card, Cell, Column, Level, LevelTone, Note, Table, Text, plain
from bot.contracts.feature import Words
from handlers.alerts.results import AlarmsResult, Check, RuleShown, RuleState, WhyNotResult
from handlers.common.ladder import said_target
from storage.matters.rows import Matter, Silence, Step

_TONES: Mapping[RuleState, LevelTone] = {"quiet": "good", "open": "bad", "silenced": "neutral", "unknown": "warning"}


def alarms_card(result: AlarmsResult, words: Words) -> Card:
    """Every rule as one sentence, how it stands, and what is silenced."""
    columns = (Column(words("alerts.column.rule")), Column(words("alerts.column.state"), "level"))
    rows = tuple(_rule_row(rule, words) for rule in result.rules)
    blocks: list[Block] = [Table(columns, rows, len(rows))]
    blocks.extend(Text(_silence_line(silence, words)) for silence in result.silences)
    blocks.append(Note(words("alerts.hint")))
    is_open = any(rule.state == "open" for rule in result.rules)
    return Card(words("alerts.title"), "warning" if is_open else "good", tuple(blocks), language=words.language)


def silenced_card(silence: Silence, matter: Matter | None, words: Words) -> Card:
    """What will be quiet until when, and why."""
    end = Action(words("alerts.sound_again"), words("alerts.command.sound", fingerprint=silence.fingerprint))
    what = f"#{matter.number}" if matter else silence.fingerprint
    text = Text(words("alerts.silenced", what=plain(what), at=words.moment(silence.ends_at), why=plain(silence.reason)))
    return Card(words("alerts.silenced_title"), "good", (text,), (end,), language=words.language)


def sounding_card(fingerprint: str, words: Words) -> Card:
    """The silence ended."""
    text = Text(words("alerts.sounds", what=plain(fingerprint)))
    return Card(words("alerts.sounds_title"), "good", (text,), language=words.language)


def why_not_card(asked: str, result: WhyNotResult, names: Mapping[str, str], words: Words) -> Card:
    """The first thing that stopped it, then everything that was looked at; ``names`` are people's by id."""
    columns = (Column(words("alerts.column.check")), Column(words("alerts.column.found"), "level"))
    rows = tuple(_check_row(check, words) for check in result.checks)
    blocks: list[Block] = [Text(words(f"alerts.why.{result.reason}")), Table(columns, rows, len(rows))]
    if result.steps:
        columns_of_steps = ("step", "due", "state")
        kinds = ("text", "time", "level")
        heads = tuple(
            Column(words(f"alerts.column.{name}"), kind)  # type: ignore[arg-type]
            for name, kind in zip(columns_of_steps, kinds, strict=True)
        )
        blocks.append(Table(heads, tuple(_step_row(step, names, words) for step in result.steps), len(result.steps)))
    title = words("alerts.why_title", what=asked)
    return Card(title, "info" if result.reason == "told" else "warning", tuple(blocks), language=words.language)


def _rule_row(rule: RuleShown, words: Words) -> tuple[Cell, ...]:
    state = words(f"alerts.state.{rule.state}")
    numbers = " ".join(f"#{matter.number}" for matter in rule.matters)
    return (words(f"alerts.rule.{rule.kind}"), Level(f"{state} {numbers}".strip(), _TONES[rule.state]))


def _silence_line(silence: Silence, words: Words) -> str:
    said = {"what": plain(silence.fingerprint), "at": words.moment(silence.ends_at), "why": plain(silence.reason)}
    return words("alerts.silenced", **said)


def _check_row(check: Check, words: Words) -> tuple[Cell, ...]:
    tone: LevelTone = "good" if check.passed else "bad"
    found = check.text or words("alerts.passed" if check.passed else "alerts.stopped")
    return (words(f"alerts.check.{check.name}"), Level(found, tone))


def _step_row(step: Step, names: Mapping[str, str], words: Words) -> tuple[Cell, ...]:
    tone: LevelTone = "good" if step.state == "fired" else "neutral"
    reason = words(f"alerts.reason.{step.reason}") if step.reason else ""
    state = words(f"alerts.step.{step.state}")
    whom = said_target(f"{step.target} {step.channel}".strip(), words, names)
    how = words(f"alerts.how.{step.how}")
    return (
        how if whom == how else f"{how} {whom}".strip(),
        step.due_at,
        Level(f"{state} · {reason}" if reason else state, tone),
    )
