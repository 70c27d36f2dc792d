"""Words for customers' orders that doors, platforms and storage share."""

from typing import Literal

OrderState = Literal["pending_payment", "paid", "shipped", "completed", "closed", "refunded"]
RefundState = Literal["none", "requested", "closed", "refunded"]
"""A refund is a field of its own. ``closed``: refused or taken back, the order goes on as before."""
DeliveryKind = Literal["virtual", "express"]
