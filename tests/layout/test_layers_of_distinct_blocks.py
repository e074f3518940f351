"""The layers of a strip: a row for each distinct residual block, a card for each distinct transformer."""

from __future__ import annotations

import pytest

from support.pictures.product import all_rules
from support.rules import assert_words_fit
from unetscope import api
from unetscope.choices import Look
from unetscope.layout import lay_out
from unetscope.layout.chain import prepared
from unetscope.layout.layers.shapes import shapes
from unetscope.layout.scene import Scene, Text, flat
from unetscope.words import units

NAMES = ("sdxl", "sd15", "sd15-inpaint", "kandinsky-2.2", "ddpm-church", "koala-700m", "sd-x4-upscaler")


def shown(drawn: Scene) -> list[str]:
    return [item.content for item in flat(drawn.items) if isinstance(item, Text)]


@pytest.mark.parametrize("name", NAMES)
def test_every_block_is_of_one_shape_and_the_shapes_add_up(name: str) -> None:
    network = api.load(name)
    drawn = prepared(network, Look(detail="layer"))
    for kind in ("residual", "attention"):
        blocks = [block for block in drawn.blocks() if block.kind == kind]
        found = shapes(network, drawn, kind)  # type: ignore[arg-type]
        assert sum(one.times for one in found) == len(blocks)
        assert sum(one.times * one.block.cost.params for one in found) == sum(b.cost.params for b in blocks)


@pytest.mark.parametrize("name", NAMES)
def test_the_page_of_layers_says_the_sum_and_its_words_fit(name: str) -> None:
    network = api.load(name)
    drawn = lay_out(network, detail="layer")
    assert drawn.width == 900
    assert_words_fit(drawn)
    text = " ".join(shown(drawn))
    assert f"= {units.exact(network.cost.params)} parameters" in text


def test_sdxl_has_twelve_residual_shapes_and_two_transformers() -> None:
    words = shown(lay_out(api.load("sdxl"), detail="layer"))
    assert "ResnetBlock2D ×17 in 12 shapes; its letter stands in the glyph" in words
    assert {"A ×2 width 640, at 64×64", "A ×10 width 1280, at 32×32"} <= set(words)
    assert {"× 2 = 20,010,240 · 105 GMAC", "× 10 = 347,558,400 · 335 GMAC"} <= set(words)
    total = "R 327,898,880 + A 2,209,201,920 + other blocks 23,042,880 + outside the stages 7,320,004"
    assert f"{total} = 2,567,463,684 parameters" in " ".join(words)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES[:4])
def test_the_page_of_layers_keeps_all_rules_in_a_browser(pages, name: str) -> None:  # type: ignore[no-untyped-def]
    network = api.load(name)
    full, bare = (lay_out(network, detail="layer", paper=paper) for paper in (False, True))
    assert all_rules(pages, full=full, bare=bare)[0] == []
