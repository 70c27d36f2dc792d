"""Who is who: pairing, enabling groups, signing in, languages; who may do what, and who did what."""

from functools import partial

from bot.contracts.feature import Command, Feature, Person
from handlers.people.commands import (
    AuditArgs,
    BindArgs,
    GrantArgs,
    LanguageArgs,
    RevokeArgs,
    choose_language,
    enable_group,
    grant_role,
    invite,
    pair,
    revoke_role,
    show_audit,
    sign_in,
)
from handlers.people.ports import PeopleDeps
from handlers.people.results import AuditResult


def feature(deps: PeopleDeps) -> Feature:
    """The commands 绑定, 启用, 登录, 语言, 授权, 撤权, 邀请 and 审计."""
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
            *_rights(deps),
        ),
    )


def _rights(deps: PeopleDeps) -> tuple[Command, ...]:
    admin = partial(Command, role="admin")
    return (
        admin(names=("授权", "grant", "sq"), run=partial(grant_role, deps=deps), args=GrantArgs, risk="change"),
        admin(names=("撤权", "revoke", "cq"), run=partial(revoke_role, deps=deps), args=RevokeArgs, risk="change"),
        admin(
            names=("邀请", "invite", "yq"),
            run=partial(invite, deps=deps),
            args=RevokeArgs,
            risk="change",
            where="private",
        ),
        admin(names=("审计", "audit", "sj"), run=partial(show_audit, deps=deps), args=AuditArgs, result=AuditResult),
    )
