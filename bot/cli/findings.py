"""What a check found."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.contracts.errors import SettingProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding. ``id`` says of what, in every version: Z101 a setting, Z201 the data directory,
    Z202 the secret key, Z301 the database, Z302 its schema, Z401 what Feishu refuses the app, Z402 a permission
    that the app lacks there, Z403 one that is merely useful, Z404 Feishu could not be asked.

    A ``hint`` keeps nothing from working. ``details`` are for programs.
    """

    id: str
    about: str
    text: str
    hint: bool = False
    example: str = ""
    details: Mapping[str, str] = field(default_factory=dict)

    def line(self) -> str:
        """For the person at the terminal."""
        example = f" (example: {self.example})" if self.example else ""
        return f"{'!' if self.hint else '✗'} {self.id} {self.about}: {self.text}{example}"

    def as_json(self) -> dict[str, object]:
        shown: dict[str, object] = {"id": self.id, "variable": self.about, "problem": self.text}
        return shown | ({"example": self.example} if self.example else {}) | dict(self.details)


def of_setting(id_: str, problem: SettingProblem) -> Finding:
    """A wrong setting, with a valid example."""
    return Finding(id=id_, about=problem.variable, text=problem.problem, example=problem.example)
