"""Reaching a running service over its control socket."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson

from bot.contracts.errors import AssistantError
from bot.control import SOCKET_NAME

DEMO_FOLDER = "demo"
_LONGEST_LINE = 16 * 1024 * 1024


class Connection:
    """An open control socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, **question: Any) -> AsyncIterator[dict[str, Any]]:
        """Every answer to one question. Raises: AssistantError for what the service refuses."""
        self._writer.write(orjson.dumps(question) + b"\n")
        await self._writer.drain()
        while line := await self._reader.readline():
            answer: dict[str, Any] = orjson.loads(line)
            if "error" in answer:
                raise AssistantError(answer["error"]["detail"], code=answer["error"]["code"])
            yield answer
            if answer.keys() & {"outcome", "result"}:
                return
        raise AssistantError("the service closed the connection: see its log")

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


async def connect(folder: Path) -> Connection | None:
    """The service that runs on this data directory, or None."""
    try:
        streams = await asyncio.open_unix_connection((folder / SOCKET_NAME).resolve(), limit=_LONGEST_LINE)
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    return Connection(*streams)
