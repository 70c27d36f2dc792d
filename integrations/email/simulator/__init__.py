"""A mail server on loopback that keeps what it is given."""

from integrations.email.simulator.server import EmailSimulator, ReceivedMail

__all__ = ["EmailSimulator", "ReceivedMail"]
