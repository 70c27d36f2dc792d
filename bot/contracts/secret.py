"""A value that must never be shown."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential. Neither ``repr``, ``str`` nor formatting shows it; ``reveal`` is the only way to the value."""

    value: str = field(repr=False)

    def reveal(self) -> str:
        """The value itself, for the one call that needs it."""
        return self.value

    def __str__(self) -> str:
        return repr(self)
