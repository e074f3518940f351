"""`print` of a result shows what its command prints; of a network or a picture it stays one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import unetscope
from support.command_line import traced_here

COMMANDS: dict[tuple[str, ...], Callable[[], Any]] = {
    ("table", "sd15", "--columns", "params,macs"): lambda: unetscope.table(
        "sd15", columns=("params", "macs")
    ),
    ("compare", "sd15", "sd21"): lambda: unetscope.compare("sd15", "sd21"),
    ("diff", "sd15", "bk-sdm-small"): lambda: unetscope.diff("sd15", "bk-sdm-small"),
    ("memory", "sd15"): lambda: unetscope.memory("sd15"),
    ("sweep", "sd15", "--latent", "32,64"): lambda: unetscope.sweep("sd15", latent=[(32, 32), (64, 64)]),
}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_what_is_printed_is_what_the_command_prints(words: tuple[str, ...]) -> None:
    assert f"{COMMANDS[words]()}\n" == traced_here(*words, COLUMNS="80").stdout


def test_a_stage_prints_its_blocks() -> None:
    stage = unetscope.load("sd15").stage("up_blocks.0")
    assert f"{stage}" == f"{unetscope.table(stage, by='block')}"


@pytest.mark.parametrize("result", [unetscope.load("sd15"), unetscope.draw("sd15")], ids=type)
def test_what_is_no_text_prints_its_line(result: Any) -> None:
    assert f"{result}" == repr(result)
    assert len(repr(result).splitlines()) == 1


def test_a_notebook_shows_an_error_as_the_callers_line_and_two_more() -> None:
    with pytest.raises(unetscope.UnetscopeError) as raised:
        unetscope.load("sd1.5x")
    place, wrong, hint = raised.value._render_traceback_()
    assert place.endswith(': unetscope.load("sd1.5x")')
    assert wrong == f"SourceError: {raised.value.message}"
    assert hint == f"hint: {raised.value.hint}"
