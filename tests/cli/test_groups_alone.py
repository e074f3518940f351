"""A group of commands without one shows its help, and a word that is nearly a command of it is suggested."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from support.command_line import unetscope
from unetscope.cli.commands import unetscope as program


@pytest.mark.parametrize("group", [[], ["zoo"]], ids=["unetscope", "zoo"])
def test_a_group_alone_shows_its_help_and_has_done_nothing(group: list[str]) -> None:
    alone, asked = (unetscope(*group, *more) for more in ([], ["--help"]))
    assert (alone.returncode, alone.stdout, alone.stderr) == (2, "", asked.stdout)
    assert asked.stdout.startswith("Usage: unetscope ")


@pytest.mark.parametrize(
    ("typed", "meant"), [(["tabel"], "table"), (["zoo", "traec"], "trace"), (["zoo", "shet"], "sheet")]
)
def test_a_word_that_is_nearly_a_command_of_its_group_is_suggested(typed: list[str], meant: str) -> None:
    done = unetscope(*typed)
    assert (done.returncode, done.stdout) == (2, "")
    said = f"error: no command is called {typed[-1]!r}\nhint: did you mean {meant}?\n"
    assert done.stderr == said


def test_every_group_says_what_its_commands_do_in_whole_lines() -> None:
    for group in ([], ["zoo"]):
        assert "..." not in CliRunner().invoke(program, [*group, "--help"]).stdout.partition("Options:")[2]
