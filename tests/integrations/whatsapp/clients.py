"""A client and its own simulator, for tests that set the pace or the clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.contracts.clock import Clock
from bot.contracts.secret import Secret
from integrations.http.buckets import ProcessBuckets
from integrations.http.transport import Transport
from integrations.whatsapp import contents
from integrations.whatsapp.client import Credentials, WhatsAppClient
from integrations.whatsapp.errors import judge
from integrations.whatsapp.simulator import WhatsAppSimulator

PERSON = "447700900100"


@asynccontextmanager
async def opened(clock: Clock, *, token: str = "") -> AsyncIterator[tuple[WhatsAppClient, WhatsAppSimulator]]:
    """Both sides at the platform's real rates; the window of ``PERSON`` is open."""
    async with WhatsAppSimulator(clock) as simulator:
        simulator.gate.heard_from(PERSON)
        transport = Transport("whatsapp", simulator.api_url, clock=clock, judge=judge)
        credentials = Credentials(simulator.app.phone_number_id, Secret(token or simulator.app.access_token))
        yield WhatsAppClient(credentials, transport, buckets=ProcessBuckets(clock)), simulator
        await transport.close()


async def say(client: WhatsAppClient, body: str = "hello", *, to: str = PERSON) -> str:
    """Send a text in its turn; its id."""
    async with client.turn(to):
        return await client.send(to, contents.text(body), echo="E1")
