"""The live part of ``zhanggui check``: what Feishu itself says of the app. It only asks, for a few seconds at most."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, nullcontext

from bot.cli.findings import Finding
from bot.clients import way_to
from bot.contracts.clock import SystemClock
from bot.contracts.credentials import Token
from bot.contracts.errors import UpstreamAuthError, UpstreamContractError, UpstreamError, UpstreamRejected
from bot.contracts.feature import Words
from bot.explain import sentences
from bot.settings import FeishuSettings, Settings
from bot.words import load_catalogue, machine_texts
from handlers.registry import text_folders
from handlers.system.access import lack_text
from handlers.system.jobs import lacks_of
from handlers.system.results import Lack
from integrations.feishu.client import PLATFORM, Credentials, FeishuClient
from integrations.feishu.errors import judge
from integrations.feishu.scopes import console_page
from integrations.http.buckets import ProcessBuckets
from integrations.http.transport import Transport

PATIENCE_SECONDS = 5.0


class _NoTokens:
    """Keeps no token: one look asks for its own."""

    async def load(self, _platform: str, _account: str) -> Token | None:
        return None

    async def save(self, platform: str, account: str, token: Token) -> None:
        """Forget it."""

    async def clear(self, platform: str, account: str) -> None:
        """There is none."""

    def lock(self, _platform: str, _account: str) -> AbstractAsyncContextManager[None]:
        return nullcontext()


async def look_at_feishu(settings: Settings, *, patience_seconds: float = PATIENCE_SECONDS) -> list[Finding]:
    """What Feishu refuses the app or did not give it; nothing if all is well or Feishu is off."""
    own = settings.feishu
    if own is None:
        return []
    catalogue = load_catalogue([machine_texts(), *text_folders()], timezone=settings.timezone)
    words = catalogue.words(settings.language)
    try:
        async with asyncio.timeout(patience_seconds):
            granted = await _granted(settings, own)
    except (UpstreamAuthError, UpstreamRejected) as error:
        return [_refused(error, console_page(own.base_url), words)]
    except UpstreamContractError:
        return [Finding(id="Z401", about=PLATFORM, text=words("system.access.foreign", address=own.base_url))]
    except (UpstreamError, TimeoutError):
        text = words("system.access.unreachable", address=own.base_url)
        return [Finding(id="Z404", about=PLATFORM, text=text, hint=True)]
    return list(_lacking(lacks_of(granted, own.base_url, own.app_id), words))


async def _granted(settings: Settings, own: FeishuSettings) -> frozenset[str]:
    """The app's permissions, once its credentials and its bot are good. Raises: UpstreamError."""
    clock = SystemClock()
    policy, timeouts = way_to(PLATFORM, settings)
    transport = Transport(PLATFORM, own.base_url, clock=clock, judge=judge, proxy=policy, timeouts=timeouts)
    credentials = Credentials(own.app_id, own.app_secret)
    client = FeishuClient(credentials, transport, tokens=_NoTokens(), buckets=ProcessBuckets(clock), clock=clock)
    try:
        await client.bot_info()
        return await client.scopes()
    finally:
        await transport.close()


def _refused(error: UpstreamError, page: str, words: Words) -> Finding:
    _, meaning, step = sentences(error, words)
    details = {"page": page, "code": error.values.get("platform_code", "")}
    return Finding(id="Z401", about=PLATFORM, text=f"{meaning} {step} {page}", details=details)


def _lacking(lacks: tuple[Lack, ...], words: Words) -> Iterator[Finding]:
    for lack in lacks:
        details = {"scope": lack.scope, "page": lack.page} | ({"code": lack.code} if lack.code else {})
        yield Finding(
            id="Z402" if lack.necessary else "Z403",
            about=PLATFORM,
            text=f"{lack_text(lack, words)} {lack.page}",
            hint=not lack.necessary,
            details=details,
        )
