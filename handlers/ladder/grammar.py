"""The words in which a roster's days and a ladder's rungs are typed and printed, in Chinese and English."""

import re
from collections.abc import Iterator, Mapping, Sequence

from bot.contracts.errors import UserInputError
from storage.matters.rows import How, Need, Rung

_DAYS: Mapping[str, tuple[int, ...]] = {
    **{name: (day,) for day, name in enumerate(("周一", "周二", "周三", "周四", "周五", "周六", "周日"))},
    **{name: (day,) for day, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))},
    "周天": (6,),
    "每天": tuple(range(7)),
    "daily": tuple(range(7)),
    "工作日": tuple(range(5)),
    "weekdays": tuple(range(5)),
    "周末": (5, 6),
    "weekend": (5, 6),
}
NOBODY = ("无", "没人", "none", "nobody")
USUAL = ("默认", "default")
_HOW: Mapping[str, tuple[How, str]] = {
    "群": ("card", ""),
    "chats": ("card", ""),
    "点名": ("mention", ""),
    "mention": ("mention", ""),
    "私聊": ("private", ""),
    "private": ("private", ""),
    "飞书": ("private", "feishu"),
    "feishu": ("private", "feishu"),
    "whatsapp": ("private", "whatsapp"),
    "短信": ("private", "sms"),
    "sms": ("private", "sms"),
    "邮件": ("private", "email"),
    "email": ("private", "email"),
    "企业微信": ("card", "wecom"),
    "wecom": ("card", "wecom"),
}
_WHO: Mapping[str, str] = {
    "值班": "duty",
    "duty": "duty",
    "运营": "role:operator",
    "operator": "role:operator",
    "采购": "role:buyer",
    "buyer": "role:buyer",
    "审批人": "role:approver",
    "approver": "role:approver",
    "管理员": "role:admin",
    "admin": "role:admin",
}
_NEEDS: Mapping[str, Need] = {"未送达": "delivered", "undelivered": "delivered", "未读": "read", "unread": "read"}
_ONLY_ROBOT = "robot"  # what the settings call one that has no name
_MOST_MINUTES = 7 * 24 * 60
_MOST_RUNGS = 20
_NUMBER = re.compile(r"\d{1,5}")


def read_days(words: Sequence[str]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The weekdays (0 is Monday) at the beginning and the names behind them, each once; no names for nobody.

    Raises: UserInputError without days or names.
    """
    days: list[int] = []
    rest = list(words)
    while rest and rest[0].lower() in _DAYS:
        days += _DAYS[rest.pop(0).lower()]
    if not days or not rest:
        raise UserInputError(code="duty_days", values={"text": " ".join(words)[:60]})
    names = () if rest[0].lower() in NOBODY else tuple(dict.fromkeys(name.removeprefix("@") for name in rest))
    return tuple(sorted(set(days))), names


def print_day(day: int, language: str) -> str:
    """The weekday's name."""
    return list(_DAYS)[day if language == "zh" else day + 7]


def read_rungs(words: Sequence[str], persons: Mapping[str, str]) -> tuple[Rung, ...]:
    """Rungs such as ``0 群 10 点名 值班 30 短信 值班 未读``: minutes, how, whom, and what must be missing.

    ``persons`` are ids by name. Raises: UserInputError naming the word that is not understood.
    """
    return tuple(_rung(position, part, persons) for position, part in enumerate(_parts(words)))


def _parts(words: Sequence[str]) -> Iterator[list[str]]:
    starts = [number for number, word in enumerate(words) if _NUMBER.fullmatch(word)]
    if not words or not starts or starts[0] != 0 or len(starts) > _MOST_RUNGS:
        raise UserInputError(code="ladder_rung", values={"text": " ".join(words)[:60]})
    for start, end in zip(starts, [*starts[1:], len(words)], strict=True):
        yield list(words[start:end])


def _rung(position: int, part: list[str], persons: Mapping[str, str]) -> Rung:
    problem = UserInputError(code="ladder_rung", values={"text": " ".join(part)[:60]})
    minutes, rest = int(part[0]), [word.lower() for word in part[1:]]
    if minutes > _MOST_MINUTES or not rest or rest[0] not in _HOW:
        raise problem
    how, channel = _HOW[rest.pop(0)]
    needs: Need = _NEEDS[rest.pop()] if rest and rest[-1] in _NEEDS else "acknowledged"
    if how == "card":
        target = f"chat:{channel}:{_ONLY_ROBOT}" if channel else "chats"
        channel = ""
    else:
        name = rest.pop(0) if rest else "值班"
        known = {each.lower(): person_id for each, person_id in persons.items()}
        if name not in _WHO and name.removeprefix("@") not in known:
            raise problem
        target = _WHO.get(name) or f"person:{known[name.removeprefix('@')]}"
    if rest:
        raise problem
    return Rung(position=position, after_minutes=minutes, how=how, target=target, channel=channel, needs=needs)


def print_rung(rung: Rung, language: str, names: Mapping[str, str]) -> str:
    """The rung as it may be typed; ``names`` are people's by id."""
    first = 0 if language == "zh" else 1
    channel = rung.target.split(":")[1] if rung.target.startswith("chat:") else rung.channel
    how = [word for word, meant in _HOW.items() if meant == (rung.how, channel)]
    parts = [str(rung.after_minutes), how[first] if len(how) > 1 else how[0]]
    if rung.how != "card":
        who = [word for word, meant in _WHO.items() if meant == rung.target]
        parts.append(who[first] if who else names.get(rung.target.partition(":")[2], "?"))
    needs = [word for word, meant in _NEEDS.items() if meant == rung.needs]
    return " ".join([*parts, *needs[first : first + 1]])
