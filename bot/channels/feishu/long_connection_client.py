"""The platform's own client of the long connection, told to wait for the service. Only the child imports this.

The library calls its handlers in its loop and acknowledges as they return, so a handler cannot await a commit in
another process without standing still for all other events. Two methods are therefore replaced: what happens with one
data frame, and what happens after a connection attempt.
"""

import base64
import time
from typing import TYPE_CHECKING, Any

import lark_oapi.ws.client
import orjson
from lark_oapi import LogLevel
from lark_oapi.ws.exception import ClientException

from bot.channels.json_body import Body

if TYPE_CHECKING:
    from bot.channels.feishu.long_connection_child import Service


class _Client(lark_oapi.ws.client.Client):  # type: ignore[misc]  # the library has no types
    def __init__(self, app: Body, service: "Service") -> None:
        # its log would name addresses with tickets in them; what matters is told through the pipe
        super().__init__(app["app_id"], app["app_secret"], log_level=LogLevel.CRITICAL, domain=app["base_url"])
        self._service = service
        self.on_reconnecting = lambda: service.connected(False)

    async def _connect(self) -> None:
        """Every attempt passes here, also those in tasks whose exceptions nobody would see."""
        try:
            await super()._connect()
        except ClientException as error:
            self._service.refused(error.code, str(error))
        self._service.connected(True)

    async def _handle_data_frame(self, frame: Any) -> None:
        headers = {header.key: header.value for header in frame.headers}
        payload, parts = frame.payload, int(headers.get("sum", "1"))
        if parts > 1:
            payload = self._combine(headers["message_id"], parts, int(headers["seq"]), payload)
        if payload is None:
            return
        began = time.monotonic()
        code, answer = await self._service.store(payload)
        frame.headers.add(key="biz_rt", value=str(int((time.monotonic() - began) * 1000)))
        told = {"code": code, "headers": {}} | ({"data": base64.b64encode(answer).decode()} if answer else {})
        frame.payload = orjson.dumps(told)
        await self._write_message(frame.SerializeToString())


def hold(app: Body, service: "Service") -> None:
    """Open the connection and open it again whenever it is lost; never returns."""
    client = _Client(app, service)
    signs = lark_oapi.ws.client.loop.create_task(service.give_signs_of_life())
    client.start()
    signs.cancel()
