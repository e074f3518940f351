"""Strips and Us for one column of a paper: 460 px wide, words at 12.6 px, numbers of skips in their lines."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise, product
from typing import Any

import pytest

from support.pictures import (
    NAMES,
    ODD,
    PRESETS,
    apart,
    architecture,
    ink,
    inside,
    looked,
    near,
    shown,
    texts,
)
from support.traces import bundled
from unetscope import api
from unetscope.choices import CHOICES, Look
from unetscope.cost import total
from unetscope.layout import lay_out
from unetscope.layout.chain import prepared
from unetscope.layout.chain.blocks import chain
from unetscope.layout.fold.elements import folded, units
from unetscope.layout.scene import SKIP, Frame, Group, Item, Line, Scene, Text

DETAILS = CHOICES["detail"]
LEAST = 12.6
"""px: 6.5 pt where 460 px are printed 3.3 in wide."""


def column(name: str, **look: Any) -> Scene:
    return looked(name, "strip", {"width": "column", **look})


@pytest.mark.parametrize(("name", "detail", "paper"), [*product(NAMES, DETAILS, (False, True))])
def test_words_are_legible_at_the_width_of_a_column_and_none_lies_on_another(name, detail, paper):
    drawn = column(name, detail=detail, paper=paper)
    assert drawn.width == 460
    page, words = Frame(0, 0, drawn.width, drawn.height), texts(drawn)
    for word in words:
        assert word.size >= LEAST, word.content
        assert inside(ink(word), word.frame or page, slack=0.5), word.content
        assert not word.content.endswith("…") or name in ("long-names", "hostile-names"), word.content
    for (a, first), (b, second) in near([(word.content, ink(word)) for word in words]):
        assert apart(first, second), (a, b)


@pytest.mark.parametrize("name", NAMES)
def test_every_skip_is_in_one_rung(name):
    network = chain(architecture(name))
    for closed in (False, True):
        found = folded(network, closed=closed)
        assert sum(rung.count for rung in found.rungs) + found.undrawn == len(architecture(name).skips)
        assert not found.undrawn


@pytest.mark.parametrize("name", NAMES)
def test_every_block_is_in_one_element_and_equal_units_are_drawn_once(name):
    network = chain(architecture(name))
    found = folded(network)
    members = [block for one in (*found.left, *found.right) for block in one.members]
    ends = [end for end in (network.inlet, network.outlet) if end]
    middle = [*found.middle.blocks] if found.middle else []
    drawn = sorted((one.path, one.kind) for one in [*members, *middle])
    assert drawn == sorted((one.path, one.kind) for one in [*network.blocks(), *ends])
    for one in (*found.left, *found.right):
        assert len(one.members) == len(one.blocks) * one.count or one.closed


def test_units_of_a_stage_are_found_by_their_kinds():
    stages = {stage.stage.name: stage.blocks for stage in chain(bundled("sd15")).stages}
    assert [(len(unit), count) for unit, count in units(stages["Down 1"])] == [(4, 2), (1, 1)]
    assert [(len(unit), count) for unit, count in units(stages["Up 3"])] == [(9, 3), (1, 1)]


def _rungs(items: tuple[Item, ...]) -> Iterator[list[Line]]:
    for item in items:
        if isinstance(item, Group) and item.path.startswith(SKIP):
            yield [line for line in item.items if isinstance(line, Line)]
        elif isinstance(item, Group):
            yield from _rungs(item.items)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("detail", ["block", "stage"])
def test_skips_never_cross(name, detail):
    edges = [
        (index, edge)
        for index, lines in enumerate(_rungs(column(name, detail=detail).items))
        for line in lines
        for edge in pairwise(line.points)
    ]
    for (first, a), (second, b) in combinations(edges, 2):
        assert first == second or not _meet(a, b)


def _meet(a: tuple, b: tuple) -> bool:
    """Whether two edges, level or upright, share more than an end."""
    (left, right), (top, foot) = (sorted(point[axis] for point in a) for axis in (0, 1))
    (other, end), (above, below) = (sorted(point[axis] for point in b) for axis in (0, 1))
    across = min(right, end) - max(left, other)
    along = min(foot, below) - max(top, above)
    return across >= 0 and along >= 0 and across + along > 0.1


def _number(drawn: Scene) -> list[tuple[Text, list[Line]]]:
    found = []
    for item in flat_groups(drawn.items):
        if item.path.startswith(SKIP):
            word = next(one for one in item.items if isinstance(one, Text))
            found.append((word, [one for one in item.items if isinstance(one, Line)]))
    return found


def flat_groups(items: tuple[Item, ...]) -> Iterator[Group]:
    for item in items:
        if isinstance(item, Group):
            yield item
            yield from flat_groups(item.items)


@pytest.mark.parametrize("name", PRESETS)
def test_the_number_of_a_skip_stands_in_its_own_line(name):
    for word, (before, after) in _number(column(name)):
        middle = word.y - 0.355 * word.size
        assert before.points[-1] == pytest.approx((word.left - 3, middle))
        assert after.points[0] == pytest.approx((word.left + word.width + 3, middle))


@pytest.mark.parametrize("name", PRESETS)
def test_a_stage_has_its_output_parameters_and_work_beside_it_and_a_paper_one_line_of_totals(name):
    network = architecture(name)
    words = shown(column(name, paper=True))
    for stage in network.stages:
        if stage.role in ("down", "mid", "up"):
            assert stage.name in words
    totals = [line for line in words.splitlines() if "parameters ·" in line]
    assert totals == [f"{network.cost.params:,} parameters · {totals[0].split(' · ')[1]}"]


def test_inputs_of_different_channels_do_not_look_alike():
    plain, masked = (shown(column(name, paper=True)).splitlines() for name in ("sd15", "sd15-inpaint"))
    assert {"4 noisy latent", "1 mask", "9×64²"} <= {*masked}
    assert {"noisy latent", "4×64²"} <= {*plain}
    assert not {"1 mask", "9×64²"} & {*plain}


@pytest.mark.parametrize("name", PRESETS)
def test_layers_of_a_column_add_up(name):
    drawn = prepared(architecture(name), Look(detail="layer", width="column"))
    blocks = [block for block in drawn.blocks() if block.layers]
    assert {block.kind for block in blocks} >= {"residual"}
    for block in blocks:
        assert total(layer.cost for layer in block.layers) == block.cost
    words = shown(column(name, detail="layer")).splitlines()
    assert words.count("sum") == len({block.letter for block in blocks})


def test_a_u_at_the_width_of_a_column_is_the_folded_strip():
    one, other = (lay_out(bundled("sd15"), layout=layout, width="column") for layout in ("strip", "u"))
    assert one == other


def test_blocks_that_leave_skips_no_room_are_closed_and_their_letters_explained():
    drawn = shown(column("deep-stacks"))
    assert "R: residual" in shown(column("sd15", detail="stage"))
    assert "Down 1" in drawn


def test_paper_columns_of_two_presets_differ_where_their_networks_do():
    found = {name: shown(lay_out(api.load(name), width="column", paper=True)) for name in PRESETS[:12]}
    assert len({*found.values()}) == len(found)
    assert ODD
