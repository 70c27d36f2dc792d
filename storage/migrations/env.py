"""What Alembic runs: one history for SQLite and PostgreSQL, over the connection it is given."""

from alembic import context

import storage.tables  # noqa: F401  (fills the metadata)
from storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
