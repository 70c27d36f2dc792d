"""What the restock commands need."""

from dataclasses import dataclass

from handlers.restock.policy import RestockPolicy
from storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class RestockDeps:
    database: Database
    policy: RestockPolicy
