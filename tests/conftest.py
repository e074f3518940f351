"""What several tests need: small configs, and architectures that ship."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest

from unetscope.api import loading
from unetscope.model import Architecture
from unetscope.spec import Spec

# Each of two workers has a core: more threads, on networks as small as these, only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# torch brings a million objects that hardly any collection frees: walking them less often spares a tenth.
gc.set_threshold(50_000, 50, 50)


def spec_of(config: dict[str, Any], *, name: str = "net") -> Spec:
    """A spec of a config as published, its metadata left out."""
    own = {key: value for key, value in config.items() if not key.startswith("_")}
    return Spec(name, name, name, config["_class_name"], own)


def bundled(name: str) -> Architecture:
    """The trace that ships for a preset."""
    found = loading.bundled(name)
    assert found is not None, f"no trace is bundled for {name}"
    return found


SMALL: dict[str, Any] = {
    "_class_name": "UNet2DConditionModel",
    "sample_size": 16,
    "block_out_channels": [32, 64],
    "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
    "layers_per_block": 1,
    "cross_attention_dim": 24,
    "attention_head_dim": 4,
}
"""A legal conditional UNet that builds and runs in a moment."""


@pytest.fixture(scope="session")
def pages() -> Iterator[dict[str, Any]]:
    """A page of a browser for each colour scheme, to measure pictures in; without one CI fails."""
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    from measuring import CHROMIUM, browser_pages

    if CHROMIUM is None:
        assert not os.environ.get("CI"), "CI has to measure pictures: install chromium"
        pytest.skip("no chromium on this machine")
    with browser_pages() as found:
        yield found
