"""The simulated platform: token, send, reply, update and read messages, who the bot is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
from aiohttp import web

from bot.contracts.clock import Clock
from integrations.feishu.client import BOT_INFO_PATH, FILES_PATH, MESSAGES_PATH, SCOPES_PATH, TOKEN_PATH
from integrations.feishu.simulator.cards import check_card
from integrations.feishu.simulator.connections import CONNECT_PATH, ENDPOINT_PATH, Connections
from integrations.feishu.simulator.demo import App
from integrations.feishu.simulator.envelopes import Envelopes
from integrations.feishu.simulator.files import FileStore
from integrations.feishu.simulator.gate import Gate, Limits, refusal
from integrations.feishu.simulator.grants import Grants
from integrations.feishu.simulator.messages import Messages, SentMessage
from integrations.feishu.simulator.people import People
from integrations.feishu.simulator.shapes import CardProblem
from integrations.http.simulation import ANY, Answer, Asked, Route, Simulator, Weather

_TARGETS = {"chat_id": "oc_", "open_id": "ou_"}
_HEAVIEST = {"text": 150 * 1024, "interactive": 30 * 1024, "file": 1024}
_LONGEST_UUID = 50
_EDITABLE_FOR = timedelta(days=14)


class FeishuSimulator(Simulator):
    """Feishu as far as the client knows it, with ``people`` who write and press buttons.

    ``messages`` is the record of what the bot sent; ``gate.refusals`` counts refusals by code;
    ``grants.withheld`` are permissions that the app lacks.
    ``webhook_url`` is where ``people`` are heard; it may be set later. ``connections`` are the long ones.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        app: App | None = None,
        limits: Limits | None = None,
        webhook_url: str = "",
        prefix: str = "sim",
    ) -> None:
        super().__init__(clock)
        self.app = app = app or App()
        self.gate = Gate(clock, app.app_id, app.app_secret, limits or Limits())
        self.grants = Grants(app.app_id)
        self.uploads = FileStore(self.gate)
        self.messages = Messages(clock)
        self.envelopes = Envelopes(clock, app, prefix=prefix)
        self.people = People(self, webhook_url)
        self.connections = Connections(app, clock, lambda: self.base_url)

    def routes(self) -> tuple[Route, ...]:
        message_path = MESSAGES_PATH + "/{message_id}"
        return (
            Route("token", "POST", TOKEN_PATH, self.gate.give_token),
            Route("endpoint", "POST", ENDPOINT_PATH, self.connections.endpoint),
            Route("bot_info", "GET", BOT_INFO_PATH, self._authorised(self._bot_info)),
            Route("scopes", "GET", SCOPES_PATH, self._authorised(lambda _: self.grants.answer())),
            Route("upload", "POST", FILES_PATH, self._authorised(self.uploads.upload)),
            Route("send", "POST", MESSAGES_PATH, self._authorised(self._send)),
            Route("reply", "POST", message_path + "/reply", self._authorised(self._reply)),
            Route("update", "PATCH", message_path, self._authorised(self._update)),
            Route("read", "GET", message_path, self._authorised(self._read)),
        )

    def control_routes(self) -> tuple[Route, ...]:
        return (
            Route("messages", "GET", "/_control/messages", self._show_messages),
            Route("recall", "POST", "/_control/recall", self._recall),
            *self.grants.control_routes(),
            *self.people.control_routes(),
        )

    def expire_tokens(self) -> None:
        self.gate.expire_tokens()

    def next_code(self, code: int, operation: str = ANY, *, message: str = "simulated", times: int = 1) -> None:
        """Answer the next ``times`` calls with an error code."""
        body = {"code": code, "msg": message, "error": {}}
        self.set_weather(Weather(operation=operation, status=400, body=body, times=times))

    async def stop(self) -> None:
        await self.people.close()
        await self.connections.close()
        await super().stop()

    def _application(self) -> web.Application:
        application = super()._application()
        application.router.add_get(CONNECT_PATH, self.connections.connect)
        return application

    def _authorised(self, run: Callable[[Asked], Answer]) -> Callable[[Asked], Any]:
        async def handler(asked: Asked) -> Answer:
            return self.gate.refuses(asked) or self.grants.refuses(asked.operation) or run(asked)

        return handler

    def _bot_info(self, _: Asked) -> Answer:
        bot = {"activate_status": 2, "app_name": "掌柜", "open_id": self.app.bot_open_id}
        return Answer(body={"code": 0, "msg": "ok", "bot": bot})

    def _send(self, asked: Asked) -> Answer:
        target_type = asked.query.get("receive_id_type", "")
        target = asked.body.get("receive_id") if isinstance(asked.body, dict) else None
        if target_type not in _TARGETS or not isinstance(target, str):
            return refusal(230001, "Your request contains an invalid request parameter, ext=receive_id")
        if not target.startswith(_TARGETS[target_type]):
            return refusal(230034, "The receive_id is invalid")
        return self._write(asked, chat_id=target, parent_id="")

    def _reply(self, asked: Asked) -> Answer:
        parent_id = asked.params["message_id"]
        if parent_id in self.messages.gone:
            return refusal(230011, "The message was withdrawn.")
        return self._write(asked, chat_id=self.people.chat_of(parent_id), parent_id=parent_id)

    def _write(self, asked: Asked, *, chat_id: str, parent_id: str) -> Answer:
        body = asked.body if isinstance(asked.body, dict) else {}
        msg_type, content, uuid = body.get("msg_type"), body.get("content"), body.get("uuid", "")
        in_thread = body.get("reply_in_thread", False)
        if not isinstance(in_thread, bool):
            return refusal(230001, "Your request contains an invalid request parameter, ext=reply_in_thread")
        if not isinstance(content, str) or not isinstance(uuid, str) or len(uuid) > _LONGEST_UUID:
            return refusal(230001, "Your request contains an invalid request parameter, ext=content or uuid")
        if over := self.gate.over_app_limit(asked.operation):
            return over
        if over := self.gate.over_target_limit(chat_id or parent_id, self.gate.limits.per_target_second):
            return over
        if chat_id in self.people.left_chats:
            return refusal(230002, "The bot can not be outside the group.")
        if uuid and (earlier := self.messages.repeated(uuid)):
            return _success(earlier)
        problem = self.uploads.problem(content) if msg_type == "file" else _content_problem(str(msg_type), content)
        if problem is not None:
            return problem
        added = self.messages.add(
            chat_id=chat_id,
            parent_id=parent_id,
            in_thread=in_thread,
            msg_type=str(msg_type),
            content=content,
            uuid=uuid,
        )
        return _success(added)

    def _update(self, asked: Asked) -> Answer:
        message = self.messages.by_id.get(asked.params["message_id"])
        content = asked.body.get("content") if isinstance(asked.body, dict) else None
        if message is None or not isinstance(content, str):
            return refusal(230001, "Your request contains an invalid request parameter, ext=message_id or content")
        if over := self.gate.over_app_limit(asked.operation):
            return over
        if over := self.gate.over_target_limit(message.message_id, self.gate.limits.per_message_second):
            return over
        if refused := self._not_editable(message) or _content_problem("interactive", content):
            return refused
        self.messages.edit(message, content)
        return Answer(body={"code": 0, "msg": "success", "data": {}})

    def _not_editable(self, message: SentMessage) -> Answer | None:
        if message.recalled:
            return refusal(230011, "The message was withdrawn.")
        if message.msg_type != "interactive":
            return refusal(230001, "This message is NOT a card.")
        if self.clock.now() - message.at > _EDITABLE_FOR:
            return refusal(230031, "The message can only be updated within 14 days.")
        return None

    def _read(self, asked: Asked) -> Answer:
        message = self.messages.by_id.get(asked.params["message_id"])
        if message is None:
            return refusal(230110, "The message was deleted.")
        return Answer(body={"code": 0, "msg": "success", "data": {"items": [message.wire()]}})

    async def _show_messages(self, asked: Asked) -> Answer:
        """The record ``after`` a number, optionally of one ``chat_id`` or answering one ``parent_id``."""
        after = int(asked.query.get("after", "0"))
        wanted = {name: asked.query[name] for name in ("chat_id", "parent_id") if name in asked.query}
        found = [
            message
            for message in self.messages
            if message.number > after and all(getattr(message, name) == value for name, value in wanted.items())
        ]
        return Answer(body={"messages": found, "refusals": {str(k): n for k, n in self.gate.refusals.items()}})

    async def _recall(self, asked: Asked) -> Answer:
        self.messages.recall(str(asked.body["message_id"]))
        return Answer(body={})


def _content_problem(msg_type: str, content: str) -> Answer | None:
    if msg_type not in _HEAVIEST:
        return refusal(230001, "Your request contains an invalid request parameter, ext=msg_type")
    if len(content.encode()) > _HEAVIEST[msg_type]:
        return refusal(230025, "The length of the message content reaches its limit.")
    if msg_type == "interactive":
        return _card_problem(content)
    try:
        text = orjson.loads(content)
    except orjson.JSONDecodeError:
        text = None
    if not isinstance(text, dict) or not isinstance(text.get("text"), str) or not text["text"]:
        return refusal(230001, "Your request contains an invalid request parameter, ext=content is not a text")
    return None


def _card_problem(content: str) -> Answer | None:
    try:
        check_card(content)
    except CardProblem as problem:
        detail = f"ErrCode: {problem.sub_code}; ErrMsg: {problem.message}"
        return refusal(230099, f"Failed to create card content, ext={detail};")
    return None


def _success(message: SentMessage) -> Answer:
    return Answer(body={"code": 0, "msg": "success", "data": message.wire()})
