"""The commands of ``zhanggui`` and what they share: exit codes and how problems are told."""

import asyncio
import gc
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.contracts.errors import AssistantError, ConfigError

app = typer.Typer(
    name="zhanggui",
    help="掌柜: a self-hosted operations assistant that lives in the team's chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
user = typer.Typer(help="People and their roles.", no_args_is_help=True)
app.add_typer(user, name="user")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def main() -> None:
    """Run the command line. Exit 0 done, 1 error, 2 usage."""
    from bot.cli.output import warn

    os.umask(0o077)  # what we write is ours alone
    gc.set_threshold(100_000, 20, 50)  # of what a start imports nothing is garbage, and looking takes a fifth of it
    try:
        app()
    except ConfigError as error:
        for problem in error.problems:
            warn(f"{problem.variable}: {problem.problem}\n    example: {problem.example}")
        sys.exit(1)
    except AssistantError as error:
        warn(str(error))
        sys.exit(1)


def _run(work: Coroutine[Any, Any, int]) -> None:
    code = asyncio.run(work)
    if code:
        raise typer.Exit(code)


@app.command()
def run(
    role: Annotated[
        str, typer.Option(help="all; or, for many processes over one PostgreSQL database, web or worker.")
    ] = "all",
) -> None:
    """Run the service until it is told to stop."""
    from bot.cli.run import serve
    from bot.jobs.choice import ROLES

    chosen = next((each for each in ROLES if each == role), None)
    if chosen is None:
        raise typer.BadParameter(f"{role} is none of {', '.join(ROLES)}")
    _run(serve(chosen))


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where the console listens.")] = 8080,
    data: Annotated[Path | None, typer.Option(help="Where the demo keeps its data; made anew each time.")] = None,
    days: Annotated[int, typer.Option(min=100, max=730, help="Days of invented sales.")] = 180,
    host: Annotated[str, typer.Option(hidden=True)] = "127.0.0.1",
) -> None:
    """Run the service with simulated platforms and a sample world."""
    from bot.cli.demo import show

    _run(show(host=host, port=port, folder=data, days=days))


@app.command()
def say(
    words: Annotated[list[str], typer.Argument(help="The command, such as: 补货 美国 60", show_default=False)],
    as_: Annotated[str, typer.Option("--as", help="Name or id of the person who says it.")] = "",
    json: Json = False,
) -> None:
    """Run one chat command and print its answer."""
    from bot.cli.say import say_once

    _run(say_once(" ".join(words), name=as_, as_json=json))


@app.command()
def chat(as_: Annotated[str, typer.Option("--as", help="Name or id of the person who talks.")] = "") -> None:
    """Talk to the assistant in this terminal."""
    from bot.cli.say import converse

    _run(converse(name=as_))


@app.command()
def simulate(
    *,
    port: Annotated[int, typer.Option(min=0, max=65530, help="Port of the first simulator; the others follow.")] = 9100,
    only: Annotated[
        str, typer.Option(help="Comma-separated platforms: feishu, lingxing, whatsapp, wecom, sms, email.")
    ] = "",
    days: Annotated[int, typer.Option(min=100, max=730, help="Days of invented sales.")] = 180,
    scale: Annotated[int, typer.Option(min=1, max=500, help="How many times larger the world is.")] = 1,
    service: Annotated[
        str, typer.Option(help="Where the service listens to which the simulated people write; empty: nowhere.")
    ] = "http://127.0.0.1:8080",
    long_connection: Annotated[
        bool, typer.Option("--long-connection", help="Print settings that let Feishu's events come that way.")
    ] = False,
    host: Annotated[str, typer.Option(hidden=True)] = "127.0.0.1",
) -> None:
    """Run only the simulated platforms, with /_control to script their weather."""
    from bot.cli.simulate import Simulated, simulate_platforms

    wanted = Simulated(only=only, days=days, scale=scale, service=service, long_connection=long_connection)
    _run(simulate_platforms(wanted, host=host, port=port))


@app.command()
def check(json: Json = False) -> None:
    """Check the settings before a start; prints every problem at once."""
    from bot.cli.check import check_settings

    _run(check_settings(as_json=json))


@app.command()
def migrate() -> None:
    """Bring the database to this version's schema."""
    from bot.cli.run import migrate_database

    _run(migrate_database())


@app.command("reset-secrets")
def reset_secrets() -> None:
    """After the secret key was lost: give up what it encrypted."""
    from bot.cli import run as service

    _run(service.reset_secrets())


@app.command()
def backup(file: Path, json: Json = False) -> None:
    """Copy the whole database into FILE; the service may run meanwhile."""
    from bot.cli import archives

    _run(archives.backup(file, as_json=json))


@app.command("verify-backup")
def verify_backup(file: Path, json: Json = False) -> None:
    """Read FILE to its end and say whether it is whole and what it holds."""
    from bot.cli import archives

    archives.verify(file, as_json=json)


@app.command()
def restore(file: Path, json: Json = False) -> None:
    """Fill an empty database from FILE; what was under way when it was made is not done again."""
    from bot.cli import archives

    _run(archives.fill(file, as_json=json))


@app.command("export-database")
def export_database(file: Path, json: Json = False) -> None:
    """Copy the database of a stopped service into FILE, to go on elsewhere."""
    from bot.cli import archives

    _run(archives.export(file, as_json=json))


@app.command("import-database")
def import_database(file: Path, json: Json = False) -> None:
    """Fill an empty database, SQLite or PostgreSQL, from FILE."""
    from bot.cli import archives

    _run(archives.fill(file, as_json=json))


@app.command("add-keys")
def add_keys(
    file: Path,
    item: Annotated[str, typer.Option(help="The item's number.")],
    *,
    variant: Annotated[str, typer.Option(help="Only for this variant.")] = "",
    account: Annotated[str, typer.Option(help="Only for this shop.")] = "",
    delivered: Annotated[
        bool, typer.Option("--delivered", help="Buyers have them: they are never given to anybody.")
    ] = False,
    json: Json = False,
) -> None:
    """Put the card keys of FILE (text with one per line, CSV or xlsx) into an item's pool."""
    from bot.cli import keys

    place = {"item": item, "variant": variant, "account": account}
    _run(keys.add_keys(file, place, delivered=delivered, as_json=json))


@user.command("add")
def user_add(
    name: str,
    role: Annotated[list[str], typer.Option("--role", help="viewer, operator, buyer, approver or admin; repeatable.")],
    identity: Annotated[list[str] | None, typer.Option("--identity", help="CHANNEL:ID; repeatable.")] = None,
    json: Json = False,
) -> None:
    """Add a person with roles and chat identities."""
    from bot.cli.users import add

    _run(add(name, roles=role, identities=identity or [], as_json=json))


@user.command("invite")
def user_invite(
    role: Annotated[str, typer.Option(help="viewer, operator, buyer, approver or admin.")] = "viewer",
    json: Json = False,
) -> None:
    """Make a pairing code by which somebody in a chat becomes known."""
    from bot.cli.users import invite

    _run(invite(role, as_json=json))


@user.command("list")
def user_list(json: Json = False) -> None:
    """List everybody with roles and identities."""
    from bot.cli.users import show_all

    _run(show_all(as_json=json))
