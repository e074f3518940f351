"""What charts over sizes and over a forward say in a sentence, against their own numbers."""

from __future__ import annotations

import pytest

from unetscope import api
from unetscope.analysis.memory.timeline import live
from unetscope.render.charts.sentences import over_a_forward, over_sizes

SIDES = range(32, 257, 32)


def said(*names: str) -> str:
    sweeps = [api.sweep(name, latent=[(side, side) for side in SIDES]) for name in names]
    return over_sizes([one.architecture for one in sweeps], [one.rows for one in sweeps], "macs")


def test_a_sweep_says_where_two_lines_cross() -> None:
    told = said("sd15", "sdxl")
    assert told.startswith(
        "Stable Diffusion 1.5 takes more MACs than Stable Diffusion XL Base 1.0 above a latent"
    )
    side = int(told.split("side ")[1].split()[0])
    below, above = (
        [api.load(name, latent=(at, at)).cost.macs for name in ("sd15", "sdxl")]
        for at in (side - 8, side + 8)
    )
    assert below[0] < below[1]
    assert above[0] > above[1]


def test_a_sweep_of_one_network_says_how_it_grows() -> None:
    assert said("sdxl").startswith("From side 32 to 256, 64 times the area takes ")
    assert "attention's part grows from" in said("sdxl")


def test_lines_that_never_cross_are_compared_at_the_largest_size() -> None:
    assert said("bk-sdm-small", "sd15").startswith("No lines cross: at the largest size")


@pytest.mark.parametrize("name", ["sd15", "sdxl"])
def test_a_forward_says_where_it_peaks(name: str) -> None:
    network = api.load(name)
    told = over_a_forward([network], [live(network, dtype="float16")])
    assert told.startswith("Activations peak at ")
    assert " in Up " in told
    assert "waits in skip connections" in told
