"""What the system commands found out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.contracts.quantities import StoreId
from handlers.common.freshness import Freshness
from storage.catalog.rows import Store
from storage.jobs.rows import Backlog, JobRecord
from storage.outbox.rows import OutboxCount, StoredMessage


@dataclass(frozen=True, slots=True)
class HelpResult:
    """The English names of the commands shown."""

    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leg:
    """One part of the round trip: ``seconds`` None means it failed with ``error_code``."""

    name: str
    seconds: float | None
    error_code: str = ""
    platform_code: str = ""
    """The platform's own code of that error, if it gave one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """A permission that the Feishu app lacks, for ``use``; ``page`` is where it is given.

    ``code`` is what Feishu answers for want of it, empty where events just do not arrive.
    """

    use: str
    scope: str
    code: str
    necessary: bool
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An event or callback that the app should subscribe to, and when one last came; None for never."""

    name: str
    at: datetime | None
    necessary: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FeishuAccess:
    """What the app may do and what reaches it. ``lacks`` None: Feishu did not say; ``page`` is for subscriptions."""

    lacks: tuple[Lack, ...] | None
    heard: tuple[Heard, ...]
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LateData:
    """Data of a store that syncs normally which are too old or failed to come."""

    store_id: StoreId
    store_name: str
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class ChatWindow:
    """Until when a person in WhatsApp can be written to freely; afterwards only with a template."""

    name: str
    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusResult:
    """How the service is."""

    version: str
    running_for: timedelta
    backlog: Backlog
    dead_letters: int
    """Pieces of work that came to nothing; messages that did are counted in ``open_messages``."""
    running: tuple[JobRecord, ...]
    """What runs besides this question, the longest first."""
    failing: tuple[JobRecord, ...]
    """Some of what waits because it failed, the next try first."""
    failing_count: int
    refused: tuple[tuple[str, int], ...]
    """(reason, count) of deliveries refused within the last hour."""
    feishu_trouble: str = ""
    """Why nothing comes over Feishu's long connection: ``refused`` or ``disconnected``."""
    open_messages: tuple[OutboxCount, ...]
    unknown_messages: tuple[StoredMessage, ...]
    """The oldest of those whose outcome is not known."""
    failed_messages: tuple[StoredMessage, ...] = ()
    """The oldest of those that were refused."""
    windows: tuple[ChatWindow, ...] = ()
    """Those that close soon or closed lately, the first to close first."""
    late: tuple[LateData, ...]
    stores: tuple[Store, ...]
    off: tuple[tuple[str, str], ...]
    """(platform, setting) of what is not set up."""
    on: tuple[str, ...]
    now: datetime
