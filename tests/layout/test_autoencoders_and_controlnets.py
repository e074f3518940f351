"""Networks that are not one U: encoders and decoders with a latent between them, and ControlNets, whose
blocks send what they make to another network."""

from __future__ import annotations

from itertools import pairwise

import pytest

import unetscope
from support.pictures import texts
from unetscope.layout import lay_out
from unetscope.layout.chain.blocks import chain
from unetscope.layout.chain.midway import midway


def said(name: str, **look: str) -> list[str]:
    return [text.content for text in texts(lay_out(unetscope.load(name), layout="strip", **look))]


@pytest.mark.parametrize(("name", "latent"), [("vae-sd15", "4×64²"), ("vae-flux1", "16×64²")])
def test_the_latent_stands_between_encoder_and_decoder(name, latent):
    words = said(name)
    assert words[words.index("latent") + 1] == latent
    assert {"encoder", "decoder"} <= {*words}
    assert words.count("image") == 2  # what goes in, and what comes out


@pytest.mark.parametrize(
    ("name", "latent"),
    [("dc-ae-f32c32", "32×16²"), ("vae-wan2.1", "16×1×32²"), ("vae-hunyuanimage", "64×16²")],
)
def test_an_encoder_that_is_a_row_of_its_own_says_what_is_below_it(name, latent):
    words = said(name)
    assert f"encoder above, decoder below; between them the latent {latent}" in words
    assert words.count("image") == 2


@pytest.mark.parametrize(("name", "count"), [("controlnet-sd15", 13), ("controlnet-sdxl", 10)])
def test_a_controlnet_sends_out_what_a_unet_adds_to_its_skips_and_its_middle(name, count):
    network = unetscope.load(name)
    found = midway(network, chain(network))
    assert found.sent is not None
    assert len(found.sent) == count
    assert "each through a 1×1 convolution, to be added to the UNet's skips and middle" in said(name)


def test_the_image_of_a_controlnet_is_added_and_conditions_no_block():
    words = said("controlnet-sd15")
    assert "control image 3×512²" in words
    assert "t: time" in words
    assert "CLIP ViT-L/14, read by every A" in words


@pytest.mark.parametrize("name", ["vae-wan2.1", "vae-qwen-image", "vae-hunyuanimage"])
def test_blocks_listed_without_stages_are_a_stage_for_each_resolution(name):
    network = unetscope.load(name)
    drawn = chain(network)
    assert len(drawn.stages) < len(network.stages) - 8
    heights = [stage.output[-1] for stage in drawn.stages if stage.output and stage.stage.role == "down"]
    assert all(above >= 2 * below for above, below in pairwise(heights[:-1]))
    assert {"residual", "attention"} <= {block.kind for block in drawn.blocks()}
    assert drawn.stages[0].stage.name.startswith("Down 1–")


def test_unets_have_no_words_between_their_ends():
    network = unetscope.load("sd15")
    assert not midway(network, chain(network)).latent
    assert not midway(network, chain(network)).sent
