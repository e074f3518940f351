"""What stands outside the stacks of a column is told by what most of its results are, on every run alike."""

from __future__ import annotations

from support.traces import bundled
from unetscope.layout.column.reading.conditions import outside_of
from unetscope.layout.column.reading.tokens import Descent


def test_a_rotary_module_that_passes_the_image_on_is_one_of_positions() -> None:
    """Lumina-Image 2.0's returns three tensors of positions and the image."""
    lumina = bundled("lumina-image-2.0")
    purposes = {one.path: one.purpose for one in outside_of(lumina, Descent(lumina), len(lumina.calls))}
    assert purposes["rope_embedder"] == "positions"
    assert purposes["x_embedder"] == "image"
