"""Scripts, styles and icons: read once, kept by browsers as long as they ask whether something changed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from bot.console.gate import Refusal
from bot.console.guests import Guests

_FOLDER: Final = Path(__file__).parent / "static"
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    content_type: str
    etag: str


class StaticFiles:
    """Serves the files of ``static/`` and of the guests' own, and nothing else."""

    def __init__(self, guests: Guests | None = None) -> None:
        folders = (_FOLDER, guests.folder / "static") if guests else (_FOLDER,)
        paths = [path for folder in folders for path in folder.iterdir()]
        self._files: Mapping[str, _File] = {path.name: _read(path) for path in paths}

    async def serve(self, request: web.Request) -> web.Response:
        """The file, or 304 if the browser's copy is still good."""
        file = self._files.get(request.match_info["name"])
        if file is None:
            raise Refusal(404, "no_page")
        headers = {"ETag": file.etag, "Cache-Control": "no-cache"}
        if request.headers.get("If-None-Match") == file.etag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=file.content, content_type=file.content_type, charset="utf-8", headers=headers)


def _read(path: Path) -> _File:
    content = path.read_bytes()
    return _File(content, _TYPES[path.suffix], f'"{hashlib.sha256(content).hexdigest()[:20]}"')
