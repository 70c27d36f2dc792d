"""The addresses of the demo's windows, ``/demo/phone``, ``feishu`` and ``letters``: behind the console's own door."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field

from bot.cli.demo_pages.feishu import cell, chat, picture
from bot.cli.demo_pages.letters import Letterbox
from bot.cli.demo_pages.marks import from_feishu
from bot.cli.demo_pages.phone import conversation
from bot.cli.platforms import Platforms
from bot.console.gate import Gate, Refusal, Visitor
from bot.console.guests import Guests
from bot.console.pages import Pages
from bot.console.posting import read_posted
from integrations.email.simulator import EmailSimulator
from integrations.feishu import simulator as feishu
from integrations.http.simulation import Simulator
from integrations.sms.simulator import SmsSimulator
from integrations.wecom.simulator import WeComSimulator
from integrations.whatsapp import simulator as whatsapp

PHONE, FEISHU, LETTERS = "/demo/phone", "/demo/feishu", "/demo/letters"
_LONGEST_TEXT = 4000


class Typed(BaseModel):
    """A message; ``chat`` is the Feishu chat's id."""

    model_config = ConfigDict(extra="forbid", strict=True)
    text: str = Field(min_length=1, max_length=_LONGEST_TEXT)
    chat: str = ""


class Tapped(BaseModel):
    """A button or row by its label, with the values of its form."""

    model_config = ConfigDict(extra="forbid", strict=True)
    message_id: str
    label: str
    form: dict[str, str] = Field(default_factory=dict)


def demo_guests(platforms: Platforms, people: Mapping[str, str]) -> Guests:
    """The windows into ``platforms``; ``people`` names those who write in Feishu by their open ids."""
    simulated = platforms.simulators
    number, app = simulated["whatsapp"], simulated["feishu"]
    assert isinstance(number, whatsapp.WhatsAppSimulator)
    assert isinstance(app, feishu.FeishuSimulator)

    letterbox = _letterbox(simulated)

    def routes(gate: Gate, pages: Pages) -> list[web.RouteDef]:
        chats = [*PhoneWindow(number, pages).routes(gate), *FeishuWindow(app, people, pages).routes(gate)]
        return [*chats, *LettersWindow(letterbox, pages).routes(gate)]

    return Guests(
        links=((PHONE, "console.demo.phone"), (FEISHU, "console.demo.feishu"), (LETTERS, "console.demo.letters")),
        folder=Path(__file__).parent,
        routes=routes,
    )


@dataclass(frozen=True, slots=True)
class PhoneWindow:
    """The phone of the simulated number's sample person."""

    simulator: whatsapp.WhatsAppSimulator
    pages: Pages

    def routes(self, gate: Gate) -> list[web.RouteDef]:
        return [
            web.get(PHONE, gate.signed_in(self.show, "page")),
            web.get(PHONE + "/entries", gate.signed_in(self.read, "data")),
            web.get(PHONE + "/media/{media}", gate.signed_in(self.media, "page")),
            web.post(PHONE + "/say", gate.signed_in(self.say, "data")),
            web.post(PHONE + "/press", gate.signed_in(self.press, "data")),
        ]

    async def show(self, _request: web.Request, visitor: Visitor) -> web.Response:
        app = self.simulator.app
        return _page(self.pages.render("phone.html", visitor=visitor, words=visitor.words, here=PHONE, app=app))

    async def read(self, request: web.Request, visitor: Visitor) -> web.Response:
        """The whole conversation, if it is not the one the page ``have``s."""
        bubbles = conversation(self.simulator, self.simulator.app.person_id)
        return _entries(request, self.pages.render("bubbles.html", bubbles=bubbles, words=visitor.words, at=PHONE))

    async def media(self, request: web.Request, _visitor: Visitor) -> web.Response:
        """The bytes of a picture or document that was sent."""
        found = self.simulator.media.get(request.match_info["media"])
        if found is None:
            raise Refusal(404, "no_page")
        return web.Response(body=found.content, content_type=found.kind)

    async def say(self, request: web.Request, _visitor: Visitor) -> web.Response:
        typed = await read_posted(request, Typed)
        heard = await self.simulator.people.say(whatsapp.Said(text=typed.text))
        return web.json_response({"status": heard.status})

    async def press(self, request: web.Request, _visitor: Visitor) -> web.Response:
        tapped = await read_posted(request, Tapped)
        try:
            choice = whatsapp.Choose(message_id=tapped.message_id, title=tapped.label)
            heard = await self.simulator.people.choose(choice)
        except LookupError as error:
            raise Refusal(404, "no_page") from error
        return web.json_response({"status": heard.status})


