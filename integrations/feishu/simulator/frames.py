"""The binary frames of the long connection: one protobuf message, written and read by hand.

Source: ``pbbp2.proto`` of the platform's own libraries (SeqID 1, LogID 2, service 3, method 4, headers 5,
payload_encoding 6, payload_type 7, payload 8, LogIDNew 9).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

CONTROL, DATA = 0, 1
"""What ``method`` may be."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_WIDTHS = {_FIXED64: 8, _FIXED32: 4}
_LONGEST_VARINT = 10
_NUMBERS = {1: "seq_id", 2: "log_id", 3: "service", 4: "method"}
_TEXTS = {6: "payload_encoding", 7: "payload_type", 9: "log_id_new"}
_HEADERS, _PAYLOAD = 5, 8


class UnreadableFrame(ValueError):
    """Bytes that are no frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame. A message in several parts has several, told apart by its headers ``sum`` and ``seq``."""

    method: int
    headers: Mapping[str, str] = field(default_factory=dict)
    payload: bytes = b""
    service: int = 0
    seq_id: int = 0
    log_id: int = 0
    payload_encoding: str = ""
    payload_type: str = ""
    log_id_new: str = ""


def encoded(frame: Frame) -> bytes:
    """The frame's bytes. Numbers are written even if 0, because they are required."""
    written = bytearray()
    for number, name in _NUMBERS.items():
        written += _varint(number << 3 | _VARINT) + _varint(getattr(frame, name))
    for key, value in frame.headers.items():
        written += _delimited(_HEADERS, _delimited(1, key.encode()) + _delimited(2, value.encode()))
    for number, name in _TEXTS.items():
        if text := getattr(frame, name):
            written += _delimited(number, text.encode())
    if frame.payload:
        written += _delimited(_PAYLOAD, frame.payload)
    return bytes(written)


def decoded(raw: bytes) -> Frame:
    """The frame in ``raw``; fields that it does not know are passed over. Raises: UnreadableFrame."""
    known: dict[str, int | str | bytes] = {}
    headers: dict[str, str] = {}
    for number, value in _fields(raw):
        if number in _NUMBERS and isinstance(value, int):
            known[_NUMBERS[number]] = value
        elif isinstance(value, int):
            continue
        elif number == _HEADERS:
            header = dict(_fields(value))
            headers[_text(header.get(1))] = _text(header.get(2))
        elif number == _PAYLOAD:
            known["payload"] = value
        elif number in _TEXTS:
            known[_TEXTS[number]] = _text(value)
    if "method" not in known:
        raise UnreadableFrame("no method")
    return Frame(headers=headers, **known)  # type: ignore[arg-type]  # each name has its type above


def _text(value: int | bytes | None) -> str:
    if not isinstance(value, bytes):
        raise UnreadableFrame("no text")
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise UnreadableFrame("not UTF-8") from error


def _varint(value: int) -> bytes:
    left, written = value & (1 << 64) - 1, bytearray()
    while left > 0x7F:
        written.append(left & 0x7F | 0x80)
        left >>= 7
    written.append(left)
    return bytes(written)


def _delimited(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(content)) + content


def _fields(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field: an integer, or bytes."""
    at = 0
    while at < len(raw):
        key, at = _read_varint(raw, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _read_varint(raw, at)
            yield number, value
            continue
        if kind == _BYTES:
            length, at = _read_varint(raw, at)
        elif kind in _WIDTHS:
            length = _WIDTHS[kind]
        else:
            raise UnreadableFrame(f"wire type {kind}")
        if at + length > len(raw):
            raise UnreadableFrame("ends too early")
        yield number, raw[at : at + length]
        at += length


def _read_varint(raw: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(raw[at : at + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value & (1 << 64) - 1, at + place + 1
    raise UnreadableFrame("endless number")
