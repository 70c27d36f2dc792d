"""The messages of the simulated platform: written once, edited, recalled, read back."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.contracts.clock import Clock

_UUID_LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Edit:
    """A newer content and when it came."""

    at: datetime
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenMessage:
    """What somebody wrote in a chat."""

    message_id: str
    chat_id: str
    sender_id: str
    parent_id: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A message of the bot. ``content`` is the first version as JSON text; ``repeats`` counts refused doubles."""

    number: int
    message_id: str
    chat_id: str
    parent_id: str
    thread_id: str
    msg_type: str
    content: str
    uuid: str
    at: datetime
    edits: tuple[Edit, ...] = ()
    repeats: int = 0
    recalled: bool = False

    @property
    def current(self) -> str:
        """What the chat shows now."""
        return self.edits[-1].content if self.edits else self.content

    def wire(self) -> dict[str, Any]:
        """The message as the platform's own operations give it."""
        return {
            "message_id": self.message_id,
            "root_id": self.parent_id,
            "parent_id": self.parent_id,
            **({"thread_id": self.thread_id} if self.thread_id else {}),
            "msg_type": self.msg_type,
            "create_time": _milliseconds(self.at),
            "update_time": _milliseconds(self.edits[-1].at if self.edits else self.at),
            "deleted": self.recalled,
            "updated": bool(self.edits),
            "chat_id": self.chat_id,
            "sender": {"id": "cli_simulated", "id_type": "app_id", "sender_type": "app", "tenant_key": "sim"},
            "body": {"content": self.current},
        }


@dataclass(slots=True)
class Messages:
    """All messages of the bot, in order."""

    clock: Clock
    by_id: dict[str, SentMessage] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    """Messages of others that were recalled."""
    _by_uuid: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    _uuids: deque[tuple[datetime, str]] = field(default_factory=deque)

    def __iter__(self) -> Iterator[SentMessage]:
        return iter(self.by_id.values())

    def repeated(self, uuid: str) -> SentMessage | None:
        """The message already sent under ``uuid`` within the last hour."""
        now = self.clock.now()
        while self._uuids and now - self._uuids[0][0] >= _UUID_LIFE:
            del self._by_uuid[self._uuids.popleft()[1]]
        if uuid not in self._by_uuid:
            return None
        message = self.by_id[self._by_uuid[uuid][1]]
        return self._put(replace(message, repeats=message.repeats + 1))

    def add(
        self, *, chat_id: str, parent_id: str, in_thread: bool, msg_type: str, content: str, uuid: str
    ) -> SentMessage:
        """Keep a new message. What answers a message of a thread stands in that thread too."""
        now = self.clock.now()
        number = len(self.by_id) + 1
        thread_id = self.by_id[parent_id].thread_id if parent_id in self.by_id else ""
        if in_thread and not thread_id:
            thread_id = f"omt_{parent_id}"
        message = SentMessage(
            number=number,
            message_id=f"om_bot_{number}",
            chat_id=chat_id,
            parent_id=parent_id,
            thread_id=thread_id,
            msg_type=msg_type,
            content=content,
            uuid=uuid,
            at=now,
        )
        if uuid:
            self._by_uuid[uuid] = (now, message.message_id)
            self._uuids.append((now, uuid))
        return self._put(message)

    def edit(self, message: SentMessage, content: str) -> None:
        """Replace the content."""
        self._put(replace(message, edits=(*message.edits, Edit(self.clock.now(), content))))

    def recall(self, message_id: str) -> None:
        """Take a message back, the bot's own or somebody else's."""
        if message_id in self.by_id:
            self._put(replace(self.by_id[message_id], recalled=True))
        self.gone.add(message_id)

    def _put(self, message: SentMessage) -> SentMessage:
        self.by_id[message.message_id] = message
        return message


def _milliseconds(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))
