"""A stand-in for the WhatsApp Cloud API on loopback."""

from integrations.whatsapp.simulator.demo import (
    DEMO_ACCESS_TOKEN,
    DEMO_APP_SECRET,
    DEMO_PHONE_NUMBER_ID,
    DEMO_VERIFY_TOKEN,
    App,
)
from integrations.whatsapp.simulator.envelopes import Envelopes, Push, Said
from integrations.whatsapp.simulator.gate import Limits
from integrations.whatsapp.simulator.messages import SentMessage, WrittenMessage
from integrations.whatsapp.simulator.people import Choose, Heard
from integrations.whatsapp.simulator.server import WhatsAppSimulator

__all__ = [
    "DEMO_ACCESS_TOKEN",
    "DEMO_APP_SECRET",
    "DEMO_PHONE_NUMBER_ID",
    "DEMO_VERIFY_TOKEN",
    "App",
    "Choose",
    "Envelopes",
    "Heard",
    "Limits",
    "Push",
    "Said",
    "SentMessage",
    "WhatsAppSimulator",
    "WrittenMessage",
]
