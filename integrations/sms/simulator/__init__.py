"""A stand-in for the HTTP provider of text messages on loopback."""

from integrations.sms.simulator.server import DEMO_ACCESS_KEY, DEMO_SECRET, SentMessage, SmsSimulator

__all__ = ["DEMO_ACCESS_KEY", "DEMO_SECRET", "SentMessage", "SmsSimulator"]
