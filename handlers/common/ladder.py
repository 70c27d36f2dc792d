"""The ladder that matters climb if a team wants no other, and whom its steps mean, in words."""

from collections.abc import Mapping

from bot.contracts.feature import Words
from storage.matters.rows import Rung

DEFAULT_LADDER = (
    Rung(position=0, after_minutes=0, how="card", target="chats"),
    Rung(position=1, after_minutes=10, how="mention", target="duty"),
    Rung(position=2, after_minutes=20, how="private", target="duty"),
    Rung(position=3, after_minutes=30, how="private", target="duty", channel="whatsapp", needs="read"),
    Rung(position=4, after_minutes=35, how="card", target="chat:wecom:robot"),
    Rung(position=5, after_minutes=40, how="private", target="duty", channel="sms"),
    Rung(position=6, after_minutes=45, how="private", target="duty", channel="email"),
    Rung(position=7, after_minutes=60, how="private", target="role:admin"),
)
"""The ladder of a team that set none."""
_CHANNELS = frozenset({"feishu", "whatsapp", "email", "wecom", "sms"})


def said_target(text: str, words: Words, names: Mapping[str, str]) -> str:
    """A step's target, with its channel behind it if it has one; ``names`` are people's by id.

    What is no target, such as the names of those who were told, stands for itself.
    """
    target, _, channel = text.rpartition(" ") if text.rpartition(" ")[2] in _CHANNELS else (text, "", "")
    kind, _, name = target.partition(":")
    if target in ("chats", "duty"):
        target = words(f"target.{target}")
    elif kind == "role":
        target = words(f"role.{name}")
    elif kind == "person":
        target = names.get(name, "?")
    elif kind == "chat" and name.partition(":")[0] in _CHANNELS:
        target = words(f"platform.{name.partition(':')[0]}")
    return f"{target} {words(f'platform.{channel}')}" if channel else target
