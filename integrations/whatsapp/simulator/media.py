"""Files on the simulated platform: uploaded, looked up, downloaded, and gone after a while."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.contracts.clock import Clock
from integrations.http.simulation import Answer, Asked, fields_of
from integrations.whatsapp.simulator.contents import ContentProblem
from integrations.whatsapp.simulator.gate import refusal

_MIB = 1024 * 1024
_LIFE = timedelta(days=30)
_LINK_LIFE = timedelta(minutes=5)
_CARRIERS = {
    "image/jpeg": "image",
    "image/png": "image",
    "text/plain": "document",
    "application/pdf": "document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "document",
}
_LINK_PATH = "/media-files/{media_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file. ``kind`` is its MIME type, ``content`` are its bytes as they came."""

    media_id: str
    name: str
    kind: str
    at: datetime
    content: bytes = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def carrier(self) -> str:
        """The type of message that may carry it."""
        return _CARRIERS[self.kind]


class MediaStore:
    """What was uploaded, by id. ``largest`` is what a kind may weigh, in bytes, as the platform documents it."""

    link_path = _LINK_PATH

    def __init__(self, clock: Clock) -> None:
        self.largest = {"image": 5 * _MIB, "document": 100 * _MIB}
        self.files: dict[str, Upload] = {}
        self._clock = clock
        self._linked_at: dict[str, datetime] = {}

    def upload(self, asked: Asked) -> Answer:
        """Take a file, or refuse its type or size."""
        form = fields_of(asked)
        if "file" not in form or "messaging_product" not in form or form["messaging_product"].text != "whatsapp":
            return refusal(100, "messaging_product and file are required")
        file = form["file"]
        carrier = _CARRIERS.get(file.mime_type)
        if carrier is None or "type" not in form or form["type"].text != file.mime_type:
            return refusal(131053, f"Media upload error: type {file.mime_type!r} is not supported")
        if not 0 < len(file.body) <= self.largest[carrier]:
            return refusal(131053, f"Media upload error: {len(file.body)} bytes, at most {self.largest[carrier]}")
        media_id = f"media{len(self.files) + 1}"
        self.files[media_id] = Upload(
            media_id=media_id, name=file.name, kind=file.mime_type, at=self._clock.now(), content=file.body
        )
        return Answer(body={"id": media_id})

    def check(self, media_id: object, carrier: str) -> None:
        """Return if a message of this kind may carry the file. Raises: ContentProblem."""
        upload = self._living(media_id)
        if upload is None:
            raise ContentProblem(131009, "the media id is unknown or has expired")
        if upload.carrier != carrier:
            raise ContentProblem(131053, f"{upload.kind} is no {carrier}")

    def look_up(self, media_id: str, address: str) -> Answer:
        """Where the file can be downloaded for five minutes."""
        upload = self._living(media_id)
        if upload is None:
            return refusal(100, "Object does not exist")
        self._linked_at[media_id] = self._clock.now()
        known = {
            "messaging_product": "whatsapp",
            "id": media_id,
            "mime_type": upload.kind,
            "sha256": hashlib.sha256(upload.content).hexdigest(),
            "file_size": len(upload.content),
            "url": address + _LINK_PATH.format(media_id=media_id),
        }
        return Answer(body=known)

    def download(self, asked: Asked) -> Answer:
        """The bytes; 404 once the link is old."""
        media_id = asked.params["media_id"]
        linked_at = self._linked_at.get(media_id)
        if linked_at is None or self._clock.now() - linked_at > _LINK_LIFE:
            return Answer(status=404, body={})
        upload = self.files[media_id]
        return Answer(body=upload.content, headers={"Content-Type": upload.kind})

    def _living(self, media_id: object) -> Upload | None:
        upload = self.files.get(str(media_id))
        return upload if upload is not None and self._clock.now() - upload.at < _LIFE else None
