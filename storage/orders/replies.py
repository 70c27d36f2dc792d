"""What people write to buyers: kept before a marketplace is told, with how far it got."""

from dataclasses import asdict

from sqlalchemy import select

from storage.database import Reader, Transaction
from storage.orders.rows import BuyerReply
from storage.orders.tables import order_replies
from storage.upsert import insert_into


async def load_reply(reader: Reader, reply_id: str) -> BuyerReply | None:
    """The reply, or None; within a transaction nobody else changes it until the commit."""
    statement = select(order_replies).where(order_replies.c.id == reply_id)
    if isinstance(reader, Transaction):
        statement = statement.with_for_update()
    row = (await reader.execute(statement)).one_or_none()
    return None if row is None else BuyerReply(**row._mapping)


async def put_reply(tx: Transaction, reply: BuyerReply) -> None:
    """Keep how far a reply is."""
    row = asdict(reply)
    statement = insert_into(order_replies, tx).values(row)
    await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row))
