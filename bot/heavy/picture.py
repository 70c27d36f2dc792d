"""SVG to PNG. Runs in the child process."""

import re
from collections.abc import Iterable
from pathlib import Path

FONT_FOLDERS = tuple(
    map(
        Path,
        (
            "/usr/share/fonts",
            "/usr/local/share/fonts",
            "/System/Library/Fonts",
            "/Library/Fonts",
            "C:/Windows/Fonts",
        ),
    )
)
_CHINESE = re.compile(
    r"cjk|source-?han|wqy|wenquanyi|droidsansfallback|pingfang|stheiti|hiragino|songti|simsun|simhei|msyh|noto(sans|serif)sc",
    re.IGNORECASE,
)
_WRITTEN = re.compile(r"(?<=>)[^<>]+(?=</text>)")
_NOT_LATIN = re.compile(r"[^\x00-\u024f\u2010-\u2030]+")


def png(svg: str, *, zoom: int, folders: Iterable[Path] = FONT_FOLDERS) -> bytes:
    """The picture, ``zoom`` times as large. Without a Chinese font its labels keep their Latin part.

    Raises: ValueError if ``svg`` cannot be drawn.
    """
    from resvg_py import svg_to_bytes

    return bytes(svg_to_bytes(svg_string=svg if _has_chinese_font(folders) else latin_only(svg), zoom=zoom))


def latin_only(svg: str) -> str:
    """``svg`` with an ellipsis for what no Latin font can show, in its texts."""
    return _WRITTEN.sub(lambda found: _NOT_LATIN.sub("…", found[0]), svg)


def _has_chinese_font(folders: Iterable[Path]) -> bool:
    files = (path for folder in folders for path in folder.rglob("*.[to]t[fc]"))
    return any(_CHINESE.search(path.name) for path in files)
