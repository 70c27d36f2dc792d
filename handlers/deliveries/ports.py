"""What tracing and replaying need."""

from dataclasses import dataclass

from storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveriesDeps:
    database: Database
