"""A simulated Lingxing with two stores, the real client, and a desk that works off the jobs."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from bot.contracts.feature import Feature
from bot.contracts.secret import Secret
from handlers.sync import feature as sync_feature
from handlers.sync.ports import SyncDeps
from integrations.http.buckets import ProcessBuckets
from integrations.http.transport import Transport
from integrations.lingxing.client import LingxingClient
from integrations.lingxing.errors import judge
from integrations.lingxing.session import Credentials, Session
from integrations.lingxing.simulator import LingxingSimulator
from storage.database import Database
from tests.handlers.asking import some_words
from tests.handlers.sync.desk import Desk
from tests.integrations.http.fakes import MemoryTokens, SteppingClock
from tests.integrations.lingxing.builders import a_product, a_seller, a_stock, a_suggestion, sales

TODAY = date(2026, 11, 21)
"""In Los Angeles at the clock's first moment; the day before is the last that is over."""
HISTORY_DAYS = 30


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
async def simulator(clock: SteppingClock) -> AsyncIterator[LingxingSimulator]:
    simulator = LingxingSimulator(clock)
    simulator.add_seller(a_seller(136, "Morning-US"))
    simulator.add_seller(a_seller(139, "Morning-CA"))
    for number in range(1, 31):
        simulator.add_stock(a_stock(number))
        simulator.add_suggestion(a_suggestion(number, purchase_units=number))
    simulator.add_stock(a_stock(1, sid=139))
    simulator.add_product(a_product(1, lead_days=21))
    simulator.add_sales(136, sales(TODAY - timedelta(days=50), 51, listings=3))
    async with simulator:
        yield simulator


@pytest.fixture
async def source(simulator: LingxingSimulator, clock: SteppingClock) -> AsyncIterator[LingxingClient]:
    transport = Transport("lingxing", simulator.base_url, clock=clock, judge=judge)
    credentials = Credentials(simulator.gate.app_id, Secret(simulator.gate.app_secret))
    session = Session(
        credentials, transport, tokens=MemoryTokens(), buckets=ProcessBuckets(clock), clock=clock, jitter=lambda: 0.0
    )
    yield LingxingClient(session, clock)
    await transport.close()


@pytest.fixture
def desk(clock: SteppingClock, database: Database) -> Desk:
    desk = Desk(clock)
    database.work = desk
    return desk


@pytest.fixture
def deps(database: Database, source: LingxingClient, clock: SteppingClock) -> SyncDeps:
    return SyncDeps(database=database, source=source, clock=clock, words=some_words, history_days=HISTORY_DAYS)


@pytest.fixture
def feature(deps: SyncDeps) -> Feature:
    return sync_feature(deps)
