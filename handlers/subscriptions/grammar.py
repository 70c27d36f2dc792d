"""How people write when a subscription fires, and how it is written back: what is printed can be typed again."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from typing import Final, Literal

from bot.contracts.errors import UserInputError
from handlers.common.quiet_hours import QuietHours
from handlers.subscriptions.rules import ALL_DAYS, INTERVALS, WORKDAYS, Every, Monthly, Plan, Weekly

_DAYS_ZH = "一二三四五六日"
_DAYS_EN = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_ZH = "[一二三四五六日天]"
_DAY_EN = "(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?s?"
_LATER = ("下午", "晚上", "pm")  # half of the day
_INTERVALS = re.compile(
    r"(?:每隔? ?(?:(?P<zh>\d{1,3}) ?个?)?(?P<half>半个?)?(?P<zh_unit>分钟|小时|分)"
    r"|every (?:(?P<en>\d{1,3}) ?)?(?P<en_unit>min(?:ute)?s?|hours?)\b|(?P<hourly>hourly)\b)",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?:at )?(?P<part>早上|上午|中午|下午|晚上)? ?(?P<hour>\d{1,2})"
    r"(?:[点时](?:(?P<half>半)|(?P<after>\d{1,2})分?)?|[: ](?P<minute>\d{2})(?!\d))?(?: ?(?P<suffix>am|pm)\b)?(?!\d)",
    re.IGNORECASE,
)

Verb = Literal["pause", "resume", "now", "show"]
_VERBS: Final[dict[str, Verb]] = {
    "暂停": "pause",
    "停": "pause",
    "pause": "pause",
    "继续": "resume",
    "恢复": "resume",
    "resume": "resume",
    "现在": "now",
    "试": "now",
    "now": "now",
    "run": "now",
    "": "show",
}
_MANAGED = re.compile(rf"(?P<verb>{'|'.join(_VERBS)})\s*#?(?P<number>\d{{1,9}})", re.IGNORECASE)
_OFF = ("关", "关闭", "取消", "off", "none")
_BETWEEN = re.compile(r"\s*(?:[-–—~]|到|至|\bto\b)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants: a command line, and when."""

    plan: Plan
    line: str


def read_wish(text: str) -> Wish:
    """The plan at the beginning of ``text`` and the command line behind it.

    Raises: UserInputError saying which part is missing or wrong.
    """
    folded = " ".join(unicodedata.normalize("NFKC", text).split())
    plan, line = _interval(folded) or _clock_plan(folded)
    if not line:
        raise UserInputError(code="subscription_no_command", values={"plan": folded[:40]})
    return Wish(plan, line)


def read_plan(text: str) -> Plan:
    """A plan as ``print_plan`` wrote it. Raises: UserInputError for anything else."""
    return read_wish(f"{text} -").plan


def print_plan(plan: Plan, language: str) -> str:
    """The plan in ``zh`` or ``en``, as it may be typed."""
    return _print_zh(plan) if language == "zh" else _print_en(plan)


def read_time(text: str) -> time | None:
    """The time of day at the whole of ``text``, or None."""
    found = _TIME.fullmatch(" ".join(unicodedata.normalize("NFKC", text).split()))
    return None if found is None else _time(found)


def print_time(at: time) -> str:
    return f"{at.hour}:{at.minute:02}"


def _interval(text: str) -> tuple[Plan, str] | None:
    found = _INTERVALS.match(text)
    if found is None:
        return None
    count = int(found["zh"] or found["en"] or 1)
    in_minutes = (found["zh_unit"] or found["en_unit"] or "hour")[:1].lower() in ("分", "m")
    minutes = count if in_minutes else 30 if found["half"] else count * 60
    if minutes not in INTERVALS:
        raise UserInputError(code="subscription_interval", values={"text": found[0]})
    return Every(minutes), text[found.end() :].strip()


def _clock_plan(text: str) -> tuple[Plan, str]:
    for pattern, made in _DAYS:
        found = pattern.match(text)
        if found is not None:
            rest = text[found.end() :].strip()
            at = _TIME.match(rest)
            chosen = None if at is None else _time(at)
            if at is None or chosen is None:
                raise _bad_time(found[0].strip(), at[0] if at else rest.partition(" ")[0])
            return made(found, chosen), rest[at.end() :].strip()
    raise UserInputError(code="subscription_when", values={"text": text.partition(" ")[0][:40]})


def _bad_time(days: str, text: str) -> UserInputError:
    code = "subscription_wrong_time" if text[:1].isdigit() else "subscription_no_time"
    return UserInputError(code=code, values={"text": text[:40], "days": days})


