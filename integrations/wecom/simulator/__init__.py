"""A stand-in for WeCom's group robots on loopback."""

from integrations.wecom.simulator.server import DEMO_KEY, SentMessage, WeComSimulator

__all__ = ["DEMO_KEY", "SentMessage", "WeComSimulator"]
