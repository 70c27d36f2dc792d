"""``zhanggui simulate``: only the simulated platforms."""

import os
from dataclasses import dataclass

import typer

from bot.cli.output import tell
from bot.cli.platforms import PLATFORMS, start_platforms
from bot.cli.run import stop_told
from bot.contracts.clock import SystemClock
from bot.contracts.errors import ConflictError


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """Which platforms, of which world, and how their people reach the service: at ``service`` (empty: nowhere).

    Over an open long connection they do in any case; ``long_connection`` has its settings printed.
    """

    only: str
    days: int
    scale: int
    service: str
    long_connection: bool


async def simulate_platforms(wanted: Simulated, *, host: str, port: int) -> int:
    """Run the simulators until told to stop, having printed the settings that connect to them."""
    names = tuple(name.strip() for name in wanted.only.split(",") if name.strip()) or PLATFORMS
    if unknown := set(names) - set(PLATFORMS):
        raise typer.BadParameter(f"--only takes {', '.join(PLATFORMS)}, not {', '.join(sorted(unknown))}")
    clock = SystemClock()
    try:
        platforms = await start_platforms(
            names, clock, today=clock.now().date(), days=wanted.days, scale=wanted.scale, host=host, port=port
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise ConflictError(f"cannot listen on {host}:{port} or after ({why}): set another --port") from error
    told = stop_told()
    platforms.write_to(wanted.service.rstrip("/"))
    for name, value in platforms.settings(long_connection=wanted.long_connection).items():
        tell(f"{name}={value}")
    tell("Ready. Weather and recorded calls are at /_control of each address; end with Ctrl-C.")
    await told.wait()
    await platforms.stop()
    return 0
