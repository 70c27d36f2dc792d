"""The pages that features list: shown, searched, live, saved as spreadsheets; what is posted is a command."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from aiohttp import web
from pydantic import ValidationError

from bot.channels.markup import sendable
from bot.channels.web import chat_topic, private_chat
from bot.console.deps import ConsoleDeps
from bot.console.files import XLSX, file_response
from bot.console.gate import Gate, Refusal, Visitor
from bot.console.pages import Pages
from bot.console.posting import PostedCommand, cleaned, posted_event
from bot.console.stream import Stream
from bot.contracts.cards import Card, Cell, Table
from bot.contracts.errors import AssistantError, NotAllowedError, NotFoundError, UserInputError
from bot.contracts.pages import PAGE_ROWS, Listing, Looking, Page, Uploaded
from bot.explain import explain
from bot.heavy.worker import HeavyWorkFailed
from storage.outbox.store import messages_for_event

SAID: Final = "said"
"""Names, in a page's address, the event whose answer it shows."""
_COMMAND, _KEY, _TOKEN = "page.command", "page.key", "csrf_token"
_LONGEST_SEARCH: Final = 80
_ROWS_AT_ONCE: Final = 1000
_MOST_SAVED: Final = 100_000
_STATUS: Final = {UserInputError: 400, NotAllowedError: 403, NotFoundError: 404}


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was answered to what was posted from a page; nothing yet while ``cards`` is empty.

    One that ``stays`` can be asked for no second time: it stands until the page is left."""

    cards: Sequence[Card]
    stays: bool = False


class FeaturePages:
    """Knows no feature: what stands on a page, and who may see it, is what the page's ``load`` says."""

    def __init__(self, deps: ConsoleDeps, pages: Pages, gate: Gate, stream: Stream) -> None:
        self._deps = deps
        self._pages = pages
        self._gate = gate
        self._stream = stream

    def routes(self, shown: Iterable[Page]) -> Iterator[web.RouteDef]:
        """The addresses of every page: itself, its news, and of a list its rows as a file."""
        for page in shown:
            watch = partial(self._stream.watch, page.live_topics)
            if page.template == "list.html":
                yield web.get(f"{page.path}.xlsx", self._gate.signed_in(partial(self._save, page), "page"))
            yield web.get(page.path, self._gate.signed_in(partial(self._show, page), "page"))
            yield web.post(page.path, self._gate.signed_in(partial(self._post, page), "page"))
            yield web.get(f"/live{page.path}", self._gate.signed_in(watch, "data"), allow_head=False)

    async def _show(
        self, page: Page, request: web.Request, visitor: Visitor, answer: _Answer | None = None
    ) -> web.Response:
        looking = self._looking(request, visitor)
        status, shown = await self._load(page, looking)
        html = self._pages.render(
            "card.html" if isinstance(shown, Card) else page.template,
            visitor=visitor,
            words=visitor.words,
            title=page.title,
            here=page.path.partition("/{")[0],
            path=request.rel_url.raw_path,
            looking=looking,
            shown=shown,
            answer=answer or await self._answer(request, visitor),
            key=self._deps.new_id(),
        )
        return web.Response(text=html, content_type="text/html", status=status)

    async def _load(self, page: Page, looking: Looking) -> tuple[int, Listing | Card]:
        try:
            return 200, await page.load(looking)
        except AssistantError as error:
            status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 503)
            told = explain(error, words=looking.words, reference=self._deps.new_id())
            return status, told.without_actions()

    async def _save(self, page: Page, request: web.Request, visitor: Visitor) -> web.Response:
        title = visitor.words(page.title)
        try:
            table = await _whole(page, self._looking(request, visitor))
            made = await self._deps.heavy.xlsx(table, title=title, zone=self._deps.zone)
        except (HeavyWorkFailed, AssistantError) as error:
            raise Refusal(503, "no_file") from error
        return file_response(made, XLSX, title, "xlsx")

    async def _take(self, page: Page, request: web.Request, visitor: Visitor) -> web.Response:
        """Give an uploaded file to the page and answer at once. Raises: Refusal for what is no file."""
        posted = await request.post()
        file = posted.get("file")
        if page.take is None or not isinstance(file, web.FileField):
            raise Refusal(400, "unreadable")
        form = {name: cleaned(value) for name, value in posted.items() if isinstance(value, str)}
        try:
            uploaded = Uploaded(name=file.filename, content=file.file.read(), form=form)
            card = await page.take(self._looking(request, visitor), uploaded)
        except AssistantError as error:
            card = explain(error, words=visitor.words, reference=self._deps.new_id())
        return await self._show(page, request, visitor, _Answer([card.without_actions()], stays=True))

    async def _post(self, page: Page, request: web.Request, visitor: Visitor) -> web.Response:
        """Take a command as if it were typed in the visitor's own chat, and lead back to the page, which answers."""
        if request.content_type == "multipart/form-data":
            return await self._take(page, request, visitor)
        posted = await _posted(request)
        event = posted_event(self._deps, visitor, private_chat(visitor.person.id), posted.key)
        event = replace(event, text=cleaned(posted.command), form=posted.form, message_id=event.id)
        receipt = await self._deps.receive(event)
        if not receipt.duplicate:
            self._deps.live.publish(chat_topic(event.chat_id), event)
        back = request.rel_url.update_query({SAID: receipt.event_id})
        return web.Response(status=303, headers={"Location": str(back)})

    def _looking(self, request: web.Request, visitor: Visitor) -> Looking:
        """Raises: Refusal for a page number that is none."""
        now, asked = self._deps.clock.now(), request.query
        number = asked.get("page", "1")
        if not (number.isascii() and number.isdecimal() and int(number[:9]) >= 1):
            raise Refusal(400, "unreadable")
        return Looking(
            person=visitor.person.here("web", private_chat(visitor.person.id), now),
            words=visitor.words,
            now=now,
            named=request.match_info,
            text=sendable(asked.get("q", "")).strip()[:_LONGEST_SEARCH],
            view=asked.get("view", ""),
            first=(int(number[:9]) - 1) * PAGE_ROWS,
        )

    async def _answer(self, request: web.Request, visitor: Visitor) -> _Answer | None:
        """Only what stands in the visitor's own chat."""
        if SAID not in request.query:
            return None
        async with self._deps.database.read() as reader:
            messages = await messages_for_event(reader, sendable(request.query[SAID]))
        own = private_chat(visitor.person.id)
        return _Answer([each.card for each in messages if (each.channel, each.chat_id) == ("web", own)])


async def _whole(page: Page, looking: Looking) -> Table:
    """All rows that are found, as they are now, of too many the first; between parts others have their turn."""
    rows: list[tuple[Cell, ...]] = []
    while True:
        part = await page.load(replace(looking, first=len(rows), most=_ROWS_AT_ONCE))
        assert isinstance(part, Listing)
        rows += part.table.rows
        is_all = len(rows) >= part.table.total and not part.goes_on
        if not part.table.rows or is_all or len(rows) >= _MOST_SAVED:
            return replace(part.table, rows=tuple(rows))


async def _posted(request: web.Request) -> PostedCommand:
    """Raises: Refusal for what is no form of ours."""
    posted = await request.post()
    fields = {name: ",".join(each for each in posted.getall(name) if isinstance(each, str) and each) for name in posted}
    form = {cleaned(name): cleaned(value) for name, value in fields.items() if name not in (_COMMAND, _KEY, _TOKEN)}
    try:
        return PostedCommand(key=fields.get(_KEY, ""), command=cleaned(fields.get(_COMMAND, "")), form=form)
    except ValidationError as error:
        raise Refusal(400, "unreadable") from error
