"""The words a person wrote: text of plain and rich messages, without the mention of the bot."""

import re
from dataclasses import dataclass

from bot.channels.json_body import Body, Unreadable, part, parts, read_object, text

_MENTION = re.compile(r"@_user_\d+|@_all")
_INVISIBLE = str.maketrans({"\u200b": "", "\ufeff": "", "\u00a0": " ", "\u3000": " "})


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was written, empty for pictures and files; ``to_bot`` if it mentions the bot."""

    text: str = ""
    to_bot: bool = False


def spoken_text(message: Body, bot_open_id: str) -> Spoken:
    """The words of a received message: its text, or title, paragraphs and captions of a rich one."""
    mentions = parts(message, "mentions")
    to_bot = any(_is_bot(mention, bot_open_id) for mention in mentions)
    written = _written(text(message, "message_type"), text(message, "content"))
    names = {text(each, "key"): _shown(each, bot_open_id) for each in mentions}
    return Spoken(strip_mentions(written, names), to_bot)


def strip_mentions(written: str, names: dict[str, str]) -> str:
    """``written`` with each mention key replaced by its name, whole keys only (``@_user_10`` is not ``@_user_1``)."""
    if "@_" in written:
        written = _MENTION.sub(lambda found: names.get(found[0], "" if found[0] == "@_all" else found[0]), written)
    return written.translate(_INVISIBLE).strip()


def _is_bot(mention: Body, bot_open_id: str) -> bool:
    if bot_open_id:
        return text(part(mention, "id"), "open_id") == bot_open_id
    # our own id is not known yet: rather ask back once too often than lose what was acknowledged
    return text(mention, "key") != "@_all" and text(mention, "mentioned_type") in ("bot", "")


def _shown(mention: Body, bot_open_id: str) -> str:
    return "" if _is_bot(mention, bot_open_id) or text(mention, "key") == "@_all" else "@" + text(mention, "name")


def _written(message_type: str, content: str) -> str:
    if message_type not in ("text", "post"):
        return ""
    try:
        decoded = read_object(content.encode())
    except Unreadable:
        return ""
    return text(decoded, "text") if message_type == "text" else _post_text(decoded)


def _post_text(post: Body) -> str:
    content = post.get("content")
    paragraphs = content if isinstance(content, list) else []
    lines = ["".join(map(_post_piece, paragraph)) for paragraph in paragraphs if isinstance(paragraph, list)]
    return "\n".join(line for line in (text(post, "title"), *lines) if line)


def _post_piece(piece: object) -> str:
    if not isinstance(piece, dict):
        return ""
    if piece.get("tag") == "at":
        return text(piece, "user_id") if text(piece, "user_id").startswith("@_") else "@" + text(piece, "user_name")
    return text(piece, "text")
