"""The channels that only send, as far as the settings turn them on."""

from collections.abc import Callable

from bot.channels.base import Channel, Files
from bot.channels.email.channel import EmailChannel
from bot.channels.sms.channel import SmsChannel
from bot.channels.wecom.channel import WeComChannel
from bot.clients import Clients, Foundation
from bot.contracts.feature import Words


def outgoing_channels(
    clients: Clients, base: Foundation, words: Callable[[str], Words], files: Files, *, public_url: str
) -> list[Channel]:
    """E-mail, WeCom and text messages. Their cards link to pages below ``public_url``; if it is empty, to none."""
    database, clock = base.database, base.clock
    channels: list[Channel] = []
    if clients.email is not None:
        channels.append(EmailChannel(clients.email, database, words, clock, files=files, public_url=public_url))
    if clients.wecom is not None:
        channels.append(WeComChannel(clients.wecom, database, words, clock, public_url=public_url))
    if clients.sms is not None:
        channels.append(SmsChannel(clients.sms, words, clock, public_url=public_url))
    return channels
