"""Feishu chats, from the simulator's record of what people wrote and which cards the bot sent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

import orjson
from markupsafe import Markup

from bot.channels.chart import chart_svg
from bot.cli.demo_pages.marks import from_feishu
from bot.contracts.cards import Chart, ChartKind, Series
from bot.contracts.feature import Words
from integrations.feishu.simulator import FeishuSimulator, SentMessage

Element = Mapping[str, Any]

_KINDS: Mapping[str, ChartKind] = {"line": "line", "area": "area", "bar": "bar"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One message of a chat: somebody's ``text``, or a card with its elements. ``is_edited``: not its first form."""

    id: str
    sender_id: str
    at: datetime
    text: str = ""
    quote: str = ""
    title: str = ""
    colour: str = ""
    elements: Sequence[Element] = field(default_factory=tuple)
    is_edited: bool = False
    is_recalled: bool = False


def chat(simulator: FeishuSimulator, chat_id: str) -> list[Post]:
    """Everything in the chat, oldest first. The bot has no ``sender_id``."""
    written = [each for each in simulator.people.written if each.chat_id == chat_id]
    quoted = {each.message_id: each.text for each in written}
    posts = [Post(id=each.message_id, sender_id=each.sender_id, at=each.at, text=each.text) for each in written]
    posts += [_sent(each, quoted) for each in simulator.messages if _chat_of(simulator, each) == chat_id]
    return sorted(posts, key=attrgetter("at"))


def _chat_of(simulator: FeishuSimulator, message: SentMessage) -> str:
    """A private chat goes by the person's id when the bot begins to speak."""
    app = simulator.app
    return app.private_chat_id if message.chat_id == app.person_open_id else message.chat_id


def _sent(message: SentMessage, quoted: Mapping[str, str]) -> Post:
    content = orjson.loads(message.current)
    header = content.get("header", {})
    return Post(
        id=message.message_id,
        sender_id="",
        at=message.at,
        text=str(content.get("text", "")),
        quote=quoted.get(message.parent_id, ""),
        title=header.get("title", {}).get("content", ""),
        colour=header.get("template", "default"),
        elements=content.get("body", {}).get("elements", ()),
        is_edited=bool(message.edits),
        is_recalled=message.recalled,
    )


def cell(value: Any, column: Element, words: Words) -> Markup:
    """A table's cell as the client shows it: grouped numbers, options as coloured tags."""
    if isinstance(value, list):
        tag = Markup('<span class="tag ink-{}">{}</span>')
        return Markup(" ").join(tag.format(each["color"], each["text"]) for each in value)
    if column["data_type"] == "number" and isinstance(value, int | float):
        return Markup("{}").format(words.number(value, column.get("format", {}).get("precision", 0)))
    if column["data_type"] == "markdown":
        return from_feishu(str(value))
    return Markup("{}").format("" if value is None else value)


def picture(element: Element, words: Words) -> Markup:
    """A native chart drawn by us, as the client would draw it."""
    return Markup(chart_svg(chart_of(element["chart_spec"]), words))  # it escapes every text itself


def chart_of(spec: Mapping[str, Any]) -> Chart:
    """The chart that a description of the platform means."""
    label_field, value_field = (
        (spec["yField"], spec["xField"]) if spec.get("direction") == "horizontal" else (spec["xField"], spec["yField"])
    )
    points = spec["data"]["values"]
    labels = tuple(dict.fromkeys(str(point[label_field]) for point in points))
    names = dict.fromkeys(str(point[spec["seriesField"]]) for point in points)
    known = {(str(point[spec["seriesField"]]), str(point[label_field])): point[value_field] for point in points}
    series = tuple(Series(name, tuple(known.get((name, label)) for label in labels)) for name in names)
    return Chart(str(spec.get("title", {}).get("text", "")), _KINDS[spec["type"]], labels, series)


def fields(elements: Sequence[Element]) -> Iterator[Element]:
    """The inputs of a form."""
    return (each for each in elements if "name" in each and each["tag"] != "button")
