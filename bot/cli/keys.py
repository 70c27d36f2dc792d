"""``zhanggui add-keys``: card keys from a file into a pool, over the running service, else into the database itself."""

from pathlib import Path
from typing import Any

from bot.cli.connection import find_service
from bot.cli.output import tell, tell_json, warn
from bot.cli.say import own_service
from bot.contracts.errors import ConflictError
from bot.settings import Settings, settings_of_this_process
from bot.words import load_catalogue
from handlers.orders.key_files import KeysRead, read_keys
from handlers.registry import text_folders


async def add_keys(path: Path, place: dict[str, str], *, delivered: bool, as_json: bool) -> int:
    """Import the keys of a file; nothing of one in which anything is wrong. 1 if so."""
    settings = settings_of_this_process()
    read = _read(path)
    if read.problems:
        _tell_problems(read, settings, as_json=as_json)
        return 1
    about = " ".join([f"{name}={value}" for name, value in place.items() if value] + ["delivered"] * delivered)
    asked = {"do": "add keys", **place, "keys": read.keys, "delivered": delivered, "about": about}
    added = await _act(asked, settings)
    rows = [read.rows[position] for position in added["known"]]
    if as_json:
        tell_json({"ok": True, "new": added["new"], "known_rows": rows})
        return 0
    if delivered:
        tell(f"{len(read.keys)} keys will never be given to anybody; {added['new']} of them were not known yet.")
        return 0
    tell(f"{added['new']} keys are new.")
    if rows:
        tell(f"{len(rows)} were imported before and are left out: rows {', '.join(map(str, rows))}.")
    return 0


def _read(path: Path) -> KeysRead:
    try:
        return read_keys(path.name, path.read_bytes())
    except OSError as error:
        raise ConflictError(f"{path} cannot be read ({error.strerror}): name another file") from error


def _tell_problems(read: KeysRead, settings: Settings, *, as_json: bool) -> None:
    words = load_catalogue(text_folders(), timezone=settings.timezone).words(settings.language)
    said = [words(f"orders.key_problem.{each.code}", row=each.row, other=each.other) for each in read.problems]
    if as_json:
        tell_json({"ok": False, "problems": said})
        return
    for each in said:
        warn(each)
    warn("Nothing was imported.")


async def _act(asked: dict[str, Any], settings: Settings) -> Any:
    connection = await find_service(settings)
    if connection is None:
        async with own_service(settings) as app:
            return await app.administration.act(asked)
    answers = [answer async for answer in connection.ask(**asked)]
    await connection.close()
    return answers[-1]["result"]
