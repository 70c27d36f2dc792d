"""What the platform shows at once to whoever pressed a button."""

from bot.contracts.feature import Words
from bot.inbox import Receipt
from bot.presses import notice


def toast(receipt: Receipt, words: Words) -> dict[str, object]:
    """The body of the answer to a delivery: a toast for a press, else empty."""
    if receipt.press is None:
        return {}
    kind = "info" if receipt.press.outcome == "accepted" else "warning"
    return {"toast": {"type": kind, "content": notice(receipt.press, words)}}
