"""How Lingxing writes ids, counts, numbers, days and lists, and nothing looser than that."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BeforeValidator


def _text(value: Any) -> Any:
    """Ids come as text and as numbers for the same field."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _whole(value: Any) -> Any:
    """Counts come as 12, 12.0 and "12"."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.strip().lstrip("-").isdigit():
        return int(value)
    return value


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | str):
        try:
            return Decimal(str(value))
        except InvalidOperation:
            return value
    return value


def _day(value: Any) -> Any:
    """Days are text; what is not known is an empty one."""
    if not isinstance(value, str):
        return value
    return date.fromisoformat(value[:10]) if value else None


def _utc(value: Any) -> Any:
    """Moments named ``_utc`` have no zone."""
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _absent(value: Any) -> Any:
    """Empty text stands for "not given"."""
    return None if value == "" else value


def _items(value: Any) -> Any:
    """An empty list also comes as null, empty text or an empty object."""
    return tuple(value) if isinstance(value, list) else () if value in (None, "", {}) else value


Text = Annotated[str, BeforeValidator(_text)]
MaybeText = Annotated[str | None, BeforeValidator(_absent), BeforeValidator(_text)]
Whole = Annotated[int, BeforeValidator(_whole)]
MaybeWhole = Annotated[int | None, BeforeValidator(_absent), BeforeValidator(_whole)]
MaybeNumber = Annotated[Decimal | None, BeforeValidator(_number), BeforeValidator(_absent)]
Day = Annotated[date, BeforeValidator(_day)]
MaybeDay = Annotated[date | None, BeforeValidator(_day)]
UtcMoment = Annotated[datetime, BeforeValidator(_utc)]
Listed = BeforeValidator(_items)
