"""Who is who: pairing, enabling groups, signing in, and in which language they are answered."""

from functools import partial

from bot.contracts.feature import Command, Feature, Person
from handlers.people.commands import BindArgs, LanguageArgs, choose_language, enable_group, pair, sign_in
from handlers.people.ports import PeopleDeps


def feature(deps: PeopleDeps) -> Feature:
    """The commands 绑定, 启用, 登录 and 语言."""
    return Feature(
        name="people",
        commands=(
            Command(
                names=("绑定", "bind", "bd"),
                run=partial(pair, deps=deps),
                args=BindArgs,
                result=Person,
                role=None,
                risk="change",
            ),
            Command(names=("启用", "enable", "qy"), run=enable_group, role="admin", risk="change", where="group"),
            Command(names=("登录", "login", "dl"), run=partial(sign_in, deps=deps), where="private"),
            Command(
                names=("语言", "language", "yy"),
                run=partial(choose_language, deps=deps),
                args=LanguageArgs,
                risk="change",
            ),
        ),
    )
