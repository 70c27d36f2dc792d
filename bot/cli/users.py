"""``zhanggui user …``: over the running service or demo, else in the database itself."""

import secrets
from pathlib import Path
from typing import Any

from bot.administration import Administration
from bot.cli.connection import find_service
from bot.cli.output import tell, tell_json
from bot.cli.ready import migrated, reached, try_folder, usable_folder, writable
from bot.contracts.clock import SystemClock, id_source
from bot.settings import settings_of_this_process
from storage.database import Database


async def add(name: str, roles: list[str], identities: list[str], *, as_json: bool) -> int:
    """Add a person and say how they are known."""
    added = await _act({"do": "user add", "name": name, "roles": roles, "identities": identities})
    if as_json:
        tell_json(added)
    else:
        tell(f"{added['name']} ({', '.join(added['roles'])}) has the id {added['id']}.")
    return 0


async def invite(role: str, *, as_json: bool) -> int:
    """Print a pairing code to pass on."""
    invited = await _act({"do": "user invite", "role": role})
    if as_json:
        tell_json(invited)
    else:
        tell(f"Sent to the bot in a private chat within 15 minutes, this gives the role {invited['role']}:")
        tell(f"  绑定 {invited['code']} NAME")
    return 0


async def show_all(*, as_json: bool) -> int:
    """Print everybody; where there is no database yet, none is made."""
    people = await _act({"do": "user list"}, or_nothing=[])
    if as_json:
        tell_json(people)
        return 0
    for each in people:
        tell(f"{each['id']}  {each['name']}  {', '.join(each['roles'])}  {' '.join(each['identities'])}")
    if not people:
        tell("Nobody yet: zhanggui user add NAME --role admin --identity feishu:ou_…")
    return 0


async def _act(asked: dict[str, Any], *, or_nothing: Any = None) -> Any:
    """The act's result; where there is no database yet ``or_nothing``, or without one the database is made."""
    settings = settings_of_this_process()
    connection = await find_service(settings)
    if connection is not None:
        answers = [answer async for answer in connection.ask(**asked)]
        await connection.close()
        return answers[-1]["result"]
    database = Database(settings.database_url.reveal())
    try:
        if or_nothing is not None and (_is_unmade(database, settings.data_dir) or await reached(database) == "empty"):
            return or_nothing
        usable_folder(settings.data_dir)
        state = await reached(database)
        if or_nothing is None:
            await writable(database)
        if state == "empty":
            await migrated(database)
        clock = SystemClock()
        administration = Administration(
            database=database, clock=clock, new_id=id_source(clock), random_below=secrets.randbelow
        )
        return await administration.act(asked)
    finally:
        await database.close()


def _is_unmade(database: Database, data_dir: Path) -> bool:
    """SQLite's file is not there yet but could be: to look into it would make it. Raises: ConfigError."""
    try_folder(data_dir)
    file = Path(str(database.url.database))
    return database.is_sqlite and not file.exists() and (file.parent == data_dir or file.parent.exists())
