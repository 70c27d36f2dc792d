"""The child process: one request after the other from standard input, until it ends.

A request is a JSON frame with ``do`` and what that needs, then frames of content, the last one empty.
The answer is ``ok`` or the name of an error, then the file.
"""

import gc
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson

from bot.heavy.frames import framed, read_frame


def main(requests: BinaryIO, answers: BinaryIO) -> None:
    """Serve until there are no more requests. A request that cannot be done is answered and ends the process."""
    while True:
        try:
            request = orjson.loads(read_frame(requests))
        except EOFError:
            return
        try:
            told, content = b"ok", _done(request, _contents(requests))
        except ValueError as error:  # anything else ends the process, which the service sees
            told, content = type(error).__name__.encode(), b""
        answers.write(framed(told) + framed(content))
        answers.flush()
        if told != b"ok":
            return


def _contents(requests: BinaryIO) -> Iterator[bytes]:
    while content := read_frame(requests):
        yield content


def _done(request: dict[str, Any], contents: Iterator[bytes]) -> bytes:
    if request["do"] == "png":
        from bot.heavy.picture import png

        return png(b"".join(contents).decode(), zoom=request["zoom"])
    from bot.heavy.sheet import xlsx

    return xlsx(request, (row for batch in contents for row in orjson.loads(batch)))


if __name__ == "__main__":
    gc.disable()  # rows come and go without cycles; looking for some takes a tenth of the time
    main(sys.stdin.buffer, sys.stdout.buffer)
