"""The service with a long outbox, as the sending benchmark starts it."""

import asyncio

from bot.cli.output import set_up_logs, tell
from bot.cli.run import prepared, stop_told
from bot.settings import settings_of_this_process

MESSAGES = 4000


async def main() -> None:
    """Queue the messages, then begin to work."""
    from tests.bench.throughput import queued_message

    settings = settings_of_this_process()
    set_up_logs(settings)
    app = await prepared(settings)
    async with app.database.begin() as tx:
        for number in range(MESSAGES):
            await tx.send(queued_message(number))
    tell(f"port {await app.start()}")
    await stop_told().wait()
    await app.stop()


if __name__ == "__main__":
    asyncio.run(main())
