"""A way to a database on which the answer to a commit can get lost, as networks do."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.engine import make_url


class LossyWay:
    """Forwards connections to a PostgreSQL server; ``lose_next_commit`` hangs up once the server has committed."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._losing = False
        self.lost = 0

    def lose_next_commit(self) -> None:
        self._losing = True

    async def forward(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Serve one connection until either side hangs up."""
        there, to_there = await asyncio.open_connection(self._host, self._port)
        is_lost = asyncio.Event()
        ways = [
            asyncio.create_task(self._ask(reader, to_there, is_lost)),
            asyncio.create_task(self._answer(there, writer, is_lost)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        writer.close()
        to_there.close()

    async def _ask(self, reader: StreamReader, writer: StreamWriter, is_lost: asyncio.Event) -> None:
        while piece := await reader.read(65536):
            if self._losing and b"COMMIT;" in piece:
                self._losing = False
                self.lost += 1
                is_lost.set()
            writer.write(piece)

    async def _answer(self, reader: StreamReader, writer: StreamWriter, is_lost: asyncio.Event) -> None:
        while (piece := await reader.read(65536)) and not is_lost.is_set():
            writer.write(piece)


@asynccontextmanager
async def lossy_way(url: str) -> AsyncIterator[tuple[str, LossyWay]]:
    """The URL that leads over the lossy way to the database at ``url``, and the way."""
    parts = make_url(url)
    way = LossyWay(parts.host or "127.0.0.1", parts.port or 5432)
    server = await asyncio.start_server(way.forward, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield parts.set(host="127.0.0.1", port=port).render_as_string(hide_password=False), way
    server.close()
