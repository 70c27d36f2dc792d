"""News for open pages, by server-sent events.

``ready`` comes first: the page now hears everything, so what it fetches from here on has no gap. Then ``entry``
(JSON ``{chat, key, html}``) for each new or changed entry, ``reload`` when the page was too slow and must fetch again,
``beat`` while nothing happens, ``over`` when the session ended or the person may see more or less than before.
Pages of features get no entries, but ``reload`` for whatever they show and for every answer to their reader.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

import orjson
from aiohttp import web

from bot.channels.base import Outgoing
from bot.channels.web import chat_topic, private_chat
from bot.console.chat import Chat, chats_of
from bot.console.deps import ConsoleDeps
from bot.console.entries import entry_of
from bot.console.gate import SECURITY_HEADERS, Gate, Visitor
from bot.contracts.events import Event
from bot.live import Listener, Signal

NewsOf = Callable[[Event | Outgoing], tuple[str, object]]
"""The name and the value of the news that an item is."""
_RELOAD = ("reload", "")
_HEADERS = {**SECURITY_HEADERS, "Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}


class Stream:
    """One open page each; the session is checked again with every beat."""

    def __init__(self, deps: ConsoleDeps, chat: Chat, gate: Gate) -> None:
        self._deps = deps
        self._chat = chat
        self._gate = gate

    async def follow(self, request: web.Request, visitor: Visitor) -> web.StreamResponse:
        """Send the news of the visitor's chats until the browser leaves, the session ends or the service stops."""
        topics = [chat_topic(chat_id) for chat_id in chats_of(visitor).values()]
        return await self._follow(request, visitor, topics, partial(self._entry, visitor=visitor))

    async def watch(self, topics: Sequence[str], request: web.Request, visitor: Visitor) -> web.StreamResponse:
        """The same for a page that shows ``topics``."""
        own = chat_topic(private_chat(visitor.person.id))
        return await self._follow(request, visitor, [own, *topics], lambda _item: _RELOAD)

    async def _follow(
        self, request: web.Request, visitor: Visitor, topics: Sequence[str], news_of: NewsOf
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers=_HEADERS)
        with self._deps.live.listen(*topics) as listener, suppress(ConnectionResetError):
            await response.prepare(request)
            await _send(response, "ready")
            while await self._relay(response, listener, news_of):
                still = await self._gate.visitor(request)
                if still is None or _sight(still) != _sight(visitor):
                    await _send(response, "over")
                    break
                await _send(response, "beat")
        return response

    async def _relay(self, response: web.StreamResponse, listener: Listener[Event | Outgoing], news_of: NewsOf) -> bool:
        """Pass news on until the next beat is due; False if nothing more will come."""
        loop = asyncio.get_running_loop()
        beat_due = loop.time() + self._deps.heartbeat_seconds
        while (left := beat_due - loop.time()) > 0:
            try:
                item = await asyncio.wait_for(listener.get(), left)
            except TimeoutError:
                break
            if item is Signal.CLOSED:
                return False
            name, value = _RELOAD if item is Signal.MISSED else news_of(item)
            await _send(response, name, value)
        return True

    def _entry(self, item: Event | Outgoing, visitor: Visitor) -> tuple[str, dict[str, str]]:
        own_keys = [key for key in item.keys if item.sender_id == visitor.person.id] if isinstance(item, Event) else []
        names = {chat_id: name for name, chat_id in chats_of(visitor).items()}
        return "entry", {
            "chat": names[item.chat_id],
            "key": own_keys[0].partition(":")[2] if own_keys else "",
            "html": self._chat.entry_html(entry_of(item), visitor),
        }


def _sight(visitor: Visitor) -> tuple[object, ...]:
    """What decides what the visitor sees."""
    return visitor.sees_team, visitor.person.grants


async def _send(response: web.StreamResponse, name: str, value: object = "") -> None:
    await response.write(b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(value)))
