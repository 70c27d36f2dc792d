"""Files of the simulated platform: uploaded by the app, carried by its messages."""

from dataclasses import dataclass, field

import orjson

from integrations.feishu.simulator.gate import Gate, refusal
from integrations.http.simulation import Answer, Asked, fields_of

_TYPES = ("opus", "mp4", "pdf", "doc", "xls", "ppt", "stream")


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """One file with its bytes as they came."""

    name: str
    file_type: str
    content: bytes = field(repr=False)


class FileStore:
    """What was uploaded, by key. ``largest`` is what a file may weigh, in bytes, as the platform documents it."""

    def __init__(self, gate: Gate) -> None:
        self.largest = 30 * 1024 * 1024
        self.files: dict[str, UploadedFile] = {}
        self._gate = gate

    def upload(self, asked: Asked) -> Answer:
        """Take a file, or refuse its form or size."""
        if over := self._gate.over_app_limit(asked.operation):
            return over
        form = fields_of(asked)
        if not {"file", "file_type", "file_name"} <= set(form) or form["file_type"].text not in _TYPES:
            return refusal(234001, "Invalid request param.")
        content = form["file"].body
        if not content:
            return refusal(234010, "File's size can't be 0.")
        if len(content) > self.largest:
            return refusal(234006, "The file size exceed the max value.")
        key = f"file_v3_{len(self.files) + 1}"
        self.files[key] = UploadedFile(form["file_name"].text, form["file_type"].text, content)
        return Answer(body={"code": 0, "msg": "success", "data": {"file_key": key}})

    def problem(self, content: str) -> Answer | None:
        """Why a message of type ``file`` is refused, or None."""
        try:
            key = orjson.loads(content)["file_key"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return refusal(230001, "Your request contains an invalid request parameter, ext=content is not a file")
        return None if key in self.files else refusal(230017, "The file key belongs to another app.")
