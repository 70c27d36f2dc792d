"""``zhanggui check``: all problems of a start at once, each with its id, what is on and off, what Feishu says."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bot.cli.check_feishu import look_at_feishu
from bot.cli.findings import Finding, of_setting
from bot.cli.output import set_up_logs, tell, tell_json
from bot.cli.ready import reached, try_folder, writable
from bot.contracts.errors import ConfigError, SettingProblem
from bot.settings import Settings, examine_settings_of_this_process, secret_keys
from storage.database import Database

_TURNS_ON = {
    "feishu": "FEISHU_APP_ID",
    "whatsapp": "WHATSAPP_ACCESS_TOKEN",
    "lingxing": "LINGXING_APP_ID",
    "email": "SMTP_URL",
    "wecom": "WECOM_ROBOT_URL",
    "sms": "SMS_BASE_URL",
    "orders": "ORDERS_WEBHOOK_SECRET_<SOURCE>",
    "goofish": "GOOFISH_APP_KEY",
    "courier": "COURIER_BASE_URL",
}


async def check_settings(*, as_json: bool) -> int:
    """Print one line per finding; 1 if the service would not start or Feishu would not let it work. Makes nothing."""
    settings, problems = examine_settings_of_this_process()
    wrong = {problem.variable for problem in problems}
    found = [of_setting("Z101", problem) for problem in problems]
    if "ZHANGGUI_DATA_DIR" not in wrong:
        found += [*_look("Z201", lambda each: try_folder(each.data_dir), settings), *_look("Z202", _try_key, settings)]
    if "DATABASE_URL" not in wrong:
        found += await _look_at_database(settings)
    if not problems:
        set_up_logs(replace(settings, log_level="ERROR"))  # what calls log is told by the findings
        found += await look_at_feishu(settings)
    if as_json:
        _tell_program(settings, found)
    else:
        _tell_person(settings, found)
    return 1 if any(not each.hint for each in found) else 0


def _look(id_: str, attempt: Callable[[Settings], None], settings: Settings) -> list[Finding]:
    try:
        attempt(settings)
    except ConfigError as error:
        return [of_setting(id_, problem) for problem in error.problems]
    return []


def _try_key(settings: Settings) -> None:
    """Read the key if there is one; the first start writes it."""
    if (settings.data_dir / "secret.key").exists():
        secret_keys(settings)


async def _look_at_database(settings: Settings) -> list[Finding]:
    """It answers with an empty schema or this version's. A SQLite file in the data directory may still be made."""
    database = Database(settings.database_url.reveal())
    try:
        if _will_be_made(database, settings):
            return []
        state = await reached(database)
        await writable(database)
    except ConfigError as error:
        return [of_setting("Z301", problem) for problem in error.problems]
    finally:
        await database.close()
    step = "whoever runs this service can mend it: make a backup, then run zhanggui migrate"
    other = SettingProblem("DATABASE_URL", f"holds another version's schema: {step}", "zhanggui migrate")
    return [of_setting("Z302", other)] if state == "other" else []


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
        "email": settings.email is not None,
        "wecom": settings.wecom is not None,
        "sms": settings.sms is not None,
        "orders": bool(settings.order_sources),
        "goofish": settings.goofish is not None,
        "courier": settings.courier is not None,
    }


def _tell_program(settings: Settings, found: list[Finding]) -> None:
    told: dict[str, list[dict[str, object]]] = {"problems": [], "hints": []}
    for each in found:
        told["hints" if each.hint else "problems"].append(each.as_json())
    tell_json({"ok": not told["problems"], **told, "platforms": _state(settings)})


def _tell_person(settings: Settings, found: list[Finding]) -> None:
    for each in found:
        tell(each.line())
    if any(not each.hint for each in found):
        return
    tell("✓ The settings are complete; the data directory, the key and the database can be used.")
    if settings.feishu is not None and not found:
        tell("✓ Feishu accepts the app and gave it every permission; 测试 in a chat tells which events came.")
    for name, is_on in _state(settings).items():
        tell(f"  {name}: {'on' if is_on else f'off (set {_TURNS_ON[name]} to turn it on)'}")
