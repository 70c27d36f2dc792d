"""The frames of the long connection are those of the platform's own library."""

import json
import subprocess
import sys
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.feishu.simulator.frames import CONTROL, DATA, Frame, UnreadableFrame, decoded, encoded
from tests.tree.source import ROOT

NUMBERS = st.integers(min_value=0, max_value=2**64 - 1)
SMALL = st.integers(min_value=0, max_value=2**31 - 1)
FRAMES = st.builds(
    Frame,
    method=SMALL,
    headers=st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=5),
    payload=st.binary(max_size=300),
    service=SMALL,
    seq_id=NUMBERS,
    log_id=NUMBERS,
    payload_encoding=st.text(max_size=10),
    payload_type=st.text(max_size=10),
    log_id_new=st.text(max_size=10),
)
SAMPLES = [
    Frame(method=CONTROL, headers={"type": "ping"}, service=1),
    Frame(
        method=DATA,
        headers={"type": "event", "message_id": "m", "sum": "2", "seq": "1", "trace_id": "标"},
        payload=bytes(range(256)) * 300,
        service=2**31 - 1,
        seq_id=2**64 - 1,
        log_id=300,
        payload_encoding="gzip",
        payload_type="json",
        log_id_new="0217",
    ),
]


def as_the_library_reads_it(frames: list[Frame]) -> list[dict[str, Any]]:
    """What the platform's library makes of our bytes."""
    lines = "".join(encoded(frame).hex() + "\n" for frame in frames)
    program = [sys.executable, "-m", "tests.integrations.feishu.sdk_frames"]
    done = subprocess.run(program, input=lines, cwd=ROOT, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_platforms_library_reads_our_frames_and_we_read_its() -> None:
    seen = as_the_library_reads_it(SAMPLES)
    assert [each["read"] for each in seen] == [{**asdict(f), "payload": f.payload.hex()} for f in SAMPLES]
    assert [decoded(bytes.fromhex(each["written"])) for each in seen] == SAMPLES


@given(FRAMES)
def test_what_was_written_is_read_again(frame: Frame) -> None:
    assert decoded(encoded(frame)) == frame


@given(FRAMES)
def test_unknown_fields_are_passed_over(frame: Frame) -> None:
    unknown = bytes([10 << 3, 5, 11 << 3 | 1, *bytes(8), 12 << 3 | 5, *bytes(4), 13 << 3 | 2, 1, 9])
    assert decoded(encoded(frame) + unknown) == frame


def read_or_refused(raw: bytes) -> Frame | UnreadableFrame:
    try:
        return decoded(raw)
    except UnreadableFrame as error:
        return error


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_and_nothing_worse(raw: bytes) -> None:
    assert isinstance(read_or_refused(raw), Frame | UnreadableFrame)


@pytest.mark.parametrize(
    "raw", [b"", b"\x08", b"\x20" + b"\xff" * 11, b"\x42\x05abc", b"\x23", b"\x20\x00\x32\x01\xff"]
)
def test_a_frame_that_is_cut_or_broken_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableFrame):
        decoded(raw)
