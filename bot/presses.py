"""Pressed buttons: who was first is decided in the commit that stores the press."""

from bot.commands import CommandBook
from bot.contracts.clock import Clock
from bot.contracts.events import Event
from bot.contracts.feature import Words
from bot.inbox import Press
from storage.database import Transaction
from storage.outbox import store
from storage.outbox.rows import StoredAction
from storage.people.store import find_person


class Presses:
    """Claims buttons for the inbox, by the same roles as typed commands."""

    def __init__(self, book: CommandBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    async def claim(self, tx: Transaction, event: Event) -> Press:
        """Decide one press. A button of a reading command may be pressed again and again."""
        action = await store.find_action(tx, event.action_token)
        if action is None or action.expires_at <= self._clock.now():
            return Press("expired")
        refusal = await self._refusal(tx, event, action)
        if refusal is not None:
            return refusal
        if not action.once:
            return Press("accepted", label=action.label)
        person, _ = await find_person(tx, event.channel, event.sender_id)
        name = person.name or event.sender_name
        if await store.claim_action(tx, action.token, event_id=event.id, name=name, now=self._clock.now()):
            return Press("accepted", label=action.label)
        first = await store.find_action(tx, action.token)
        return Press("taken", by=first.claimed_name if first else "", label=action.label)

    async def _refusal(self, tx: Transaction, event: Event, action: StoredAction) -> Press | None:
        if action.asker_id and action.asker_id != event.sender_id:
            return Press("not_yours", label=action.label)
        call = self._book.find(action.command)
        person, _ = await find_person(tx, event.channel, event.sender_id)
        person = person.here(event.channel, event.chat_id, self._clock.now())
        if call is None or not person.has(call.command.role):
            return Press("not_allowed", label=action.label)
        message = await store.load_message(tx, action.message_id)
        if action.once and (message is None or store.content_hash(message.card) != action.content_hash):
            claimed = action.claimed_at is not None
            return Press("taken", action.claimed_name, action.label) if claimed else Press("changed")
        return None


def notice(press: Press, words: Words) -> str:
    """What the person who pressed is told at once."""
    return words(f"press.{press.outcome}", by=press.by, label=press.label)
