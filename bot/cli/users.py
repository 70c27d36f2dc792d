"""``zhanggui user …``: over the running service, else in the database itself."""

import secrets
from typing import Any

from bot.administration import Administration
from bot.cli.connection import connect
from bot.cli.output import tell, tell_json
from bot.cli.ready import migrated, reached, usable_folder
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
    """Print everybody."""
    people = await _act({"do": "user list"})
    if as_json:
        tell_json(people)
        return 0
    for each in people:
        tell(f"{each['id']}  {each['name']}  {', '.join(each['roles'])}  {' '.join(each['identities'])}")
    if not people:
        tell("Nobody yet: zhanggui user add NAME --role admin --identity feishu:ou_…")
    return 0


async def _act(asked: dict[str, Any]) -> Any:
    settings = settings_of_this_process()
    connection = await connect(settings.data_dir)
    if connection is not None:
        answers = [answer async for answer in connection.ask(**asked)]
        await connection.close()
        return answers[-1]["result"]
    usable_folder(settings.data_dir)
    database = Database(settings.database_url.reveal())
    try:
        if await reached(database) == "empty":
            await migrated(database)
        clock = SystemClock()
        administration = Administration(
            database=database, clock=clock, new_id=id_source(clock), random_below=secrets.randbelow
        )
        return await administration.act(asked)
    finally:
        await database.close()
