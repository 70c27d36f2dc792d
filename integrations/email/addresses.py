"""What a mail address is to us: one mailbox that fits on a line of any protocol."""

import re

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{3,254}}$)(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_SENDER = re.compile(r"(?P<name>[^<>]*?)\s*<(?P<address>[^<>]*)>")


def is_address(text: str) -> bool:
    """True for ``name@host`` in plain letters: no spaces, brackets, quotes or line breaks, nothing else around it."""
    return _ADDRESS.fullmatch(text) is not None


def split_sender(text: str) -> tuple[str, str]:
    """Name and address of ``Name <name@host>``, or an empty name and the whole text."""
    found = _SENDER.fullmatch(text.strip())
    return (found["name"].strip('" '), found["address"]) if found else ("", text.strip())
