"""Telling a wrong secret key at the start, before it is found out by what cannot be read any more."""

from sqlalchemy import delete, select

from storage.credentials.cipher import Cipher, UnreadableSecretError
from storage.credentials.tables import key_checks, tokens
from storage.database import Transaction
from storage.upsert import insert_into

_NAME = "secret-key"


async def fit_key(tx: Transaction, cipher: Cipher) -> bool:
    """Whether ``cipher`` opens what this database's secrets are encrypted with; the first one asked about does."""
    sealed = cipher.encrypt(_NAME, _NAME)
    await tx.execute(insert_into(key_checks, tx).values(name=_NAME, value=sealed).on_conflict_do_nothing())
    kept = (await tx.execute(select(key_checks.c.value).where(key_checks.c.name == _NAME))).scalar_one()
    try:
        return cipher.decrypt(kept, _NAME) == _NAME
    except UnreadableSecretError:
        return False


async def forget_key(tx: Transaction) -> None:
    """Give up what a lost key encrypted: the platforms lend new tokens."""
    await tx.execute(delete(tokens))
    await tx.execute(delete(key_checks))
