"""What goes through the pipes between the service and its child: a length in four bytes, then so many bytes."""

from typing import BinaryIO

LENGTH = 4


def framed(content: bytes) -> bytes:
    """``content`` behind its length."""
    return len(content).to_bytes(LENGTH, "big") + content


def read_frame(stream: BinaryIO) -> bytes:
    """The next frame. Raises: EOFError if the other side is gone."""
    length = stream.read(LENGTH)
    if len(length) < LENGTH:
        raise EOFError
    return stream.read(int.from_bytes(length, "big"))
