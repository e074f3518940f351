"""Published configs of every family: parameters, tensors and MACs to the unit, as a user loads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import diffusers
import pytest

import unetscope
from support.by_recipe import Count
from support.published_families import PublishedCount, published_counts
from unetscope import api
from unetscope.analysis.scaling import resize
from unetscope.errors import ConfigError, TraceError
from unetscope.words import basis

NEEDING = {"AutoencoderRAE", "CosmosTransformer3DModel", "CosmosControlNetModel"}
"""Classes that diffusers builds with transformers or torchvision."""
GUIDED = {"lcm-dreamshaper-v7": 256 * 320}
"""MACs of the guidance embedding, which its pipeline always gives and the count in the file left out."""
WITHOUT_FORMULA = {"VQModel": ("_euclidean_dist",), "WanAnimateTransformer3DModel": ("linalg_qr",)}
"""What torch's counter passes over in silence and the basis names."""
BEFORE = {"0.38": {"ltx2-2.5": Count(params=18_988_838_144, tensors=4_186, macs=99_457_320_091_648)}}
"""What the oldest diffusers builds of the same config."""
SAMPLE = (
    "auraflow",
    "controlnet-v11p-sd15-canny",
    "dc-ae-f32c32-in-1.0-dc-ae-f32c32-mix-1.0",
    "ddpm-cifar10-32",
    "flux1-dev",
    "pixart-alpha-1024",
    "sana-sprint-1600m-1024",
    "sd35-medium",
    "wan-i2v-14b-480p",
    "z-image",
)
"""Rows that are not slow, one of a kind."""


def _cases() -> Iterator[Any]:
    for one in published_counts():
        first, class_name = one.names.split()[0], one.config["_class_name"]
        quick = first in SAMPLE and "latent_channels" not in one.config
        mark = pytest.mark.live if class_name in NEEDING else pytest.mark.slow
        yield pytest.param(one, id=f"{first}-{class_name}", marks=() if quick else mark)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*ignores .* config key")
@pytest.mark.parametrize("one", list(_cases()))
def test_a_published_config_counts_what_was_counted_outside(one: PublishedCount) -> None:
    class_name, series = one.config["_class_name"], ".".join(diffusers.__version__.split(".")[:2])
    if not hasattr(diffusers, class_name):
        with pytest.raises(TraceError, match=f"as installed has no {class_name}"):
            unetscope.load(one.config, size=one.axes, fresh="uncached")
        return
    found = unetscope.load(one.config, size=one.axes, fresh="uncached")
    macs = one.count.macs + GUIDED.get(one.names, 0)
    count = BEFORE.get(series, {}).get(one.names, one.count._replace(macs=macs))
    assert (found.cost.params, len(found.tensors), found.cost.macs) == count
    assert found.uncounted == WITHOUT_FORMULA.get(one.config["_class_name"], ())


@pytest.mark.filterwarnings("ignore:.*ignores .* config key")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("flux1-dev", "softmax, rotary positions"),
        ("chroma", "softmax, rotary positions, masks"),
        ("sd35-medium", "softmax"),
        ("hidream-i1-dev", "softmax, rotary positions, masks; tokens spread evenly over the experts"),
    ],
)
def test_the_basis_says_what_else_is_not_counted_and_how_experts_are_given_tokens(
    name: str, said: str
) -> None:
    config = next(
        one.config for one in published_counts() if name in one.names.split() and "num_layers" in one.config
    )
    found = unetscope.load(config, fresh="uncached")
    assert basis.statement(found).endswith(f"not counted: norms, activations, biases, {said}")


def test_a_size_beyond_the_positions_of_a_network_is_refused_and_no_formula_reaches_it() -> None:
    config = {"_class_name": "SD3Transformer2DModel", "num_layers": 1, "num_attention_heads": 2}
    config |= {"caption_projection_dim": 128}
    with pytest.raises(ConfigError, match="height 194 is more than 192, where the positions of this network"):
        unetscope.load(config, size={"latent": (194, 64)}, fresh="uncached")
    made = api.sweep(config, [], fresh="uncached")
    assert made.formulas
    assert resize.at(made.architecture, {"height": 192, "width": 64}) is not None
    assert resize.at(made.architecture, {"height": 194, "width": 64}) is None
