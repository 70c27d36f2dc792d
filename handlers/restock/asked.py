"""What the words after the command mean: a store or a SKU, days to cover, a page."""

import re
from dataclasses import dataclass, replace

_PAGE = re.compile(r"(.*)#(\d{1,4})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asked:
    """The scope as typed (empty means everything), days to cover if given, and the page from 1."""

    what: str
    days: int | None = None
    page: int = 1

    def page_split(self) -> "Asked":
        """The same with a page written as ``scope#2`` taken off the scope."""
        match = _PAGE.fullmatch(self.what)
        return replace(self, what=match[1].strip(), page=max(1, int(match[2]))) if match else self

    def arguments(self, page: int) -> str:
        """What to type after the command to see ``page`` of the same list."""
        return " ".join(part for part in (f"{self.what}#{page}", "" if self.days is None else str(self.days)) if part)
