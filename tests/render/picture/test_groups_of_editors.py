"""SVG as an editor opens it: a stage is one object with all that is its own, a skip knows its ends."""

from __future__ import annotations

import io
import itertools
from collections import Counter
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageChops

from support.traces import bundled
from unetscope.layout import LAYOUTS, lay_out
from unetscope.layout.scene import SKIP, Group, Item, flat
from unetscope.paths import is_within
from unetscope.render.picture import png, svg
from unetscope.render.picture.grouping import gathered

NAMESPACE = "{http://www.w3.org/2000/svg}"
SAMPLES = [
    (name, layout, detail)
    for name in ("sdxl", "sd15", "bk-sdm-small", "ddpm-church", "flux1-dev")
    for layout in LAYOUTS
    for detail in ("stage", "block", "layer")
    if LAYOUTS[layout].suits(bundled(name))
]


def groups(items: tuple[Item, ...]) -> list[Group]:
    """All groups of modules, those inside of others too."""
    found = [item for item in items if isinstance(item, Group)]
    return [one for group in found for one in ([group] if group.path else []) + groups(group.items)]


@pytest.mark.parametrize(("name", "layout", "detail"), SAMPLES)
def test_each_stage_is_one_group_that_holds_exactly_its_items(name: str, layout: str, detail: str) -> None:
    scene = lay_out(bundled(name), layout=layout, detail=detail)
    made = gathered(scene.items)
    assert Counter(flat(made)) == Counter(flat(scene.items))
    for stage in bundled(name).stages:
        own = [one for one in groups(scene.items) if is_within(one.path, stage.path)]
        if not own or not any(one.path == stage.path for one in own):
            continue
        held = [one for one in made if isinstance(one, Group) and is_within(one.path, stage.path)]
        assert [one.path for one in held][:1] == [stage.path]
        if layout != "column":  # there the inside of a block stands in a card of its own
            assert len(held) == 1
        expected = {one.path for one in own}
        assert {one.path for one in groups(tuple(held))} == expected


@pytest.mark.slow
@pytest.mark.parametrize(("name", "layout"), sorted({one[:2] for one in SAMPLES}))
def test_a_gathered_picture_looks_the_same(name: str, layout: str) -> None:
    scene = lay_out(bundled(name), layout=layout)
    pictures = [
        Image.open(io.BytesIO(png.render(svg.render(scene, named=named), scale=1.0))).convert("L")
        for named in (True, False)
    ]
    changed = ImageChops.difference(*pictures).point(lambda value: 255 * (value > 8)).histogram()[255]
    assert changed < 0.002 * scene.width * scene.height


@pytest.mark.parametrize(("name", "layout", "detail"), SAMPLES)
def test_every_module_has_an_id_and_every_skip_its_ends(name: str, layout: str, detail: str) -> None:
    root = ElementTree.fromstring(svg.render(lay_out(bundled(name), layout=layout, detail=detail)))
    found = [one for one in root.iter(NAMESPACE + "g") if one.get("data-path")]
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    assert all(one.get("id", "").startswith(one.get("data-path", "")) for one in found)
    lanes = [one for one in found if one.get("data-path", "").startswith(SKIP)]
    assert all(one.get("data-path") == f"{SKIP}{one.get('data-from')}>{one.get('data-to')}" for one in lanes)
    if detail != "stage" and name != "flux1-dev":
        skips = {(one.source, one.target) for one in bundled(name).skips}
        assert {(one.get("data-from"), one.get("data-to")) for one in lanes} == skips


def test_an_arrow_and_its_head_are_one_object() -> None:
    root = ElementTree.fromstring(svg.render(lay_out(bundled("sdxl"))))
    heads = [
        (group, one)
        for group in root.iter(NAMESPACE + "g")
        for one in group
        if one.tag == NAMESPACE + "path" and one.get("d", "").endswith("z")
    ]
    assert heads
    assert all(len(group) == 2 for group, _ in heads)


def test_no_two_stages_hold_the_same_item() -> None:
    made = [one for one in gathered(lay_out(bundled("sdxl")).items) if isinstance(one, Group) and one.path]
    for a, b in itertools.combinations([one for one in made if not one.path.startswith(SKIP)], 2):
        assert not {id(one) for one in flat((a,))} & {id(one) for one in flat((b,))}
