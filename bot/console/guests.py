"""Pages that whoever starts the service shows beside its own. The running service has none."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from bot.console.gate import Gate
    from bot.console.pages import Pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Guests:
    """``links`` stand in the navigation: an address and the key of its label.

    ``folder`` holds their own ``templates`` and ``static`` files; ``routes`` is called once, with the console's
    gate, behind which every page belongs.
    """

    links: tuple[tuple[str, str], ...]
    folder: Path
    routes: "Callable[[Gate, Pages], list[web.RouteDef]]"
