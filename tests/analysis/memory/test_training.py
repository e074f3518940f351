"""What training holds is what autograd, optimizers and averages hold of real networks."""

from __future__ import annotations

from typing import Any

import pytest

from support.networks import SMALL
from support.networks.real_networks import (
    ADDED,
    ATTENTIVE,
    SIMPLE_ATTENTION,
    profiled,
    saved_by,
    tensors_for,
    unfused,
    with_weights,
)
from support.traces import spec_of
from unetscope.analysis.memory.autograd import run
from unetscope.analysis.memory.batch import at_batch
from unetscope.analysis.memory.precision import AUTOCAST_WIDE, Precision
from unetscope.analysis.memory.training import TrainingPlan, activations, copies, training
from unetscope.analysis.memory.weights import held
from unetscope.sizes import Size
from unetscope.tracing import trace
from unetscope.tracing.record import mac_rules


def shortcuts(network: Any, config: dict[str, Any], *, autocast: bool) -> int:
    """Bytes that training alone may copy: transposed inputs to a resnet's shortcut, after plain attention."""
    import torch

    copied: list[int] = []

    def look(module: Any, given: Any) -> None:
        if getattr(module, "conv_shortcut", None) is not None and not given[0].is_contiguous():
            copied.append(given[0].numel() * given[0].element_size())

    hooks = [module.register_forward_pre_hook(look) for module in network.modules()]
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
        network(**tensors_for(config, dtype="bfloat16" if autocast else "float32"))
    for hook in hooks:
        hook.remove()
    return sum(copied)


@pytest.mark.parametrize("eager", [False, True], ids=["fused", "eager"])
@pytest.mark.parametrize("autocast", [False, True], ids=["float32", "autocast"])
@pytest.mark.parametrize("config", [SMALL, ADDED, ATTENTIVE], ids=["text", "added", "plain"])
def test_what_is_kept_for_the_backward_is_what_autograd_keeps(
    config: dict[str, Any], autocast: bool, eager: bool
) -> None:
    network = with_weights(config).train()
    if eager:
        unfused(network)
    kept = sum(storage.nbytes() for storage in saved_by(network, config, autocast=autocast).values())
    # The CPU's autocast leaves norms alone; CUDA's list is checked against torch's own below.
    precision = Precision("bfloat16" if autocast else "float32", autocast=autocast)
    record = at_batch(trace(spec_of(config), Size()), 2)
    found = activations(record, precision, attention="eager" if eager else "fused")
    assert 0 <= kept - found.stored - found.copies <= shortcuts(network, config, autocast=autocast)


@pytest.mark.parametrize("config", [SMALL, ADDED, ATTENTIVE], ids=["text", "added", "plain"])
def test_checkpointing_keeps_what_diffusers_checkpoints_keep(config: dict[str, Any]) -> None:
    network = with_weights(config).train()
    network.enable_gradient_checkpointing()
    kept = sum(storage.nbytes() for storage in saved_by(network, config).values())
    record = at_batch(trace(spec_of(config), Size()), 2)
    found = activations(record, Precision("float32"), checkpointing=True)
    assert found.stored == kept
    assert found.stored <= found.most < activations(record, Precision("float32")).stored


def test_networks_that_copy_transposed_tensors_are_told_within_two_percent() -> None:
    kept = sum(
        storage.nbytes()
        for storage in saved_by(with_weights(SIMPLE_ATTENTION).train(), SIMPLE_ATTENTION).values()
    )
    record = at_batch(trace(spec_of(SIMPLE_ATTENTION), Size()), 2)
    assert activations(record, Precision("float32")).stored == pytest.approx(kept, rel=0.02)


def test_the_operations_of_cudas_autocast_are_those_torch_has_registered() -> None:
    import torch

    registered = torch._C._dispatch_get_registrations_for_dispatch_key("AutocastCUDA")
    names = {name.removeprefix("aten::").partition(".")[0] for name in registered}
    # Recorded under a name of their own, one level below the function that autocast sees.
    below = {"native_group_norm": "group_norm", "_softmax": "softmax", "_fused_rms_norm": "rms_norm"}
    cast = {name for name in mac_rules.FREE if below.get(name, name) in names}
    promoted = {
        "addcmul",
        "atan2",
        "index_put",
        "scatter_add",
    }  # to the widest operand: they keep none narrower
    narrow = {"prelu"}  # in the type computed in, as matmuls are
    assert cast - promoted - narrow <= AUTOCAST_WIDE
    assert all(below.get(name, name) in names for name in AUTOCAST_WIDE)


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_a_training_step_stays_below_the_total_told_for_it(optimizer: str) -> None:
    import torch
    from diffusers.training_utils import EMAModel

    network = with_weights(SMALL).train()
    kinds = {"adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}
    steps = kinds[optimizer](network.parameters(), lr=1e-4)
    given = tensors_for(SMALL)

    def step() -> None:
        network(**given).sample.square().mean().backward()
        steps.step()

    step()  # makes the states, which then last
    steps.zero_grad()
    measured = profiled(step)
    record = at_batch(trace(spec_of(SMALL), Size()), 2)
    told = training(record, TrainingPlan(optimizer=optimizer, ema=True, mixed="no"))
    states = [value for state in steps.state.values() for value in state.values() if value is not None]
    assert told.optimizer == sum(value.nbytes for value in states if value.dim())
    assert told.gradients == sum(parameter.grad.nbytes for parameter in network.parameters())
    assert told.ema == sum(shadow.nbytes for shadow in EMAModel(network.parameters()).shadow_params)
    assert told.weights == sum(parameter.nbytes for parameter in network.parameters())
    during = told.gradients + told.activations
    # Gradients come as activations go, so that the bound is not reached.
    assert max(told.activations, told.gradients) < measured < during


def test_eight_bit_states_have_a_scale_a_block_and_leave_small_tensors_alone() -> None:
    found = trace(spec_of(SMALL), Size())
    sizes = [parameter.numel() for parameter in with_weights(SMALL).parameters()]
    expected = sum(2 * n + 8 * -(-n // 256) if n >= 4096 else 8 * n for n in sizes)
    assert training(found, TrainingPlan(optimizer="adamw8bit")).optimizer == expected


def test_autocast_copies_each_weight_it_multiplies_by_once() -> None:
    found = trace(spec_of(SMALL), Size())
    kept = copies(run(found, TrainingPlan().precision))
    layers = [m for m in with_weights(SMALL).modules() if type(m).__name__ in ("Linear", "Conv2d")]
    fed_by_text = sum(2 * m.weight.numel() for m in layers if getattr(m, "in_features", 0) == 24)
    # The first layer of the time embedding is fed by nothing that needs a gradient either.
    first = 2 * layers[1].weight.numel()
    assert kept == sum(2 * m.weight.numel() for m in layers) - fed_by_text - first
    assert training(found, TrainingPlan()).weights == held(found, "float32") + kept
