"""Which sides of a sample grow with its axes, whatever axes a saved basis names."""

from __future__ import annotations

import pytest

from unetscope import families
from unetscope.zoo import spec


def test_height_and_width_of_a_latent_grow_and_its_channels_do_not() -> None:
    known = spec("sd15")
    axes = {"height": 64, "width": 64, "tokens": 77}
    assert families.following(known.class_name, known.config, axes) == {1, 2}


@pytest.mark.parametrize("axes", [{}, {"tokens": 7}, {"height": 8}, {"length": 9, "width": 8}])
def test_axes_of_another_class_tell_nothing(axes: dict[str, int]) -> None:
    known = spec("sd15")
    assert families.following(known.class_name, known.config, axes) is None
