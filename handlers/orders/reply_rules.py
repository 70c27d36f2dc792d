"""What may be written to buyers: nothing that leads them away from the marketplace. Pure."""

import re
import unicodedata
from collections.abc import Mapping

from bot.contracts.errors import UserInputError

_WORDS = ("微信", "薇信", "威信", "v信", "扣扣", "支付宝", "银行卡", "线下", "转账")
_LATIN = ("wechat", "weixin", "alipay", "qq", "vx", "wx")
_NAMES: Mapping[str, str] = {"薇信": "微信", "威信": "微信", "v信": "微信", "扣扣": "QQ"}
_BETWEEN = re.compile(r"[\W_]+")
_LATIN_WORD = re.compile(rf"(?<![a-z])(?:{'|'.join(_LATIN)})(?![a-z])")
_MOBILE = re.compile(r"(?<!\d)(?:86)?1[3-9]\d{9}(?!\d)")


def leads_away(text: str) -> str:
    """The first thing in ``text`` that leads a buyer off the marketplace, empty if there is none.

    Spaces and signs between letters hide nothing.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    squeezed = _BETWEEN.sub("", plain)
    chinese = next((word for word in _WORDS if word in squeezed), "")
    if chinese:
        return _NAMES.get(chinese, chinese)
    latin = _LATIN_WORD.search(plain) or _LATIN_WORD.search(squeezed)
    mobile = _MOBILE.search(squeezed)
    return latin[0] if latin else mobile[0] if mobile else ""


def read_reply(text: str) -> str:
    """What will be written. Raises: UserInputError naming what leads away from the marketplace."""
    said = text.strip()
    if found := leads_away(said):
        raise UserInputError(code="reply_leads_away", values={"text": found})
    return said
