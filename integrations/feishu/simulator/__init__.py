"""A stand-in for the Feishu open platform on loopback."""

from integrations.feishu.simulator.cards import check_card
from integrations.feishu.simulator.connections import ClientConfig
from integrations.feishu.simulator.demo import (
    DEMO_APP_ID,
    DEMO_APP_SECRET,
    DEMO_ENCRYPT_KEY,
    DEMO_VERIFICATION_TOKEN,
    App,
)
from integrations.feishu.simulator.envelopes import Envelopes, Pressed, Push, Said
from integrations.feishu.simulator.gate import Limits
from integrations.feishu.simulator.messages import SentMessage, WrittenMessage
from integrations.feishu.simulator.people import Heard, Membership, Press
from integrations.feishu.simulator.server import FeishuSimulator
from integrations.feishu.simulator.shapes import CardProblem

__all__ = [
    "DEMO_APP_ID",
    "DEMO_APP_SECRET",
    "DEMO_ENCRYPT_KEY",
    "DEMO_VERIFICATION_TOKEN",
    "App",
    "CardProblem",
    "ClientConfig",
    "Envelopes",
    "FeishuSimulator",
    "Heard",
    "Limits",
    "Membership",
    "Press",
    "Pressed",
    "Push",
    "Said",
    "SentMessage",
    "WrittenMessage",
    "check_card",
]
