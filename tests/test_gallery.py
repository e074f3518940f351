"""The pictures that the README shows are those that unetscope draws; each was looked at."""

from __future__ import annotations

import pytest

from gallery import COLUMNS, DIFFS, FOLDER, GALLERY, drawn


@pytest.mark.parametrize("name", [*GALLERY, *DIFFS])
def test_a_picture_of_the_gallery_is_what_is_drawn_now(name: str) -> None:
    assert (FOLDER / name).read_bytes() == drawn(name), f"look at it: python tests/gallery.py {name}"


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_of_the_gallery_is_what_is_drawn_now(name: str) -> None:
    pytest.importorskip("torch", reason="torch is not installed: no trace can be made")
    assert (FOLDER / name).read_bytes() == drawn(name), f"look at it: python tests/gallery.py {name}"
