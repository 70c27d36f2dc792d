"""What the simulated platform accepts as a message: the limits of its documents, strictly."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

_HEADERS = ("messaging_product", "recipient_type", "to", "recipient", "type", "context", "biz_opaque_callback_data")


class ContentProblem(ValueError):
    """Why a message is refused, with the platform's code."""

    def __init__(self, code: int, details: str) -> None:
        super().__init__(details)
        self.code = code
        self.details = details


def check_message(
    body: Mapping[str, Any], *, check_media: Callable[[object, str], None], templates: Mapping[str, int]
) -> None:
    """Raises: ContentProblem. ``templates`` maps the approved names (as ``name:language``) to their parameters.

    ``check_media`` is given the id of a file and the kind of message that should carry it.
    """
    kind = body.get("type")
    if body.get("messaging_product") != "whatsapp":
        raise ContentProblem(100, "messaging_product must be whatsapp")
    if unknown := set(body) - {*_HEADERS, kind}:
        raise ContentProblem(100, f"unknown parameters {sorted(map(str, unknown))}")
    if len(str(body.get("biz_opaque_callback_data", ""))) > 512:
        raise ContentProblem(131009, "biz_opaque_callback_data is too long")
    content = body.get(str(kind))
    if not isinstance(content, dict):
        raise ContentProblem(131008, f"{kind} is missing")
    match kind:
        case "text":
            _text(content.get("body"), 4096, "text.body")
        case "interactive":
            _interactive(content)
        case "document" | "image":
            check_media(content.get("id"), kind)
            _text(content.get("caption", "-"), 1024, "caption")
        case "template":
            _template(content, templates)
        case _:
            raise ContentProblem(131009, f"type {kind} is not supported")


def _text(value: object, longest: int, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ContentProblem(100, f"{name} is empty")
    if len(value) > longest:
        raise ContentProblem(131009, f"{name} has {len(value)} characters, at most {longest}")
    return value


def _interactive(content: Mapping[str, Any]) -> None:
    action, body = content.get("action", {}), content.get("body", {}).get("text")
    if content.get("type") == "button":
        _text(body, 1024, "body.text")
        replies = [button["reply"] for button in action["buttons"]]
        _choices(replies, most=3, longest_id=256, longest_title=20)
        if len({reply["title"] for reply in replies}) != len(replies):
            raise ContentProblem(131009, "two buttons have the same title")
    elif content.get("type") == "list":
        _text(body, 4096, "body.text")
        _text(action.get("button"), 20, "action.button")
        for section in action["sections"]:
            _text(section.get("title", "-"), 24, "section.title")
        rows = [row for section in action["sections"] for row in section["rows"]]
        _choices(rows, most=10, longest_id=200, longest_title=24)
        for row in rows:
            _text(row.get("description", "-"), 72, "row.description")
    else:
        raise ContentProblem(131009, "interactive.type is neither button nor list")


def _choices(choices: Sequence[Mapping[str, Any]], *, most: int, longest_id: int, longest_title: int) -> None:
    if not 1 <= len(choices) <= most:
        raise ContentProblem(131009, f"{len(choices)} choices, from 1 to {most}")
    for choice in choices:
        _text(choice.get("id"), longest_id, "id")
        _text(choice.get("title"), longest_title, "title")
    if len({choice["id"] for choice in choices}) != len(choices):
        raise ContentProblem(131009, "two choices have the same id")


def _template(content: Mapping[str, Any], templates: Mapping[str, int]) -> None:
    name = f"{content.get('name')}:{content.get('language', {}).get('code')}"
    if name not in templates:
        raise ContentProblem(132001, f"template {name} does not exist")
    filled = [p for part in content.get("components", []) if part["type"] == "body" for p in part["parameters"]]
    if len(filled) != templates[name]:
        raise ContentProblem(132000, f"{len(filled)} parameters, {templates[name]} expected")
    for parameter in filled:
        if set("\n\t") & set(_text(parameter.get("text"), 1024, "parameter")) or "     " in parameter["text"]:
            raise ContentProblem(132018, "a parameter has line breaks, tabs or long gaps")
