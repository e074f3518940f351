"""calflops and DeepSpeed's profiler are reproduced to the unit, and figures printed with them are known."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from support.networks import SMALL
from support.networks.real_networks import ADDED, ATTENTIVE, SIMPLE_ATTENTION, tensors_for, with_weights
from support.tables import data_rows
from support.traces import bundled, spec_of
from unetscope.analysis.cost.conventions import Counting, counted
from unetscope.analysis.cost.reconcile import parse, reconcile
from unetscope.cli.commands import unetscope
from unetscope.cost import Cost
from unetscope.model import Architecture
from unetscope.render.reconciliation.verdict import verdict as verdict_of
from unetscope.sizes import Size
from unetscope.tracing import trace

PRINTED = [tuple(row.values()) for row in data_rows("counters.tsv")]


@pytest.mark.parametrize(("counter", "model", "macs", "flops"), PRINTED)
def test_what_a_counter_prints_of_a_bundled_model_comes_out_to_the_unit(
    counter: str, model: str, macs: str, flops: str
) -> None:
    cost = counted(bundled(model), Counting(counter)).cost
    assert (cost.macs, cost.flops) == (int(macs), int(flops))


def by_position(config: dict[str, Any], side: int) -> tuple[Any, list[Any]]:
    """A network that takes tensors by position, as calflops wants them, and those tensors."""
    import torch

    given = tensors_for(config, side=side)
    names = [name for name, value in given.items() if isinstance(value, torch.Tensor)]
    rest = {name: value for name, value in given.items() if name not in names}

    class Positional(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = with_weights(config).eval()

        def forward(self, *tensors: Any) -> Any:
            return self.network(**dict(zip(names, tensors, strict=True)), **rest)

    return Positional(), [given[name] for name in names]


def calflops(network: Any, tensors: list[Any]) -> tuple[int, int]:
    from calflops import calculate_flops

    flops, macs, _ = calculate_flops(network, args=tensors, print_results=False, output_as_string=False)
    return macs, flops


def deepspeed(network: Any, tensors: list[Any]) -> tuple[int, int]:
    from deepspeed.profiling.flops_profiler import FlopsProfiler

    profiler = FlopsProfiler(network)
    profiler.start_profile()
    network(*tensors)
    printed = profiler.get_total_macs(), profiler.get_total_flops()
    profiler.end_profile()
    return printed


SMALL_NETWORKS = {"text": SMALL, "added": ADDED, "plain": ATTENTIVE, "simple": SIMPLE_ATTENTION}
SMALL_PRINTED = [tuple(row.values()) for row in data_rows("counters-small.tsv")]


@pytest.mark.parametrize(("counter", "network", "side", "macs", "flops"), SMALL_PRINTED)
def test_what_a_counter_prints_of_a_small_network_comes_out_to_the_unit(
    counter: str, network: str, side: str, macs: str, flops: str
) -> None:
    record = trace(spec_of(SMALL_NETWORKS[network]), Size.of(latent=(int(side), int(side)), batch=2))
    cost = counted(record, Counting(counter)).cost
    assert (cost.macs, cost.flops) == (int(macs), int(flops))


@pytest.mark.live
@pytest.mark.parametrize(("counter", "network", "side", "macs", "flops"), SMALL_PRINTED)
def test_a_real_counter_prints_what_the_table_says_of_it(
    counter: str, network: str, side: str, macs: str, flops: str
) -> None:
    import torch

    count = {"calflops": calflops, "deepspeed": deepspeed}[counter]
    with torch.no_grad():
        printed = count(*by_position(SMALL_NETWORKS[network], int(side)))
    assert printed == (int(macs), int(flops))


TGATE = {"sd15": "16.938T", "sd21": "38.041T", "sdxl": "149.438T"}


@pytest.mark.parametrize("flags", [("--steps", "25", "--cfg"), ()], ids=["as told", "from the table"])
@pytest.mark.parametrize("model", TGATE)
def test_the_totals_of_one_published_table_are_put_down_to_one_counter(
    model: str, flags: tuple[str, ...]
) -> None:
    args = ["reconcile", model, TGATE[model], *flags, "--no-torchinfo", "--json"]
    found = json.loads(CliRunner().invoke(unetscope, args, catch_exceptions=False).output)
    off = {"sd15": "0.044", "sd21": "0.044", "sdxl": "0.0033"}[model]
    start = (
        f"{TGATE[model]} (±0.5 G) stands in T-GATE's table (arXiv 2404.02747), counted by calflops: calflops "
        f"MACs of 50 forwards (25 steps × 2 for guidance) are {off} % below it, not equal to its last digit."
    )
    assert found["verdict"].startswith(start)
    assert found["published"]["convention"] == "calflops"


def test_a_published_figure_is_not_put_down_to_its_table_at_another_size() -> None:
    args = ["reconcile", "sd15", "16.938T", "--size", "768", "--no-torchinfo", "--json"]
    found = json.loads(CliRunner().invoke(unetscope, args, catch_exceptions=False).output)
    assert "T-GATE" not in found["verdict"]


PARAMETERS = {
    "2.570B": (
        "2.570B (±0.5 M) is the number of parameters, 2,567,463,684: 0.099 % below it, not equal to its last "
        "digit."
    ),
    "2.57B": "2.57B (±5 M) is the number of parameters, 2,567,463,684.",
    "2567M MACs": "2567M MACs (±0.5 M) is the number of parameters, 2,567,463,684, though it says MACs.",
}


@pytest.mark.parametrize("figure", PARAMETERS)
def test_a_number_of_parameters_is_known_as_such(figure: str) -> None:
    made = reconcile(bundled("sdxl"), parse(figure))
    assert verdict_of(made) == PARAMETERS[figure]


def dit() -> Architecture:
    """A network that costs what DiT-XL/2 does at 256 px; its MACs are those of diffusers' class."""
    found = bundled("ddpm-cifar10")
    work = replace(found.operations[0], op_class="linear", macs=118_662_119_424)
    only = replace(found.calls[0], node=0, operation=0, reads=())
    nodes = tuple(replace(node, own=Cost()) for node in found.nodes)
    nodes = (replace(nodes[0], own=Cost(749_808_016, linear=118_662_119_424)), *nodes[1:])
    return replace(found, id="dit", operations=(work,), calls=(only,), nodes=nodes)


def test_gflops_that_are_macs_are_said_to_be_macs() -> None:
    made = reconcile(dit(), parse("119 Gflops"))
    assert verdict_of(made) == (
        "119 Gflops (±0.5 G) is full, layers, calflops or deepspeed MACs of one forward, though it says "
        "FLOPs (fvcore and many papers call a MAC a FLOP)."
    )


@pytest.mark.parametrize("convention", ["calflops", "deepspeed"])
def test_flops_beside_macs_stay_with_the_parts_that_make_them(convention: str) -> None:
    found = counted(bundled("sd15"), Counting(convention, cfg=True, steps=3))
    norms = [node.own for node in found.nodes if node.kind == "norm"]
    assert sum(own.macs for own in norms) == 0 < sum(own.flops for own in norms)
    assert sum(node.own.flops for node in found.nodes) == found.cost.flops
    once = counted(bundled("sd15"), Counting(convention)).cost
    assert found.cost.flops == 6 * once.flops
