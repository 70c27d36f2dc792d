"""The one door of the console: who is it, does the request come from our own page, and which headers go out."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

from aiohttp import web

from bot.channels.web import TEAM_CHAT
from bot.console.deps import ConsoleDeps
from bot.console.pages import Pages
from bot.contracts.feature import Person, Words
from bot.words import LANGUAGES
from storage.people.store import language_of, person_by_id
from storage.sign_in.rows import Session
from storage.sign_in.store import find_session, touch_session

_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
SESSION_COOKIE: Final = "zhanggui_session"
LANGUAGE_COOKIE: Final = "zhanggui_language"
_TOUCH_EVERY: Final = timedelta(hours=1)

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

Form: TypeAlias = Literal["page", "data"]
"""How a refusal looks: a page for people, JSON for our own script."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Refusal(Exception):
    """The request is not served; the text is ``console.error.<code>``."""

    def __init__(self, status: int, code: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody signed in, in one browser. ``sees_team``: they may read what others are answered in the team's chat."""

    person: Person
    sees_team: bool
    session: Session
    token: str = field(repr=False)
    words: Words


SignedInHandler = Callable[[web.Request, Visitor], Awaitable[web.StreamResponse]]


class Gate:
    """Wraps every handler of the console."""

    def __init__(self, deps: ConsoleDeps, pages: Pages) -> None:
        self._deps = deps
        self._pages = pages

    def public(self, handler: Handler) -> Handler:
        """For everybody: the sign-in link itself and static files."""

        async def answer(request: web.Request) -> web.StreamResponse:
            if request.method == "POST" and not _is_same_origin(request):
                raise Refusal(403, "foreign_page")
            return await handler(request)

        return self._secured(answer, "page")

    def signed_in(self, handler: SignedInHandler, form: Form) -> Handler:
        """For people with a session; a POST must also carry the session's CSRF token."""

        async def answer(request: web.Request) -> web.StreamResponse:
            visitor = await self.visitor(request)
            if visitor is None:
                raise Refusal(401, "signed_out")
            if request.method == "POST":
                await _check_own_page(request, visitor.session)
            return await handler(request, visitor)

        return self._secured(answer, form)

    async def visitor(self, request: web.Request) -> Visitor | None:
        """Who is behind the request's cookie, if the session still exists and the person may still see anything."""
        token, now = request.cookies.get(SESSION_COOKIE, ""), self._deps.clock.now()
        if not token:
            return None
        async with self._deps.database.read() as reader:
            session = await find_session(reader, token=token, now=now)
            person = await person_by_id(reader, session.person_id) if session else None
            language = await language_of(reader, session.person_id) if session else ""
        here = person.here("web", TEAM_CHAT, now) if person else None
        if session is None or person is None or here is None or not here.has("viewer"):
            return None
        if now - session.last_seen_at > _TOUCH_EVERY:
            async with self._deps.database.begin() as tx:
                await touch_session(tx, token=token, session=session, now=now)
        return Visitor(
            person=person,
            sees_team=here.is_for_all_stores("viewer"),
            session=session,
            token=token,
            words=self.words(request, language),
        )

    def words(self, request: web.Request, language: str = "") -> Words:
        """The texts in the person's ``language``; without one, in that chosen last in this browser."""
        chosen = language or request.cookies.get(LANGUAGE_COOKIE, "")
        return self._deps.words(chosen if chosen in LANGUAGES else self._deps.language)

    def _secured(self, handler: Handler, form: Form) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                response = await handler(request)
            except Refusal as refusal:
                response = self._refuse(request, refusal, form)
            except web.HTTPRequestEntityTooLarge:
                response = self._refuse(request, Refusal(413, "too_large"), form)
            if not response.prepared:
                for name, value in SECURITY_HEADERS.items():
                    response.headers.setdefault(name, value)
            return response

        return answer

    def _refuse(self, request: web.Request, refusal: Refusal, form: Form) -> web.Response:
        words = self.words(request)
        message = words(f"console.error.{refusal.code}")
        if form == "data":
            response = web.json_response({"error": {"code": refusal.code, "message": message}}, status=refusal.status)
        else:
            html = self._pages.render("refused.html", words=words, message=message, code=refusal.code)
            response = web.Response(text=html, content_type="text/html", status=refusal.status)
        if refusal.retry_after is not None:
            response.headers["Retry-After"] = str(max(1, round(refusal.retry_after.total_seconds())))
        return response


async def _check_own_page(request: web.Request, session: Session) -> None:
    offered = request.headers.get("X-CSRF-Token")
    if offered is None and request.content_type in _FORMS:
        offered = str((await request.post()).get("csrf_token", ""))
    if not hmac.compare_digest((offered or "").encode(), session.csrf_token.encode()) or not _is_same_origin(request):
        raise Refusal(403, "foreign_page")


def _is_same_origin(request: web.Request) -> bool:
    """What the browser itself says about the page that sent the request; silence counts as our own page."""
    if "Sec-Fetch-Site" in request.headers:
        return request.headers["Sec-Fetch-Site"] in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host
