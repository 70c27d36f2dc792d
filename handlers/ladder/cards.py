"""Who is on duty, which chats get alarms, and the ladder, as cards."""

from collections.abc import Mapping, Sequence

from bot.contracts.cards import Action, Card, Fact, Facts, Note, Text, plain
from bot.contracts.feature import Words
from handlers.ladder.grammar import print_day, print_rung
from storage.matters.rows import Rung


def duty_card(roster: Mapping[int, Sequence[str]], words: Words, *, changed: bool) -> Card:
    """The week with people's names; a day without anybody says so."""
    title = words("ladder.duty.title")
    if not any(roster.values()):
        return Card(title, "info", (Text(words("ladder.duty.empty")),), language=words.language)
    facts = tuple(
        Fact(
            print_day(day, words.language),
            words("ladder.separator").join(roster.get(day, ())) or words("ladder.duty.nobody"),
        )
        for day in range(7)
    )
    note = Note(words("ladder.duty.note"))
    return Card(title, "good" if changed else "info", (Facts(facts), note), language=words.language)


def here_card(words: Words, *, is_on: bool) -> Card:
    """Whether this chat gets alarms."""
    state = "on" if is_on else "off"
    text = Text(words(f"ladder.here.{state}"))
    return Card(words("ladder.here.title"), "good", (text,), language=words.language)


def ladder_card(
    rungs: Sequence[Rung], names: Mapping[str, str], words: Words, *, is_usual: bool, changed: bool
) -> Card:
    """The rungs, each as it may be typed."""
    lines = "\n".join(f"- {plain(print_rung(rung, words.language, names))}" for rung in rungs)
    intro = Text(words("ladder.steps.usual" if is_usual else "ladder.steps.own"))
    usual = Action(words("ladder.steps.reset"), words("ladder.command.reset"))
    return Card(
        words("ladder.steps.title"),
        "good" if changed else "info",
        (intro, Text(lines), Note(words("ladder.steps.note"))),
        () if is_usual else (usual,),
        language=words.language,
    )
