"""Personal data as it may be shown where others read along."""

import re

_STARS = "****"
_EMAIL = re.compile(r"([\w.+-])[\w.+-]*(@[\w-]+(?:\.[\w-]+)+)")
_PHONE = re.compile(r"(?<![\w*])(?:\+\d[\d -]{7,20}\d|\d{9,20}|\d{3}[ -]\d{4}[ -]\d{4})(?![\w*])")
_SHOWN_OF_ADDRESS = 6  # province and city


def masked(text: str) -> str:
    """``text`` with every telephone number as ``138****5678`` and every e-mail address as ``w****@shop.example``."""
    return _PHONE.sub(_masked_phone, _EMAIL.sub(rf"\1{_STARS}\2", text))


def masked_address(address: str) -> str:
    """The beginning of a postal address; a short one is hidden altogether."""
    shown = address[:_SHOWN_OF_ADDRESS] if len(address) > 2 * _SHOWN_OF_ADDRESS else ""
    return shown + _STARS


def _masked_phone(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    return f"{digits[:3]}{_STARS}{digits[-4:]}"
