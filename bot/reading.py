"""A reading command run for a file: through the same check as a typed one, with all its rows, and written down."""

from dataclasses import dataclass, replace

from bot.commands import Call, CommandBook, read_arguments
from bot.contracts.clock import Clock, NewId
from bot.contracts.errors import NotAllowedError, NotFoundError
from bot.contracts.events import ChatKind
from bot.contracts.feature import Asking, Command, Person, Reply, Words
from storage.database import Database
from storage.people.acts import record_act
from storage.people.rows import Act


def check_allowed(command: Command, person: Person, chat_kind: ChatKind) -> None:
    """Return if ``person`` may run ``command`` in such a chat. Raises: NotAllowedError."""
    if not person.has(command.role):
        raise NotAllowedError(code="role_missing", values={"role": command.role or ""})
    if command.where not in ("anywhere", chat_kind):
        raise NotAllowedError(code=f"only_{command.where}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Who reads, and where it is shown."""

    person: Person
    channel: str
    chat_id: str
    chat_kind: ChatKind
    sender_id: str


class Reading:
    """Answers command lines that only read."""

    def __init__(self, database: Database, book: CommandBook, clock: Clock, new_id: NewId) -> None:
        self._database = database
        self._book = book
        self._clock = clock
        self._new_id = new_id

    async def whole(self, line: str, person: Person, chat_id: str, chat_kind: ChatKind, words: Words) -> Reply:
        """The answer to ``line`` with no table cut to a page.

        Raises: NotFoundError if ``line`` is no reading command; NotAllowedError; whatever the command raises.
        """
        person = person.here("web", chat_id, self._clock.now())
        place = Place(person=person, channel="web", chat_id=chat_id, chat_kind=chat_kind, sender_id=person.id)
        call, asked_id = self._readable(line, place), self._new_id()
        reply = await self._run(call, place, words, asked_id)
        act = Act(
            id=asked_id,
            at=self._clock.now(),
            person_id=person.id,
            channel="web",
            chat_id=chat_id,
            sender_id=person.id,
            event_id="",
            command=call.command.key,
            arguments=" ".join(call.words),
            outcome="answered",
        )
        async with self._database.begin() as tx:
            await record_act(tx, act)
        return reply

    async def again(self, line: str, place: Place, words: Words) -> Reply:
        """The same for the rest of an answer that was asked for and written down before. Raises: as ``whole``."""
        place = replace(place, person=place.person.here(place.channel, place.chat_id, self._clock.now()))
        return await self._run(self._readable(line, place), place, words, self._new_id())

    def _readable(self, line: str, place: Place) -> Call:
        call = self._book.find(line)
        if call is None or call.command.risk != "read":
            raise NotFoundError(detail="not a reading command")
        check_allowed(call.command, place.person, place.chat_kind)
        return call

    async def _run(self, call: Call, place: Place, words: Words, asked_id: str) -> Reply:
        now = self._clock.now()
        asking = Asking(
            person=place.person,
            channel=place.channel,
            chat_id=place.chat_id,
            chat_kind=place.chat_kind,
            chat_enabled=True,
            sender_id=place.sender_id,
            sender_name=place.person.name,
            event_id=asked_id,
            now=now,
            written_at=now,
            received_at=now,
            words=words,
            reply_key=f"file:{asked_id}",
            whole=True,
        )
        return await call.command.run(read_arguments(call), asking)
