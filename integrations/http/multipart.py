"""A form with a file in it, as bytes: platforms take uploads in no other way."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PNG_TYPE = "image/png"


@dataclass(frozen=True, slots=True)
class Media:
    """A file to upload. ``name`` has the ending that tells programs what it is."""

    name: str
    mime_type: str
    body: bytes = field(repr=False)


def multipart(texts: Mapping[str, str], media: Media, *, name: str = "file") -> tuple[str, bytes]:
    """Content type and body of a form with these texts and then the file under ``name``.

    Note: the boundary is made of the file's own hash, so it cannot occur inside.
    """
    boundary = hashlib.sha256(media.body).hexdigest().encode()
    filename = re.sub(r'[\x00-\x1f"\\]', "_", media.name)
    parts = [(f'name="{key}"', "", text.encode()) for key, text in texts.items()]
    parts.append((f'name="{name}"; filename="{filename}"', f"Content-Type: {media.mime_type}\r\n", media.body))
    lines = b"".join(
        b"--%s\r\nContent-Disposition: form-data; %s\r\n%s\r\n%s\r\n" % (boundary, head.encode(), kind.encode(), body)
        for head, kind, body in parts
    )
    return f"multipart/form-data; boundary={boundary.decode()}", lines + b"--%s--\r\n" % boundary
