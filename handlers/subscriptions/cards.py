"""Subscriptions, quiet hours and the morning digest as cards."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from bot.contracts.cards import Action, Block, Card, Cell, Column, Level, Note, Table, Text, plain
from bot.contracts.feature import Words
from handlers.common.quiet_hours import QuietHours
from handlers.subscriptions.grammar import print_plan, print_quiet_hours, read_plan
from handlers.subscriptions.results import Listed
from storage.subscriptions.rows import HeldMessage, Subscription

_WITH_BUTTONS = 3  # subscriptions of a list that get their buttons there
Change = Literal["made", "paused", "resumed", "ended", "running", "shown"]


def plan_text(subscription: Subscription, words: Words) -> str:
    """When it fires, as it may be typed in this language."""
    return print_plan(read_plan(subscription.plan), words.language)


def one_card(listed: Listed, change: Change, words: Words) -> Card:
    """One subscription after ``change``, with what can be done with it now."""
    subscription = listed.subscription
    blocks: list[Block] = [Text(_sentence(listed, change, words))]
    if subscription.next_at is not None and change != "ended":
        blocks.append(Text(words("subscriptions.next", at=words.moment(subscription.next_at))))
    if subscription.last_at is not None:
        blocks.append(Note(words("subscriptions.last", result=_last(subscription, words))))
    title = words(f"subscriptions.title_{change}", number=subscription.number)
    buttons = () if change == "ended" else _buttons(subscription, words)
    return Card(title, "info" if change == "shown" else "good", tuple(blocks), buttons)


def list_card(listed: Sequence[Listed], words: Words) -> Card:
    """All subscriptions of a chat; in private also the person's own elsewhere."""
    if not listed:
        return Card(words("subscriptions.title"), "info", (Text(words("subscriptions.none")),))
    names = ("number", "plan", "line", "next", "state", "last", "name", "where")
    elsewhere = not all(each.is_here for each in listed)
    columns = tuple(
        Column(words(f"subscriptions.column.{name}"), "level" if name == "state" else "text")
        for name in (names if elsewhere else names[:-1])
    )
    rows = tuple(_row(each, words)[: len(columns)] for each in listed)
    shown = listed[:_WITH_BUTTONS]
    buttons = tuple(button for each in shown for button in _buttons(each.subscription, words))
    hint = Note(words("subscriptions.hint" if len(listed) <= _WITH_BUTTONS else "subscriptions.hint_more"))
    return Card(words("subscriptions.title"), "info", (Table(columns, rows, len(rows)), hint), buttons)


def fired_card(
    card: Card, subscription: Subscription, name: str, late: datetime | None, words: Words, *, tells_once: bool = False
) -> Card:
    """The answer with who wants it when; ``late`` is the slot that it should have come at.

    With ``tells_once`` it says that the same failure will not be told again.
    """
    note = words("subscriptions.note", number=subscription.number, plan=plan_text(subscription, words), name=name)
    if late is not None:
        note = words("subscriptions.note_late", note=note, at=words.moment(late))
    silence = (Note(words("subscriptions.tells_once")),) if tells_once else ()
    return replace(card, blocks=(*card.blocks, Note(note), *silence))


def lost_card(subscription: Subscription, name: str, admins: Sequence[str], words: Words) -> Card:
    """It is paused because the person may not run it any more; says who can help."""
    who = plain(name) or words("subscriptions.somebody")
    text = words("subscriptions.lost", name=who, line=plain(subscription.line), plan=plan_text(subscription, words))
    helpers = words("subscriptions.separator").join(plain(each) for each in admins)
    help_text = words("subscriptions.lost_help", admins=helpers or words("subscriptions.administrator"))
    title = words("subscriptions.title_lost", number=subscription.number)
    return Card(title, "warning", (Text(text), Text(help_text)), _buttons(subscription, words))


def quiet_card(quiet: QuietHours | None, words: Words, *, changed: bool) -> Card:
    """When the person is not disturbed."""
    state = "off" if quiet is None else "on"
    hours = print_quiet_hours(quiet) if quiet else ""
    text = Text(words(f"subscriptions.quiet.{state}", hours=hours))
    usual = words("subscriptions.quiet.usual")
    offered = words("subscriptions.quiet.switch_off") if quiet else usual
    command = f"{words('subscriptions.quiet.command')} {words('subscriptions.quiet.off_word') if quiet else usual}"
    tone: Literal["good", "info"] = "good" if changed else "info"
    return Card(words("subscriptions.quiet.title"), tone, (text,), (Action(offered, command),))


def digest_card(held: Sequence[HeldMessage], words: Words) -> Card:
    """What came in the quiet hours, each with a button that shows it again."""
    lines = "\n".join(f"- {_held_line(each, words)}" for each in held)
    actions = tuple(
        Action(words("subscriptions.digest.show", line=each.command), each.command)
        for each in {each.command: each for each in held}.values()
    )
    text = words("subscriptions.digest.intro", count=sum(each.count for each in held))
    return Card(words("subscriptions.digest.title"), "info", (Text(text), Text(lines)), actions)


def _held_line(held: HeldMessage, words: Words) -> str:
    shown = {"title": plain(held.title), "at": words.moment(held.held_at), "count": held.count}
    return words("subscriptions.digest.line" if held.count == 1 else "subscriptions.digest.line_times", **shown)


def _sentence(listed: Listed, change: Change, words: Words) -> str:
    subscription = listed.subscription
    said = {"plan": plan_text(subscription, words), "line": plain(subscription.line), "name": plain(listed.name)}
    paused = change == "shown" and subscription.state == "paused"
    return words("subscriptions.shown_paused" if paused else f"subscriptions.{change}", **said)


def _buttons(subscription: Subscription, words: Words) -> tuple[Action, ...]:
    number = subscription.number
    verbs = ("now", "pause" if subscription.state == "active" else "resume", "end")
    return tuple(
        Action(
            words(f"subscriptions.button.{verb}", number=number), words(f"subscriptions.command.{verb}", number=number)
        )
        for verb in verbs
    )


def _row(listed: Listed, words: Words) -> tuple[Cell, ...]:
    subscription = listed.subscription
    is_active = subscription.state == "active"
    state = words(f"subscriptions.state.{subscription.state}")
    kind = "here" if listed.is_here else subscription.chat_kind
    place = words(f"subscriptions.place.{kind}", channel=words(f"subscriptions.channel.{subscription.channel}"))
    return (
        f"#{subscription.number}",
        plan_text(subscription, words),
        subscription.line,
        words.moment(subscription.next_at) if subscription.next_at else None,
        Level(state, "good" if is_active else "neutral"),
        _last(subscription, words) if subscription.last_at else None,
        listed.name,
        place,
    )


def _last(subscription: Subscription, words: Words) -> str:
    assert subscription.last_at is not None
    outcome = words(f"subscriptions.outcome.{subscription.last_outcome}")
    return f"{words.moment(subscription.last_at)} {outcome}"
