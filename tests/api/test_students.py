"""Students under a budget, held to configs that are enumerated and built one by one; the latency floor."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

import unetscope
from support.networks import SMALL
from support.places import ROOT
from unetscope.analysis.latency import GPUS, floor, gpu
from unetscope.analysis.plan import budget
from unetscope.analysis.plan.skeleton import Skeleton
from unetscope.cost import Cost
from unetscope.errors import ConfigError, UnetscopeError

TWO: dict[str, Any] = SMALL | {
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
    "layers_per_block": 2,
    "transformer_layers_per_block": [1, 2],
}


def by_hand() -> dict[str, Cost]:
    """Every config of TWO with fewer layers, shallower or no attention at a level, less of a mid block."""
    found = {}
    mids = ("UNetMidBlock2DCrossAttn", "UNetMidBlock2D", None)
    for first, second, depth, mid in product((1, 2), (1, 2), (2, 1, 0), mids):
        down = ["DownBlock2D", "CrossAttnDownBlock2D" if depth else "DownBlock2D"]
        up = ["CrossAttnUpBlock2D" if depth else "UpBlock2D", "UpBlock2D"]
        config = TWO | {
            "layers_per_block": [first, second], "transformer_layers_per_block": [1, depth or 2],
            "down_block_types": down, "up_block_types": up, "mid_block_type": mid,
        }  # fmt: skip
        found[repr(config)] = unetscope.load(config).cost
    return found


def key(cost: Cost) -> tuple[int, ...]:
    return cost.params, cost.conv, cost.linear, cost.attention, cost.other


@pytest.mark.slow
def test_students_are_counted_as_all_their_configs_are_when_built() -> None:
    teacher = unetscope.load(TWO)
    every = budget.candidates(Skeleton(teacher))
    known = sorted(key(cost) for cost in by_hand().values() if cost != teacher.cost)
    assert sorted(key(one.cost) for one in every) == known
    limit = known[len(known) // 2][0]
    offers = unetscope.students(TWO, params=limit)
    best = max(params for params, *_ in known if params <= limit)
    assert offers.found[0].plan.student.cost.params == best
    for one in offers.found:
        config = {"_class_name": "UNet2DConditionModel", **dict(one.plan.config or {})}
        assert unetscope.load(config).cost == one.plan.student.cost
        assert one.plan.student.cost.params <= limit


@pytest.mark.parametrize(
    ("given", "most"), [("1.3B", 1_349_999_999), ("800M", 800_499_999), ("1300000", 1_300_000), (5, 5)]
)
def test_a_figure_holds_what_rounds_to_it(given: str | int, most: int) -> None:
    from unetscope.api.budgets.budgeted import _figure

    assert _figure(given) == most


def test_blocks_of_stacks_are_chosen_too_and_memory_is_a_bound() -> None:
    offers = unetscope.students("dit-xl-2-256", vram="1GB")
    assert all(one.bytes <= 10**9 for one in offers.found)
    left = offers.found[0].plan.student.config["num_layers"]
    more = unetscope.load("dit-xl-2-256", overrides={"num_layers": int(str(left)) + 1})
    held = unetscope.memory(more)
    assert held.held + held.peak.bytes > 10**9


@pytest.mark.parametrize("asked", [{}, {"params": "1"}, {"params": "much"}, {"vram": "1kB"}], ids=str)
def test_a_budget_that_nothing_fits_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as error:
        unetscope.students("dit-xl-2-256", **asked)
    assert error.value.hint


def test_a_floor_is_the_larger_of_arithmetic_and_weights_and_adds_up() -> None:
    """Never below the time of all arithmetic, nor above that and the time of all weights together."""
    network = unetscope.load("dit-xl-2-256")
    for card in GPUS.values():
        found = floor(network, card, "float16")
        computed = 2 * network.cost.macs / card.peak["float16"] * 1e9
        weights = sum(
            tensor_size(one.shape)
            for one in network.tensors
            if one.role == "parameter" and len(one.shape) > 1
        )
        moved = 2 * weights / card.bandwidth * 1e9
        assert computed <= found.nanoseconds * (1 + 1e-9)
        assert found.nanoseconds <= (computed + moved) * (1 + 1e-9)
        assert 0 <= found.bound <= found.nanoseconds


def tensor_size(shape: tuple[int, ...]) -> int:
    size = 1
    for side in shape:
        size *= side
    return size


def test_a_wider_type_takes_no_less_time() -> None:
    network = unetscope.load("sd15")
    for card in GPUS.values():
        times = [floor(network, card, dtype).nanoseconds for dtype in ("float16", "float32")]
        assert times[0] < times[1]


@pytest.mark.parametrize(("card", "dtype"), [("h1000", "float16"), ("t4", "bfloat16")])
def test_a_card_or_type_that_is_not_known_is_refused(card: str, dtype: str) -> None:
    with pytest.raises(UnetscopeError) as error:
        floor(unetscope.load("sd15"), gpu(card), dtype)
    assert error.value.hint


@pytest.mark.slow
def test_students_that_are_offered_run_on_the_cpu_and_are_drawn() -> None:
    """The very config that is offered, as diffusers builds it, with real weights and a real forward."""
    import torch
    from diffusers import UNet2DConditionModel

    for offer in unetscope.students(TWO, params="550k").found:
        network = UNet2DConditionModel.from_config(dict(offer.plan.config or {})).eval()
        with torch.no_grad():
            made = network(torch.randn(1, 4, 16, 16), 5, torch.randn(1, 7, 24)).sample
        assert made.shape == (1, 4, 16, 16)
        assert bool(made.isfinite().all())
        assert sum(parameter.numel() for parameter in network.parameters()) == offer.plan.student.cost.params
        assert b"<svg" in bytes(unetscope.draw(offer.plan.student))


def test_the_guide_prints_every_card_as_it_is_reckoned_with() -> None:
    guide = (ROOT / "docs" / "how-to" / "plan.md").read_text()
    for card in GPUS.values():
        peaks = [card.peak.get(dtype) for dtype in ("float16", "bfloat16", "float32")]
        cells = [f"{peak / 1e12:.1f}" if peak else "–" for peak in peaks]
        row = [f"`{card.name}`", *cells, f"{card.bandwidth / 1e9:,.0f}", card.source, "second-hand"]
        assert f"| {' | '.join(row)} |" in guide
        assert card.read
