"""Buyers' data and what they write, encrypted where they are kept."""

import orjson

from storage.credentials.cipher import Cipher, UnreadableSecretError
from storage.orders.rows import Buyer


def seal_buyer(cipher: Cipher, order_key: str, buyer: Buyer) -> str:
    """What is kept of a buyer; nothing of nobody."""
    known = {name: text for name, text in buyer.items() if text}
    return seal_text(cipher, order_key, orjson.dumps(known).decode()) if known else ""


def open_buyer(cipher: Cipher, order_key: str, sealed: str) -> Buyer:
    """The buyer; nobody if none is known, or no key opens it any more."""
    told: Buyer = orjson.loads(open_text(cipher, order_key, sealed) or "{}")
    return told


def joined_buyer(cipher: Cipher, order_key: str, known: str, told: str, *, is_newer: bool) -> str:
    """What is kept of a buyer who was told of again, in part or whole; ``known`` itself if that adds nothing."""
    old, new = open_buyer(cipher, order_key, known), open_buyer(cipher, order_key, told)
    whole: Buyer = {**old, **new} if is_newer else {**new, **old}
    return known if whole == old else seal_buyer(cipher, order_key, whole)


def seal_text(cipher: Cipher, place: str, text: str) -> str:
    """``text`` as it is kept at ``place``, which is an order's key or an event's id."""
    return cipher.encrypt(text, f"order:{place}")


def open_text(cipher: Cipher, place: str, sealed: str) -> str:
    """The text; empty if there is none, or no key opens it any more."""
    if not sealed:
        return ""
    try:
        return cipher.decrypt(sealed, f"order:{place}")
    except UnreadableSecretError:
        return ""
