"""docs/classes.md says of every class that the installed diffusers exports what becomes of it."""

from __future__ import annotations

from importlib import metadata

import pytest

pytest.importorskip("diffusers")

from support.classes_table import NEEDS, PAGE, exported, page
from unetscope.families import FAMILIES, unsupported


@pytest.fixture
def of_this_diffusers() -> None:
    if not metadata.version("diffusers").startswith("0.42."):
        pytest.skip("the page is that of diffusers 0.42")


def _rows(text: str) -> dict[str, list[str]]:
    """Cells of each class, by its name."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {name: cells for name, *cells in lines if name != "class"}


@pytest.mark.usefixtures("of_this_diffusers")
def test_every_class_that_diffusers_exports_has_a_row_and_runs_or_a_reason() -> None:
    rows = _rows(PAGE.read_text(encoding="utf-8"))
    assert set(rows) == set(exported()) | set(FAMILIES)
    for name, (runs, *_) in rows.items():
        assert runs.startswith("yes") if name in FAMILIES else runs.startswith("no: ")
    assert set(exported()) - set(FAMILIES) == set(unsupported.REASONS)


@pytest.mark.slow
@pytest.mark.usefixtures("of_this_diffusers")
def test_the_page_is_what_the_installed_diffusers_and_a_trace_of_each_class_give() -> None:
    kept, made = PAGE.read_text(encoding="utf-8"), page()
    here = {name: row for name, row in _rows(kept).items() if name not in NEEDS}
    assert here == {name: row for name, row in _rows(made).items() if name not in NEEDS}
    assert kept.partition("| class")[0] == made.partition("| class")[0]
