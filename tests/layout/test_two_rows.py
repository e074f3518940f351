"""Strips in two rows: heights are resolutions, and each skip has its channels in its own line."""

from __future__ import annotations

import pytest

from support.pictures import looked
from unetscope.layout.parts.lanes import staggered
from unetscope.layout.parts.pills import Wire
from unetscope.layout.scene import SKIP, Group, Line, Text

TWO_ROWS = ("svd-xt", "ddpm-church")


@pytest.mark.parametrize("name", TWO_ROWS)
@pytest.mark.parametrize("paper", [False, True])
def test_the_number_of_a_skip_interrupts_its_own_fall(name, paper):
    drawn = looked(name, "strip", {"paper": paper})
    skips = [group for group in drawn.items if isinstance(group, Group) and group.path.startswith(SKIP)]
    assert skips
    for group in skips:
        fall, number, end = group.items
        assert isinstance(fall, Line)
        assert isinstance(number, Text)
        assert isinstance(end, Line)
        assert fall.points[-1][0] == number.x == end.points[0][0] == end.points[-1][0]
        assert fall.points[-1][1] < number.y - 0.5 * number.size < number.y < end.points[0][1]
        assert end.head
        assert not fall.head


def test_falls_too_close_for_their_numbers_have_none_of_their_own():
    far, near = ([Wire(0, x, 0, 1280) for x in places] for places in ((0, 40, 80), (0, 10, 20)))
    assert len(staggered(far, lambda _x: 100, 10)) == 3
    assert staggered(near, lambda _x: 100, 10) == {}


def test_numbers_beside_each_other_stand_on_two_heights_where_they_would_meet():
    wires = [Wire(0, x, 0, 1280) for x in (0, 20, 40)]
    heights = [*staggered(wires, lambda _x: 100, 10).values()]
    assert heights == [100, 87, 100]
