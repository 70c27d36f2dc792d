"""What a buyer of virtual goods is handed: card keys in the words of a template."""

from collections.abc import Mapping, Sequence
from string import Formatter

from bot.contracts.errors import UserInputError
from storage.orders.rows import Order

PLAIN_TEMPLATE = "{keys}"
_KEYS = "keys"
_LONGEST = 500
_SHOWN = 4


def read_template(text: str) -> str:
    """A template as somebody writes it, ``\\n`` for a new line. Raises: UserInputError for one that cannot be filled,
    or that would hand over no keys."""
    template = text.replace("\\n", "\n").strip()
    try:
        parts = [part for part in Formatter().parse(template) if part[1] is not None]
    except ValueError:
        parts = []
    names = {name for _, name, _, _ in parts}
    is_plain = not any(spec or conversion for _, _, spec, conversion in parts)
    if _KEYS not in names or not is_plain or not names <= {_KEYS, "order", "item"} or len(template) > _LONGEST:
        shown = {name: f"{{{name}}}" for name in (_KEYS, "order", "item")}
        raise UserInputError(code="shipping_template", values={"text": text[:80], **shown})
    return template


def filled(template: str, keys: Sequence[str], order: Order) -> str:
    """What the buyer gets: the keys line by line where the template wants them."""
    values: Mapping[str, str] = {_KEYS: "\n".join(keys), "order": order.order_id, "item": order.title or order.item_id}
    return template.format_map(values)


def masked_key(key: str) -> str:
    """A key by its end; of a short one hardly anything."""
    return f"••••{key[-_SHOWN:] if len(key) > 2 * _SHOWN else key[-1:]}"
