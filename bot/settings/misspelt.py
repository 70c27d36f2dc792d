"""Names that look like ours and are none: a setting that nobody reads is worse than a wrong one."""

from collections.abc import Iterator, Mapping

from rapidfuzz import fuzz, process

from bot.contracts.errors import SettingProblem
from bot.settings.names import SETTINGS, setting_of

_NEVER_ELSE = ("FEISHU_", "GOOFISH_", "LINGXING_", "ORDERS_COMMAND_", "ORDERS_WEBHOOK_", "WECOM_", "WHATSAPP_")
"""Beginnings that nothing but this service uses."""
_OURS = "ZHANGGUI_"
_NEAR_OURS, _NEAR = 80, 88  # of 100: container platforms add ZHANGGUI_SERVICE_HOST and the like, which is near 76


def misspelt(values: Mapping[str, str]) -> Iterator[SettingProblem]:
    """A problem for each name that is probably meant to be a setting, with the nearest one."""
    examples = {setting.name: setting.example for setting in SETTINGS}
    known = {*examples, *(f"{setting.name}_FILE" for setting in SETTINGS if setting.secret)}
    distinct = [name for name in examples if name.startswith((*_NEVER_ELSE, _OURS)) or "PROXY" in name]
    for name in sorted(each for each in values.keys() - known if setting_of(each) is None):
        nearest, score, _ = process.extractOne(name, distinct, scorer=fuzz.ratio)
        if score >= _least_score(name):
            yield SettingProblem(name, f"is no setting: did you mean {nearest}?", f"{nearest}={examples[nearest]}")


def _least_score(name: str) -> int:
    if name.startswith(_NEVER_ELSE):
        return 0
    return _NEAR_OURS if name.startswith(_OURS) else _NEAR
