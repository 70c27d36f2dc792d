"""The `.env` file: ``NAME=value`` lines, values bare or quoted, comments with ``#``."""

import re
from pathlib import Path

from bot.contracts.errors import SettingProblem

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)")
_QUOTED = re.compile(r"""(?:'([^']*)'|"([^"]*)")\s*(?:\s#.*)?""")
_COMMENT = re.compile(r"(?:^|\s+)#.*")


def read_env_file(path: Path) -> tuple[dict[str, str], list[SettingProblem]]:
    """The values of the file, and each line that is none. A file that does not exist has no values."""
    if not path.exists():
        return {}, []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        return {}, [SettingProblem(path.name, f"cannot be read ({type(error).__name__})", "a UTF-8 text file")]
    values: dict[str, str] = {}
    problems: list[SettingProblem] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        value = _value(match[2]) if match else None
        if match and value is not None:
            values[match[1]] = value
        else:
            problems.append(SettingProblem(f"{path.name} line {number}", "is not NAME=value", "LOG_LEVEL=INFO"))
    return values, problems


def _value(text: str) -> str | None:
    if not text.startswith(("'", '"')):
        return _COMMENT.sub("", text).strip()
    match = _QUOTED.fullmatch(text)
    return (match[1] or match[2] or "") if match else None
