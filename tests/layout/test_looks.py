"""Details, widths, fills and paper: what each look shows, and the rules of places in every one of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise

import pytest

from support.pictures import (
    CASES,
    LOOKS,
    SAMPLE,
    UNET_LAYOUTS,
    apart,
    architecture,
    framed,
    ink,
    inside,
    looked,
    near,
    scene,
    shown,
    spelled,
    texts,
)
from support.traces import bundled
from unetscope import api
from unetscope.choices import Look
from unetscope.cost import Cost, total
from unetscope.errors import OutputError
from unetscope.layout import lay_out
from unetscope.layout.chain import Ramp, prepared, ramp
from unetscope.layout.chain.blocks import chain
from unetscope.layout.scene import SKIP, Box, Circle, Frame, Group, Item, Line, Scene, Text, flat
from unetscope.render.picture.theme import PALETTES, Palette

SAMPLED = [(name, layout) for name, layout in CASES if name in SAMPLE]
LOOKED = [(name, layout, look) for name, layout in SAMPLED for look in LOOKS]
IDS = [f"{name}-{layout}-{spelled(look)}" for name, layout, look in LOOKED]


@pytest.mark.parametrize(("name", "layout", "look"), LOOKED, ids=IDS)
def test_words_fit_in_every_look(name, layout, look):
    drawn = looked(name, layout, look)
    page, words = Frame(0, 0, drawn.width, drawn.height), texts(drawn)
    assert words
    for text in words:
        assert inside(ink(text), text.frame or page, slack=0.5), text.content
        assert text.size >= 10 or text.content in {"R", "A", "Cv"}
        assert not text.content.endswith("…"), text.content
    for (a, first), (b, second) in near([(text.content, ink(text)) for text in words]):
        assert apart(first, second), (a, b)


@pytest.mark.parametrize(
    ("name", "layout", "look"),
    [one for one in LOOKED if one[2]["width"] != "column"],
    ids=[id for id, one in zip(IDS, LOOKED, strict=True) if one[2]["width"] != "column"],
)
def test_stages_and_blocks_stand_apart_in_every_look(name, layout, look):
    network = prepared(architecture(name), Look(detail=look["detail"]))
    stages = {stage.stage.path for stage in network.stages}
    places = [place for place in framed(looked(name, layout, look).items) if place[1].height > 20]
    boxes = {path: frame for path, frame in places if path in stages}
    assert boxes.keys() == stages
    for a, b in combinations(boxes.values(), 2):
        assert apart(a, b)
    blocks = [(path, frame) for path, frame in places if path not in stages]
    for (_, a), (_, b) in combinations(blocks, 2):
        assert apart(a, b)
    for path, frame in blocks:
        home = next((stage for stage in boxes if path.startswith(stage + ".")), None)
        assert home is None or inside(frame, boxes[home])
    expected = 0 if look["detail"] == "stage" else len(network.blocks())
    ends = (network.inlet is not None) + (network.outlet is not None)
    assert len(blocks) == (expected + ends if stages else len(blocks))


def wires(drawn: Scene) -> list[Line]:
    lines = [item for item in flat(drawn.items) if isinstance(item, Line)]
    return [line for line in lines if line.role == "skip" and line.dashes and line.head]


@pytest.mark.parametrize(("name", "layout"), SAMPLED)
def test_opened_blocks_keep_every_skip(name, layout):
    skips = architecture(name).skips
    drawn = wires(looked(name, layout, {"detail": "layer"}))
    assert len(drawn) == len(skips) + (1 if skips else 0)


@pytest.mark.parametrize("name", ["sdxl", "ddpm-church", "kandinsky-2.2"])
def test_skips_of_opened_blocks_never_cross(name):
    drawn = looked(name, "strip", {"detail": "layer"})
    skips = [group for group in drawn.items if isinstance(group, Group) and group.path.startswith(SKIP)]
    assert len(skips) == len(architecture(name).skips)
    lines = [(at, line) for at, group in enumerate(skips) for line in group.items if isinstance(line, Line)]
    edges = [edge for at, line in lines for edge in _edges(line.points, at)]
    for (first, a), (second, b) in combinations(edges, 2):
        assert first == second or not _cross(a, b)


def _edges(points: tuple, index: int) -> Iterator[tuple[int, tuple]]:
    for start, end in pairwise(points):
        yield index, (start, end)


def _cross(a: tuple, b: tuple) -> bool:
    """Whether a level and an upright edge share an inner point."""
    for ((x1, y1), (x2, y2)), ((u1, v1), (u2, v2)) in ((a, b), (b, a)):
        if y1 == y2 and u1 == u2:
            return min(x1, x2) < u1 < max(x1, x2) and min(v1, v2) < y1 < max(v1, v2)
    return False


@pytest.mark.parametrize("layout", UNET_LAYOUTS)
def test_skips_between_two_stages_are_merged_with_their_count(layout):
    drawn = looked("sdxl", layout, {"detail": "stage"})
    pills = Counter(
        word.content
        for word in texts(drawn)
        if word.content in {"320", "640", "2 × 640", "2 × 1280", "2 × 320", "3 × 320"}
    )
    assert len(wires(drawn)) == 6 + 1  # one more in the legend
    merged = {"strip": 5, "u": 2}[layout]  # a strip has its sizes as channels over sides
    assert pills["320"] == merged
    assert (pills["2 × 1280"], pills["2 × 640"], pills["2 × 320"]) == (1, 1, 1)


@pytest.mark.parametrize("name", ["sdxl", "sd-x4-upscaler", "kandinsky-2.2", "ddpm-cifar10", "bk-sdm-tiny"])
def test_layers_of_an_opened_block_hold_all_its_parameters(name):
    opened = [block for block in prepared(architecture(name), Look(detail="layer")).blocks() if block.layers]
    assert {block.kind for block in opened} >= {"residual"}
    for block in opened:
        assert total(layer.cost for layer in block.layers) == block.cost


def test_a_stack_is_drawn_once_with_its_count():
    words = shown(looked("sdxl", "strip", {"detail": "layer", "width": "full"})).splitlines()
    assert words.count("×10") == 6
    assert words.count("self-attn") == words.count("cross-attn") == words.count("GEGLU") == 11
    assert words.count("+ time") == 17


def test_paper_shows_nothing_that_a_caption_says():
    words = shown(lay_out(bundled("sd15"), paper=True, command="unetscope diagram sd15")).splitlines()
    assert "Stable Diffusion 1.5" not in words
    assert words[-1] == "860 M params, 402 GMAC at 512² px, latent 4×64², batch 1, 77 text tokens"
    assert {
        "residual",
        "transformer",
        "t: time",
        "c: text 77×768",
        "conv, resampling",
        "concat",
        "skip",
    } <= set(words)
    assert {"10.5 M", "54.8 G", "params", "MACs", "64²", "1280"} <= set(words)
    assert not any("unetscope" in word or "%" in word for word in words)


def test_the_full_width_numbers_every_block_as_bk_sdm_does():
    words = shown(lay_out(bundled("sd15"), width="full")).splitlines()
    places = Counter(block.place for block in chain(bundled("sd15")).blocks() if block.place)
    assert {place: words.count(place) for place in places} == places
    assert places["1,2"] == 2
    assert places["9,3"] == 2


def test_costs_fall_into_steps_at_round_bounds():
    steps = Ramp("params", (10**7, 2 * 10**7, 5 * 10**7, 10**8))
    assert steps.labels() == ["< 10 M", "10–20 M", "20–50 M", "50–100 M", "≥ 100 M"]
    assert [steps.step(Cost(params=n)) for n in (0, 10**7, 49 * 10**6, 99 * 10**6, 10**9)] == [1, 2, 3, 4, 5]
    drawn = chain(bundled("sdxl"))
    assert ramp(drawn, Look(color_by="macs", unit="flops")).what == "flops"
    assert ramp(drawn, Look()) is None


def test_fills_that_mean_costs_are_told_in_the_legend():
    drawn = lay_out(bundled("sdxl"), color_by="params")
    words = shown(drawn).splitlines()
    assert "fill: parameters of each part" in words
    assert "≥ 200 M" in words
    fills = {item.fill for item in flat(drawn.items) if isinstance(item, Box)}
    assert {f"scale-{step}" for step in (1, 2, 5)} <= fills


def test_an_unknown_block_bears_its_class_name_where_it_is_opened():
    found = bundled("bk-sdm-tiny")
    strange = tuple(
        replace(node, type="HyperBlock", kind="HyperBlock") if node.kind == "transformer" else node
        for node in found.nodes
    )
    for layout in UNET_LAYOUTS:
        words = shown(lay_out(replace(found, nodes=strange), layout=layout, detail="layer")).splitlines()
        assert words.count("HyperBlock") == 9 + 1  # one more in the legend


@pytest.mark.parametrize(
    ("name", "words"),
    [("kandinsky-2.2", "c: image"), ("sdxl", "c: text 77×2048"), ("kolors", "c: text 256×4096")],
)
def test_the_legend_says_what_the_context_is_made_of(name, words):
    assert words in shown(scene(name, "strip")).splitlines()


def test_the_inset_says_where_attention_differs_by_level():
    words = shown(scene("sd-x4-upscaler", "strip")).splitlines()
    assert "self- or cross-attention" in words
    assert "self in Down 4, Mid, Up 1" in words


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("lcm-dreamshaper", "320 + guidance 256 → 1280 → 1280"),
        ("sd-x4-upscaler", "1000 × 1024"),
        ("kolors", "text projection"),
        ("kandinsky-2.2", "image projection"),
    ],
)
def test_the_stem_card_says_what_joins_the_time_embedding_and_the_context(name, line):
    assert line in shown(scene(name, "strip")).splitlines()


def test_a_scene_as_json_holds_every_word_in_its_place():
    data = json.loads(api.draw(bundled("sdxl"), format="json", theme="auto", command=""))
    assert data["schema_version"] == 1
    assert (data["width"], data["height"]) == (900, round(lay_out(bundled("sdxl")).height, 2))
    assert set(data["colours"]) == set(data["dark_colours"])
    words = [item for item in _flat(data["items"]) if item["type"] == "text"]
    drawn = texts(lay_out(bundled("sdxl")))
    assert [(word["content"], word["x"]) for word in words] == [(t.content, round(t.x, 2)) for t in drawn]
    assert {item["type"] for item in _flat(data["items"])} == {"box", "text", "line", "circle"}
    assert any(item["type"] == "group" and item["path"] == "down_blocks.1" for item in data["items"])


def _flat(items: list[dict]) -> Iterator[dict]:
    for item in items:
        if item["type"] == "group":
            yield from _flat(item["items"])
        else:
            yield item


@pytest.mark.parametrize(
    "choice", [{"detail": "atom"}, {"color_by": "age"}, {"width": "poster"}, {"unit": "ops"}]
)
def test_an_unknown_look_is_refused_with_the_known_ones(choice):
    with pytest.raises(OutputError, match=next(iter(choice.values()))) as error:
        lay_out(bundled("sdxl"), **choice)
    assert ": " in error.value.hint


def grounds(items: tuple[Item, ...]) -> Iterator[tuple[str, str]]:
    """For every text its role and that of the ground under it: the last fill drawn there before."""
    fills: list[tuple[Frame, str]] = []
    for item in flat(items):
        if isinstance(item, Box) and item.fill is not None:
            fills.append((item.frame, item.fill))
        elif isinstance(item, Circle):
            side = 2 * item.radius
            fills.append((Frame(item.x - item.radius, item.y - item.radius, side, side), item.fill))
        elif isinstance(item, Text):
            frame = ink(item)
            under = [fill for ground, fill in fills if _covers(ground, frame.centre, frame.middle)]
            yield item.role, under[-1] if under else "background"


def _covers(frame: Frame, x: float, y: float) -> bool:
    return frame.x <= x <= frame.right and frame.y <= y <= frame.bottom


def test_every_text_of_every_look_stands_out_from_its_ground():
    import coloraide

    plain: set[tuple[str, str]] = set()
    bare: set[tuple[str, str]] = set()
    for name, layout, look in LOOKED:
        if name in ("sdxl", "kandinsky-2.2"):  # between them they show every sign there is
            (bare if look["paper"] else plain).update(grounds(looked(name, layout, look).items))
    for theme, (palette, _) in PALETTES.items():
        for role, ground in bare if theme == "paper" else plain:
            assert _contrast(coloraide, palette, role, ground) >= 4.5, (theme, role, ground)


def _contrast(coloraide, palette: Palette, first: str, second: str) -> float:
    return coloraide.Color(palette[first]).contrast(palette[second], method="wcag21")


def test_groups_name_modules_of_the_network():
    items = looked("sdxl", "strip", {"detail": "layer"}).items
    paths = {item.path for item in items if isinstance(item, Group) and item.path}
    paths = {path for path in paths if not path.startswith(SKIP)}
    assert paths >= {
        stage.path for stage in architecture("sdxl").stages if stage.role in ("down", "mid", "up")
    }
    assert paths <= architecture("sdxl").by_path.keys()


@pytest.mark.parametrize("paper", [False, True])
def test_the_legend_shows_resampling_as_the_blocks_that_do_it(paper):
    def fills(name, **look):
        drawn = lay_out(bundled(name), paper=paper, **look)
        legend = [item for item in drawn.items if isinstance(item, Box) and item.frame.width == 11.5]
        return {item.fill for item in legend}

    assert fills("sd15") == {"conv"}
    assert fills("kandinsky-2.2") == {"residual"}
    assert fills("kandinsky-2.2", color_by="macs") == {"conv"}


def test_an_output_of_noise_and_its_variance_is_called_so():
    assert "noise + variance 8×64×64" in shown(lay_out(bundled("kandinsky-2.2"), layout="u"))
    assert "predicted noise 4×64×64" in shown(lay_out(bundled("instruct-pix2pix"), layout="u"))
