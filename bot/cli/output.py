"""How the command line prints, and how the service logs."""

import logging
import sys
from typing import Any

import orjson
import structlog

from bot.settings import Settings

_LEVELS = {"DEBUG": logging.DEBUG, "INFO": logging.INFO, "WARNING": logging.WARNING, "ERROR": logging.ERROR}


def tell(text: str) -> None:
    """One line for the person at the terminal."""
    print(text, flush=True)  # noqa: T201


def warn(text: str) -> None:
    """One line for the person at the terminal that is no part of the answer."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def tell_json(value: Any) -> None:
    """Exactly one JSON value."""
    tell(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def set_up_logs(settings: Settings) -> None:
    """Structured logs to standard error, for people or as JSON lines."""
    shape: Any = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            shape,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[settings.log_level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
