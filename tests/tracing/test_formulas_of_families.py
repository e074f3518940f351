"""Formulas of transformers against fresh traces at sizes that no formula was learned from or checked at."""

from __future__ import annotations

from typing import Any

import pytest

from support.traces import spec_of
from unetscope import api
from unetscope.sizes import Size
from unetscope.tracing import trace

pytestmark = pytest.mark.slow

SMALL: dict[str, dict[str, Any]] = {
    "FluxTransformer2DModel": {"num_layers": 1, "num_single_layers": 2, "num_attention_heads": 2},
    "PixArtTransformer2DModel": {"num_layers": 2},
    "SD3Transformer2DModel": {"num_layers": 2, "num_attention_heads": 2, "caption_projection_dim": 128},
    "SanaTransformer2DModel": {"num_layers": 2},
    "WanTransformer3DModel": {"num_layers": 2, "num_attention_heads": 2, "ffn_dim": 64},
}
SIZES: dict[str, tuple[dict[str, int], ...]] = {
    "FluxTransformer2DModel": (
        {"height": 94, "width": 166, "tokens": 331},
        {"height": 10, "width": 246, "tokens": 5},
        {"height": 202, "width": 126, "tokens": 78},
    ),
    "PixArtTransformer2DModel": (
        {"height": 94, "width": 166, "tokens": 119},
        {"height": 10, "width": 246, "tokens": 5},
        {"height": 256, "width": 126, "tokens": 300},
    ),
    "SD3Transformer2DModel": (
        {"height": 94, "width": 166, "tokens": 155},
        {"height": 10, "width": 190, "tokens": 4},
        {"height": 190, "width": 126, "tokens": 588},
    ),
    "SanaTransformer2DModel": (
        {"height": 23, "width": 41, "tokens": 301},
        {"height": 5, "width": 62, "tokens": 7},
        {"height": 64, "width": 33, "tokens": 150},
    ),
    "WanTransformer3DModel": (
        {"frames": 14, "height": 88, "width": 162, "tokens": 225},
        {"frames": 5, "height": 12, "width": 38, "tokens": 8},
        {"frames": 31, "height": 46, "width": 78, "tokens": 511},
    ),
}


@pytest.mark.parametrize("name", sorted(SMALL))
def test_a_formula_holds_at_unseen_sizes_frames_and_token_counts(name: str) -> None:
    config = {"_class_name": name, **SMALL[name]}
    made = api.sweep(config, SIZES[name], fresh="uncached")
    for axes, row in zip(SIZES[name], made.rows, strict=True):
        fresh = trace(spec_of(config), Size(axes=tuple(sorted(axes.items()))))
        assert not row.traced
        assert row.cost == fresh.cost
