"""What is known of events, messages and dead letters."""

from dataclasses import dataclass

from storage.inbox.rows import StoredEvent
from storage.jobs.rows import JobRecord
from storage.outbox.rows import StoredMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One event's whole way. ``event`` is None for work that no event asked for."""

    event: StoredEvent | None
    jobs: tuple[JobRecord, ...]
    messages: tuple[StoredMessage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetters:
    """What came to nothing: jobs, and messages that were refused or whose outcome is not known."""

    jobs: tuple[JobRecord, ...]
    messages: tuple[StoredMessage, ...]
