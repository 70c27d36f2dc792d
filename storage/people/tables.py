"""Who is known, what they may do, where the bot may speak, and what was done."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from storage.schema import Exact, Moment, metadata

LIMITS = ("store_id", "supplier", "currency", "channel", "chat_id")
"""What tells two grants of one role to one person apart; empty does not limit."""

people = Table(
    "people",
    metadata,
    Column("id", String(14), primary_key=True),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),  # empty: the installation's
    Column("created_at", Moment, nullable=False),
)

identities = Table(
    "identities",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("external_id", Text, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
)
Index("ix_identities_person_id", identities.c.person_id)

grants = Table(
    "grants",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("role", Text, primary_key=True),
    *(Column(name, Text, primary_key=True, server_default="") for name in LIMITS),
    Column("amount", Exact),  # of ``currency``
    Column("ends_at", Moment),
    Column("granted_by", Text, nullable=False),
    Column("granted_at", Moment, nullable=False),
)

own_identities = Table(
    "own_identities",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("external_id", Text, nullable=False),  # how the platform mentions the bot of this account
)

pairing_codes = Table(
    "pairing_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("role", Text, nullable=False),
    Column("person_id", String(14), nullable=False),  # an existing person who adds an identity, or empty
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

pairing_tries = Table(
    "pairing_tries",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("external_id", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("since", Moment, nullable=False),
)

strangers = Table(
    "strangers",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("external_id", Text, primary_key=True),
    Column("answered_at", Moment, nullable=False),  # unknown senders get one reply a day
)

chats = Table(
    "chats",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("chat_id", Text, primary_key=True),
    Column("enabled", Boolean, nullable=False),
    Column("language", Text, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", String(14), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("chat_id", Text, nullable=False),
    Column("sender_id", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("command", Text, nullable=False),
    Column("arguments", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("matter", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),  # the error's code, if it was refused
)
Index("ix_audit_at", audit.c.at)
