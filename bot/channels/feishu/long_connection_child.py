"""The child process that holds the long connection: passes every event on, and waits until the service stored it.

It ends when the service does: its standard input is then at its end.
"""

import asyncio
import os
import sys
import threading
import time
from itertools import count
from typing import BinaryIO

from bot.channels.feishu.long_connection_pipe import packed, read_message
from bot.channels.json_body import Body

_SIGN_OF_LIFE_SECONDS = 2.0
_LAST_ANSWERS_SECONDS = 0.3  # until they are on their way to Feishu


class Service:
    """The service at the other end of the pipes. Telling blocks while the service does not read, which is meant:
    then nothing more is taken from Feishu either.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, told: BinaryIO) -> None:
        self._loop = loop
        self._told = told
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Future[tuple[int, bytes]]] = {}
        self._is_connected = False

    async def store(self, payload: bytes) -> tuple[int, bytes]:
        """200 once the event is on disk, else 500; and the answer to a press."""
        number = next(self._numbers)
        answered: asyncio.Future[tuple[int, bytes]] = self._loop.create_future()
        self._waiting[number] = answered
        self._tell({"what": "event", "number": number}, payload)
        return await answered

    def connected(self, is_connected: bool) -> None:
        """The connection is there, or was lost and is being opened again."""
        self._is_connected = is_connected
        self._tell({"what": "state", "connected": is_connected})

    def refused(self, code: int, reason: str) -> None:
        """Feishu turned the app away, which trying again soon would not change."""
        self._tell({"what": "refused", "code": code, "reason": reason})
        os._exit(0)

    async def give_signs_of_life(self) -> None:
        """Tell from time to time that the loop turns."""
        while True:
            self.connected(self._is_connected)
            await asyncio.sleep(_SIGN_OF_LIFE_SECONDS)

    def listen(self, answers: BinaryIO) -> None:
        """Pass answers on to whoever waits for them; at the end of ``answers`` the process ends."""
        while True:
            try:
                head, content = read_message(answers)
            except EOFError:
                time.sleep(_LAST_ANSWERS_SECONDS)
                os._exit(0)
            self._loop.call_soon_threadsafe(self._answer, head, content)

    def _answer(self, head: Body, content: bytes) -> None:
        self._waiting.pop(head["number"]).set_result((head["code"], content))

    def _tell(self, head: Body, content: bytes = b"") -> None:
        self._told.write(packed(head, content))
        self._told.flush()


def _own_standard_output() -> BinaryIO:
    """The pipe to the service; what the library prints goes to standard error instead."""
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return told


def main() -> None:
    """Hold the connection until the service ends."""
    told = _own_standard_output()
    try:
        app, _ = read_message(sys.stdin.buffer)
    except EOFError:
        return
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)  # the library takes the loop that is there when it is imported
    service = Service(loop, told)
    threading.Thread(target=service.listen, args=(sys.stdin.buffer,), daemon=True).start()
    from bot.channels.feishu.long_connection_client import hold

    hold(app, service)


if __name__ == "__main__":
    main()
