"""The command at a picture's foot draws the same picture again, byte for byte, whatever was chosen."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import unetscope
from support.networks import SMALL
from support.outputs import printed
from unetscope import api
from unetscope.api import commands, naming
from unetscope.cli.commands import unetscope as program
from unetscope.cli.options import extent
from unetscope.cli.repeat import SILENT
from unetscope.layout.measure import width
from unetscope.layout.parts.frame import command_lines

SVG = "{http://www.w3.org/2000/svg}"
FILE = "it's a net/config.json"
"""A config whose path a shell has to have quoted."""

PRINTABLE = st.characters(exclude_categories=["C", "Z"], include_characters=" ")
DRAWING = ("diagram", "graph", "chart", "diff")

VALUES: dict[str, st.SearchStrategy[list[str]]] = {
    # option → its value as typed; options of click's own types need none
    "--set": st.sampled_from(
        [["layers_per_block=2"], ["resnet_time_scale_shift=scale_shift"], ["act_fn=gelu"]]
    ),
    "--latent": st.sampled_from([["8"], ["16x8"], ["32"]]),
    "--size": st.sampled_from([["64"], ["128x64"]]),
    "--sides": st.sampled_from([["16"], ["16,32"], ["16:48:8"]]),
    "--tokens": st.sampled_from([["3"], ["77"]]),
    "--axis": st.sampled_from([["tokens=5"], ["height=16"]]),
    "--title": st.sampled_from([["Mine"], ["it's — mine"]]),
    "--frames": st.nothing(),
    "--part": st.nothing(),  # a UNet has none; tests of halves draw them again
    "--pipeline": st.nothing(),  # of the whole pipeline; tests of its pictures draw them again
    "--tiling": st.nothing(),
    "--refiner": st.nothing(),
    "--denoising-end": st.nothing(),
    "--dtype": st.sampled_from([["float16"]]),
    "--batch": st.sampled_from([["2"], ["3"]]),
    "--steps": st.integers(2, 50).map(lambda number: [str(number)]),
    "--depth": st.integers(1, 3).map(lambda number: [str(number)]),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a config and another one to differ from; every test draws in it."""
    here, before = tmp_path_factory.mktemp("pictures"), os.getcwd()
    (here / FILE).parent.mkdir()
    (here / FILE).write_text(json.dumps(SMALL))
    (here / "deeper.json").write_text(json.dumps(SMALL | {"layers_per_block": 2}))
    os.chdir(here)
    os.environ["UNETSCOPE_CACHE"] = str(here / "cache")
    yield here
    os.chdir(before)
    del os.environ["UNETSCOPE_CACHE"]


def run(*args: str) -> None:
    done = CliRunner().invoke(program, args)
    assert done.exit_code == 0, (args, done.output, done.exception)


def options_of(name: str) -> list[click.Option]:
    command = program.get_command(click.Context(program), name)
    assert command is not None
    return [one for one in command.params if isinstance(one, click.Option) and one.name not in SILENT]


def chosen(option: click.Option) -> st.SearchStrategy[list[str]]:
    """An option as typed; one that nobody said how to choose fails here, so that none is forgotten."""
    flag = max(option.opts, key=len)
    if option.is_flag and flag not in VALUES:
        return st.just([flag])
    if flag == "--layout":  # of those that suit a UNet
        return st.sampled_from([[flag, "strip"], [flag, "u"]])
    if isinstance(option.type, click.Choice) and flag not in VALUES:
        return st.sampled_from(list(option.type.choices)).map(lambda word: [flag, word])
    return VALUES[flag].map(lambda value: [flag, *value])


def choices(name: str, *, without: frozenset[str]) -> st.SearchStrategy[list[str]]:
    """Some of a command's options, in any order."""
    usable = [one for one in options_of(name) if max(one.opts, key=len) not in without]
    some = st.lists(st.sampled_from(usable), max_size=6, unique_by=lambda one: one.name)
    return some.flatmap(lambda found: st.tuples(*map(chosen, found))).map(lambda found: [*chain(*found)])


def draws_again(*args: str) -> str:
    """Draw, then run the command in the picture; both pictures are the same. Returns the command."""
    run(*args, "-o", "first.svg")
    first = Path("first.svg").read_bytes()
    command = printed(first)
    run(*shlex.split(command)[1:], "-o", "again.svg")
    assert Path("again.svg").read_bytes() == first, command
    return command


