"""People who write to the service in WhatsApp, and what they see there."""

from collections.abc import Callable
from typing import Any

from bot.cli.demo import WHATSAPP_NUMBERS
from integrations.whatsapp.simulator import Choose, Heard, Said, SentMessage
from tests.scenarios.stage import Stage

ADMIN, OPERATOR, VIEWER = WHATSAPP_NUMBERS
STRANGER = "447700900999"


async def write(stage: Stage, text: str, *, by: str = ADMIN, **how: Any) -> Heard:
    """Write to the bot; ``how`` are further fields of ``Said``."""
    return await stage.whatsapp.people.say(Said(text=text, sender_id=by, **how))


async def ask(stage: Stage, text: str, *, by: str = ADMIN, **how: Any) -> SentMessage:
    """Write to the bot and wait for the end of its answer."""
    before = len(seen(stage, by))
    await write(stage, text, by=by, **how)
    await stage.settled()
    return seen(stage, by)[before:][-1]


async def choose(stage: Stage, message: SentMessage, title: str, *, copies: int = 1) -> SentMessage:
    """Tap a button or a row, and wait for what follows."""
    chosen = Choose(message_id=message.message_id, title=title, copies=copies)
    await stage.whatsapp.people.choose(chosen)
    await stage.settled()
    return seen(stage, message.person_id)[-1]


async def first(stage: Stage, wanted: Callable[[SentMessage], bool]) -> SentMessage:
    """The first message of the bot that is as ``wanted``."""
    await stage.until(lambda: any(map(wanted, stage.whatsapp.messages.values())))
    return next(each for each in stage.whatsapp.messages.values() if wanted(each))


def seen(stage: Stage, person_id: str = ADMIN) -> list[SentMessage]:
    """Everything the bot sent to a person."""
    return [each for each in stage.whatsapp.messages.values() if each.person_id == person_id]


def titles(stage: Stage, person_id: str = ADMIN) -> list[str]:
    """The first lines of what the bot sent to a person."""
    return [each.text.split("\n")[0] for each in seen(stage, person_id)]


async def states(stage: Stage) -> list[str]:
    """How far the messages to WhatsApp got, by our own books."""
    rows = await stage.rows("SELECT state FROM messages WHERE channel = 'whatsapp' ORDER BY id")
    return [state for (state,) in rows]
