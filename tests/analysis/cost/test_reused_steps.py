"""Steps that reuse what others made, worked out from the trace of a whole one: held to patched forwards that
skip for real, and to the figures that DeepCache and T-GATE print."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from diffusers import UNet2DConditionModel

import unetscope
from support.networks import SMALL
from support.traces import bundled
from unetscope.analysis.cost.conventions import counted, one_of
from unetscope.cli.commands import unetscope as program
from unetscope.cost import Cost, Counting
from unetscope.errors import ConfigError

CONFIG: dict[str, Any] = {key: value for key, value in SMALL.items() if not key.startswith("_")} | {
    "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
    "layers_per_block": 2,
}
CACHED, GATED = (True, False), (False, True)


def network() -> Any:
    torch.manual_seed(0)
    return UNet2DConditionModel(**CONFIG).eval()


def patched(module: Any, forward: Callable[..., Any]) -> None:
    module.forward = forward


def deep_cached(model: Any) -> Any:
    """A forward as DeepCache's cached step runs at branch 1: one layer down, two up from what is kept."""
    down, up = model.down_blocks[0], model.up_blocks[-1]

    def forward(
        sample: Any, timestep: Any, encoder_hidden_states: Any, return_dict: bool = True, **_: Any
    ) -> Any:
        emb = model.time_embedding(model.time_proj(timestep.expand(1)).to(sample.dtype))
        first = model.conv_in(sample)
        second = down.resnets[0](first, emb)
        second = down.attentions[0](second, encoder_hidden_states=encoder_hidden_states, return_dict=False)[0]
        kept = torch.empty_like(first)
        for number, skip in ((1, second), (2, first)):
            kept = up.resnets[number](torch.cat([kept, skip], 1), emb)
            kept = up.attentions[number](
                kept, encoder_hidden_states=encoder_hidden_states, return_dict=False
            )[0]
        made = model.conv_out(model.conv_act(model.conv_norm_out(kept)))
        return (made,)

    patched(model, forward)
    return model


def text_gated(model: Any) -> Any:
    """Every cross-attention gives what was kept of it, as T-GATE does after its gate."""
    for name, module in model.named_modules():
        if name.endswith("attn2"):
            patched(module, lambda hidden_states, *_, **__: torch.empty_like(hidden_states))
    return model


def cost_of_live(model: Any) -> Cost:
    return unetscope.load(model).cost


def work(cost: Cost) -> tuple[int, int, int, int]:
    return cost.conv, cost.linear, cost.attention, cost.other


@pytest.mark.slow
def test_a_cached_step_is_what_a_forward_patched_as_deepcache_runs() -> None:
    whole = unetscope.load(network())
    counting = Counting(steps=5, interval=5, branch=1)
    live = cost_of_live(deep_cached(network()))
    assert work(one_of(whole, counting, CACHED)) == work(live)
    assert 0 < live.macs < whole.cost.macs
    assert counted(whole, counting).cost.macs == whole.cost.macs + 4 * live.macs


@pytest.mark.slow
def test_a_gated_step_is_what_a_forward_patched_as_t_gate_runs() -> None:
    whole = unetscope.load(network())
    live = cost_of_live(text_gated(network()))
    counting = Counting(cfg=True, steps=5, gate=2)
    assert work(one_of(whole, counting, GATED)) == work(live)
    assert counted(whole, counting).cost.macs == 2 * 2 * whole.cost.macs + 3 * live.macs


@pytest.mark.slow
def test_both_together_run_what_neither_leaves_out() -> None:
    whole = unetscope.load(network())
    both = Counting(cfg=True, steps=10, interval=5, branch=1, gate=3)
    assert both.of_kind == {(False, False): 2, (True, False): 4, (False, True): 1, (True, True): 6}
    live = cost_of_live(text_gated(deep_cached(network())))
    assert work(one_of(whole, both, (True, True))) == work(live)


@pytest.mark.parametrize("id", ["sd15", "sdxl", "bk-sdm-tiny"])
def test_a_deeper_branch_runs_more_up_to_all_but_the_mid_block(id: str) -> None:
    whole = bundled(id)
    costs = [
        one_of(whole, Counting(steps=2, interval=2, branch=branch), CACHED).macs
        for branch in range(len(whole.skips))
    ]
    assert costs == sorted(set(costs))
    assert costs[0] > 0
    mid = sum(whole.costs[stage.path].macs for stage in whole.stages if stage.role == "mid")
    assert costs[-1] == whole.cost.macs - mid
    usual = counted(counted(whole, Counting(steps=2, interval=2)), Counting())
    assert (usual.cost, usual.notes) == (whole.cost, whole.notes)


