"""The command line. Each command is a module; heavy ones are imported when they run."""

from bot.cli.main import main

__all__ = ["main"]