def _time(found: re.Match[str]) -> time | None:
    """The time that was written, or None if no clock shows it."""
    hour, minute = int(found["hour"]), 30 if found["half"] else int(found["after"] or found["minute"] or 0)
    part = found["part"] or (found["suffix"] or "").lower()
    if part in _LATER and hour < 12:
        hour += 12
    elif part == "am" and hour == 12:
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _week(found: re.Match[str], at: time) -> Plan:
    named = [_DAYS_ZH.index(sign.replace("天", "日")) for sign in re.findall(_DAY_ZH, found["days"])]
    return Weekly(tuple(sorted(set(named))), at)


def _named_days(found: re.Match[str], at: time) -> Plan:
    named = [_DAYS_EN.index(name[:3].lower()) for name in re.findall(_DAY_EN, found["days"], re.IGNORECASE)]
    return Weekly(tuple(sorted(set(named))), at)


def _month(found: re.Match[str], at: time) -> Plan:
    day = int(found["day"])
    if not 1 <= day <= 31:
        raise UserInputError(code="subscription_day", values={"text": found["day"]})
    return Monthly(day, at)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_DAYS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], time], Plan]], ...]] = (
    (_pattern(r"每个?[天日]|天天|(?:daily|every ?day)\b"), lambda found, at: Weekly(ALL_DAYS, at)),
    (_pattern(r"每?个?工作日|(?:every )?(?:weekdays?|workdays?)\b"), lambda found, at: Weekly(WORKDAYS, at)),
    (_pattern(r"每?个?周末|(?:every )?weekends?\b"), lambda found, at: Weekly((5, 6), at)),
    (_pattern(rf"每?个?(?:周|星期|礼拜)(?P<days>{_DAY_ZH}(?:[ ,和]?(?:周|星期|礼拜)?{_DAY_ZH})*)"), _week),
    (_pattern(rf"(?:every |weekly (?:on )?)?(?P<days>{_DAY_EN}\b(?:(?:,| and)? ?{_DAY_EN}\b)*)"), _named_days),
    (_pattern(r"每个?月 ?(?P<day>\d{1,2}) ?[日号]"), _month),
    (_pattern(r"(?:monthly|every month)(?: on)?(?: the)? (?P<day>\d{1,2})(?:st|nd|rd|th)?\b"), _month),
)


def _print_zh(plan: Plan) -> str:
    match plan:
        case Every(minutes):
            return "每小时" if minutes == 60 else f"每{minutes}分钟"
        case Monthly(day, at):
            return f"每月{day}日 {print_time(at)}"
        case Weekly(days, at):
            named = "每周" + "".join(_DAYS_ZH[day] for day in days)
            return f"{ {ALL_DAYS: '每天', WORKDAYS: '工作日'}.get(days, named) } {print_time(at)}"


def _print_en(plan: Plan) -> str:
    match plan:
        case Every(minutes):
            return "hourly" if minutes == 60 else f"every {minutes} minutes"
        case Monthly(day, at):
            return f"monthly {day} {print_time(at)}"
        case Weekly(days, at):
            named = " ".join(_DAYS_EN[day] for day in days)
            return f"{ {ALL_DAYS: 'daily', WORKDAYS: 'weekdays'}.get(days, named) } {print_time(at)}"


def read_managing(text: str) -> tuple[Verb, int] | None:
    """What is to be done with which subscription, such as 暂停 3; None if ``text`` says something else.

    Raises: UserInputError if no number follows what is to be done.
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    found = _MANAGED.fullmatch(folded)
    if found is not None:
        return _VERBS[found["verb"].lower()], int(found["number"])
    verb = folded.partition(" ")[0]
    if verb.lower() in _VERBS:
        raise UserInputError(code="subscription_no_number", values={"verb": verb})
    return None


def read_quiet_hours(text: str) -> QuietHours | None:
    """From when to when, such as 22:00-8:00; None for switching them off. Raises: UserInputError."""
    folded = unicodedata.normalize("NFKC", text).strip()
    if folded.lower() in _OFF:
        return None
    match [read_time(part) for part in _BETWEEN.split(folded)]:
        case [time() as starts, time() as ends] if starts != ends:
            return QuietHours(starts, ends)
    raise UserInputError(code="quiet_hours_wrong", values={"text": folded[:40]})


def print_quiet_hours(quiet: QuietHours) -> str:
    """The hours as they may be typed."""
    return f"{print_time(quiet.starts)}-{print_time(quiet.ends)}"
