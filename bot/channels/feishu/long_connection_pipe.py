"""What goes through the pipes between the service and the child that holds the long connection.

A message is a frame: a line of JSON, its head, then the content. The child tells (``what``):
``state`` with ``connected``, also from time to time as a sign of life; ``refused`` with ``code`` and ``reason``, its
last word; ``event`` with a ``number`` and the payload as content. The service tells the app's credentials first, then
for each number a ``code`` (200 stored, 500 not stored) and the answer to a press as content.
"""

from typing import BinaryIO

import orjson

from bot.channels.json_body import Body, Unreadable, read_object
from bot.heavy.frames import framed, read_frame

LONGEST_MESSAGE = 2 * 1024 * 1024


def packed(head: Body, content: bytes = b"") -> bytes:
    """A message, ready to be written."""
    return framed(orjson.dumps(head) + b"\n" + content)


def unpacked(frame: bytes) -> tuple[Body, bytes]:
    """Head and content of a message. Raises: Unreadable."""
    head, newline, content = frame.partition(b"\n")
    if not newline:
        raise Unreadable
    return read_object(head), content


def read_message(stream: BinaryIO) -> tuple[Body, bytes]:
    """The next message. Raises: EOFError if the other side is gone."""
    return unpacked(read_frame(stream))
