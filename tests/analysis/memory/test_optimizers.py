"""States are those that the optimizers of torch, transformers and bitsandbytes make for a real network."""

from __future__ import annotations

from math import prod
from typing import Any

import pytest

from support.networks import SMALL
from support.networks.real_networks import ADDED, saved_by, with_weights
from support.traces import bundled, spec_of
from unetscope.analysis.memory.batch import at_batch
from unetscope.analysis.memory.frozen import NOTHING, adapters, frozen, lora
from unetscope.analysis.memory.precision import Precision
from unetscope.analysis.memory.training import TrainingPlan, activations, training
from unetscope.families.module_names import LORA_TARGETS
from unetscope.sizes import Size
from unetscope.tracing import trace


def optimizer(name: str, parameters: Any) -> Any:
    """The real one, of torch or of another library."""
    if name in ("adamw", "sgd", "sgd-momentum"):
        import torch

        kind = torch.optim.AdamW if name == "adamw" else torch.optim.SGD
        return kind(parameters, lr=1e-4, **({"momentum": 0.9} if "momentum" in name else {}))
    if name == "adafactor":
        from transformers.optimization import Adafactor

        return Adafactor(parameters)
    import bitsandbytes as bnb

    kinds = {
        "adamw8bit": "AdamW8bit",
        "paged-adamw8bit": "PagedAdamW8bit",
        "lion": "Lion",
        "lion8bit": "Lion8bit",
    }
    return getattr(bnb.optim, kinds[name])(parameters, lr=1e-4)


def states_of(name: str, network: Any) -> int:
    """Bytes of the states of one step; single numbers and maps that all parameters share left out."""
    import torch

    made = optimizer(name, list(network.parameters()))
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    if hasattr(made, "init_state"):  # bitsandbytes: a step itself wants a GPU
        for index, parameter in enumerate(made.param_groups[0]["params"]):
            made.init_state(made.param_groups[0], parameter, 0, index)
    else:
        made.step()
    return sum(
        value.nbytes
        for state in made.state.values()
        for key, value in state.items()
        if isinstance(value, torch.Tensor) and value.dim() and not key.startswith("qmap")
    )


OF_TORCH = ("adamw", "sgd", "sgd-momentum")
OF_OTHERS = ("adamw8bit", "paged-adamw8bit", "adafactor", "lion", "lion8bit")


@pytest.mark.filterwarnings("ignore:Paged optimizers are not supported on CPU")
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize(
    "name", [*OF_TORCH, *(pytest.param(name, marks=pytest.mark.live) for name in OF_OTHERS)]
)
def test_states_are_those_of_the_real_optimizer(name: str, dtype: str) -> None:
    import torch

    network = with_weights(SMALL).to(getattr(torch, dtype))
    told = training(trace(spec_of(SMALL), Size()), TrainingPlan(name, mixed="no", dtype=dtype))
    assert told.optimizer == states_of(name, network)
    assert told.gradients == told.weights == sum(p.nbytes for p in network.parameters())


# Parameters of SMALL, and bytes that the real libraries made for them (torch 2.13.0, transformers 5.24.0,
# bitsandbytes 0.50.2) with weights in float32 and in bfloat16: for machines without those libraries.
MADE = {
    "adamw": (6_323_232, 3_161_616),
    "adamw8bit": (1_898_144, 1_898_144),
    "paged-adamw8bit": (1_898_144, 1_898_144),
    "adafactor": (1_773_584, 1_773_584),
    "lion": (3_161_616, 3_161_616),
    "lion8bit": (949_072, 949_072),
    "sgd": (0, 0),
    "sgd-momentum": (3_161_616, 1_580_808),
}


@pytest.mark.parametrize("name", MADE)
def test_states_are_those_measured_with_the_real_optimizer(name: str) -> None:
    found = trace(spec_of(SMALL), Size())
    told = tuple(
        training(found, TrainingPlan(name, mixed="no", dtype=kind)).optimizer
        for kind in ("float32", "bfloat16")
    )
    assert told == MADE[name]


def test_large_states_of_a_paged_optimizer_may_wait_in_the_hosts_memory() -> None:
    sizes = [parameter.numel() for parameter in with_weights(SMALL).parameters()]
    assert max(sizes) < 100_000
    wide = SMALL | {"block_out_channels": [64, 128], "norm_num_groups": 8}
    found = trace(spec_of(wide), Size())
    told = training(found, TrainingPlan("paged-adamw8bit"))
    sizes = [parameter.numel() for parameter in with_weights(wide).parameters()]
    assert told.paged == sum(2 * n for n in sizes if n >= 100_000) > 0
    assert told.resident == told.total - told.paged
    assert told.optimizer == training(found, TrainingPlan("adamw8bit")).optimizer


