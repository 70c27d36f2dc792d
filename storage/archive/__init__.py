"""A whole database as one file: for backups and for moving between SQLite and PostgreSQL."""
