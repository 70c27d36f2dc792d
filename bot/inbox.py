"""Stored before acknowledged: an event is on disk, once, before anybody is told that it arrived."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.contracts.events import Event
from bot.jobs.engine import Engine
from bot.metrics import Metrics
from storage.database import Transaction
from storage.inbox import store
from storage.jobs.rows import NewJob
from storage.jobs.store import add_jobs

EVENT_TASK = "event"
EVENT_KEY = "event:"

PressOutcome = Literal["accepted", "taken", "expired", "changed", "not_yours", "not_allowed"]


@dataclass(frozen=True, slots=True)
class Press:
    """What became of a pressed button, decided in the commit that stored the press. ``by`` was first."""

    outcome: PressOutcome
    by: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The event is on disk under ``event_id``; a duplicate names the event it repeats."""

    event_id: str
    duplicate: bool = False
    press: Press | None = None


Receive = Callable[[Event], Awaitable[Receipt]]
Claim = Callable[[Transaction, Event], Awaitable[Press]]
Follow = Callable[[Transaction, Event], Awaitable[None]]
"""Notes what a status tells of one of our messages."""


class Phones(Protocol):
    """Chats whose platform knows less than others do."""

    async def understand(self, tx: Transaction, event: Event) -> Event:
        """The event as it is meant: a typed number may be a press."""
        ...

    async def tell(self, tx: Transaction, event: Event, press: Press) -> None:
        """Say what became of a press that was not accepted, where no HTTP answer says it."""
        ...


class Inbox:
    """Takes verified events from all channels."""

    def __init__(
        self,
        engine: Engine,
        claim: Claim,
        metrics: Metrics,
        *,
        phones: Phones | None = None,
        follow: Follow | None = None,
    ) -> None:
        self._engine = engine
        self._claim = claim
        self._metrics = metrics
        self._phones = phones
        self._follow = follow

    async def receive(self, event: Event) -> Receipt:
        """Store the event and queue its handling; returns after the commit. Raises: the database's error."""
        receipt = await self._engine.commit(self._store, event)
        self._metrics.count_event(event.channel, "duplicate" if receipt.duplicate else event.kind)
        return receipt

    async def _store(self, tx: Transaction, events: Sequence[Event]) -> list[Receipt]:
        if self._phones is not None:
            events = [await self._phones.understand(tx, event) for event in events]
        outcomes = ["queued" if _needs_handling(event) else "stored" for event in events]
        repeats = await store.add_events(tx, events, outcomes=outcomes)
        receipts: list[Receipt] = []
        for event, outcome, repeated in zip(events, outcomes, repeats, strict=True):
            press = None
            if repeated is None and event.kind == "action":
                press = await self._claim(tx, event)
                if self._phones is not None and press.outcome != "accepted":
                    await self._phones.tell(tx, event, press)
            if repeated is None and event.kind == "status" and self._follow is not None:
                await self._follow(tx, event)
            if repeated is None and outcome == "queued" and (press is None or press.outcome == "accepted"):
                tx.write_later(add_jobs, _handling(event))
            receipts.append(Receipt(repeated or event.id, repeated is not None, press))
        return receipts


def _needs_handling(event: Event) -> bool:
    """False for what is only kept and counted: unknown kinds, and talk among people in a group."""
    if event.kind == "message":
        return event.addressed or bool(event.parent_id)
    return event.kind in ("action", "joined", "removed", "entered", "menu")


def _handling(event: Event) -> NewJob:
    return NewJob(
        id=event.id,
        key=EVENT_KEY + event.id,
        task=EVENT_TASK,
        lane=f"{event.channel}:{event.chat_id}",
        payload={"event": event.id},
        run_at=event.received_at,
    )
