"""The settings of where orders come from and what they are shipped with."""

import re

from bot.contracts.secret import Secret
from bot.settings.model import CommandAddress, CourierSettings, GoofishSettings, OrderSource
from bot.settings.reader import Reader, split_url
from integrations.marketplace.signing import BadSecret, Signer, split_secrets

_SECRET, _URL, _COMMAND_SECRET = "ORDERS_WEBHOOK_SECRET_", "ORDERS_COMMAND_URL_", "ORDERS_COMMAND_SECRET_"
_GOOFISH = "GOOFISH"
_SOURCE = re.compile(r"[A-Z][A-Z0-9_]{0,39}")


def order_sources(read: Reader) -> tuple[OrderSource, ...]:
    """Every source that any of its settings names, in the order of their names."""
    named = {family: read.members(family) for family in (_SECRET, _URL, _COMMAND_SECRET)}
    for family, endings in named.items():
        for ending in sorted(endings):
            if not _SOURCE.fullmatch(ending):
                read.refuse(family + ending, "does not end in a source's name: capitals, digits and _")
            elif ending == _GOOFISH:
                read.refuse(family + ending, "names 闲管家, which has settings of its own: choose another name")
    sources = sorted(each for each in set().union(*named.values()) - {_GOOFISH} if _SOURCE.fullmatch(each))
    return tuple(_source(read, each) for each in sources)


def _source(read: Reader, ending: str) -> OrderSource:
    secrets = _secrets(read, _SECRET + ending, required=True)
    return OrderSource(
        name=ending.lower(), webhook_secrets=tuple(secrets), commands=_commands(read, ending, secrets[:1])
    )


def _commands(read: Reader, ending: str, webhook_secret: list[Secret]) -> CommandAddress | None:
    """Where commands go. Without a secret of their own they are signed with the webhook's."""
    name = _URL + ending
    secrets = _secrets(read, _COMMAND_SECRET + ending) or webhook_secret
    url = read.text(name)
    if not url:
        if ending in read.members(_COMMAND_SECRET):
            read.required(name, f"{_COMMAND_SECRET}{ending} is given")
        return None
    parts = split_url(url)
    if parts is None or parts.fragment or parts.username:
        read.refuse(name, "is not an http(s) address")
        return None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    secret = secrets[0] if secrets else Secret("")
    return CommandAddress(base_url=f"{parts.scheme}://{parts.netloc}", path=path, secret=secret)


def _secrets(read: Reader, name: str, *, required: bool = False) -> list[Secret]:
    """The secrets of one name, each of which can sign."""
    if required:
        given: Secret | None = read.required_secret(name, "without it nobody could tell forged orders from real ones")
    else:
        given = read.secret(name)
    secrets = split_secrets(given.reveal()) if given else []
    for secret in secrets:
        try:
            Signer([secret])
        except BadSecret as error:
            read.refuse(name, str(error))
            return []
    return secrets


def goofish_settings(read: Reader) -> GoofishSettings | None:
    """The app of 闲管家, or None if there is none."""
    if not read.any_given("GOOFISH_"):
        return None
    half = "闲管家 is only half configured"
    return GoofishSettings(
        app_key=read.required("GOOFISH_APP_KEY", half),
        app_secret=read.required_secret("GOOFISH_APP_SECRET", half),
        seller_id=read.text("GOOFISH_SELLER_ID"),
        base_url=read.base_url("GOOFISH_BASE_URL", "https://open.goofish.pro"),
    )


def courier_settings(read: Reader) -> CourierSettings | None:
    """The courier interface, or None if there is none."""
    if not read.any_given("COURIER_"):
        return None
    half = "the courier interface is only half configured"
    read.required("COURIER_BASE_URL", half)
    return CourierSettings(
        base_url=read.base_url("COURIER_BASE_URL"),
        access_key=read.required("COURIER_ACCESS_KEY", half),
        secret=read.required_secret("COURIER_SECRET", half),
    )