@dataclass(frozen=True, slots=True)
class FeishuWindow:
    """The team's group and the sample person's private chat with the bot."""

    simulator: feishu.FeishuSimulator
    people: Mapping[str, str]
    pages: Pages
    chats: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        app = self.simulator.app
        object.__setattr__(self, "chats", {"group": app.group_chat_id, "private": app.private_chat_id})

    def routes(self, gate: Gate) -> list[web.RouteDef]:
        return [
            web.get(FEISHU, gate.signed_in(self.show, "page")),
            web.get(FEISHU + "/entries", gate.signed_in(self.read, "data")),
            web.post(FEISHU + "/say", gate.signed_in(self.say, "data")),
            web.post(FEISHU + "/press", gate.signed_in(self.press, "data")),
        ]

    async def show(self, request: web.Request, visitor: Visitor) -> web.Response:
        chat_name = self._asked(request.query.get("chat", "group"))
        html = self.pages.render(
            "feishu.html", visitor=visitor, words=visitor.words, here=FEISHU, chat=chat_name, chats=tuple(self.chats)
        )
        return _page(html)

    async def read(self, request: web.Request, visitor: Visitor) -> web.Response:
        """The whole chat, if it is not the one the page ``have``s."""
        posts = chat(self.simulator, self.chats[self._asked(request.query.get("chat", "group"))])
        html = self.pages.render(
            "posts.html",
            posts=posts,
            words=visitor.words,
            people=self.people,
            me=self.simulator.app.person_open_id,
            markdown=from_feishu,
            cell=cell,
            picture=picture,
        )
        return _entries(request, html)

    async def say(self, request: web.Request, _visitor: Visitor) -> web.Response:
        typed = await read_posted(request, Typed)
        name = self._asked(typed.chat)
        said = feishu.Said(text=typed.text, chat_id=self.chats[name], is_group=name == "group")
        heard = await self.simulator.people.say(said)
        return web.json_response({"status": heard.status})

    async def press(self, request: web.Request, _visitor: Visitor) -> web.Response:
        """Press a button; ``notice`` is what pops up above the chat."""
        tapped = await read_posted(request, Tapped)
        press = feishu.Press(message_id=tapped.message_id, label=tapped.label, form=tapped.form)
        try:
            heard = await self.simulator.people.press(press)
        except LookupError as error:
            raise Refusal(404, "no_page") from error
        toast = heard.body.get("toast", {}) if isinstance(heard.body, dict) else {}
        return web.json_response({"status": heard.status, "notice": toast.get("content", "")})

    def _asked(self, name: str) -> str:
        if name not in self.chats:
            raise Refusal(404, "no_page")
        return name


@dataclass(frozen=True, slots=True)
class LettersWindow:
    """Mails, what robots said, and text messages."""

    letterbox: Letterbox
    pages: Pages

    def routes(self, gate: Gate) -> list[web.RouteDef]:
        return [
            web.get(LETTERS, gate.signed_in(self.show, "page")),
            web.get(LETTERS + "/entries", gate.signed_in(self.read, "data")),
        ]

    async def show(self, _request: web.Request, visitor: Visitor) -> web.Response:
        return _page(self.pages.render("letters.html", visitor=visitor, words=visitor.words, here=LETTERS))

    async def read(self, request: web.Request, visitor: Visitor) -> web.Response:
        """All of them, if they are not the ones that the page ``have``s."""
        letters = self.letterbox.letters()
        return _entries(request, self.pages.render("letter_list.html", letters=letters, words=visitor.words))


def _letterbox(simulated: Mapping[str, Simulator]) -> Letterbox:
    email, wecom, sms = simulated["email"], simulated["wecom"], simulated["sms"]
    assert isinstance(email, EmailSimulator)
    assert isinstance(wecom, WeComSimulator)
    assert isinstance(sms, SmsSimulator)
    return Letterbox(email, wecom, sms)


def _page(html: Markup) -> web.Response:
    return web.Response(text=html, content_type="text/html")


def _entries(request: web.Request, html: Markup) -> web.Response:
    """``{have, html}``, without the html if the page has it already."""
    have = hashlib.sha256(html.encode()).hexdigest()[:16]
    known = request.query.get("have") == have
    return web.json_response({"have": have} if known else {"have": have, "html": html})
