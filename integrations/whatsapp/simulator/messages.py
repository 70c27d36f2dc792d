"""What the simulated platform took from the business, and what its people then see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenMessage:
    """What somebody wrote or chose, as their own chat shows it."""

    message_id: str
    person_id: str
    text: str
    quotes: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """One accepted message. ``statuses`` are those delivered to the webhook so far, in that order."""

    number: int
    message_id: str
    person_id: str
    kind: str
    content: Mapping[str, Any]
    quotes: str
    echo: str
    at: datetime
    statuses: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What can be read, without the choices."""
        if self.kind == "text":
            return str(self.content["body"])
        if self.kind == "interactive":
            return str(self.content["body"]["text"])
        if self.kind == "template":
            filled = [each["text"] for part in self.content["components"] for each in part["parameters"]]
            return " ".join([str(self.content["name"]), *filled])
        return str(self.content.get("caption", ""))

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """(id, title) of its buttons or rows."""
        action = self.content.get("action", {}) if self.kind == "interactive" else {}
        found = [button["reply"] for button in action.get("buttons", ())]
        found += [row for section in action.get("sections", ()) for row in section["rows"]]
        return tuple((each["id"], each["title"]) for each in found)