PRINTED = {
    # T-GATE's README @05b5681, "Results", counted by calflops; horseee/DeepCache issue 37
    ("sd15", "9.875T"): 0.0003, ("sd21", "22.208T"): 0.0005, ("sdxl", "84.438T"): 0.00001,
    ("pixart-alpha-1024", "107.031T"): 0.0001, ("pixart-alpha-1024", "65.318T"): 0.00002,
    ("sdxl", "11.171T"): 0, ("pixart-alpha-1024", "7.623T"): 0, ("sdxl", "57.888T"): 0,
    ("sd15", "484.3895G"): 0, ("sd15", "76.0022G"): 0,
}  # fmt: skip
"""How far off, at most; 0: to the last digit printed."""


@pytest.mark.slow
@pytest.mark.parametrize(("id", "figure"), PRINTED)
def test_what_deepcache_and_t_gate_print_is_explained(id: str, figure: str) -> None:
    made = unetscope.reconcile(id, figure)
    nearest, most = made.candidates[0], PRINTED[id, figure]
    assert made.published is not None
    assert made.published.source in str(made)
    assert nearest.within if most == 0 else abs(nearest.off) <= most


def test_the_mean_of_the_issue_is_that_of_51_forwards_of_which_10_are_whole() -> None:
    """50 steps of PNDM are 51 forwards; the scripts take those at 0, 5, … 45 whole. It prints 156.0782 G."""
    whole, cached = (
        unetscope.reconcile("sd15", figure).candidates[0].value for figure in ("484.3895G", "76.0022G")
    )
    assert f"{(10 * whole + 41 * cached) / 51 / 1e9:.4f}" == "156.0782"


def run(*args: str) -> Any:
    return CliRunner().invoke(program, list(args), catch_exceptions=False, env={"COLUMNS": "80"})


def test_a_table_says_what_each_kind_of_forward_costs_and_adds_up() -> None:
    made = run("table", "sd15", "--cache-interval", "5", "--json")
    found = json.loads(made.stdout)
    assert found["totals"]["macs"] == 401_636_720_640 + 4 * 31_626_035_200
    assert found["totals"]["params"] == 859_520_964
    assert (found["basis"]["steps"], found["basis"]["cache_interval"]) == (5, 5)
    assert sum(row["macs"] for row in found["rows"]) == found["totals"]["macs"]
    text = " ".join(run("table", "sd15", "--cache-interval", "5").stdout.split())
    assert "whole 401,636,720,640 MACs × 1, cached 31,626,035,200 MACs × 4" in text
    assert "an average step 105,628,172,288 MACs" in text
    assert "DeepCache: 1 whole, 4 reuse what lies behind skip 0" in text


REFUSED = {
    ("table", "flux1-dev", "--cache-interval", "5"): "no skips",
    ("table", "flux1-dev", "--steps", "5", "--gate", "2"): "no cross-attention",
    ("table", "sd15", "--gate", "2"): "needs more than 2 steps",
    ("table", "sd15", "--cache-interval", "2", "--cache-branch", "99"): "no branch 99",
    ("table", "sd15", "--cache-branch", "1"): "--cache-branch belongs to --cache-interval",
    ("table", "sd15", "--pipeline", "--cache-interval", "2"): "--pipeline excludes --cache-interval",
    ("reconcile", "flux1-dev", "1T", "--cache-interval", "5", "--no-torchinfo"): "no skips",
}


@pytest.mark.parametrize("args", REFUSED, ids=" ".join)
def test_what_cannot_be_reused_is_refused_in_one_line(args: tuple[str, ...]) -> None:
    from support.command_line import traced_here

    done = traced_here(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert [line.partition(": ")[0] for line in done.stderr.splitlines()] == ["error", "hint"]
    assert REFUSED[args] in done.stderr


def test_in_python_too() -> None:
    made = unetscope.reconcile("sd15", "31.626G", cache_interval=5, steps=5)
    assert made.candidates[0].of == "cached"


@pytest.mark.parametrize(
    ("id", "asked"),
    [
        ("flux1-dev", {"cache_interval": 5}), ("sd15", {"cache_interval": -5}), ("sd15", {"gate": 9}),
        ("sd15", {"gate": -1}), ("sd15", {"cache_interval": 2, "cache_branch": -1}),
        ("ddpm-cifar10", {"gate": 2}),
    ],
    ids=str,
)  # fmt: skip
def test_what_no_steps_can_be_is_refused_in_python_too(id: str, asked: dict[str, int]) -> None:
    with pytest.raises(ConfigError) as error:
        unetscope.reconcile(id, "1T", steps=5, **asked)  # type: ignore[arg-type]
    assert error.value.hint
