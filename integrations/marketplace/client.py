"""Commands to the bridge of one source, at ``ORDERS_COMMAND_URL_<SOURCE>``."""

from pydantic import ValidationError

from bot.contracts.clock import Clock
from integrations.http.transport import Transport
from integrations.marketplace.commands import CommandAnswer, Reply, Ship, body_of, type_of
from integrations.marketplace.errors import unfit
from integrations.marketplace.signing import Signer

PLATFORM = "marketplace"
_TIMEOUT_SECONDS = 15.0


class MarketplaceClient:
    """One source's bridge. ``path`` is what follows the transport's address in the command URL."""

    def __init__(self, signer: Signer, transport: Transport, *, path: str, clock: Clock) -> None:
        self._signer = signer
        self._transport = transport
        self._path = path
        self._clock = clock

    async def command(self, command: Ship | Reply) -> CommandAnswer:
        """Give a command once; what the marketplace refuses is an answer too.

        Raises: UpstreamUnavailable and UpstreamRateLimited if nothing has happened; UpstreamUnclear if it may have been
        done: then only the very same command may be given again, which does nothing twice and tells what became of it;
        UpstreamAuthError, UpstreamContractError.
        """
        body = body_of(command)
        timestamp = int(self._clock.now().timestamp())
        response = await self._transport.call(
            type_of(command),
            "POST",
            self._path,
            idempotent=False,
            body=body,
            headers=self._signer.sign(command.command_id, timestamp, body),
            timeout_seconds=_TIMEOUT_SECONDS,
        )
        try:
            return CommandAnswer.model_validate(response.json)
        except ValidationError:
            raise unfit(response, "an answer without a result that we know") from None
