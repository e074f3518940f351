"""Rails say what each block reads from outside the stages, in strips of one and two rows and in the U."""

from __future__ import annotations

import pytest

from support.pictures import architecture, looked, texts
from support.traces import bundled
from unetscope.layout import lay_out
from unetscope.layout.cards.outside_parts import parts
from unetscope.layout.chain.blocks import chain
from unetscope.layout.chain.conditioning import conditioned
from unetscope.layout.scene import Box, Circle, flat
from unetscope.layout.suiting import suits_u
from unetscope.layout.u.grid import grid

NETWORKS = (
    "sd15", "sdxl", "sdxl-refiner", "kandinsky-2.2", "kolors", "svd-xt", "t2v-ms-1.7b", "ddpm-church",
    "stable-cascade-b", "bk-sdm-small", "controlnet-sd15",
)  # fmt: skip


def marks(scene) -> tuple[int, int]:
    """How many discs and squares stand on rails."""
    items = list(flat(scene.items))
    discs = sum(isinstance(item, Circle) and item.fill == "time" and item.radius == 3 for item in items)
    squares = sum(isinstance(item, Box) and item.fill == "context" and item.frame.width < 7 for item in items)
    return discs, squares


def readers(groups) -> tuple[int, int]:
    """In how many groups of blocks one reads the time embedding, and in how many the context."""
    found = [(any(b.times for b in group), any(b.texts for b in group)) for group in groups]
    return sum(times for times, _ in found), sum(texts for _, texts in found)


def legend(counts: tuple[int, int]) -> tuple[int, int]:
    """The same with a mark in the legend for each rail."""
    return tuple(count + bool(count) for count in counts)  # type: ignore[return-value]


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("paper", [False, True])
def test_a_strip_has_a_mark_on_a_rail_for_each_block_that_reads(name, paper):
    blocks = chain(architecture(name)).blocks()
    drawn = looked(name, "strip", {"paper": paper})
    assert marks(drawn) == legend(readers([block] for block in blocks))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_strip_of_stages_has_a_mark_for_each_stage_that_reads(name):
    stages = chain(architecture(name)).stages
    drawn = looked(name, "strip", {"detail": "stage"})
    assert marks(drawn) == legend(readers(stage.blocks for stage in stages))


@pytest.mark.parametrize("name", [name for name in NETWORKS if suits_u(architecture(name))])
@pytest.mark.parametrize("detail", ["block", "stage"])
def test_a_u_has_a_mark_for_each_row_that_reads(name, detail):
    shown = chain(architecture(name))
    rows = grid(shown)
    mid = [[block] for stage in shown.stages if stage.stage.role == "mid" for block in stage.blocks]
    groups = [row.blocks for row in (*rows.encoder, *rows.decoder)] + mid
    if detail == "stage":
        groups = [stage.blocks for stage in shown.stages]
    assert marks(looked(name, "u", {"detail": detail})) == legend(readers(groups))


def test_a_vector_that_is_made_to_tokens_is_context_and_no_part_of_time():
    """Such tokens come of one vector each in I2VGen-XL (`context_embedding`) and in Stable Cascade."""
    said = {name: _legend(name) for name in ("i2vgen-xl", "stable-cascade-c", "kandinsky-2.2")}
    assert said == {
        "i2vgen-xl": ["t: time, size ids", "c: text 77×1024, image"],
        "stable-cascade-c": ["t: time", "c: text 77×1280, pooled CLIP, image"],
        "kandinsky-2.2": ["t: time, image", "c: image"],
    }
    reads = conditioned(bundled("i2vgen-xl"))
    assert reads["down_blocks.0.attentions.0"] == {"context"}


def _legend(name: str) -> list[str]:
    return [word for word in _words(name) if word[:3] in ("t: ", "c: ")]


@pytest.mark.parametrize(
    ("name", "badges"),
    [
        ("stable-cascade-c", {"clip_txt_pooled_mapper": "context", "clip_img_mapper": "context"}),
        ("i2vgen-xl", {"context_embedding": "context", "fps_embedding": "time"}),
        ("t2v-ms-1.7b", {"time": "time"}),
        ("kandinsky-2.2", {"image": "time", "image projection": "context"}),
    ],
)
def test_a_module_outside_the_stages_is_marked_by_what_blocks_get_of_it(name, badges):
    network = bundled(name)
    found = {part.name: part.badge for part in parts(network, chain(network))}
    assert badges.items() <= found.items()


def test_what_a_network_is_given_is_named_where_no_convolution_is_called_its_first():
    assert {"noisy", "latent"} <= set(" ".join(_words("stable-cascade-c")).split())


def _words(name: str) -> list[str]:
    return [text.content for text in texts(lay_out(bundled(name)))]
