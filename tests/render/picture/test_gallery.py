"""The pictures that the README shows are those that unetscope draws; each was looked at."""

from __future__ import annotations

import re
import shlex

import pytest
from click.testing import CliRunner

from support.outputs import printed
from support.pictures.gallery import (
    DIFFS,
    FOLDER,
    GALLERY,
    PAPER,
    SCENES,
    SCENES_FOLDER,
    drawn,
    golden,
    scene_lines,
)
from support.places import ROOT
from unetscope.cli.commands import unetscope

README = ROOT / "README.md"


@pytest.mark.parametrize("name", [*GALLERY, *DIFFS])
def test_a_picture_of_the_gallery_is_what_is_drawn_now(name: str) -> None:
    assert (FOLDER / name).read_bytes() == drawn(name), f"look at it: python tests/draw_gallery.py {name}"


@pytest.mark.parametrize("name", [name for name in (*SCENES, "sdxl-dark.svg") if name not in PAPER])
def test_the_command_at_the_foot_of_a_picture_draws_it(name: str) -> None:
    words = shlex.split(printed((FOLDER / name).read_bytes()))
    done = CliRunner().invoke(unetscope, [*words[1:], "-o", "-"])
    assert done.stdout_bytes == (FOLDER / name).read_bytes()


def test_every_committed_output_is_a_picture_of_the_gallery() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {*GALLERY, *DIFFS}


@pytest.mark.parametrize("name", SCENES)
def test_every_item_of_a_picture_stands_where_it_stood(name: str) -> None:
    assert scene_lines(name) == golden(name).read_text(encoding="utf-8").splitlines()


def test_the_golden_scenes_are_those_of_the_gallery() -> None:
    assert sorted(SCENES_FOLDER.iterdir()) == sorted(map(golden, SCENES))


def test_the_readme_shows_only_pictures_that_are_there() -> None:
    shown = re.findall(r'"(outputs/gallery/[^"]+)"', README.read_text())
    assert shown
    assert all((README.parent / path).is_file() for path in shown)
