"""Skips and stages observed from the record alone are those that diffusers' classes declare."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

import unetscope
from unetscope import zoo
from unetscope.analysis.observation import observation
from unetscope.analysis.observation.phases import ObservedStage
from unetscope.api.loading import bundled
from unetscope.model import Stage

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
    if architecture.class_name.startswith("UNet") or architecture.class_name.endswith("UNet"):
        assert staged(seen.stages) == staged(architecture.stages) or id in MERGED


MERGED = {"stable-cascade-b", "stable-cascade-b-lite", "stable-cascade-c", "stable-cascade-c-lite"}
"""Networks whose coarsest encoder and decoder blocks no skip tells apart: the record shows one middle."""


def staged(stages: Iterable[Stage | ObservedStage]) -> list[tuple[str, int]]:
    """Role and level of each stage that goes down, up or works between, levels by their rank."""
    told = [(one.role, one.level or 0) for one in stages if one.role in ("down", "mid", "up")]
    ranks = sorted({level for _, level in told})
    return [(role, ranks.index(level)) for role, level in told]


def test_unets_are_the_classes_whose_stages_are_held_to_the_declared_ones() -> None:
    classes = {network.class_name for id in NETWORKS.values() if (network := bundled(id)) is not None}
    unets = {name for name in classes if name.startswith("UNet") or name.endswith("UNet")}
    assert unets >= {"UNet2DModel", "UNet2DConditionModel", "StableCascadeUNet"}


def test_tokens_joined_inside_attention_do_not_move_the_levels() -> None:
    import torch
    from torch import nn

    class LinearAttention(nn.Module):
        """As lucidrains': four learned keys beside those of the image, joined on the axis of tokens."""

        def __init__(self, width: int) -> None:
            super().__init__()
            self.to_qkv, self.out = nn.Conv2d(width, 3 * 128, 1, bias=False), nn.Conv2d(128, width, 1)
            self.memory = nn.Parameter(torch.zeros(2, 1, 4, 32, 4))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            q, k, v = (one.reshape(1, 4, 32, -1) for one in self.to_qkv(x).chunk(3, dim=1))
            k, v = (torch.cat((own, one), dim=-1) for own, one in zip(self.memory, (k, v), strict=True))
            context = torch.einsum("bhdn,bhen->bhde", k.softmax(-1), v)
            made = torch.einsum("bhde,bhdn->bhen", context, q.softmax(-2))
            return x + self.out(made.reshape(1, 128, *x.shape[2:]))

    class UNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.down = nn.ModuleList(nn.Conv2d(a, 8, 3, 2, 1) for a in (3, 8, 8))
            self.attention = nn.ModuleList(LinearAttention(8) for _ in range(3))
            self.up = nn.ModuleList(nn.Conv2d(16, 8, 3, padding=1) for _ in range(3))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            held = []
            for down, attention in zip(self.down, self.attention, strict=True):
                x = attention(down(x))
                held.append(x)
            for up in self.up:
                x = nn.functional.interpolate(up(torch.cat((x, held.pop()), dim=1)), scale_factor=2.0)
            return x

    seen = [unetscope.load(UNet(), inputs=(1, 3, h, w)) for h, w in ((64, 64), (32, 40), (64, 80), (16, 24))]
    assert {(one.stages, tuple(skip.channels for skip in one.skips)) for one in seen} == {
        (seen[0].stages, (8, 8, 8))
    }