def tried(count: int) -> Any:
    return settings(
        max_examples=count, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )


@pytest.mark.slow
@tried(12)
@given(
    args=choices(
        "diagram", without=frozenset({"--size", "--frames", "--overlay", "--names", "--input", "--with"})
    ).filter(lambda args: "paper" not in args)
)
def test_a_diagram_is_drawn_again_by_its_command(folder: Path, args: list[str]) -> None:
    draws_again("diagram", FILE, *args)


@tried(6)
@given(
    args=choices(
        "graph", without=frozenset({"--size", "--frames", "--detail", "--width", "--input", "--with"})
    )
)
def test_a_graph_is_drawn_again_by_its_command(folder: Path, args: list[str]) -> None:
    draws_again("graph", FILE, *args)


@pytest.mark.slow
@tried(4)
@given(
    args=choices(
        "chart",
        without=frozenset(
            {"--size", "--frames", "--kind", "--sides", "--title", "--gpu", "--width", "--input", "--with"}
        ),
    )
)
def test_a_chart_of_stages_is_drawn_again_by_its_command(folder: Path, args: list[str]) -> None:
    draws_again("chart", FILE, FILE, *args)


@pytest.mark.slow
@pytest.mark.parametrize(
    "args",
    [
        ("sd15", "--kind", "memory", "--dtype", "float32"),
        ("sd15", "--kind", "memory"),
        ("sd15", "sdxl", "--kind", "sweep", "--sides", "16:64:8", "--cfg"),
        ("sd15", "--kind", "sweep", "--batch", "2", "--tokens", "154", "--convention", "layers"),
        ("sd15", "--kind", "zoo", "--unit", "flops", "--steps", "20"),
        ("--kind", "zoo", "--theme", "dark"),
    ],
    ids=" ".join,
)
def test_charts_of_other_kinds_are_drawn_again_by_their_commands(folder: Path, args: tuple[str, ...]) -> None:
    assert sorted(draws_again("chart", *args).split()) == sorted(("unetscope", "chart", *args))


@pytest.mark.slow
@tried(8)
@given(
    args=choices(
        "diff", without=frozenset({"--size", "--frames", "--title", "--weights", "--input", "--with"})
    ).filter(lambda args: "paper" not in args)
)
def test_the_picture_of_a_diff_is_drawn_again_by_its_command(folder: Path, args: list[str]) -> None:
    assert "--format svg" in draws_again("diff", FILE, "deeper.json", *args)


def test_the_picture_of_a_diff_at_another_size_is_drawn_again_by_its_command(folder: Path) -> None:
    assert draws_again("diff", FILE, "deeper.json", "--latent", "32").endswith("--format svg --latent 32x32")


@pytest.mark.parametrize("name", DRAWING)
def test_what_a_command_leaves_out_of_a_picture_changes_nothing_in_it(name: str) -> None:
    """The list of options that stay unsaid is short and known; a new option is said."""
    command = program.get_command(click.Context(program), name)
    assert command is not None
    silent = {one.name for one in command.params} & SILENT
    told = (
        {"stat", "only", "transfer", "distill", "map_out", "exit_code", "heading"}
        if name == "diff"
        else set()
    )
    told |= {"as_json"} if name in ("diff", "diagram") else set()
    told |= {"caption"} if name == "diagram" else set()
    told |= {"revision", "subfolder", "variant"}  # the source's own name says them
    assert silent == {"output", "format_", "fresh", "no_cache", "strict"} | told


def test_commands_name_what_was_chosen_and_nothing_else(folder: Path) -> None:
    given = (
        "diagram",
        "sdxl",
        "--unit",
        "flops",
        "--batch",
        "1",
        "--theme",
        "light",
        "--latent",
        "64",
        "--strict",
    )
    assert draws_again(*given) == "unetscope diagram sdxl --batch 1 --latent 64x64 --unit flops"
    assert draws_again("diagram", FILE) == "unetscope diagram 'it'\"'\"'s a net/config.json'"
    assert draws_again("diagram", str(folder / FILE)) == f"unetscope diagram {shlex.quote('./' + FILE)}"


def test_a_picture_of_another_unit_batch_and_dtype_is_drawn_again(folder: Path) -> None:
    command = draws_again("diagram", "sdxl", "--unit", "flops", "--batch", "4", "--dtype", "float16")
    assert command == "unetscope diagram sdxl --batch 4 --dtype float16 --unit flops"
    assert "batch 4, 77 text tokens, float16" in Path("again.svg").read_text()


