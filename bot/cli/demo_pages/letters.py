"""What arrived by mail, from WeCom robots and as text messages, from the simulators' records."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from markupsafe import Markup

from bot.cli.demo_pages.marks import from_plain, from_wecom
from integrations.email.simulator import EmailSimulator
from integrations.sms.simulator import SmsSimulator
from integrations.wecom.simulator import WeComSimulator

_QUOTE = re.compile(r"^> ", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One thing that arrived. ``channel`` is email, wecom or sms; ``files`` are the names of what came with it."""

    id: str
    channel: str
    to: str
    at: datetime
    title: str
    text: Markup
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Letterbox:
    """The three simulators together."""

    email: EmailSimulator
    wecom: WeComSimulator
    sms: SmsSimulator

    def letters(self) -> list[Letter]:
        """Everything, oldest first."""
        return sorted([*self._mails(), *self._said(), *self._texts()], key=attrgetter("at"))

    def _mails(self) -> Iterator[Letter]:
        for mail in self.email.mails:
            names = (part.get_filename() for part in mail.message.walk())
            files = tuple(name for name in names if name)
            text = from_plain(mail.text.replace("\r\n", "\n").strip())
            yield Letter(
                id=f"email-{mail.number}",
                channel="email",
                to=mail.to,
                at=mail.at,
                title=mail.subject,
                text=text,
                files=files,
            )

    def _said(self) -> Iterator[Letter]:
        for said in self.wecom.messages:
            text = from_wecom(_QUOTE.sub("│ ", said.text)) if said.form == "markdown" else from_plain(said.text)
            yield Letter(id=f"wecom-{said.number}", channel="wecom", to="", at=said.at, title="", text=text)

    def _texts(self) -> Iterator[Letter]:
        for each in self.sms.messages.values():
            text = from_plain(each.text)
            yield Letter(id=each.id, channel="sms", to=each.to, at=each.at, title="", text=text)
