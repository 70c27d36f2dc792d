"""Sign-in links and browser sessions. Tokens are stored hashed: whoever reads the database cannot sign in."""

from sqlalchemy import Column, Index, String, Table, Text

from storage.schema import Moment, metadata

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)
Index("ix_sign_in_links_expires_at", sign_in_links.c.expires_at)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("csrf_token", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)
Index("ix_sessions_person_id", sessions.c.person_id)
Index("ix_sessions_expires_at", sessions.c.expires_at)
