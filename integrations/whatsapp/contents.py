"""What can be sent, and how much of it the platform takes.

Source: WhatsApp Cloud API, "Messages": text, media, interactive and template objects. Lengths count characters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

LONGEST_TEXT = 4096
LONGEST_BUTTONS_BODY = 1024
LONGEST_CAPTION = 1024
LONGEST_BUTTON = 20
LONGEST_ROW = 24
LONGEST_ROW_DESCRIPTION = 72
MOST_BUTTONS = 3
MOST_ROWS = 10

ContentKind = Literal["text", "interactive", "document", "image", "template"]


@dataclass(frozen=True, slots=True)
class Content:
    """One message: ``body`` stands under the name of its kind."""

    kind: ContentKind
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """A button or a row of a list; ``id`` comes back when it is chosen."""

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """An approved template by name and language code, such as ``stock_alert`` and ``zh_CN``."""

    name: str
    language: str


def text(body: str) -> Content:
    """Plain text of 1 to 4096 characters."""
    return Content("text", {"body": body, "preview_url": False})


def buttons(body: str, choices: Sequence[Choice]) -> Content:
    """Text of at most 1024 characters over one to three buttons."""
    replies = [{"type": "reply", "reply": {"id": each.id, "title": each.title}} for each in choices]
    return Content("interactive", {"type": "button", "body": {"text": body}, "action": {"buttons": replies}})


def choice_list(body: str, opener: str, choices: Sequence[Choice]) -> Content:
    """Text of at most 4096 characters over a button ``opener`` that opens up to ten rows."""
    rows = [_row(each) for each in choices]
    action = {"button": opener, "sections": [{"title": opener, "rows": rows}]}
    return Content("interactive", {"type": "list", "body": {"text": body}, "action": action})


def document(media_id: str, filename: str, caption: str = "") -> Content:
    """A file that was uploaded; the name's ending chooses the icon."""
    return Content("document", {"id": media_id, "filename": filename, **({"caption": caption} if caption else {})})


def image(media_id: str, caption: str = "") -> Content:
    """A picture that was uploaded (JPEG or PNG, at most 5 MB)."""
    return Content("image", {"id": media_id, **({"caption": caption} if caption else {})})


def template(chosen: Template, parameters: Sequence[str]) -> Content:
    """The template with the parameters of its body in order: the only thing allowed outside the 24-hour window."""
    filled = [{"type": "text", "text": _one_line(each)} for each in parameters]
    body = {"name": chosen.name, "language": {"code": chosen.language}}
    return Content("template", body | {"components": [{"type": "body", "parameters": filled}]})


def _row(choice: Choice) -> dict[str, str]:
    shown = {"id": choice.id, "title": choice.title}
    return shown | ({"description": choice.description} if choice.description else {})


def _one_line(parameter: str) -> str:
    """Parameters may hold neither line breaks nor tabs nor long gaps."""
    return " ".join(parameter.split())
