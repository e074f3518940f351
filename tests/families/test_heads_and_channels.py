"""What `show` says of attention heads and of input channels that nothing is known of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from support.networks import SMALL
from support.traces import bundled, spec_of
from unetscope import zoo
from unetscope.analysis import channels, heads
from unetscope.analysis.facts import heads as by_level
from unetscope.cli.commands import unetscope
from unetscope.render import json
from unetscope.render.wording import input_meaning
from unetscope.sizes import Size
from unetscope.tracing import trace


def traced(**changes):
    return trace(spec_of(SMALL | changes), Size())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sd15", "8 heads of 40 at level 1, of 80 at level 2, of 160 at levels 3 and 4"),
        ("sd21", "5 heads of 64 at level 1, 10 heads of 64 at level 2, 20 heads of 64 at levels 3 and 4"),
        ("sdxl", "10 heads of 64 at level 2, 20 heads of 64 at level 3"),
        ("ddpm-church", "1 head of 512 at levels 5 and 6"),
        ("ddpm-cifar10", "1 head of 256 at level 2, of 256 at level 4"),
    ],
)
def test_heads_are_told_by_level_as_they_were_run(name, words):
    assert heads.words(bundled(name)) == words


def test_heads_of_published_networks_are_never_called_unusual():
    assert [name for name in zoo.ids() if heads.hint(bundled(name))] == []


def test_a_number_of_heads_that_was_meant_as_their_width_is_noticed():
    # attention_head_dim 64, as many fine-tunes of Stable Diffusion 1.5 write it
    architecture = traced(block_out_channels=[320, 640], attention_head_dim=64)
    assert by_level(architecture) == (((64, 5),), ((64, 10),))
    assert heads.words(architecture) == "64 heads of 5 at level 1, of 10 at level 2"
    assert heads.hint(architecture) == (
        "heads of 5 are unusual: here attention_head_dim is the number of heads, not their width"
    )
    assert json.description(architecture)["hint"] == heads.hint(architecture)


def test_a_width_of_heads_that_was_meant_as_their_number_is_noticed():
    architecture = trace(
        spec_of(
            {
                "_class_name": "UNet2DModel",
                "sample_size": 16,
                "block_out_channels": [32, 64],
                "down_block_types": ["DownBlock2D", "AttnDownBlock2D"],
                "up_block_types": ["AttnUpBlock2D", "UpBlock2D"],
                "attention_head_dim": 4,
            }
        ),
        Size(),
    )
    assert heads.hint(architecture) == (
        "heads of 4 are unusual: here attention_head_dim is the width of a head, not their number"
    )


def test_two_kinds_of_heads_at_one_level_are_both_told():
    architecture = traced(
        attention_head_dim=8,
        down_block_types=["SimpleCrossAttnDownBlock2D", "DownBlock2D"],
        up_block_types=["UpBlock2D", "CrossAttnUpBlock2D"],
    )
    assert heads.words(architecture).startswith("4 heads of 8 and 8 heads of 4 at level 1")


def test_a_network_without_attention_says_nothing_of_heads():
    architecture = traced(
        down_block_types=["DownBlock2D"] * 2, up_block_types=["UpBlock2D"] * 2, mid_block_type=None
    )
    assert (heads.words(architecture), heads.hint(architecture)) == ("", "")


@pytest.mark.parametrize(
    ("given", "made", "told"),
    [
        (8, 4, "8, usually noisy latent 4 + image latent 4 (InstructPix2Pix, Marigold, Zero123)"),
        (9, 4, "9, usually noisy latent 4 + mask 1 + masked-image latent 4 (Stable Diffusion inpainting)"),
        (5, 4, "5, usually noisy latent 4 + depth 1 (Stable Diffusion 2 depth)"),
        (7, 4, "7, usually noisy latent 4 + low-resolution image 3 (Stable Diffusion x4 upscaler)"),
        (6, 3, "6, usually noisy image 3 + low-resolution image 3 (LDM super-resolution)"),
        (9, 8, "9, usually noisy latent 4 + masked-image latent 4 + mask 1 (Kandinsky inpainting)"),
        (8, 8, "8"),
        (4, 4, "4"),
        (18, 18, "18"),
    ],
)
def test_input_channels_get_the_meaning_that_published_networks_give_them(given, made, told):
    assert input_meaning(traced(in_channels=given, out_channels=made)) == told


def test_the_usual_meaning_fills_the_channels_and_agrees_with_what_is_known():
    for (given, _), (groups, _) in channels.USUAL.items():
        assert sum(group.count for group in groups) == given
    guessed = set()
    for name in zoo.ids():
        architecture = bundled(name)
        guess = channels.usual(replace(architecture, facts=replace(architecture.facts, input_channels=())))
        if guess:
            known = [group.count for group in architecture.facts.input_channels]
            assert [group.count for group in guess[0]] == known, name
            guessed.add(architecture.config["in_channels"])
        assert channels.usual(architecture) is None
    assert guessed == {given for given, _ in channels.USUAL} & {
        zoo.preset(id).config.get("in_channels") for id in zoo.ids()
    }


def test_a_preset_with_other_channels_shows_what_they_usually_are(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("UNETSCOPE_CACHE", str(tmp_path))
    unetscope.main(args=["show", "sd15", "--set", "in_channels=8"], standalone_mode=False)
    assert "8, usually noisy latent 4 + image latent 4" in capsys.readouterr().out
