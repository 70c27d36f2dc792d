"""``zhanggui check``: all problems of a start at once, each with its id, and what is on and off."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.cli.output import tell, tell_json
from bot.cli.ready import reached, try_folder
from bot.contracts.errors import ConfigError, SettingProblem
from bot.settings import Settings, examine_settings_of_this_process, secret_keys
from storage.database import Database

_TURNS_ON = {"feishu": "FEISHU_APP_ID", "whatsapp": "WHATSAPP_ACCESS_TOKEN", "lingxing": "LINGXING_APP_ID"}


@dataclass(frozen=True, slots=True)
class Found:
    """One problem. ``id`` says of what, in every version: Z101 a setting, Z201 the data directory,
    Z202 the secret key, Z301 the database, Z302 its schema.
    """

    id: str
    problem: SettingProblem


async def check_settings(*, as_json: bool) -> int:
    """Print one line per finding; 1 if the service would not start. Makes nothing."""
    settings, problems = examine_settings_of_this_process()
    wrong = {problem.variable for problem in problems}
    found = [Found("Z101", problem) for problem in problems]
    if "ZHANGGUI_DATA_DIR" not in wrong:
        found += [*_look("Z201", lambda each: try_folder(each.data_dir), settings), *_look("Z202", _try_key, settings)]
    if "DATABASE_URL" not in wrong:
        found += await _look_at_database(settings)
    if as_json:
        _tell_program(settings, found)
    else:
        _tell_person(settings, found)
    return 1 if found else 0


def _look(id_: str, attempt: Callable[[Settings], None], settings: Settings) -> list[Found]:
    try:
        attempt(settings)
    except ConfigError as error:
        return [Found(id_, problem) for problem in error.problems]
    return []


def _try_key(settings: Settings) -> None:
    """Read the key if there is one; the first start writes it."""
    if (settings.data_dir / "secret.key").exists():
        secret_keys(settings)


async def _look_at_database(settings: Settings) -> list[Found]:
    """It answers with an empty schema or this version's. A SQLite file in the data directory may still be made."""
    database = Database(settings.database_url.reveal())
    try:
        if _will_be_made(database, settings):
            return []
        state = await reached(database)
    except ConfigError as error:
        return [Found("Z301", problem) for problem in error.problems]
    finally:
        await database.close()
    step = "whoever runs this service can mend it: make a backup, then run zhanggui migrate"
    other = SettingProblem("DATABASE_URL", f"holds another version's schema: {step}", "zhanggui migrate")
    return [Found("Z302", other)] if state == "other" else []


def _will_be_made(database: Database, settings: Settings) -> bool:
    """It is a SQLite file that the first start makes."""
    path = Path(str(database.url.database)).absolute()
    may_be_made = path.parent == settings.data_dir.absolute() or path.parent.is_dir()
    return database.is_sqlite and may_be_made and not path.exists()


def _state(settings: Settings) -> dict[str, bool]:
    return {
        "feishu": settings.feishu is not None,
        "whatsapp": settings.whatsapp is not None,
        "lingxing": settings.lingxing is not None,
    }


def _tell_program(settings: Settings, found: list[Found]) -> None:
    problems = [{"id": each.id, **asdict(each.problem)} for each in found]
    tell_json({"ok": not found, "problems": problems, "platforms": _state(settings)})


def _tell_person(settings: Settings, found: list[Found]) -> None:
    for each in found:
        tell(f"✗ {each.id} {each.problem.variable}: {each.problem.problem} (example: {each.problem.example})")
    if found:
        return
    tell("✓ The settings are complete; the data directory, the key and the database can be used.")
    for name, is_on in _state(settings).items():
        tell(f"  {name}: {'on' if is_on else f'off (set {_TURNS_ON[name]} to turn it on)'}")
