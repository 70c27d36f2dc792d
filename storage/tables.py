"""Imports every table, so that the metadata is complete."""

import storage.alerts.tables
import storage.catalog.tables
import storage.credentials.tables
import storage.inbox.tables
import storage.jobs.tables
import storage.matters.tables
import storage.orders.key_tables
import storage.orders.tables
import storage.outbox.tables
import storage.people.tables
import storage.rates.tables
import storage.sign_in.tables
import storage.subscriptions.tables
import storage.sync.tables  # noqa: F401
