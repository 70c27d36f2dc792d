"""Uploaded forms as a simulator reads them."""

import re
from dataclasses import dataclass, field

from integrations.http.simulation.words import Asked

_NAME = re.compile(rb'name="([^"]*)"(?:; filename="([^"]*)")?')
_TYPE = re.compile(rb"Content-Type: ([^\r]*)")


@dataclass(frozen=True, slots=True)
class Uploaded:
    """One field of a form; a plain text has no file name."""

    body: bytes = field(repr=False)
    name: str = ""
    mime_type: str = ""

    @property
    def text(self) -> str:
        return self.body.decode()


def fields_of(asked: Asked) -> dict[str, Uploaded]:
    """The fields of a multipart form by name; none if it is something else."""
    kind, _, boundary = asked.headers.get("content-type", "").partition("boundary=")
    if not kind.startswith("multipart/form-data") or not boundary:
        return {}
    found = {}
    for part in asked.raw.split(b"--" + boundary.strip('"').encode())[1:-1]:
        head, _, body = part.partition(b"\r\n\r\n")
        if named := _NAME.search(head):
            mime_type = _TYPE.search(head)
            uploaded = Uploaded(body[:-2], (named[2] or b"").decode(), mime_type[1].decode() if mime_type else "")
            found[named[1].decode()] = uploaded
    return found
