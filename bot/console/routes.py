"""The console's addresses."""

from aiohttp import web

from bot.console.chat import Chat
from bot.console.deps import ConsoleDeps
from bot.console.files import Files
from bot.console.gate import Gate
from bot.console.pages import Pages
from bot.console.posting import Posting
from bot.console.sign_in import SignIn
from bot.console.static_files import StaticFiles
from bot.console.stream import Stream


def routes(deps: ConsoleDeps) -> list[web.RouteDef]:
    """Every route of the console, ready for an aiohttp application."""
    pages = Pages(deps.guests)
    gate = Gate(deps, pages)
    chat, posting, sign_in = Chat(deps, pages), Posting(deps), SignIn(deps, pages, gate)
    return [
        web.get("/", gate.signed_in(chat.show, "page")),
        web.get("/chat/{chat}/messages", gate.signed_in(chat.read, "data")),
        web.post("/chat/{chat}/messages", gate.signed_in(posting.say, "data")),
        web.post("/chat/{chat}/press", gate.signed_in(posting.press, "data")),
        web.get(r"/messages/{message}/{block:\d{1,3}}.{kind:xlsx|png}", gate.signed_in(Files(deps).serve, "page")),
        web.get("/live", gate.signed_in(Stream(deps, chat, gate).follow, "data"), allow_head=False),
        web.get("/sign-in/{token}", gate.public(sign_in.show)),
        web.post("/sign-in/{token}", gate.public(sign_in.sign_in)),
        web.post("/sign-out", gate.signed_in(sign_in.sign_out, "page")),
        web.post("/language", gate.signed_in(sign_in.choose_language, "page")),
        web.get("/static/{name}", gate.public(StaticFiles(deps.guests).serve)),
        *(deps.guests.routes(gate, pages) if deps.guests else ()),
    ]
