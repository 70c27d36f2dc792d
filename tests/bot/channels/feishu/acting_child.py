"""A child that acts a part instead of holding a connection: ``acting_child FILE PART…``.

It writes a line to FILE when it starts and one per answer it gets. Parts, in order: ``connected``; ``N`` events;
``answered`` waits for all answers; ``die``, ``nonsense``, ``too-long``, ``refused`` and ``hang`` end it;
``live`` gives signs of life until the service ends; ``thrice`` dies unless it is the fourth start.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import orjson

from bot.channels.feishu.long_connection_pipe import packed, read_message
from bot.channels.json_body import Body

APP_ID = "cli_a1"


class Child:
    def __init__(self, notes: Path) -> None:
        self._notes = notes
        self._told = 0
        self._answered = threading.Semaphore(0)
        self.note("started")
        read_message(sys.stdin.buffer)
        threading.Thread(target=self._listen, daemon=True).start()

    def note(self, line: str) -> None:
        with self._notes.open("a") as notes:
            notes.write(line + "\n")

    def tell(self, head: Body, content: bytes = b"") -> None:
        sys.stdout.buffer.write(packed(head, content))
        sys.stdout.buffer.flush()

    def events(self, count: int) -> None:
        for _ in range(count):
            self._told += 1
            header = {"app_id": APP_ID, "event_id": str(self._told), "event_type": "made.up"}
            payload = orjson.dumps({"schema": "2.0", "header": header, "event": {"filling": "x" * 1000}})
            self.tell({"what": "event", "number": self._told}, payload)

    def wait_for_answers(self) -> None:
        for _ in range(self._told):
            self._answered.acquire()

    def live(self) -> None:
        while True:
            self.connect()
            time.sleep(0.02)

    def connect(self) -> None:
        self.tell({"what": "state", "connected": True})

    def die_thrice(self) -> None:
        if self._notes.read_text().count("started") <= 3:
            os._exit(1)

    def write(self, raw: bytes) -> None:
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
        time.sleep(60)

    def _listen(self) -> None:
        while True:
            try:
                head, _ = read_message(sys.stdin.buffer)
            except EOFError:
                os._exit(0)
            self.note(f"{head['number']} {head['code']}")
            self._answered.release()


def main() -> None:
    child = Child(Path(sys.argv[1]))
    parts: dict[str, Callable[[], object]] = {
        "connected": child.connect,
        "answered": child.wait_for_answers,
        "die": lambda: os._exit(1),
        "nonsense": lambda: child.write(b"\0\0\0\2hm"),
        "too-long": lambda: child.write(b"\xff\xff\xff\xff"),
        "refused": lambda: child.tell({"what": "refused", "code": 514, "reason": "app secret invalid"}),
        "hang": lambda: time.sleep(60),
        "live": child.live,
        "thrice": child.die_thrice,
    }
    for part in sys.argv[2:]:
        if part.isdigit():
            child.events(int(part))
        else:
            parts[part]()


if __name__ == "__main__":
    main()
