"""The web chat as people see it: its page and its history."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web
from markupsafe import Markup

from bot.channels.web import TEAM_CHAT, private_chat
from bot.console.deps import ConsoleDeps
from bot.console.entries import Answered, Entry, history
from bot.console.gate import Refusal, Visitor
from bot.console.pages import Pages

_PAGE: Final = 50
_LONGEST_PAGE: Final = 200


def chats_of(visitor: Visitor) -> Mapping[str, str]:
    """The chats somebody may see: the name in addresses → the chat's id. The team's is for those who see all stores."""
    private = {"me": private_chat(visitor.person.id)}
    return {"team": TEAM_CHAT, **private} if visitor.sees_team else private


def asked_chat(request: web.Request, visitor: Visitor) -> str:
    """The id of the chat in the request's address. Raises: Refusal if this person has no such chat."""
    chat_id = chats_of(visitor).get(request.match_info["chat"])
    if chat_id is None:
        raise Refusal(404, "no_page")
    return chat_id


class Chat:
    """The chat page and what stands in it."""

    def __init__(self, deps: ConsoleDeps, pages: Pages) -> None:
        self._deps = deps
        self._pages = pages

    async def show(self, _request: web.Request, visitor: Visitor) -> web.Response:
        """The page; its script fetches the history once it listens for news."""
        html = self._pages.render("chat.html", visitor=visitor, chats=tuple(chats_of(visitor)), words=visitor.words)
        return web.Response(text=html, content_type="text/html")

    async def read(self, request: web.Request, visitor: Visitor) -> web.Response:
        """The newest ``limit`` entries as ``{html, is_all}``."""
        chat_id, limit = asked_chat(request, visitor), _asked_limit(request)
        async with self._deps.database.read() as reader:
            entries = await history(reader, chat_id, limit=limit)
        html = Markup("").join(self.entry_html(entry, visitor) for entry in entries)
        return web.json_response({"html": html, "is_all": len(entries) < limit})

    def entry_html(self, entry: Entry, visitor: Visitor) -> Markup:
        """One entry as this visitor sees it, the same in the history and live."""
        card_words = self._deps.words(entry.card.language) if isinstance(entry, Answered) else visitor.words
        return self._pages.render(
            "entry.html", entry=entry, viewer=visitor.person, words=visitor.words, card_words=card_words
        )


def _asked_limit(request: web.Request) -> int:
    asked = request.query.get("limit", str(_PAGE))
    if not (asked.isascii() and asked.isdigit() and 1 <= int(asked[:9]) <= _LONGEST_PAGE):
        raise Refusal(400, "unreadable")
    return int(asked)
