"""Reaching a running service over its control socket."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson

from bot.contracts.errors import AssistantError
from bot.control import SOCKET_NAME
from bot.settings import Settings

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


async def find_service(settings: Settings) -> Connection | None:
    """The service of this installation or, where nothing is set up, the running demo; None if neither runs."""
    connection = await connect(settings.data_dir)
    if connection is None and is_unconfigured(settings):
        connection = await connect(settings.data_dir / DEMO_FOLDER)
    return connection


def is_unconfigured(settings: Settings) -> bool:
    """Nothing is set up, and there are no data of an earlier run."""
    is_default = settings.database_url.reveal().endswith(f"///{settings.data_dir}/zhanggui.db")
    has_data = (settings.data_dir / "zhanggui.db").exists()
    return settings.feishu is None and settings.lingxing is None and is_default and not has_data


async def connect(folder: Path) -> Connection | None:
    """The service that runs on this data directory, or None."""
    try:
        streams = await asyncio.open_unix_connection((folder / SOCKET_NAME).resolve(), limit=_LONGEST_LINE)
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    return Connection(*streams)
