"""What an administrator's words about rights mean."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal

from bot.contracts.errors import UserInputError
from bot.contracts.feature import Grant, Role
from bot.contracts.quantities import Money

ROLES: Mapping[str, Role] = {
    "viewer": "viewer",
    "查看者": "viewer",
    "查看": "viewer",
    "operator": "operator",
    "运营": "operator",
    "buyer": "buyer",
    "采购": "buyer",
    "approver": "approver",
    "审批人": "approver",
    "审批": "approver",
    "admin": "admin",
    "管理员": "admin",
}
HERE = ("这里", "本群", "here")
ALL_STORES = ("全部", "所有", "all")
_LIMITS: Mapping[str, str] = {
    "店铺": "store",
    "store": "store",
    "stores": "store",
    "供应商": "supplier",
    "supplier": "supplier",
    "金额": "amount",
    "amount": "amount",
    "群": "chat",
    "chat": "chat",
    "到": "until",
    "until": "until",
}
_LIMIT = re.compile(rf"\s*(?<![A-Za-z])({'|'.join(_LIMITS)})\s*=\s*", re.IGNORECASE)
_UNKNOWN_LIMIT = re.compile(r"(\S*)\s*=")
_AMOUNT = re.compile(r"(\d[\d ]{0,14}(?:\.\d{1,2})?)\s*([A-Za-z]{3}|元|美元|欧元)")
_CURRENCIES = {"元": "CNY", "美元": "USD", "欧元": "EUR"}
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whose right, which role if one was named, and the limits as typed: store, supplier, amount, chat, until."""

    name: str
    role: Role | None
    limits: Mapping[str, str]


def read_wanted(text: str) -> Wanted:
    """What ``王 小明 运营 店铺=Morning US 到=2026-12-31`` says. Raises: UserInputError for a limit that
    is unknown, empty or given twice.
    """
    head, *parts = _LIMIT.split(unicodedata.normalize("NFKC", text).strip())
    for words in (head, *parts[1::2]):
        if unknown := _UNKNOWN_LIMIT.search(words):
            raise UserInputError(code="unknown_limit", values={"value": unknown[1][:40]})
    limits: dict[str, str] = {}
    for typed, value in zip(parts[::2], parts[1::2], strict=True):
        name = _LIMITS[typed.lower()]
        if name in limits or not value.strip():
            raise UserInputError(code="grant_limit", values={"value": typed})
        limits[name] = value.strip()
    *words, last = head.split() or [""]
    role = ROLES.get(last.lower())
    return Wanted(name=" ".join(words if role else (*words, last)).strip(), role=role, limits=limits)


def read_amount(text: str) -> Money:
    """``5000CNY`` or ``5 000.50 元``. Raises: UserInputError, also for 0."""
    match = _AMOUNT.fullmatch(text.strip())
    amount = Decimal(match[1].replace(" ", "")) if match else Decimal(0)
    if match is None or not amount:
        raise UserInputError(code="grant_amount", values={"value": text[:40]})
    return Money(amount, _CURRENCIES.get(match[2], match[2].upper()))


def read_end(text: str, now: datetime, zone: tzinfo) -> datetime:
    """The end of the named day in ``zone``. Raises: UserInputError for no day, or one that is over."""
    match = _DAY.fullmatch(text.strip())
    try:
        day = date(*(int(part) for part in match.groups())) if match else None
        end = datetime.combine(day + timedelta(days=1), time(), zone) if day else None
    except (ValueError, OverflowError):
        end = None
    if end is None or end <= now:
        raise UserInputError(code="grant_end", values={"value": text[:40]})
    return end


def check_sensible(grant: Grant) -> None:
    """Return unless an administrator would be limited by more than an end. Raises: UserInputError."""
    if grant.role == "admin" and any((grant.store_id, grant.supplier, grant.currency, grant.chat_id)):
        raise UserInputError(code="grant_admin_limits")


def given_by(grant: Grant, has: tuple[Grant, ...], *, is_end_alone: bool, now: datetime) -> tuple[Grant, ...]:
    """The grants that giving ``grant`` to a person who ``has`` these comes to.

    An end alone keeps the limits: it becomes the end of the limited grants of the role that still count, or if all of
    them are over, of all of them.
    """
    limited = [each for each in has if each.role == grant.role and _is_limited(each)]
    counting = [each for each in limited if each.ends_at is None or now < each.ends_at]
    renewed = tuple(replace(each, ends_at=grant.ends_at) for each in counting or limited)
    return renewed if is_end_alone and renewed else (grant,)


def is_widening(grant: Grant, has: tuple[Grant, ...]) -> bool:
    """True if the role is limited now, or limited to stores, and ``grant`` would take that away."""
    same_role = [each for each in has if each.role == grant.role]
    takes_limits = not _is_limited(grant) and all(map(_is_limited, same_role))
    opens_stores = not grant.store_id and all(each.store_id for each in same_role)
    return bool(same_role) and (takes_limits or opens_stores)


def after_giving(grants: tuple[Grant, ...], grant: Grant) -> tuple[Grant, ...]:
    """A person's grants once ``grant`` is given.

    It takes the place of the one of its role with the same limits; a limited one also that of an unlimited one of
    its role, which would make it mean nothing, and an unlimited one that of all limited ones.
    """
    kept = (
        each
        for each in grants
        if each.role != grant.role or (_limits(each) != _limits(grant) and _is_limited(each) == _is_limited(grant))
    )
    return (*kept, grant)


def _limits(grant: Grant) -> tuple[str, ...]:
    return (grant.store_id, grant.supplier, grant.currency, grant.channel, grant.chat_id)


def _is_limited(grant: Grant) -> bool:
    return any(_limits(grant))


def read_page(text: str) -> tuple[str, int]:
    """``王伟 #2`` as what is asked about and the page from 1."""
    about, mark, page = text.rpartition("#")
    return (about.strip(), max(1, int(page))) if mark and page.isdecimal() and len(page) < 5 else (text.strip(), 1)


def last_day(grant: Grant, zone: tzinfo) -> date | None:
    """The last day on which the grant counts."""
    return (grant.ends_at - timedelta(microseconds=1)).astimezone(zone).date() if grant.ends_at else None
