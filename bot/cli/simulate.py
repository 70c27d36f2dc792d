"""``zhanggui simulate``: only the simulated platforms."""

import os

import typer

from bot.cli.output import tell
from bot.cli.platforms import PLATFORMS, start_platforms
from bot.cli.run import stop_told
from bot.contracts.clock import SystemClock
from bot.contracts.errors import ConflictError


async def simulate_platforms(*, host: str, port: int, only: str, days: int, scale: int, service: str) -> int:
    """Run the simulators until told to stop, having printed the settings that connect to them."""
    names = tuple(name.strip() for name in only.split(",") if name.strip()) or PLATFORMS
    if unknown := set(names) - set(PLATFORMS):
        raise typer.BadParameter(f"--only takes {', '.join(PLATFORMS)}, not {', '.join(sorted(unknown))}")
    clock = SystemClock()
    try:
        platforms = await start_platforms(
            names, clock, today=clock.now().date(), days=days, scale=scale, host=host, port=port
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise ConflictError(f"cannot listen on {host}:{port} or after ({why}): set another --port") from error
    told = stop_told()
    platforms.write_to(service.rstrip("/"))
    for name, value in platforms.settings().items():
        tell(f"{name}={value}")
    tell("Ready. Weather and recorded calls are at /_control of each address; end with Ctrl-C.")
    await told.wait()
    await platforms.stop()
    return 0
