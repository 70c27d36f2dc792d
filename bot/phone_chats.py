"""Chats on telephones: a number stands for a button, a person has two ids, and an HTTP answer reaches nobody."""

import re
import unicodedata
from dataclasses import replace

from bot.contracts.cards import Card
from bot.contracts.clock import Clock
from bot.contracts.events import Event
from bot.contracts.feature import Words
from bot.contracts.messages import Message, Target
from bot.inbox import Press
from bot.presses import notice
from bot.words import Catalogue
from integrations.whatsapp.client import PLATFORM, is_user_id
from storage.database import Transaction
from storage.outbox.store import chat_messages
from storage.people.store import add_identity, external_ids_of, find_person, identity_owners, may_answer_stranger

_NUMBER = re.compile(r"([1-9][0-9]?)[.)]?")
_MOST_LOOKED_AT = 5


class PhoneChats:
    """``bot.inbox.Phones`` for WhatsApp; events of other channels pass untouched."""

    def __init__(self, catalogue: Catalogue, clock: Clock, *, language: str) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._language = language

    async def understand(self, tx: Transaction, event: Event) -> Event:
        """A number alone is the press of that action on the newest card with actions, or on the one it quotes."""
        if event.channel != PLATFORM:
            return event
        if event.known_as:
            await _join_identities(tx, event)
        if event.kind != "message":
            return event
        typed = _NUMBER.fullmatch(unicodedata.normalize("NFKC", event.text).strip())
        return await _pressed(tx, event, int(typed[1])) if typed else event

    async def tell(self, tx: Transaction, event: Event, press: Press) -> None:
        """Answer with what became of the press; to a stranger at most once a day."""
        if event.channel != PLATFORM:
            return
        person, language = await find_person(tx, event.channel, event.sender_id)
        now = self._clock.now()
        if not person.id and not await may_answer_stranger(
            tx, channel=event.channel, external_id=event.sender_id, now=now
        ):
            return
        words: Words = self._catalogue.words(language or self._language)
        card = Card(notice(press, words), "warning", language=words.language)
        to = Target(channel=event.channel, chat_id=event.chat_id, reply_to=event.message_id)
        await tx.send(Message(key=f"press:{event.id}", card=card, to=to))


async def _pressed(tx: Transaction, event: Event, number: int) -> Event:
    recent = await chat_messages(tx, event.channel, event.chat_id, limit=_MOST_LOOKED_AT)
    quoted = [each for each in recent if event.parent_id and event.parent_id in each.platform_id.split(",")]
    offered = [each.card.actions for each in quoted or reversed(recent) if each.card.actions]
    if not offered or number > len(offered[0]):
        return event
    return replace(event, kind="action", action_token=offered[0][number - 1].token)


async def _join_identities(tx: Transaction, event: Event) -> None:
    """Who is known under one of two ids is known under both.

    A telephone number may get a new owner, who then has a user id of their own: a person has one user id for ever.
    """
    pair = (event.sender_id, event.known_as)
    owners = await identity_owners(tx, event.channel, pair)
    if len(owners) != 1:
        return
    ((known, person_id),) = owners.items()
    (new,) = set(pair) - {known}
    others = await external_ids_of(tx, event.channel, person_id)
    if not any(is_user_id(each) == is_user_id(new) for each in others):
        await add_identity(tx, person_id=person_id, channel=event.channel, external_id=new)
