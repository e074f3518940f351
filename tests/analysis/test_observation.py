"""Skips observed from the record alone are those that diffusers' classes declare."""

from __future__ import annotations

import pytest

from unetscope import zoo
from unetscope.analysis.observation import observation
from unetscope.api.loading import bundled

BEYOND = {"hunyuan-dit-v1.1", "i2vgen-xl", "t2v-ms-1.7b"}
"""Networks in which the record shows more than the declaration: skips inside one stack (HunyuanDiT), and the
one from a stem that the declaration takes for a condition."""
NETWORKS = {zoo.network(id): id for id in reversed(zoo.ids())}


@pytest.mark.parametrize("id", sorted(set(NETWORKS.values()) - BEYOND))
def test_observed_skips_are_the_declared_ones(id: str) -> None:
    architecture = bundled(id)
    if architecture is None:
        return
    seen = observation(architecture)
    assert seen is not None
    assert [join.shape for join in seen.joins] == [skip.shape for skip in architecture.skips]
