"""值班, 提醒群 and 阶梯: everybody may look, administrators change."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.contracts.errors import NotAllowedError, NotFoundError, UserInputError
from bot.contracts.feature import Asking, Reply, rest, word
from handlers.common.ladder import DEFAULT_LADDER
from handlers.ladder.cards import duty_card, here_card, ladder_card
from handlers.ladder.grammar import USUAL, read_days, read_rungs
from handlers.ladder.ports import LadderDeps
from storage.database import Transaction
from storage.matters import ladder
from storage.people.store import names_by_id

_OFF = ("关", "off")


@dataclass(frozen=True, slots=True)
class DutyArgs:
    """``text``: weekdays, then names; empty to be shown the week."""

    text: str = rest(default="")


@dataclass(frozen=True, slots=True)
class HereArgs:
    """``state``: empty for on, or 关."""

    state: str = word(default="", longest=10)


@dataclass(frozen=True, slots=True)
class LadderArgs:
    """``text``: rungs one behind the other, or 默认; empty to be shown them."""

    text: str = rest(default="")


async def set_duty(args: DutyArgs, asking: Asking, *, deps: LadderDeps) -> Reply:
    """Show or change who is on duty. Raises: UserInputError, NotFoundError, NotAllowedError."""
    async with deps.database.read() as reader:
        names = await names_by_id(reader)
        roster = await ladder.list_roster(reader)
    if not args.text:
        return Reply((duty_card(_named(roster, names), asking.words, changed=False),))
    _check_admin(asking)
    days, wanted = read_days(args.text.split())
    ids = [_person(name, names, asking) for name in wanted]

    async def change(tx: Transaction) -> None:
        await ladder.set_roster(tx, days, ids)

    after = roster | {day: tuple(ids) for day in days}
    return Reply((duty_card(_named(after, names), asking.words, changed=True),), (change,))


async def set_here(args: HereArgs, asking: Asking, *, deps: LadderDeps) -> Reply:
    """Let this chat get the cards of matters, or not. Raises: UserInputError."""
    if args.state.lower() not in ("", "开", "on", *_OFF):
        raise UserInputError(code="user_input")
    if asking.channel == "terminal":
        raise UserInputError(code="ladder_terminal")
    is_on = args.state.lower() not in _OFF

    async def change(tx: Transaction) -> None:
        chat = (asking.channel, asking.chat_id)
        await ladder.set_alarm_chat(tx, *chat, wanted=is_on, by=asking.person.id, now=asking.now)

    return Reply((here_card(asking.words, is_on=is_on),), (change,))


async def set_ladder(args: LadderArgs, asking: Asking, *, deps: LadderDeps) -> Reply:
    """Show or change the ladder of new matters. Raises: UserInputError, NotAllowedError."""
    async with deps.database.read() as reader:
        names = await names_by_id(reader)
        rungs = await ladder.list_rungs(reader)
    if not args.text:
        shown = rungs or DEFAULT_LADDER
        return Reply((ladder_card(shown, names, asking.words, is_usual=not rungs, changed=False),))
    _check_admin(asking)
    is_usual = args.text.lower() in USUAL
    persons = {name: person_id for person_id, name in names.items()}
    wanted = () if is_usual else read_rungs(args.text.split(), persons)

    async def change(tx: Transaction) -> None:
        await ladder.replace_rungs(tx, wanted)

    card = ladder_card(wanted or DEFAULT_LADDER, names, asking.words, is_usual=is_usual, changed=True)
    return Reply((card,), (change,))


def _check_admin(asking: Asking) -> None:
    if not asking.person.has("admin"):
        raise NotAllowedError(code="role_missing", values={"role": "admin"})


def _person(name: str, names: dict[str, str], asking: Asking) -> str:
    found = [person_id for person_id, known in names.items() if known == name]
    if not found:
        meant = asking.words("ladder.separator").join(names.values())
        raise NotFoundError(code="matter_nobody", values={"name": name[:40], "meant": meant})
    return found[0]


def _named(roster: dict[int, tuple[str, ...]], names: dict[str, str]) -> dict[int, tuple[str, ...]]:
    return {day: tuple(_known(ids, names)) for day, ids in roster.items()}


def _known(ids: Iterable[str], names: dict[str, str]) -> Iterable[str]:
    return (names[person_id] for person_id in ids if person_id in names)
