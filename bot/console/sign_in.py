"""Signing in by a link from the chat, and out again."""

from datetime import timedelta

from aiohttp import web

from bot.console.deps import ConsoleDeps
from bot.console.gate import LANGUAGE_COOKIE, SESSION_COOKIE, Gate, Refusal, Visitor
from bot.console.pages import Pages
from bot.console.throttle import Throttle
from bot.contracts.feature import Person
from bot.words import LANGUAGES
from storage.people.store import person_by_id, set_language
from storage.sign_in.store import LONGEST_LIFETIME, close_session, link_is_open, open_session, use_link

_A_YEAR = timedelta(days=365)


class SignIn:
    """A link is opened by a GET that changes nothing (chat apps and mail scanners follow links); its POST signs in."""

    def __init__(self, deps: ConsoleDeps, pages: Pages, gate: Gate) -> None:
        self._deps = deps
        self._pages = pages
        self._gate = gate
        self._throttle = Throttle(limit=20, per=timedelta(minutes=1))
        self._is_secure = deps.public_url.startswith("https://")

    async def show(self, request: web.Request) -> web.Response:
        """A page with the one button that signs in."""
        self._brake(request)
        async with self._deps.database.read() as reader:
            is_open = await link_is_open(reader, token=request.match_info["token"], now=self._deps.clock.now())
        if not is_open:
            raise Refusal(410, "link_over")
        html = self._pages.render("sign_in.html", words=self._gate.words(request))
        return web.Response(text=html, content_type="text/html")

    async def sign_in(self, request: web.Request) -> web.Response:
        """Use the link up and start a session."""
        self._brake(request)
        token = self._deps.new_token()
        if await self._start_session(request, token) is None:
            raise Refusal(410, "link_over")
        response = web.Response(status=303, headers={"Location": "/"})
        self._set_cookie(response, SESSION_COOKIE, token, LONGEST_LIFETIME)
        return response

    async def sign_out(self, _request: web.Request, visitor: Visitor) -> web.Response:
        """End this browser's session."""
        async with self._deps.database.begin() as tx:
            await close_session(tx, token=visitor.token)
        response = web.Response(status=303, headers={"Location": "/"})
        response.del_cookie(SESSION_COOKIE)
        return response

    async def choose_language(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Remember the person's language, for answers everywhere, and this browser's for when nobody is signed in."""
        language = str((await request.post()).get("language", ""))
        if language not in LANGUAGES:
            raise Refusal(400, "unreadable")
        async with self._deps.database.begin() as tx:
            await set_language(tx, person_id=visitor.person.id, language=language)
        response = web.Response(status=303, headers={"Location": "/"})
        self._set_cookie(response, LANGUAGE_COOKIE, language, _A_YEAR)
        return response

    async def _start_session(self, request: web.Request, token: str) -> Person | None:
        now = self._deps.clock.now()
        async with self._deps.database.begin() as tx:
            person_id = await use_link(tx, token=request.match_info["token"], now=now)
            person = await person_by_id(tx, person_id) if person_id else None
            if person is not None:
                await close_session(tx, token=request.cookies.get(SESSION_COOKIE, ""))
                await open_session(tx, token=token, csrf_token=self._deps.new_token(), person_id=person.id, now=now)
        return person

    def _brake(self, request: web.Request) -> None:
        wait = self._throttle.wait(request.remote or "", self._deps.clock.now())
        if wait is not None:
            raise Refusal(429, "too_many", retry_after=wait)

    def _set_cookie(self, response: web.Response, name: str, value: str, lifetime: timedelta) -> None:
        response.set_cookie(
            name,
            value,
            max_age=int(lifetime.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=self._is_secure,
            path="/",
        )
