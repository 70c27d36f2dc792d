"""Settings are written down where an operator looks for them."""

import re
from pathlib import Path

from bot.settings import SETTINGS, load_settings, setting_of
from tests.tree.source import ROOT

NAMES = {setting.name for setting in SETTINGS}
_COMMENTED = re.compile(r"^# ([A-Z_]+)=(.*)$", re.MULTILINE)


def offered() -> dict[str, str]:
    """What `.env.example` shows, by name."""
    return dict(_COMMENTED.findall((ROOT / ".env.example").read_text(encoding="utf-8")))


def test_the_example_file_offers_every_setting_and_no_other() -> None:
    assert [name for name in offered() if setting_of(name) is None] == []
    assert {setting.name for name in offered() if (setting := setting_of(name))} == NAMES


def test_the_example_file_can_be_used_as_it_is(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text((ROOT / ".env.example").read_text(encoding="utf-8"), encoding="utf-8")
    assert load_settings({}, tmp_path / ".env") == load_settings({})


def test_the_defaults_that_the_example_file_shows_are_the_defaults() -> None:
    elsewhere = (
        "PROXY_",
        "FEISHU_",
        "WHATSAPP_",
        "LINGXING_",
        "SMTP_",
        "WECOM_",
        "SMS_",
        "GOOFISH_",
        "ZHANGGUI_PUBLIC_URL",
    )
    shown = {name: value for name, value in offered().items() if value and not name.startswith(elsewhere)}
    assert load_settings(shown) == load_settings({})


def test_the_readme_names_every_setting() -> None:
    readmes = [path.read_text(encoding="utf-8") for path in ROOT.glob("README.md")]
    named = {f"{setting.name}<SOURCE>" if setting.is_family else setting.name for setting in SETTINGS}
    assert [name for text in readmes for name in sorted(named) if f"`{name}`" not in text] == []


def test_settings_are_asked_for_by_their_name() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot" / "settings").glob("*.py"))
    asked = set(re.findall(r'"([A-Z]+_[A-Z_]+)"', text)) - {"ORDERS_WEBHOOK_", "ORDERS_COMMAND_"}
    assert asked == NAMES
