"""Why a platform did not do what it was told, in words: its codes are for programs."""

import re

from bot.contracts.feature import Words

_CODE = re.compile(r"([a-z][a-z0-9_]*)(?: ([A-Za-z0-9]+))?")


def reason_told(reason: str, words: Words) -> str:
    """What ``reason`` stands for if it is a code that we know, such as ``unknown_company SF``; else the platform's own
    words."""
    code = _CODE.fullmatch(reason)
    if code is None:
        return reason
    try:
        return words(f"reason.{code[1]}", detail=code[2] or "").strip()
    except KeyError:
        return reason
