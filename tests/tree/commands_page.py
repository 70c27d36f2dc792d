"""The command reference, as the registry has it. ``make docs`` writes it to ``docs/commands.md``."""

from datetime import UTC

from bot.contracts.feature import Command, Words, usage
from bot.words import load_catalogue, machine_texts
from tests.tree.source import ROOT
from tests.tree.test_commands import COMMANDS

PAGE = ROOT / "docs" / "commands.md"
_BAR = r"\|"
_HEADS = {
    "en": """# Commands

**English** · [中文](#命令)

Every command has a Chinese name, an English one and pinyin initials; with or without `/`, in groups after a mention
of the bot. `<needed>` and `[optional]` parameters are separated by spaces. The named role may use it, and every role
that includes it: `operator`, `buyer` and `approver` include `viewer`, `admin` includes all.
This page is written by `make docs`.

| usage | names | what it does | example | role | effect | where |
|---|---|---|---|---|---|---|
""",
    "zh": """# 命令

[English](#commands) · **中文**

每个命令有中文名、英文名和拼音首字母，前面加不加 `/` 都行；在群里先 @机器人。`<必填>` 和 `[可选]` 的参数用空格隔开。
有所列角色就能用：operator、buyer、approver 都包含 viewer，admin 包含全部。这一页由 `make docs` 生成。

| 用法 | 名字 | 作用 | 例子 | 角色 | 影响 | 在哪里 |
|---|---|---|---|---|---|---|
""",
}
_SAID = {
    "en": {
        "anyone": "anyone",
        "read": "only reads",
        "change": "changes at once, audited",
        "irreversible": "asks for confirmation",
        "anywhere": "anywhere",
        "private": "private chat",
        "group": "group",
    },
    "zh": {
        "anyone": "任何人",
        "read": "只看",
        "change": "立即生效，有审计",
        "irreversible": "先确认",
        "anywhere": "都可以",
        "private": "私聊",
        "group": "群里",
    },
}


def page() -> str:
    """The whole page, in English and then in Chinese."""
    folders = sorted({folder / "texts" for folder, _ in COMMANDS})
    common = ROOT / "handlers" / "common" / "texts"
    catalogue = load_catalogue([machine_texts(), common, *folders], timezone=UTC)
    return "\n---\n\n".join(_part(catalogue.words(language)) for language in _HEADS)


def _part(words: Words) -> str:
    return _HEADS[words.language] + "".join(_row(command, words) for _, command in COMMANDS)


def _row(command: Command, words: Words) -> str:
    said = _SAID[words.language]
    cells = (
        f"`{usage(command, words)}`",
        " ".join(f"`{name}`" for name in command.names),
        words(f"command.{command.key}.summary"),
        f"`{words(f'command.{command.key}.example')}`",
        command.role or said["anyone"],
        said[command.risk],
        said[command.where],
    )
    return f"| {' | '.join(cell.replace('|', _BAR) for cell in cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
