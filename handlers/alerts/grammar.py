"""The words in which a rule of the team is typed or filled into a form, in Chinese and English."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, Literal

from bot.contracts.errors import UserInputError
from handlers.alerts.watching import MOST_IN_A_ROW, STOCK_KINDS
from storage.alerts.rows import WatchKind

_EVERYTHING = ("全部", "所有", "所有店铺", "all", "every", "everything")
MOST_DAYS = 365
MOST_PERCENT = 1000

Verb = Literal["show", "change", "on", "pause", "end"]
_VERBS: Final[Mapping[str, Verb]] = {
    "": "show",
    "看": "show",
    "show": "show",
    "改": "change",
    "修改": "change",
    "change": "change",
    "edit": "change",
    "启用": "on",
    "开": "on",
    "继续": "on",
    "on": "on",
    "start": "on",
    "暂停": "pause",
    "停": "pause",
    "pause": "pause",
    "结束": "end",
    "放弃": "end",
    "删除": "end",
    "end": "end",
    "discard": "end",
}
_MANAGED = re.compile(rf"(?P<verb>{'|'.join(_VERBS)})\s*[#＃]?(?P<number>\d{{1,6}})(?:\s+(?P<rest>.*))?", re.IGNORECASE)
_NAMED = re.compile(r"(?:规则|rule|watch:?)\s*[#＃]?(\d{1,6}):?", re.IGNORECASE)
_KINDS: Final[Mapping[str, WatchKind]] = {
    "断货": "stockout",
    "缺货": "stockout",
    "stock-out": "stockout",
    "stockout": "stockout",
    "积压": "overstock",
    "滞销": "overstock",
    "overstock": "overstock",
    "销量下降": "drop",
    "下降": "drop",
    "下跌": "drop",
    "sales-drop": "drop",
    "drop": "drop",
    "销量上升": "jump",
    "上升": "jump",
    "上涨": "jump",
    "sales-jump": "jump",
    "jump": "jump",
}
_KIND = re.compile("|".join(_KINDS), re.IGNORECASE)
_IN_A_ROW = re.compile(r"连续\s*(\d{1,3})\s*[天日]|\bfor\s+(\d{1,3})\s*d(?:ays?)?\b", re.IGNORECASE)
_UNIT = "天|日|days?|d|%|percent"
_THRESHOLD = re.compile(rf"(?<![\w-])(\d{{1,4}}\s*(?:{_UNIT}))(?![\w-])", re.IGNORECASE)
_AMOUNT = re.compile(rf"(\d{{1,4}})\s*({_UNIT})?", re.IGNORECASE)
_BARE = re.compile(r"\d{1,4}")
_FILLING = re.compile(
    r"低于|少于|不足|不到|小于|高于|超过|多于|大于|达到|至少"
    r"|(?<!\S)(?:below|under|less than|above|over|more than|by|at least|in|店铺)(?!\S)",
    re.IGNORECASE,
)
_URGENT: Final[Mapping[str, bool]] = {
    "紧急": True,
    "urgent": True,
    "是": True,
    "yes": True,
    "不紧急": False,
    "否": False,
    "no": False,
}


@dataclass(frozen=True, slots=True)
class Slots:
    """What was said of a rule; None is left as it was, or as usual. ``loose`` are words for a store or a SKU."""

    store: str | None = None
    sku: str | None = None
    threshold: int | None = None
    days_in_a_row: int | None = None
    is_urgent: bool | None = None
    loose: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return all(getattr(self, each.name) in (None, ()) for each in fields(self))


@dataclass(frozen=True, slots=True)
class Managing:
    """What is to be done with which rule; ``rest`` is what follows."""

    verb: Verb
    number: int
    rest: str = ""


def is_everything(word: str) -> bool:
    """True if it means all stores, or every SKU."""
    return word.lower() in _EVERYTHING


def read_managing(text: str) -> Managing | None:
    """What is to be done with a rule, such as 启用 3; None if ``text`` says something else."""
    found = _MANAGED.fullmatch(_folded(text))
    if found is None:
        return None
    return Managing(_VERBS[found["verb"].lower()], int(found["number"]), found["rest"] or "")


def read_named(text: str) -> int | None:
    """The number of a rule that is named where a matter may be meant too, such as 规则3."""
    found = _NAMED.fullmatch(_folded(text))
    return int(found[1]) if found else None


def read_kind(text: str) -> tuple[WatchKind, str] | None:
    """The kind of rule at the beginning and what follows; None if ``text`` begins otherwise."""
    folded = _folded(text)
    found = _KIND.match(folded)
    return None if found is None else (_KINDS[found[0].lower()], folded[found.end() :].strip())


def read_slots(kind: WatchKind, text: str, form: Mapping[str, str]) -> Slots:
    """The slots of a rule from typed words and from named fields, which count more.

    Raises: UserInputError naming the slot and what may stand there.
    """
    typed, loose = _typed(_folded(text))
    said = typed | {name: value for name, value in form.items() if value}
    return Slots(
        store=said.get("store"),
        sku=said.get("sku"),
        threshold=_read_threshold(kind, said["threshold"]) if "threshold" in said else None,
        days_in_a_row=_read_in_a_row(said["days"]) if "days" in said else None,
        is_urgent=_read_urgent(said["urgent"]) if "urgent" in said else None,
        loose=loose,
    )


def _typed(text: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The slots that typed words fill, and the words left: of bare numbers the first is the threshold."""
    said, loose = dict[str, str](), list[str]()
    left = text
    for name, pattern in (("days", _IN_A_ROW), ("threshold", _THRESHOLD)):
        left = _FILLING.sub(" ", left) if name == "threshold" else left
        if found := pattern.search(left):
            said[name] = next(part for part in found.groups() if part)
            left = f"{left[: found.start()]} {left[found.end() :]}"
    for word in left.split():
        open_slots = [name for name in ("threshold", "days") if name not in said]
        if word.lower() in _URGENT:
            said["urgent"] = word
        elif _BARE.fullmatch(word) and open_slots:
            said[open_slots[0]] = word
        else:
            loose.append(word)
    return said, tuple(loose)


def _read_threshold(kind: WatchKind, text: str) -> int:
    in_days = kind in STOCK_KINDS
    most = MOST_DAYS if in_days else 100 if kind == "drop" else MOST_PERCENT
    found = _AMOUNT.fullmatch(text)
    is_unit_right = found is not None and (not found[2] or in_days == (found[2].lower() not in ("%", "percent")))
    if found is None or not is_unit_right or not 1 <= int(found[1]) <= most:
        code = "watch_days" if in_days else "watch_percent"
        raise UserInputError(code=code, values={"text": text[:20], "most": str(most)})
    return int(found[1])


def _read_in_a_row(text: str) -> int:
    found = _AMOUNT.fullmatch(text)
    if found is None or not 1 <= int(found[1]) <= MOST_IN_A_ROW:
        raise UserInputError(code="watch_in_a_row", values={"text": text[:20], "most": str(MOST_IN_A_ROW)})
    return int(found[1])


def _read_urgent(text: str) -> bool:
    if text.lower() not in _URGENT:
        raise UserInputError(code="watch_urgent", values={"text": text[:20]})
    return _URGENT[text.lower()]


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())
