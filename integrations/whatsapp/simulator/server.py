"""The simulated platform: send, mark as read, upload, and who the number is."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from bot.contracts.clock import Clock
from integrations.http.simulation import ANY, Answer, Asked, Route, Simulator, Weather
from integrations.whatsapp.client import MEDIA_PATH, MESSAGES_PATH, NUMBER_PATH
from integrations.whatsapp.simulator.contents import ContentProblem, check_message
from integrations.whatsapp.simulator.demo import API_VERSION, App
from integrations.whatsapp.simulator.envelopes import Envelopes, Item
from integrations.whatsapp.simulator.gate import Gate, Limits, refusal
from integrations.whatsapp.simulator.media import MediaStore
from integrations.whatsapp.simulator.messages import SentMessage
from integrations.whatsapp.simulator.people import People

_DELIVERED = ("sent", "delivered", "read")


class WhatsAppSimulator(Simulator):
    """The Cloud API as far as the client knows it, with ``people`` who write and choose.

    ``messages`` is the record of what the business sent, by id; ``gate.refusals`` counts refusals by code.
    ``statuses`` come back for each accepted message once ``people.webhook_url`` is set.
    """

    def __init__(
        self, clock: Clock, *, app: App | None = None, limits: Limits | None = None, webhook_url: str = ""
    ) -> None:
        super().__init__(clock)
        self.app = app = app or App()
        self.gate = Gate(clock, app.access_token, limits or Limits())
        self.envelopes = Envelopes(clock, app)
        self.people = People(self, webhook_url)
        self.messages: dict[str, SentMessage] = {}
        self.marked_read: list[str] = []
        self.uploads = MediaStore(clock)
        self.media = self.uploads.files
        """The files that were uploaded, by id."""
        self.templates = {"stock_alert:zh_CN": 1, "stock_alert:en": 1, "notice:zh_CN": 1, "notice:en": 1}
        """Approved templates as ``name:language``, with the number of their parameters."""
        self.statuses: tuple[str, ...] = _DELIVERED
        self.status_delay_seconds = 0.0
        self._late_failures: list[int] = []

    @property
    def api_url(self) -> str:
        """The address that ends in the version, for ``WHATSAPP_BASE_URL``."""
        return f"{self.base_url}/{API_VERSION}"

    def routes(self) -> tuple[Route, ...]:
        root = f"/{API_VERSION}"
        return (
            Route("messages", "POST", root + MESSAGES_PATH, self._authorised(self._messages)),
            Route("upload", "POST", root + MEDIA_PATH, self._authorised(self.uploads.upload)),
            Route("number", "GET", root + NUMBER_PATH, self._with_token(self._number_or_media)),
            Route("download", "GET", root + self.uploads.link_path, self._with_token(self.uploads.download)),
        )

    def control_routes(self) -> tuple[Route, ...]:
        return (Route("sent", "GET", "/_control/messages", self._show_messages), *self.people.control_routes())

    def expire_tokens(self) -> None:
        self.gate.expire_token()

    def next_code(self, code: int, operation: str = ANY, *, status: int = 400, times: int = 1) -> None:
        """Answer the next ``times`` calls with an error code."""
        body = refusal(code, "simulated").body
        self.set_weather(Weather(operation=operation, status=status, body=body, times=times))

    def fail_late(self, code: int, *, times: int = 1) -> None:
        """Accept the next ``times`` messages, and report them as failed afterwards."""
        self._late_failures += [code] * times

    def told(self, message_id: str, status: str, code: int = 0) -> Item:
        """A status of a message, noted in the record."""
        message = self.messages[message_id]
        self.messages[message_id] = replace(message, statuses=(*message.statuses, status))
        return self.envelopes.status(message_id, message.person_id, status, echo=message.echo, code=code)

    async def stop(self) -> None:
        await self.people.close()
        await super().stop()

    def _with_token(self, run: Callable[[Asked], Answer]) -> Callable[[Asked], Awaitable[Answer]]:
        async def handler(asked: Asked) -> Answer:
            return self.gate.unauthorised(asked) or run(asked)

        return handler

    def _authorised(self, run: Callable[[Asked], Answer]) -> Callable[[Asked], Awaitable[Answer]]:
        def for_our_number(asked: Asked) -> Answer:
            if asked.params["number"] != self.app.phone_number_id:
                return refusal(100, "Object does not exist")
            return run(asked)

        return self._with_token(for_our_number)

    def _messages(self, asked: Asked) -> Answer:
        body = asked.body if isinstance(asked.body, dict) else {}
        if body.get("status") == "read":
            self.marked_read.append(str(body.get("message_id")))
            return Answer(body={"success": True})
        person_id = body.get("to") or body.get("recipient")
        if not isinstance(person_id, str) or bool(body.get("to")) == bool(body.get("recipient")):
            return refusal(131008, "Required parameter is missing: to or recipient")
        try:
            check_message(body, check_media=self.uploads.check, templates=self.templates)
        except ContentProblem as problem:
            return refusal(problem.code, problem.details)
        return self._refused(body, person_id) or self._accept(body, person_id)

    def _refused(self, body: dict[str, Any], person_id: str) -> Answer | None:
        if person_id in self.gate.blocked:
            return refusal(131026, "Message undeliverable")
        if body["type"] != "template" and self.gate.window_closed(person_id):
            return refusal(131047, "Re-engagement message")
        return self.gate.refuses(person_id)

    def _accept(self, body: dict[str, Any], person_id: str) -> Answer:
        number = len(self.messages) + 1
        message = SentMessage(
            number=number,
            message_id=f"wamid.out{number}",
            person_id=person_id,
            kind=body["type"],
            content=body[body["type"]],
            quotes=str(body.get("context", {}).get("message_id", "")),
            echo=str(body.get("biz_opaque_callback_data", "")),
            at=self.clock.now(),
        )
        self.messages[message.message_id] = message
        failure = self._late_failures.pop(0) if self._late_failures else 0
        reports = [("failed", failure)] if failure else [(status, 0) for status in self.statuses]
        self.people.report(message.message_id, reports)
        contact = {"input": person_id, "wa_id": person_id}
        accepted = {"id": message.message_id, "message_status": "accepted"}
        return Answer(body={"messaging_product": "whatsapp", "contacts": [contact], "messages": [accepted]})

    def _number_or_media(self, asked: Asked) -> Answer:
        """Both live under their bare id."""
        if asked.params["number"] != self.app.phone_number_id:
            return self.uploads.look_up(asked.params["number"], self.api_url)
        number = self.app.display_phone_number
        return Answer(body={"display_phone_number": number, "verified_name": "掌柜", "id": self.app.phone_number_id})

    async def _show_messages(self, asked: Asked) -> Answer:
        """The record ``after`` a number, optionally of one ``person_id``."""
        after, person_id = int(asked.query.get("after", "0")), asked.query.get("person_id")
        sent = [each for each in self.messages.values() if each.number > after and person_id in (None, each.person_id)]
        return Answer(body={"messages": sent, "refusals": {str(k): n for k, n in self.gate.refusals.items()}})
