"""Kinds of ids and amounts that must not be swapped or added blindly."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NewType

StoreId = NewType("StoreId", str)
"""Lingxing's ``sid`` as text: one selling account on one marketplace."""
Msku = NewType("Msku", str)
"""The seller's own code on a marketplace."""
LocalSku = NewType("LocalSku", str)
"""The warehouse's code, shared by listings of several stores."""
Asin = NewType("Asin", str)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency (ISO 4217 code)."""

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.amount + other.amount, self.currency)

    def is_at_most(self, limit: "Money") -> bool:
        """True if it is no more than ``limit``; amounts of two currencies cannot be compared, so then False."""
        return self.currency == limit.currency and self.amount <= limit.amount