def test_each_of_several_pictures_names_its_own_source_and_its_format(folder: Path) -> None:
    Path("some").mkdir()
    run("diagram", "sd15", "sdxl", "--format", "json", "-o", "some/")
    for name in ("sd15", "sdxl"):
        assert f'"unetscope diagram {name} --format json"' in Path(f"some/{name}.json").read_text()


@pytest.mark.parametrize(
    ("source", "options", "look"),
    [
        ("sdxl", {}, {"layout": "u", "theme": "dark"}),
        (
            "sd15",
            {"size": unetscope.Size.of(latent=(32, 64), tokens=20)},
            {"unit": "flops", "color_by": "macs"},
        ),
        (FILE, {"size": unetscope.Size(batch=2, dtype="float16")}, {"width": "column"}),
        (FILE, {"overrides": {"layers_per_block": 2, "act_fn": "gelu"}}, {"detail": "layer"}),
        (FILE, {"on_pixels": True, "size": unetscope.Size(pixels=(32, 32))}, {}),
    ],
)
def test_a_picture_from_python_is_the_one_that_its_command_draws(
    folder: Path, source: str, options: dict[str, Any], look: dict[str, str]
) -> None:
    network = unetscope.counted(unetscope.load(source, **options), convention="layers", steps=3)
    picture = unetscope.draw(network, **look)
    run(*shlex.split(printed(picture))[1:], "-o", "again.svg")
    assert Path("again.svg").read_bytes() == picture


def test_stages_called_by_their_paths_in_python_are_so_again_by_the_command(folder: Path) -> None:
    picture = unetscope.draw(naming.named(unetscope.load("sd15"), labels="path"))
    assert shlex.split(printed(picture))[1:] == ["diagram", "sd15", "--labels", "path"]
    run("diagram", "sd15", "--labels", "path", "-o", "again.svg")
    assert Path("again.svg").read_bytes() == picture


def test_graphs_charts_and_diffs_from_python_are_those_that_their_commands_draw(folder: Path) -> None:
    network = unetscope.counted(unetscope.load("sd15"), cfg=True)
    squares = [unetscope.Size.of(latent=(side, side)) for side in (16, 24)]
    differing = unetscope.counted(unetscope.diff("sd15", "bk-sdm-small"), cfg=True)
    for picture in (
        api.graph(network, depth=2, theme="dark"),
        api.chart(network, unit="flops"),
        api.chart(unetscope.load("sd15"), kind="memory", dtype="float32"),
        api.chart(api.sweep("sd15", squares), kind="sweep"),
        unetscope.draw_diff(differing, layout="u"),
    ):
        run(*shlex.split(printed(picture))[1:], "-o", "again.svg")
        assert Path("again.svg").read_bytes() == picture


def test_what_the_command_line_cannot_draw_has_no_command(folder: Path) -> None:
    for network in (unetscope.load(SMALL), unetscope.load(SMALL, size=unetscope.Size(batch=2))):
        assert b"unetscope diagram" not in unetscope.draw(network)
    without = unetscope.diff("sd15", "sd14", causes=False)
    assert b"unetscope diff" not in unetscope.draw_diff(without)
    assert commands.line("diagram", ["-"], []) == ""
    assert commands.line("diagram", ["a\nb"], []) == ""
    assert commands.line("diagram", ["a" * 1000], []) == ""
    assert commands.line("diagram", ["-a.json"], []) == "unetscope diagram ./-a.json"


@given(
    words=st.lists(st.text(PRINTABLE, min_size=1, max_size=90), min_size=1, max_size=8),
    room=st.floats(150, 900),
)  # fmt: skip
def test_a_command_is_broken_into_lines_that_fit_and_that_a_shell_joins(
    words: list[str], room: float
) -> None:
    lines = command_lines(shlex.join(words), room, 10)
    assert all(width(line, 10, mono=True) <= room for line in lines)
    assert all(line.endswith("\\") for line in lines[:-1])
    joined = "".join(line[:-1] for line in lines[:-1]) + lines[-1]
    assert shlex.split(joined) == words


def test_sizes_are_typed_as_their_option_reads_them() -> None:
    assert {one.name for name in DRAWING for one in options_of(name) if one.callback is extent} == {
        "latent",
        "pixels",
    }
