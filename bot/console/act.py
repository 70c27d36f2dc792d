"""The page behind a link in an e-mail or text message: one button, and only pressing it acts.

Mail programs and scanners open links by themselves, so a GET shows the card and changes nothing. The token is the
proof that the press comes from our own page for whoever got the message; what follows passes the same gate as any
other press.
"""

from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from bot.channels.web import private_chat
from bot.console.deps import ConsoleDeps
from bot.console.gate import Gate, Refusal
from bot.console.pages import Pages
from bot.console.throttle import Throttle
from bot.contracts.cards import Card
from bot.contracts.events import Event
from bot.contracts.feature import Person, Words
from bot.presses import notice
from storage.outbox.rows import StoredAction, StoredMessage
from storage.outbox.store import find_action, load_message
from storage.people.store import find_person, language_of


@dataclass(frozen=True, slots=True)
class _Asked:
    """A live link, the message it stood in, and in which words its reader is answered."""

    action: StoredAction
    message: StoredMessage
    person: Person
    words: Words


class Act:
    """Shows a link's button, and presses it."""

    def __init__(self, deps: ConsoleDeps, pages: Pages, gate: Gate) -> None:
        self._deps = deps
        self._pages = pages
        self._gate = gate
        self._throttle = Throttle(limit=30, per=timedelta(minutes=1))

    async def show(self, request: web.Request) -> web.Response:
        """The card's text and its one button, or who was first."""
        return self._page(await self._asked(request), done="")

    async def press(self, request: web.Request) -> web.Response:
        """Press the button as the person who got the message, or who is signed in here."""
        asked = await self._asked(request)
        visitor = await self._gate.visitor(request)
        person = visitor.person if visitor is not None else asked.person
        if not person.id:
            raise Refusal(403, "act_unknown")
        receipt = await self._deps.receive(self._event(asked, person))
        told = notice(receipt.press, asked.words) if receipt.press else asked.words("console.chat.pressed")
        return self._page(asked, done=told)

    def _page(self, asked: _Asked, *, done: str) -> web.Response:
        action, words = asked.action, asked.words
        if not done and action.claimed_at is not None:
            done = words("press.taken", by=action.claimed_name, label=action.label)
        card: Card = asked.message.card
        html = self._pages.render("act.html", words=words, card=card, label=action.label, done=done)
        return web.Response(text=html, content_type="text/html")

    async def _asked(self, request: web.Request) -> _Asked:
        """Raises: Refusal for a link that leads nowhere, any more or ever, and for too many tries."""
        now = self._deps.clock.now()
        wait = self._throttle.wait(request.remote or "", now)
        if wait is not None:
            raise Refusal(429, "too_many", retry_after=wait)
        async with self._deps.database.read() as reader:
            action = await find_action(reader, request.match_info["token"])
            message = await load_message(reader, action.message_id) if action is not None else None
            if action is None or message is None or action.expires_at <= now:
                raise Refusal(410, "act_over")
            person, _ = await find_person(reader, message.channel, message.chat_id)
            language = await language_of(reader, person.id) if person.id else message.card.language
        return _Asked(action, message, person, self._gate.words(request, language))

    def _event(self, asked: _Asked, person: Person) -> Event:
        """A press in the person's own web chat, where its answer can be read."""
        now = self._deps.clock.now()
        event_id = self._deps.new_id()
        return Event(
            id=event_id,
            channel="web",
            keys=(f"act:{event_id}",),
            kind="action",
            received_at=now,
            written_at=now,
            chat_id=private_chat(person.id),
            chat_kind="private",
            sender_id=person.id,
            sender_name=person.name,
            action_token=asked.action.token,
            message_id=asked.message.id,
        )
