"""What became of text messages, asked of the provider from time to time: nothing of it comes by itself."""

from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.contracts.clock import Clock
from bot.contracts.errors import UpstreamError, UpstreamRejected
from integrations.sms.provider import PLATFORM, SmsProvider
from storage.database import Database
from storage.outbox.reports import record_report, unreported

_LOOK_SECONDS = 10.0
_ASKED_FOR = timedelta(days=1)
_BITE = 50

_log = structlog.get_logger("sms")


class SmsReports:
    """Moves accepted messages on to delivered or failed."""

    def __init__(self, provider: SmsProvider, database: Database, clock: Clock) -> None:
        self._provider = provider
        self._database = database
        self._clock = clock

    async def ask_from_time_to_time(self) -> None:
        """For ever, every few seconds while something waits for its report."""
        while True:
            try:
                await self.ask()
            except (UpstreamError, SQLAlchemyError) as error:
                _log.warning("reports_failed", error=type(error).__name__)
            await self._clock.sleep(_LOOK_SECONDS)

    async def ask(self) -> None:
        """Once, for the newest messages of the last day. Raises: UpstreamError."""
        since = self._clock.now() - _ASKED_FOR
        async with self._database.glance() as reader:
            waiting = await unreported(reader, PLATFORM, since=since, limit=_BITE)
        for message_id, platform_id in waiting:
            try:
                progress = await self._provider.progress(platform_id)
            except UpstreamRejected:
                continue  # the provider forgot it; the transport has logged that
            if progress.state in ("delivered", "failed"):
                async with self._database.begin() as tx:
                    await record_report(
                        tx, message_id, state=progress.state, error=progress.reason, now=self._clock.now()
                    )
