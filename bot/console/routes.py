"""The console's addresses."""

from collections.abc import Iterable

from aiohttp import web

from bot.channels.links import ACTION_PATH
from bot.console.act import Act
from bot.console.chat import Chat
from bot.console.deps import ConsoleDeps
from bot.console.feature_pages import FeaturePages
from bot.console.files import Files
from bot.console.gate import Gate
from bot.console.pages import Pages
from bot.console.posting import Posting
from bot.console.sign_in import SignIn
from bot.console.static_files import StaticFiles
from bot.console.stream import Stream
from bot.contracts.feature import Feature


def routes(deps: ConsoleDeps, features: Iterable[Feature] = ()) -> list[web.RouteDef]:
    """Every route of the console with the pages of ``features``, ready for an aiohttp application."""
    shown = tuple(page for feature in features for page in feature.pages)
    pages = Pages(deps.guests, [(page.path, page.title) for page in shown if "{" not in page.path])
    gate = Gate(deps, pages)
    chat, posting, sign_in = Chat(deps, pages), Posting(deps), SignIn(deps, pages, gate)
    act, stream = Act(deps, pages, gate), Stream(deps, chat, gate)
    return [
        web.get("/", gate.signed_in(chat.show, "page")),
        web.get("/chat/{chat}/messages", gate.signed_in(chat.read, "data")),
        web.post("/chat/{chat}/messages", gate.signed_in(posting.say, "data")),
        web.post("/chat/{chat}/press", gate.signed_in(posting.press, "data")),
        web.get(r"/messages/{message}/{block:\d{1,3}}.{kind:xlsx|png}", gate.signed_in(Files(deps).serve, "page")),
        web.get("/live", gate.signed_in(stream.follow, "data"), allow_head=False),
        web.get(ACTION_PATH, gate.public(act.show)),
        web.post(ACTION_PATH, gate.public(act.press)),
        web.get("/sign-in/{token}", gate.public(sign_in.show)),
        web.post("/sign-in/{token}", gate.public(sign_in.sign_in)),
        web.post("/sign-out", gate.signed_in(sign_in.sign_out, "page")),
        web.post("/language", gate.signed_in(sign_in.choose_language, "page")),
        web.get("/static/{name}", gate.public(StaticFiles(deps.guests).serve)),
        *FeaturePages(deps, pages, gate, stream).routes(shown),
        *(deps.guests.routes(gate, pages) if deps.guests else ()),
    ]
