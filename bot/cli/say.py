"""``zhanggui say`` and ``zhanggui chat``: the same commands as in any chat, from a terminal."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from bot.app import App
from bot.channels.terminal import card_for_programs, render
from bot.cli.connection import Connection, find_service, is_unconfigured
from bot.cli.lock import locked
from bot.cli.output import tell, tell_json, warn
from bot.cli.ready import try_folder
from bot.contracts.card_json import card_from_json
from bot.contracts.cards import Card
from bot.jobs.choice import is_shared
from bot.settings import Settings, settings_of_this_process
from bot.words import load_catalogue, machine_texts
from storage.holding import held

_GOODBYES = ("退出", "exit", "quit")
_BAD_OUTCOMES = ("failed", "refused", "not_understood", "timeout")


class Line(Protocol):
    """Where a typed line goes: the running service or one of our own."""

    def say(self, text: str, name: str) -> AsyncIterator[dict[str, Any]]: ...

    def press(self, token: str, name: str) -> AsyncIterator[dict[str, Any]]: ...


class _Remote:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def say(self, text: str, name: str) -> AsyncIterator[dict[str, Any]]:
        return self._connection.ask(do="say", text=text, **{"as": name})

    def press(self, token: str, name: str) -> AsyncIterator[dict[str, Any]]:
        return self._connection.ask(do="press", token=token, **{"as": name})


async def say_once(text: str, *, name: str, as_json: bool) -> int:
    """Run one line and print its final card."""
    settings = settings_of_this_process()
    async with _line(settings) as line:
        card, outcome, notice = await _final(line.say(text, name), settings if sys.stdout.isatty() else None)
    if card is None:
        tell(notice or "There was no answer within a minute.")
        return 1
    if as_json:
        tell_json(card_for_programs(card))
    else:
        _show(card, settings)
    return 1 if outcome in _BAD_OUTCOMES or card.tone == "bad" else 0


async def converse(*, name: str) -> int:
    """Lines until the end of input or 退出; a number presses that button of the last card."""
    settings = settings_of_this_process()
    async with _line(settings) as line:
        tell("掌柜: type a command (帮助 lists them), a button's number, or 退出 (exit) to end.")
        last: Card | None = None
        while (typed := await asyncio.to_thread(_prompt)) is not None:
            if not typed.strip():
                continue
            token = _token(last, typed)
            answers = line.press(token, name) if token else line.say(typed, name)
            card, _, notice = await _final(answers, settings if sys.stdout.isatty() else None)
            if card is not None:
                _show(card, settings)
                last = card
            else:
                tell(notice or "There was no answer within a minute.")
    return 0


def _prompt() -> str | None:
    try:
        typed = input("你> ")
    except EOFError:
        return None
    return None if typed.strip().lower() in _GOODBYES else typed


def _token(card: Card | None, typed: str) -> str:
    """The token of the button whose number was typed, or nothing."""
    number = typed.strip()
    if card is None or not number.isdecimal() or not 1 <= int(number) <= len(card.actions):
        return ""
    return card.actions[int(number) - 1].token


async def _final(answers: AsyncIterator[dict[str, Any]], shown: Settings | None) -> tuple[Card | None, str, str]:
    """The last card, the outcome and a notice; cards that are still working are shown if a person watches."""
    card: Card | None = None
    outcome = notice = ""
    async for answer in answers:
        if "card" in answer:
            card = card_from_json(answer["card"])
            if card.tone == "working" and shown is not None:
                _show(card, shown)
        else:
            outcome, notice = answer["outcome"], answer.get("notice", "")
    return card, outcome, notice


def _show(card: Card, settings: Settings) -> None:
    from rich.console import Console

    catalogue = load_catalogue([machine_texts()], timezone=settings.timezone)
    Console(highlight=False, soft_wrap=False).print(render(card, catalogue.words(card.language)))


@asynccontextmanager
async def _line(settings: Settings) -> AsyncIterator[Line]:
    """The running service, else our own for as long as it is needed, else the demo world."""
    connection = await find_service(settings)
    if connection is not None:
        try:
            yield _Remote(connection)
        finally:
            await connection.close()
    elif is_unconfigured(settings):
        try_folder(settings.data_dir)
        async with _own_demo() as app:
            yield app.terminal
    else:
        async with own_service(settings) as app:
            yield app.terminal


@asynccontextmanager
async def _own_demo() -> AsyncIterator[App]:
    from bot.cli.demo import running_demo
    from bot.cli.output import set_up_logs
    from bot.settings import load_settings

    warn("Nothing is set up and nothing runs: this answer comes from the sample world.")
    with tempfile.TemporaryDirectory(prefix="zhanggui-") as folder:
        set_up_logs(load_settings({"ZHANGGUI_DATA_DIR": folder, "LOG_LEVEL": "ERROR"}))
        async with running_demo(Path(folder), port=0, days=180, listening=False) as demo:
            yield demo.app


@asynccontextmanager
async def own_service(settings: Settings) -> AsyncIterator[App]:
    """A service of our own for as long as it is needed, without doors and schedules."""
    from bot.cli.output import set_up_logs
    from bot.cli.run import prepared

    set_up_logs(settings)
    with locked(settings.data_dir):
        app = await prepared(settings)
        async with held(app.database, shared=is_shared(app.database)):
            await app.start(listening=False, on_schedule=False)
            try:
                yield app
            finally:
                await app.stop()