FROZEN = {
    "a stage": ("down_blocks.0",),
    "all but cross-attention": (
        "conv*",
        "time_embedding",
        "*resnets*",
        "*samplers*",
        "*attn1*",
        "*ff*",
        "*norm*",
        "*proj_*",
    ),
    "the way down and the middle": ("conv_in", "time_embedding", "down_blocks", "mid_block"),
    "weights of layers": ("*.weight",),
    "what follows": ("mid_block", "up_blocks", "conv_norm_out", "conv_out"),
}


@pytest.mark.slow
@pytest.mark.parametrize("autocast", [False, True], ids=["float32", "autocast"])
@pytest.mark.parametrize("patterns", FROZEN.values(), ids=FROZEN)
@pytest.mark.parametrize("config", [SMALL, ADDED], ids=["text", "added"])
def test_frozen_parameters_keep_what_autograd_keeps(
    config: dict[str, Any], patterns: tuple[str, ...], autocast: bool
) -> None:
    network, record = with_weights(config).train(), at_batch(trace(spec_of(config), Size()), 2)
    still = frozen(record, patterns, "float32")
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(name not in still.names)
    kept = sum(storage.nbytes() for storage in saved_by(network, config, autocast=autocast).values())
    precision = Precision("bfloat16" if autocast else "float32", autocast=autocast)
    found = activations(record, precision, still=still)
    assert found.stored + found.copies == kept


@pytest.mark.live
@pytest.mark.parametrize("autocast", [False, True], ids=["float32", "autocast"])
@pytest.mark.parametrize("config", [SMALL, ADDED], ids=["text", "added"])
def test_a_lora_keeps_what_autograd_keeps_with_pefts(config: dict[str, Any], autocast: bool) -> None:
    import peft
    import torch

    network, record = (
        with_weights(config).train().requires_grad_(False),
        at_batch(trace(spec_of(config), Size()), 2),
    )
    kind = "bfloat16" if autocast else "float32"
    network.to(getattr(torch, kind))
    network.add_adapter(peft.LoraConfig(r=3, target_modules=list(LORA_TARGETS)))
    for name, parameter in network.named_parameters():
        # Norms in float32 keep their statistics in it on the CPU too, as they do on CUDA.
        if parameter.requires_grad or "norm" in name:
            parameter.data = parameter.data.float()
    still = lora(record, 3, kind)
    sizes = [parameter.numel() for parameter in network.parameters() if parameter.requires_grad]
    assert sorted(map(prod, adapters(record, still))) == sorted(sizes)
    kept = sum(storage.nbytes() for storage in saved_by(network, config, autocast=autocast).values())
    found = activations(record, Precision(kind, autocast=autocast), still=still)
    assert found.stored + found.copies == kept


# Bytes kept for the backward with the real library (peft 0.21.2) in the test above: for machines without it.
LORA = {("text", "float32"): 9_062_784, ("text", "bfloat16"): 5_103_904} | {
    ("added", "float32"): 14_370_112,
    ("added", "bfloat16"): 8_335_488,
}


@pytest.mark.parametrize(("network", "kind"), LORA)
def test_a_lora_keeps_what_was_measured_with_pefts(network: str, kind: str) -> None:
    record = at_batch(trace(spec_of({"text": SMALL, "added": ADDED}[network]), Size()), 2)
    found = activations(record, Precision(kind, autocast=kind != "float32"), still=lora(record, 3, kind))
    assert found.stored + found.copies == LORA[network, kind]


def test_a_lora_of_rank_4_on_stable_diffusion_has_the_parameters_it_is_known_by() -> None:
    told = training(bundled("sd15"), TrainingPlan(lora=4))
    assert told.trained == 797_184
    assert told.gradients == 4 * told.trained
    assert told.weights - told.copies == 2 * bundled("sd15").cost.params + 4 * told.trained


@pytest.mark.parametrize("patterns", FROZEN.values(), ids=FROZEN)
def test_checkpointing_of_a_half_frozen_network_keeps_no_more_than_of_a_whole_one(
    patterns: tuple[str, ...],
) -> None:
    record, precision = at_batch(trace(spec_of(SMALL), Size()), 2), Precision("float32")
    still = frozen(record, patterns, "float32")
    some, whole = (activations(record, precision, checkpointing=True, still=s) for s in (still, NOTHING))
    assert some.stored <= whole.stored
    assert some.most <= whole.most
