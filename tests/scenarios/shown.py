"""What a person in Feishu sees of a message of the bot."""

from dataclasses import dataclass
from typing import Any

import orjson

from integrations.feishu.simulator import SentMessage
from tests.bot.channels.feishu.shown import readable, tagged

_TONES = {"blue": "info", "green": "good", "orange": "warning", "red": "bad", "wathet": "working"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A recorded message as it stands now."""

    message: SentMessage

    @property
    def content(self) -> dict[str, Any]:
        shown: dict[str, Any] = orjson.loads(self.message.current)
        return shown

    @property
    def is_card(self) -> bool:
        return self.message.msg_type == "interactive"

    @property
    def title(self) -> str:
        return str(self.content["header"]["title"]["content"])

    @property
    def tone(self) -> str:
        """The card's tone; of a plain text "text"."""
        return _TONES[self.content["header"]["template"]] if self.is_card else "text"

    @property
    def text(self) -> str:
        """Everything that can be read."""
        return readable(self.content)

    @property
    def buttons(self) -> list[str]:
        return [str(each["text"]["content"]) for each in tagged(self.content, "button")]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of its tables."""
        return [row for table in tagged(self.content, "table") for row in table["rows"]]

    @property
    def quotes(self) -> str:
        """The message it answers."""
        return self.message.parent_id

    @property
    def lines(self) -> list[str]:
        """Its texts, one by one."""
        return self.text.split("\n")
