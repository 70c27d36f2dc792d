"""A stand-in for a courier interface on loopback."""

from integrations.courier.simulator.server import (
    DEMO_ACCESS_KEY,
    DEMO_SECRET,
    CourierSimulator,
    GivenWaybill,
)

__all__ = ["DEMO_ACCESS_KEY", "DEMO_SECRET", "CourierSimulator", "GivenWaybill"]
