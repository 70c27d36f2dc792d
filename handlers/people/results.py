"""The plain answers about people, for programs."""

from dataclasses import dataclass

from storage.people.rows import Act


@dataclass(frozen=True, slots=True)
class AuditResult:
    """The acts of one page out of ``total``, newest first."""

    total: int
    acts: tuple[Act, ...]
