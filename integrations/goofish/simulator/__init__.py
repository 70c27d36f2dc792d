"""A stand-in for 闲管家's open platform on loopback."""

from integrations.goofish.simulator.orders import Act, SimulatedOrder
from integrations.goofish.simulator.server import (
    COMPANIES,
    DEMO_APP_KEY,
    DEMO_APP_SECRET,
    PUSH_WAITS,
    GoofishSimulator,
)

__all__ = [
    "COMPANIES",
    "DEMO_APP_KEY",
    "DEMO_APP_SECRET",
    "PUSH_WAITS",
    "Act",
    "GoofishSimulator",
    "SimulatedOrder",
]
