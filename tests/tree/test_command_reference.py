"""The command reference is what the registry would write."""

from tests.tree.commands_page import PAGE, page
from tests.tree.test_commands import COMMANDS


def test_the_command_reference_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "docs/commands.md is out of date: run make docs and commit it"


def test_every_name_stands_in_both_languages() -> None:
    written = page()
    names = [name for _, command in COMMANDS for name in command.names]
    assert [name for name in names if written.count(f" `{name}` ") < 2] == []
