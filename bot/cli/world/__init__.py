"""The seeded world of the demo, from which every simulator gets its part."""

from bot.cli.world.lingxing import fill_lingxing
from bot.cli.world.making import make_world
from bot.cli.world.model import World

__all__ = ["World", "fill_lingxing", "make_world"]
