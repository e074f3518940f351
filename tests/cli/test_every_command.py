"""Every command walked through as a person would: its example, options, answers and widths."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest
from rich.cells import cell_len

from support.command_line import traced_here, unetscope
from unetscope.cli.commands import COMMANDS, GROUPS
from unetscope.cli.commands import unetscope as program
from unetscope.zoo import ids

pytestmark = pytest.mark.slow  # together they take long

WORKS = {
    # command: what it is run with where an example would trace; none needs torch
    "diagram": ("sd15",),
    "graph": ("sd15",),
    "show": ("sd15",),
    "list": (),
    "table": ("sd15",),
    "sweep": ("sd15", "--latent", "32,64"),
    "reconcile": ("sd14", "339G", "--no-torchinfo"),
    "memory": ("sd15", "--train"),
    "chart": ("sd15",),
    "diff": ("sd15", "bk-sdm-small"),
    "compare": ("sd15", "sdxl"),
    "plan": ("sd15", "--recipe", "bk-sdm-small"),
    "trace": ("sd15",),
    "keys": ("sd15",),
}
"""A new command has its line here, and with it every test below."""

FILES = {"identify", "check", "survey", "embed", "site"}
"""Commands about files of weights, documents and sites: tests of their own walk them."""
SHARED = {
    # an option: the commands where it makes no sense
    "--output": {"identify", "check", "embed"},
    "--format": FILES,
    "--title": {"list", "trace", "keys", *FILES},
    "--labels": {"list", "trace", "keys", *FILES},
    "--set": {"list", *FILES},
    "--size": {"list", *FILES},
    "--latent": {"list", *FILES},
    "--batch": {"list", *FILES},
    "--tokens": {"list", *FILES},
    "--frames": {"list", *FILES},
    "--axis": {"list", *FILES},
    "--strict": {"list", *FILES},
    "--fresh": {"list", *FILES},
    "--no-cache": {"list", *FILES},
    "--json": {"graph", "chart", "survey", "embed", "site"},
    "--convention": {"list", "reconcile", "memory", "trace", "keys", *FILES},
    "--cfg": {"list", "memory", "trace", "keys", *FILES},
    "--steps": {"list", "memory", "trace", "keys", *FILES},
}
SEVERAL = set(WORKS) - {"list", "reconcile", "diff", "keys", "plan"}
"""Commands that take several SOURCEs."""
OF_NARROW = set("all beside for networks room value".split())
"""Words that are said where there is little room alone."""
IN_COLUMNS = set(WORKS) - {"diagram", "graph", "chart", "trace"}
"""Commands that print text."""


def command_of(name: str) -> click.Command:
    found = program.get_command(click.Context(program), name)
    assert found is not None
    return found


def flags(name: str) -> set[str]:
    return {flag for option in command_of(name).params for flag in option.opts}


def test_every_command_is_in_a_group_and_walked_here() -> None:
    assert {*WORKS, *FILES} == {*COMMANDS}
    help_ = unetscope("--help").stdout
    assert [title for title in GROUPS if f"\n{title}:\n" in help_] == list(GROUPS)
    assert "zoo" not in re.findall(r"^  (\w+) ", help_, flags=re.MULTILINE)


@pytest.mark.parametrize("name", [name for name in WORKS if name != "trace"])
def test_the_example_in_its_help_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNETSCOPE_CACHE", str(tmp_path / "cache"))
    (example,) = re.findall(r"Example: (unetscope .*)", str(command_of(name).epilog))
    first, verb, *args = shlex.split(example)
    assert (first, verb) == ("unetscope", name)
    done = traced_here(verb, *args)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


@pytest.mark.parametrize("flag", SHARED)
def test_one_idea_has_one_name_wherever_it_makes_sense(flag: str) -> None:
    assert {name for name in COMMANDS if flag not in flags(name)} == SHARED[flag]


def test_commands_that_look_at_networks_take_several() -> None:
    taking = {
        name
        for name in COMMANDS
        if any(isinstance(one, click.Argument) and one.name == "sources" for one in command_of(name).params)
    }
    assert taking == SEVERAL | {"survey"}


@pytest.mark.parametrize("name", sorted(SEVERAL - {"compare", "chart"}))
def test_several_sources_go_into_a_folder_that_is_made(name: str, tmp_path: Path) -> None:
    source, *args = WORKS[name]
    done = unetscope(name, source, "bk-sdm-tiny", *args, "-o", "new/folder/", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.splitlines()) == sorted(
        f"new/folder/{one.name}" for one in (tmp_path / "new/folder").iterdir()
    )
    refused = unetscope(name, source, "bk-sdm-tiny", *args, "-o", "one.json", cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")


@pytest.mark.parametrize("name", [name for name in WORKS if "--json" in flags(name)])
def test_json_parses_on_stdout_and_in_a_file(name: str, tmp_path: Path) -> None:
    printed = (
        unetscope(name, *WORKS[name], "--json", "-o", "-", cwd=tmp_path)
        if "--output" in flags(name)
        else unetscope(name, "--json")
    )
    assert printed.returncode == 0
    assert json.loads(printed.stdout)
    if "--output" in flags(name):
        assert unetscope(name, *WORKS[name], "-o", "x.json", cwd=tmp_path).stdout == "x.json\n"
        assert (
            json.loads((tmp_path / "x.json").read_text()) == json.loads(printed.stdout) or name == "diagram"
        )


def test_json_of_several_sources_is_one_list() -> None:
    both = json.loads(unetscope("table", "sd15", "sdxl", "--json").stdout)
    each = [json.loads(unetscope("table", name, "--json").stdout) for name in ("sd15", "sdxl")]
    assert both == each


EXITS = {
    # done or yes
    ("table", "sd15"): 0,
    ("diff", "sd15", "sd14", "--exit-code", "--stat"): 0,
    ("diff", "sd15", "sd21", "--stat"): 0,
    ("memory", "sd15", "--fits", "24GB", "--exit-code"): 0,
    ("memory", "sd15", "--fits", "1MB"): 0,
    # the answer is no
    ("diff", "sd15", "sd21", "--exit-code", "--stat"): 1,
    ("memory", "sd15", "--fits", "1MB", "--exit-code"): 1,
    ("memory", "sd15", "sdxl", "--fits", "3GB", "--exit-code"): 1,
    # trouble
    ("diff", "sd15", "no-such-network", "--exit-code"): 2,
    ("memory", "no-such-network", "--fits", "1MB", "--exit-code"): 2,
    ("table", "sd15", "no-such-network"): 2,
    ("table", "sd15", "--set", "no_such_key=1"): 2,
}


@pytest.mark.parametrize("args", EXITS, ids=" ".join)
def test_exit_codes_are_those_of_diff_and_grep(args: tuple[str, ...]) -> None:
    assert unetscope(*args).returncode == EXITS[args]


@pytest.mark.parametrize("name", WORKS)
@pytest.mark.parametrize("wrong", [("--no-such-option",), ("--theme", "drak"), ("--batch", "none")])
def test_wrong_usage_and_failure_read_the_same(name: str, wrong: tuple[str, ...], tmp_path: Path) -> None:
    for args in ((*WORKS[name], *wrong), ("no-such-network", *WORKS[name][1:])):
        done = unetscope(name, *args, cwd=tmp_path)
        if name == "list" and "no-such-network" in args:
            assert done.returncode == 2
        lines = done.stderr.splitlines()
        assert (done.returncode, done.stdout) == (2, "")
        assert [line.partition(": ")[0] for line in lines] == ["error", "hint"]
        assert not list(tmp_path.iterdir())


SUGGESTED = {
    # a near word is suggested, a far one is not
    ("tabel",): "did you mean table?",
    ("diagram", "sd15", "--them", "dark"): "did you mean --theme?",
    ("diagram", "sd15", "--theme", "drak"): "did you mean dark?",
    ("diagram", "sd15", "--flops"): "did you mean --unit flops?",
    ("table", "sd15", "--theme", "dark"): "see unetscope table --help",
    ("picture", "sd15"): "see unetscope --help",
    ("table",): "unetscope table [OPTIONS] SOURCE...",
}


@pytest.mark.parametrize("args", SUGGESTED, ids=" ".join)
def test_only_near_words_are_suggested(args: tuple[str, ...]) -> None:
    assert unetscope(*args).stderr.splitlines()[-1] == f"hint: {SUGGESTED[args]}"


@pytest.mark.parametrize("name", sorted(IN_COLUMNS))
@pytest.mark.parametrize("columns", [60, 80, 200])
def test_text_fits_its_columns_and_no_word_is_cut(name: str, columns: int) -> None:
    wide = unetscope(name, *WORKS[name], COLUMNS="400").stdout
    shown = unetscope(name, *WORKS[name], COLUMNS=str(columns)).stdout
    assert max(map(cell_len, shown.splitlines())) <= columns
    if name != "list":  # longer words than that are its own matter
        whole = set(re.findall(r"\w+", wide)) | set(re.findall(r"\w+", unetscope(name, *WORKS[name]).stdout))
        assert (
            set(re.findall(r"[a-z]{3,}", shown))
            <= {part for word in whole for part in re.findall(r"[a-z]{3,}", word)} | OF_NARROW
        )


@pytest.mark.parametrize("name", sorted(IN_COLUMNS))
def test_off_a_terminal_there_is_no_colour(name: str) -> None:
    assert "\x1b" not in unetscope(name, *WORKS[name], FORCE_COLOR="").stdout


@pytest.mark.skipif(os.name == "nt", reason="pseudo terminals of POSIX")
@pytest.mark.parametrize("name", sorted(IN_COLUMNS - {"list", "show", "memory", "sweep"}))
def test_on_a_terminal_no_color_is_heard(name: str) -> None:
    colourful, plain = (on_a_terminal(name, *WORKS[name], **env) for env in ({}, {"NO_COLOR": "1"}))
    assert "\x1b[" in colourful
    assert "\x1b[" not in plain


def on_a_terminal(*args: str, **env: str) -> str:
    """What the program shows on a terminal of its own."""
    import pty
    import sys

    main, end = pty.openpty()
    command = [sys.executable, "-m", "unetscope", *args]
    own = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    given = own | {"TERM": "xterm", "COLUMNS": "80"} | env
    with subprocess.Popen(command, stdout=end, stderr=end, stdin=end, env=given) as running:
        os.close(end)
        shown = b""
        while True:
            try:
                got = os.read(main, 65536)
            except OSError:  # the last who could write has gone
                break
            if not got:
                break
            shown += got
        running.wait()
    os.close(main)
    return shown.decode()


def test_long_work_says_what_it_does_on_a_terminal_and_nothing_off_it(tmp_path: Path) -> None:
    config = tmp_path / "mine.json"
    config.write_text('{"_class_name": "UNet2DModel", "sample_size": 16, "layers_per_block": 1}')
    shown = on_a_terminal("table", str(config), "--no-cache")
    assert "importing torch" in shown
    assert "tracing mine" in shown
    silent = unetscope("table", str(config), "--no-cache")
    assert (silent.returncode, silent.stderr) == (0, "")
    assert "importing" not in silent.stdout


@pytest.mark.slow
def test_stages_and_titles_are_called_as_asked_in_every_command_that_prints_them() -> None:
    for name in ("table", "show", "diagram", "graph", "chart", "diff"):
        titles = ["--title", "My — net"] * (2 if name == "diff" else 1)
        target = [] if name in ("table", "show", "diff") else ["-o", "-"]
        done = unetscope(name, *WORKS[name], "--labels", "path", *titles, *target)
        assert (done.returncode, done.stderr) == (0, "")
        assert "My — net" in done.stdout
        assert not re.search(r"\b(?:Down|Up) \d", done.stdout), name
        assert "up_blocks.0" in done.stdout


def test_presets_have_names_that_need_no_quotes() -> None:
    assert all(shlex.quote(id) == id for id in ids())


def test_a_formula_becomes_a_function_and_only_a_formula_does(tmp_path: Path) -> None:
    assert unetscope("sweep", "sd15", "--formula", "-o", "cost.py", cwd=tmp_path).stdout == "cost.py\n"
    names: dict[str, object] = {}
    exec((tmp_path / "cost.py").read_text(), names)
    assert names["macs"](64, 64) == 401_636_720_640  # type: ignore[operator]
    for wrong in (["--latent", "64", "-o", "c.js"], ["--formula", "--format", "csv"]):
        done = unetscope("sweep", "sd15", *wrong, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.slow
def test_a_setting_by_itself_is_a_difference_to_tell() -> None:
    done = unetscope("diff", "sd15", "--set", "sample_size=32", "--exit-code", "--only", "config")
    assert (done.returncode, done.stderr) == (0, "")
    assert "sample_size 64 → 32" in done.stdout
    refused = unetscope("diff", "sd15")
    assert (refused.returncode, refused.stderr.splitlines()[-1]) == (2, "hint: give B, or --set KEY=VALUE")
