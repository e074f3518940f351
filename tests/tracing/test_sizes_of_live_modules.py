"""A live autoencoder takes the sizes that its config takes: pixels, or the latent that it makes."""

from __future__ import annotations

from typing import Any

import diffusers
import pytest

import unetscope
from unetscope.errors import UnetscopeError

pytestmark = pytest.mark.filterwarnings("ignore:.*ignores .* config key")
HALVES = {"down_block_types": ["DownEncoderBlock2D"] * 2, "up_block_types": ["UpDecoderBlock2D"] * 2}
SMALL: dict[str, dict[str, Any]] = {
    "AutoencoderKL": {**HALVES, "block_out_channels": [8, 16], "norm_num_groups": 4},
    "AutoencoderKLTemporalDecoder": {
        "block_out_channels": [32, 32], "down_block_types": ["DownEncoderBlock2D"] * 2
    },
    "AutoencoderTiny": {},
    "VQModel": {**HALVES, "block_out_channels": [8, 16], "norm_num_groups": 4},
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "asked",
    [{}, {"size": (64, 32)}, {"latent": (8, 16)}, {"latent": 8, "part": "decoder"}, {"size": 32, "batch": 2}],
    ids=str,
)
@pytest.mark.parametrize("name", SMALL)
def test_a_live_autoencoder_takes_the_sizes_that_its_config_takes(name: str, asked: dict[str, Any]) -> None:
    live = getattr(diffusers, name)(**SMALL[name])
    config = {"_class_name": name, **SMALL[name]}
    traced, told = (unetscope.load(source, **asked, fresh="uncached") for source in (live, config))
    assert (traced.basis, traced.inputs, traced.cost) == (told.basis, told.inputs, told.cost)


def test_a_latent_asked_of_no_network_is_refused_as_any_size_is() -> None:
    import torch

    with pytest.raises(UnetscopeError, match=r"has no axis .height"):
        unetscope.load(torch.nn.Linear(2, 2), latent=8)
