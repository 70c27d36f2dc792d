"""The service as the benchmarks start it: the shipped program, or the same with an inbox that stores nothing."""

import asyncio
import sys

from bot.app import App
from bot.cli.output import set_up_logs, tell
from bot.cli.run import prepared, settle_memory, stop_told
from bot.contracts.events import Event
from bot.inbox import Receipt
from bot.settings import settings_of_this_process
from integrations.feishu.client import Pace

UNPACED = Pace(per_second=100_000, per_minute=10_000_000, per_target_second=100_000, per_message_second=100_000)


async def accept_without_storing(event: Event) -> Receipt:
    """The verify-only side: everything but the inbox."""
    return Receipt(event.id)


async def store_nothing(write: object, item: object) -> bool:
    """The verify-only side of orders: everything but the commit."""
    return True


async def main(*flags: str) -> None:
    """``verify-only`` replaces the inbox call, ``orders-verify-only`` the commit of orders; ``unpaced`` lifts our own
    send limits like the simulator's."""
    settings = settings_of_this_process()
    set_up_logs(settings)
    app: App = await prepared(settings, feishu_pace=UNPACED if "unpaced" in flags else None)
    if "verify-only" in flags and app.webhook is not None:
        app.webhook.accept = accept_without_storing
    if "orders-verify-only" in flags:
        app.engine.commit = store_nothing  # type: ignore[assignment,method-assign]
    tell(f"port {await app.start()}")
    settle_memory()
    await stop_told().wait()
    await app.stop()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
