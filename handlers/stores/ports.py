"""What the stores command needs."""

from dataclasses import dataclass

from storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class StoresDeps:
    database: Database
