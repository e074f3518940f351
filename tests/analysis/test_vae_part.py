"""Half an autoencoder: counted as torch counts `encode` and `decode`, and told of as any network is."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

import unetscope
from support.by_recipe import Case, built, cases, recipes
from support.command_line import traced_here
from unetscope import codec, families, invariants
from unetscope.analysis.cost import conventions
from unetscope.cli.commands import unetscope as program
from unetscope.cost import Counting
from unetscope.errors import ConfigError
from unetscope.model import Architecture

pytestmark = pytest.mark.filterwarnings("ignore:.*ignores .* config key")
REFUSED = {
    "AutoencoderKLMiniMaxH3",  # drops a part of the latent
    "AutoencoderRAE",  # needs transformers
    "MMAudioVAE",  # its encoder is no module of its own
}
PADS = {"AutoencoderVidTok"}
"""Their forward pads the frames before `encode`."""
QUICK = {"AutoencoderKL", "AutoencoderTiny", "VQModel", "AutoencoderDC", "AutoencoderKLTemporalDecoder"}
AUTOENCODERS = [
    pytest.param(case, id=case.class_name, marks=() if case.class_name in QUICK else pytest.mark.slow)
    for case in cases()
    if recipes()[case.class_name].space != "latent" and case.class_name not in REFUSED
]


def halves(case: Case) -> tuple[Architecture, Architecture, Architecture]:
    """A whole autoencoder, its encoder, its decoder."""
    whole = unetscope.load({"_class_name": case.class_name, **case.config}, fresh="uncached")
    return whole, unetscope.load(whole, part="encoder"), unetscope.load(whole, part="decoder")


def counted(call: Any, *given: Any, **named: Any) -> int:
    """MACs of a call by torch's own counter."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from unetscope.tracing.forward.known_values import values

    counter = FlopCounterMode(display=False)
    with torch.no_grad(), values(), counter:
        call(*given, **named)
    return counter.get_total_flops() // 2


@pytest.mark.parametrize("case", AUTOENCODERS)
def test_halves_count_what_torch_counts_of_encode_and_decode(case: Case) -> None:
    import torch

    whole, encoder, decoder = halves(case)
    assert encoder.cost.macs + decoder.cost.macs == whole.cost.macs
    assert encoder.cost.params + decoder.cost.params >= whole.cost.params
    assert [invariants.broken(one) for one in (encoder, decoder)] == [None, None]
    network = built(case)
    image, latent = (torch.zeros(one.inputs[0].shape, device="meta") for one in (encoder, decoder))
    more = {"num_frames": whole.basis.axes["frames"]} if "Temporal" in case.class_name else {}
    more |= {"temb": torch.zeros(1, device="meta")} if len(decoder.inputs) > 1 else {}
    if hasattr(network, "encode") and case.class_name not in PADS:
        assert counted(network.encode, image) == encoder.cost.macs
    assert counted(network.decode, latent, **more) == decoder.cost.macs


@pytest.mark.parametrize("case", AUTOENCODERS)
def test_the_latent_of_an_image_has_the_cells_that_its_class_says(case: Case) -> None:
    whole, _, decoder = halves(case)
    cell = families.cell(whole.class_name, whole.config)
    if cell:
        height, width = decoder.inputs[0].shape[-2:]
        axes = whole.basis.axes
        assert (height * cell[0], width * cell[1]) == (axes["height"], axes["width"])


def test_the_decoder_of_stable_diffusion_counts_as_published() -> None:
    # 1,240,079,532,032 MACs and 49,490,179 parameters of `vae.decoder`, latent 1×4×64×64, attention's two
    # matmuls left out: published in a profiling script for Stable Diffusion 1.4 (issue 53).
    decoder = unetscope.load("vae-sd15", part="decoder", latent=64)
    layers = conventions.counted(decoder, Counting("layers"))
    assert decoder.costs["decoder"].params == 49_490_179
    assert layers.costs["decoder"].macs == 1_240_079_532_032


@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_a_half_at_another_size_is_the_half_of_the_whole_there(part: Any) -> None:
    half = unetscope.load("vae-sd15", part=part)
    assert half.scaling is not None
    for size in ((256, 128), (1024, 512)):
        there = unetscope.load(unetscope.load("vae-sd15", size=size), part=part)
        assert unetscope.load(half, size=size) == there
        assert unetscope.load("vae-sd15", latent=(size[0] // 8, size[1] // 8), part=part) == there


def test_a_half_is_saved_and_read_back_as_one() -> None:
    half = unetscope.load("vae-sdxl", part="decoder")
    assert codec.loads(codec.dumps(half)) == half
    with pytest.raises(ConfigError, match="has no encoder"):
        unetscope.load(half, part="encoder")


def test_a_half_without_rules_is_traced_again_and_cut_again() -> None:
    half = unetscope.load("vae-sd15", part="decoder", fresh="uncached", batch=2)
    assert (half.id, half.part, half.basis.batch) == ("vae-sd15-decoder", "decoder", 2)
    assert half.cost.macs == unetscope.load("vae-sd15", part="decoder").cost.macs * 2
    again = unetscope.load(half, batch=1, fresh="uncached")
    assert (again.id, again.title) == (half.id, half.title)


def test_a_network_without_halves_is_refused_in_one_line() -> None:
    result = traced_here("table", "sd15", "--part", "decoder")
    assert result.returncode == 2
    assert result.stderr.splitlines() == [
        "error: Stable Diffusion 1.5 is not an autoencoder with an encoder and a decoder",
        "hint: leave out --part",
    ]


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("table", "vae-sd15"),
    ("show", "vae-sd15"),
    ("memory", "vae-sd15"),
    ("memory", "vae-sd15", "--train"),
    ("compare", "vae-sd15", "vae-sd3"),
    ("diff", "vae-sd15", "vae-sd3"),
    ("reconcile", "vae-sd15", "1240079532032 MACs"),
    ("graph", "vae-sd15", "--format", "mermaid"),
    ("sweep", "vae-sd15", "--latent", "32,64"),
    ("diagram", "vae-sd15", "-o", "-"),
    ("chart", "vae-sd15", "-o", "-"),
    ("trace", "vae-sd15", "-o", "-"),
)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_takes_a_half(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(program, [*words, "--part", "decoder"])
    assert result.exit_code == 0, result.stderr
    assert "decoder" in result.stdout
    assert "encoder.conv_in" not in result.stdout


@pytest.mark.parametrize("size", [None, (256, 512)])
def test_the_command_at_the_foot_of_a_half_draws_it_again(size: tuple[int, int] | None) -> None:
    drawn = unetscope.draw(unetscope.load("vae-sd15", part="decoder", size=size)).text
    command = "unetscope diagram vae-sd15 --part decoder" + (" --size 256x512" if size else "")
    assert f">{command}</text>" in drawn
    again = CliRunner().invoke(program, [*command.split()[1:], "-o", "-"])
    assert again.stdout == drawn
