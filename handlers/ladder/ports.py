"""What the settings of the ladder need."""

from dataclasses import dataclass

from storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderDeps:
    database: Database
