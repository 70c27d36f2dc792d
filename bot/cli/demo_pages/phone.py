"""One person's WhatsApp, from the simulator's record of what they wrote and what the business sent them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from markupsafe import Markup

from bot.cli.demo_pages.marks import from_whatsapp
from integrations.whatsapp.simulator import SentMessage, WhatsAppSimulator, WrittenMessage

_TICKS = ("failed", "read", "delivered", "sent")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What a message carries: a picture or a document of ``size`` bytes."""

    media_id: str
    name: str
    size: int
    is_picture: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bubble:
    """One message on the phone. ``ticks`` is the last status: sent, delivered, read or failed.

    ``opener`` is the button that opens the list of ``rows``, each with its description. ``template`` is the name of
    the approved template that it was sent as.
    """

    id: str
    is_own: bool
    at: datetime
    text: Markup
    quote: str = ""
    ticks: str = ""
    buttons: tuple[str, ...] = ()
    opener: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    template: str = ""
    file: File | None = None


def conversation(simulator: WhatsAppSimulator, person_id: str) -> list[Bubble]:
    """Everything between the person and the business, oldest first."""
    written = [each for each in simulator.people.written if each.person_id == person_id]
    sent = [each for each in simulator.messages.values() if each.person_id == person_id]
    quoted = {each.message_id: each.text for each in written} | {each.message_id: each.text for each in sent}
    read = _read_by_business(simulator, written)
    bubbles = [_own(each, quoted, is_read=each.message_id in read) for each in written]
    bubbles += [_received(each, quoted, simulator) for each in sent]
    return sorted(bubbles, key=attrgetter("at"))


def _read_by_business(simulator: WhatsAppSimulator, written: list[WrittenMessage]) -> set[str]:
    """A mark on one message means those before it too."""
    marked = set(simulator.marked_read)
    newest = max((number for number, each in enumerate(written) if each.message_id in marked), default=-1)
    return {each.message_id for each in written[: newest + 1]}


def _own(message: WrittenMessage, quoted: Mapping[str, str], *, is_read: bool) -> Bubble:
    return Bubble(
        id=message.message_id,
        is_own=True,
        at=message.at,
        text=from_whatsapp(message.text),
        quote=_begun(quoted.get(message.quotes, "")),
        ticks="read" if is_read else "delivered",
    )


def _received(message: SentMessage, quoted: Mapping[str, str], simulator: WhatsAppSimulator) -> Bubble:
    action = message.content.get("action", {}) if message.kind == "interactive" else {}
    rows = tuple(
        (row["title"], row.get("description", "")) for each in action.get("sections", ()) for row in each["rows"]
    )
    is_template = message.kind == "template"
    return Bubble(
        id=message.message_id,
        is_own=False,
        at=message.at,
        text=from_whatsapp(message.text.partition(" ")[2] if is_template else message.text),
        quote=_begun(quoted.get(message.quotes, "")),
        ticks=next((each for each in _TICKS if each in message.statuses), ""),
        buttons=tuple(each["reply"]["title"] for each in action.get("buttons", ())),
        opener=action.get("button", ""),
        rows=rows,
        template=str(message.content["name"]) if is_template else "",
        file=_file(message, simulator),
    )


def _file(message: SentMessage, simulator: WhatsAppSimulator) -> File | None:
    if message.kind not in ("image", "document"):
        return None
    media_id = str(message.content["id"])
    upload = simulator.media[media_id]
    name = str(message.content.get("filename", upload.name))
    return File(media_id=media_id, name=name, size=upload.size, is_picture=message.kind == "image")


def _begun(text: str) -> str:
    """The beginning of what is quoted, on one line."""
    return " ".join(text.replace("*", "").split())[:80]
