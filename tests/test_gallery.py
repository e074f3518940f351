"""The pictures that the README shows are those that unetscope draws; each was looked at."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gallery import DIFFS, FOLDER, GALLERY, drawn

README = Path(__file__).resolve().parents[1] / "README.md"


@pytest.mark.parametrize("name", [*GALLERY, *DIFFS])
def test_a_picture_of_the_gallery_is_what_is_drawn_now(name: str) -> None:
    assert (FOLDER / name).read_bytes() == drawn(name), f"look at it: python tests/gallery.py {name}"


def test_the_readme_shows_only_pictures_that_are_there() -> None:
    shown = re.findall(r'"(outputs/gallery/[^"]+)"', README.read_text())
    assert shown
    assert all((README.parent / path).is_file() for path in shown)
