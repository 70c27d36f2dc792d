"""A service between simulated WhatsApp and Lingxing that outlive it, and people with telephones."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout
from sqlalchemy import text, update

from bot.administration import Administration
from bot.cli.platforms import Platforms
from bot.contracts.clock import SystemClock, id_source
from bot.statuses import PATIENCE
from integrations.http.simulation import Answer, Asked
from integrations.lingxing.simulator import LingxingSimulator
from integrations.whatsapp.simulator import Push, Said, SentMessage, WhatsAppSimulator
from storage.database import Database
from storage.outbox.tables import handovers
from tests.faults.quiet import is_quiet
from tests.faults.service import Service, free_port
from tests.faults.town import PERSISTENCE_SECONDS, stock_up
from tests.waiting import until_true

_CLOCK = SystemClock()
_PATIENCE = ClientTimeout(total=5)


class Watched(WhatsAppSimulator):
    """WhatsApp, telling also how many messages have arrived, answered or not."""

    arrived = 0

    def begin(self, asked: Asked) -> Answer | None:
        self.arrived += asked.operation == "messages"
        return super().begin(asked)


@dataclass(slots=True)
class PhoneTown:
    """The service, its platforms, and the record of what it sent."""

    service: Service
    whatsapp: Watched
    database_url: str
    _session: ClientSession

    def message(self, words: str, phone: str) -> tuple[str, Push]:
        """Id and delivery of what somebody writes."""
        envelopes = self.whatsapp.envelopes
        item = envelopes.message(Said(text=words, sender_id=phone))
        self.whatsapp.gate.heard_from(phone)
        return item["id"], envelopes.signed(envelopes.envelope(envelopes.change(messages=[item])))

    async def deliver(self, push: Push) -> int:
        """Deliver to the webhook; the status, or 0 if there was no answer."""
        try:
            async with self._session.post(
                f"{self.service.url}/webhooks/whatsapp", data=push.body, headers=push.headers
            ) as answer:
                return answer.status
        except (ClientError, TimeoutError):
            return 0

    async def deliver_until_taken(self, push: Push) -> None:
        """As the platform does, but with less patience: again and again until it is answered 200."""

        async def taken() -> bool:
            return await self.deliver(push) == 200

        await until_true(taken, seconds=PERSISTENCE_SECONDS, pause=0.05)

    async def tell_of(self, message: SentMessage) -> None:
        """The status of a message, told until it is taken."""
        envelopes = self.whatsapp.envelopes
        item = self.whatsapp.told(message.message_id, "delivered")
        await self.deliver_until_taken(envelopes.signed(envelopes.envelope(envelopes.change(statuses=[item]))))

    def replies(self, to: str) -> list[SentMessage]:
        """What quotes ``to``: the first part of each version of its answer."""
        return [message for message in self.whatsapp.messages.values() if message.quotes == to]

    async def is_quiet(self) -> bool:
        """Nothing is left to do, now or in the next minutes."""
        async with self._database() as database, database.read() as reader:
            return await is_quiet(reader, _CLOCK.now())

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds in the service's database."""
        async with self._database() as database, database.read() as reader:
            return [tuple(row) for row in (await reader.execute(text(query))).all()]

    async def forget_hope(self) -> None:
        """As if much time had passed since the last message left; while no process runs."""
        async with self._database() as database, database.begin() as tx:
            await tx.execute(update(handovers).values(begun_at=_CLOCK.now() - 2 * PATIENCE))

    @asynccontextmanager
    async def _database(self) -> AsyncIterator[Database]:
        database = Database(self.database_url)
        yield database
        await database.close()


@asynccontextmanager
async def open_phone_town(folder: Path, database_url: str, phones: Sequence[str]) -> AsyncIterator[PhoneTown]:
    """Both platforms running, everybody known, the service ready to be started on a migrated database."""
    whatsapp, lingxing = Watched(_CLOCK), LingxingSimulator(_CLOCK)
    stock_up(lingxing)
    async with whatsapp, lingxing, ClientSession(timeout=_PATIENCE) as session:
        platforms = Platforms(simulators={"whatsapp": whatsapp, "lingxing": lingxing})
        settings = {"DATABASE_URL": database_url, "LOG_LEVEL": "WARNING", **platforms.settings()}
        service = Service(folder, free_port(), settings)
        whatsapp.people.webhook_url = f"{service.url}/webhooks/whatsapp"
        await _settle_in(database_url, phones)
        try:
            yield PhoneTown(service, whatsapp, database_url, session)
        finally:
            await service.kill()


async def _settle_in(database_url: str, phones: Sequence[str]) -> None:
    database = Database(database_url)
    administration = Administration(database=database, clock=_CLOCK, new_id=id_source(_CLOCK), random_below=lambda n: 0)
    for number, phone in enumerate(phones):
        await administration.add_user(f"店员{number}", ["operator"], [f"whatsapp:{phone}"])
    await database.close()
