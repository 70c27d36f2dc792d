"""What the app needs of Feishu beyond its credentials: permissions and event subscriptions, and where each is given.

Source: the "required permissions" of each operation and event in the platform's documents; any one of a need's
permissions will do. Which permissions the app has can be asked for; what it subscribes to cannot, only heard.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Use = Literal["write", "private", "group", "files", "membership", "entered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Any one of ``scopes``, the narrowest first. Without one that is not ``necessary`` the bot works, but less well.

    ``code`` is what Feishu answers a call without it; empty where events just do not arrive.
    """

    use: Use
    scopes: tuple[str, ...]
    necessary: bool = True
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One event or callback to subscribe to; ``kind`` is what it becomes in our inbox."""

    name: str
    kind: str
    necessary: bool = False
    is_callback: bool = False


NEEDS = (
    Need(use="write", scopes=("im:message:send_as_bot", "im:message"), code="99991672"),
    Need(use="private", scopes=("im:message.p2p_msg:readonly", "im:message.p2p_msg")),
    Need(use="group", scopes=("im:message.group_at_msg:readonly", "im:message.group_at_msg", "im:message.group_msg")),
    Need(use="files", scopes=("im:resource:upload", "im:resource"), necessary=False, code="99991672"),
    Need(use="membership", scopes=("im:chat.members:bot_access", "im:chat:readonly", "im:chat"), necessary=False),
    Need(use="entered", scopes=("im:chat.access_event.bot_p2p_chat:read",), necessary=False),
)

SUBSCRIPTIONS = (
    Subscription(name="im.message.receive_v1", kind="message", necessary=True),
    Subscription(name="card.action.trigger", kind="action", necessary=True, is_callback=True),
    Subscription(name="im.chat.member.bot.added_v1", kind="joined"),
    Subscription(name="im.chat.member.bot.deleted_v1", kind="removed"),
    Subscription(name="im.chat.access_event.bot_p2p_chat_entered_v1", kind="entered"),
    Subscription(name="application.bot.menu_v6", kind="menu"),
)


def missing(granted: Collection[str]) -> tuple[Need, ...]:
    """The needs for which none of the ``granted`` permissions will do."""
    return tuple(need for need in NEEDS if not any(scope in granted for scope in need.scopes))


def console_page(base_url: str) -> str:
    """The developer console, where the apps are listed."""
    return f"{base_url}/app"


def permission_page(base_url: str, app_id: str, scope: str) -> str:
    """Where the developer console offers ``scope`` to the app."""
    return f"{console_page(base_url)}/{app_id}/auth?q={scope}"


def event_page(base_url: str, app_id: str) -> str:
    """Where the developer console subscribes the app to events and callbacks."""
    return f"{console_page(base_url)}/{app_id}/event"
