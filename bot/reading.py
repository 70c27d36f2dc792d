"""A reading command run for a file: through the same check as a typed one, with all its rows, and written down."""

from bot.commands import CommandBook, read_arguments
from bot.contracts.clock import Clock, NewId
from bot.contracts.errors import NotAllowedError, NotFoundError
from bot.contracts.events import ChatKind
from bot.contracts.feature import Asking, Command, Person, Reply, Words
from storage.database import Database
from storage.people.rows import Act
from storage.people.store import record_act


def check_allowed(command: Command, person: Person, chat_kind: ChatKind) -> None:
    """Return if ``person`` may run ``command`` in such a chat. Raises: NotAllowedError."""
    if not person.has(command.role):
        raise NotAllowedError(code="role_missing", values={"role": command.role or ""})
    if command.where not in ("anywhere", chat_kind):
        raise NotAllowedError(code=f"only_{command.where}")


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
        call = self._book.find(line)
        if call is None or call.command.risk != "read":
            raise NotFoundError(detail="not a reading command")
        check_allowed(call.command, person, chat_kind)
        now, asked_id = self._clock.now(), self._new_id()
        asking = Asking(
            person=person,
            channel="web",
            chat_id=chat_id,
            chat_kind=chat_kind,
            chat_enabled=True,
            sender_id=person.id,
            sender_name=person.name,
            event_id=asked_id,
            now=now,
            written_at=now,
            received_at=now,
            words=words,
            reply_key=f"file:{asked_id}",
            whole=True,
        )
        reply = await call.command.run(read_arguments(call), asking)
        act = Act(
            id=asked_id,
            at=now,
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
