"""Pictures measured in Chromium: with the fonts at hand, and with letters a tenth wider.

`python tests/measure_every_picture.py` measures the whole product of presets and looks by the same rules;
here each network and each look comes once.
"""

from __future__ import annotations

import pytest

import unetscope
from support.pictures import CASES, LOOKS, SAMPLE, UNET_LAYOUTS, looked, scene, spelled
from support.pictures.measuring import colours, places
from support.pictures.product import all_rules, product_of_looks, without_colours
from unetscope.layout import lay_out
from unetscope.layout.measure import text
from unetscope.layout.scene import Box, Frame, Group, Line, Scene
from unetscope.render.picture import svg


@pytest.mark.parametrize(("name", "layout"), CASES)
def test_every_network_keeps_the_rules_of_places(pages, name, layout):
    wrong, _ = places(pages["light"], scene(name, layout), theme="light")
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS, ids=spelled)
@pytest.mark.parametrize("layout", UNET_LAYOUTS)
def test_every_look_keeps_the_rules_of_places(pages, layout, look):
    for name in SAMPLE[:3]:
        wrong, _ = places(
            pages["light"], looked(name, layout, look), theme="paper" if look["paper"] else "dark"
        )
        assert wrong == [], name


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sdxl", "kandinsky-2.2"])  # between them they show every sign there is
def test_every_look_keeps_all_rules_in_every_theme(pages, name):
    for look in product_of_looks():
        if look["width"] != "readme":
            continue  # in the same colours
        layout, rest = look["layout"], {key: word for key, word in look.items() if key != "layout"}
        full, bare = (looked(name, layout, rest | {"paper": paper}) for paper in (False, True))
        wrong, counts = all_rules(pages, full=full, bare=bare)
        assert wrong == [], look
        assert counts["colours"] == 5


@pytest.mark.parametrize("layout", UNET_LAYOUTS)
@pytest.mark.parametrize("width", ["readme", "column"])
def test_dense_skips_keep_the_rules_of_places_and_colours(pages, layout, width):
    network = unetscope.load("unet-plus-plus")
    full, bare = (lay_out(network, layout=layout, width=width, paper=paper) for paper in (False, True))
    wrong, _ = all_rules(pages, full=full, bare=bare)
    assert wrong == []


def test_the_auto_theme_follows_the_reader(pages):
    seen = {}
    for scheme, page in pages.items():
        page.evaluate("svg => coloured(svg)", svg.render(scene("bk-sdm-tiny", "strip"), theme="auto"))
        seen[scheme] = page.evaluate("getComputedStyle(document.querySelector('svg > rect')).fill")
    assert seen == {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 19, 25)"}


def test_themes_of_one_scene_differ_in_colours_alone():
    drawn = scene("sdxl", "strip")
    light, dark, auto = (
        without_colours(svg.render(drawn, theme=theme)) for theme in ("light", "dark", "auto")
    )
    assert light == dark == auto
    assert light != without_colours(svg.render(scene("sdxl", "u"), theme="light"))


FAULTS = {
    '"beyond" leaves the page by': [text(180, 20, "beyond")],
    '"too wide for it" leaves its box by': [text(20, 20, "too wide for it", frame=Frame(18, 5, 30, 20))],
    '"tiny" is 8.0 px small': [text(20, 20, "tiny", size=8)],
    '"one" lies on "two"': [text(20, 20, "one"), text(24, 22, "two")],
    'a line crosses "struck"': [text(20, 20, "struck"), Line(((10, 17), (90, 17)), "flow")],
    'a box covers "hidden"': [text(20, 20, "hidden"), Box(Frame(10, 5, 90, 30), "card")],
    'the edge of a box cuts "cut"': [Box(Frame(25, 5, 90, 30), "card"), text(20, 20, "cut")],
    "the boxes of a and b overlap": [
        Group((Box(Frame(x, 5, 30, 30), "card"),), path) for x, path in ((10, "a"), (30, "b"))
    ],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_measurement_sees_what_is_out_of_place(pages, fault):
    wrong, _ = places(pages["light"], Scene(200, 50, "t", "d", tuple(FAULTS[fault])), theme="light")
    assert any(fault in one for one in wrong), wrong


PALE = {
    "outline on residual has a contrast of": [
        Box(Frame(5, 5, 90, 30), "residual"), Line(((10, 17), (90, 17)), "outline"),
    ],
    "dim on concat has a contrast of": [Box(Frame(5, 5, 90, 30), "concat"), text(20, 20, "dim", role="dim")],
    "conv and other are equally light": [
        Box(Frame(5, 5, 9, 9), "conv", "conv-ink"), Box(Frame(25, 5, 9, 9), "other", "other-ink"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("fault", PALE)
def test_the_measurement_sees_colours_that_are_too_alike(pages, fault):
    drawn = Scene(200, 50, "t", "d", tuple(PALE[fault]))
    _, found = places(pages["light"], drawn, theme="light")
    wrong = colours(pages["light"], drawn, found, theme="light")
    assert any(fault in one for one in wrong), wrong


def test_the_measurement_widens_every_letter(pages):
    drawn = Scene(200, 50, "t", "d", (text(20, 20, "wide"),))
    found = places(pages["light"], drawn, theme="light")[1]
    narrow, wide = (found[fonts]["texts"][0]["frame"][2] for fonts in ("asTheyAre", "wider"))
    assert wide > 1.05 * narrow
