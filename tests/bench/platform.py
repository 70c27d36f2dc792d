"""The simulated platforms of the benchmarks, in a process of their own."""

import asyncio
import sys

from bot.cli.output import tell
from bot.cli.platforms import SEED
from bot.cli.run import stop_told
from bot.cli.world.lingxing import fill_lingxing
from bot.cli.world.making import make_world
from bot.contracts.clock import SystemClock
from integrations.feishu.simulator import FeishuSimulator, Limits
from integrations.lingxing.simulator import LingxingSimulator

UNLIMITED = Limits(per_second=100_000, per_minute=10_000_000, per_target_second=100_000, per_message_second=100_000)


async def main(kind: str, *details: str) -> None:
    """``feishu [unlimited]`` or ``lingxing SCALE``; prints the address when it listens."""
    clock = SystemClock()
    simulator: FeishuSimulator | LingxingSimulator
    if kind == "feishu":
        simulator = FeishuSimulator(clock, limits=UNLIMITED if "unlimited" in details else Limits())
    else:
        simulator = LingxingSimulator(clock)
        fill_lingxing(make_world(SEED, clock.now().date(), 180, int(details[0])), simulator)
    await simulator.start()
    tell(f"address {simulator.base_url}")
    await stop_told().wait()
    await simulator.stop()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
