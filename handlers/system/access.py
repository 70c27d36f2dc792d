"""Which of the permissions and events that the Feishu app needs are there, and how that is told."""

from collections.abc import Iterator

from bot.contracts.cards import Block, Column, Level, Link, Note, Table, Text, plain
from bot.contracts.feature import Words
from handlers.system.results import FeishuAccess, Heard, Lack


def lack_text(lack: Lack, words: Words) -> str:
    """What is missing, what does not work without it, and the one next step."""
    what = words("system.access.lack", scope=lack.scope, breaks=words(f"system.access.without.{lack.use}"))
    code = words("system.access.code", code=lack.code) if lack.code else ""
    return what + code + words("system.access.step")


def access_blocks(access: FeishuAccess, words: Words) -> Iterator[Block]:
    """The permissions that are missing, each with where to get it, and the events that came or never did."""
    for lack in access.lacks or ():
        yield Text(plain(lack_text(lack, words)))
        yield Link(words("system.access.open", scope=lack.scope), lack.page)
    if access.lacks == ():
        yield Text(words("system.access.complete"))
    columns = (Column(words("system.access.event")), Column(words("system.access.heard"), "level"))
    rows = tuple((each.name, _heard(each, words)) for each in access.heard)
    yield Table(columns, rows, len(rows))
    if any(each.at is None for each in access.heard):
        yield Note(words("system.access.subscribe"))
        yield Link(words("system.access.events"), access.page)


def _heard(heard: Heard, words: Words) -> Level:
    if heard.at is not None:
        return Level(words.moment(heard.at), "good")
    return Level(words("system.access.never"), "warning" if heard.necessary else "neutral")
