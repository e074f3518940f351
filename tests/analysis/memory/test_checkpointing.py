"""Which blocks are checkpointed is what diffusers' forwards checkpoint, whatever the network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import unetscope
from support import by_recipe
from support.networks.real_networks import saved_by_call
from unetscope.analysis.memory.precision import Precision
from unetscope.analysis.memory.training import TrainingPlan, activations, checkpointed, training
from unetscope.checkpoint import Facts
from unetscope.cli.commands import unetscope as command_line
from unetscope.cost import Cost
from unetscope.errors import ConfigError
from unetscope.families import FAMILIES
from unetscope.families.checkpointing import REFUSED, UNKNOWN
from unetscope.model import Architecture, Node
from unetscope.sizes import Basis
from unetscope.tracing import build, describe
from unetscope.tracing.forward.known_values import values

_LARGEST = 4 * 10**13
"""MACs of a forward that is run here."""
CASES = [
    one for one in by_recipe.cases() if one.class_name not in REFUSED | UNKNOWN and one.count.macs < _LARGEST
]
QUICK = frozenset(
    {"DiTTransformer2DModel", "FluxTransformer2DModel", "AutoencoderKL", "Lumina2Transformer2DModel"}
)


def run_under_it(case: by_recipe.Case, network: Any) -> set[str]:
    """Paths of the outermost modules that a forward hands to the function that checkpoints."""
    paths = {module: path for path, module in network.named_modules()}
    seen: set[str] = set()

    def note(function: Any, *given: Any, **named: Any) -> Any:
        seen.add(paths[getattr(function, "__self__", function)])
        return function(*given, **named)

    network.requires_grad_(requires_grad=True).enable_gradient_checkpointing(note)
    with values():
        by_recipe.called(network, by_recipe.inputs(case))()
    return {path for path in seen if not any(path.startswith(f"{other}.") for other in seen)}


def described(class_name: str, network: Any) -> Architecture:
    """The modules and stages of a network that was not traced."""
    nodes = tuple(
        Node(path, type(module).__name__, describe.kind(module), Cost())
        for path, module in network.named_modules()
    )
    nothing = Basis(1, (1,), {}, "float32")
    return Architecture("", "", "", class_name, {}, nothing, Facts(), (),
                        describe.stages(network, class_name), nodes, (), (), (), ())  # fmt: skip


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            one, marks=() if one.class_name in QUICK else pytest.mark.slow, id=f"{one.class_name}-{one.name}"
        )
        for one in CASES
    ],
)
def test_the_blocks_that_a_forward_checkpoints_are_known(case: by_recipe.Case) -> None:
    with build.quiet():  # some classes warn of what diffusers renames
        network = by_recipe.built(case)
    found = set(checkpointed(described(case.class_name, network)).values())
    ran = run_under_it(case, network)
    unused = {path for path in found - ran if path.startswith("mode_blocks.image_cond")}
    assert found - unused == ran


def test_classes_that_refuse_checkpointing_are_those_of_diffusers() -> None:
    assert {
        name for name in FAMILIES if not build.network_class(name)._supports_gradient_checkpointing
    } == set(REFUSED)


@pytest.mark.parametrize("checkpointing", [False, True])
def test_what_a_transformer_keeps_for_the_backward_is_what_autograd_keeps(checkpointing: bool) -> None:
    import diffusers
    import torch

    config = {"num_attention_heads": 2, "attention_head_dim": 8, "num_layers": 4, "sample_size": 16,
              "norm_num_groups": 4}  # fmt: skip
    network = diffusers.DiTTransformer2DModel(**config).train()
    if checkpointing:
        network.enable_gradient_checkpointing()
    one = torch.tensor([1])
    kept = saved_by_call(
        network, {"hidden_states": torch.randn(1, 4, 16, 16), "timestep": one, "class_labels": one}
    )
    traced = unetscope.load({"_class_name": "DiTTransformer2DModel", **config})
    found = activations(traced, Precision("float32"), checkpointing=checkpointing)
    # Checkpoints keep a few numbers more: the time and label that each block is handed.
    assert found.stored == pytest.approx(sum(one.nbytes() for one in kept.values()), rel=0.04)


def test_checkpointing_of_a_transformer_is_in_the_table_of_memory(tmp_path: Path) -> None:
    config = {"_class_name": "DiTTransformer2DModel", "num_layers": 4, "num_attention_heads": 2}
    (tmp_path / "config.json").write_text(json.dumps(config))
    command = ["memory", str(tmp_path / "config.json"), "--train", "--no-cache", "--json"]
    held = []
    for more in ([], ["--checkpointing"]):
        done = CliRunner().invoke(command_line, [*command, *more])
        assert done.exit_code == 0, done.stderr
        held.append(json.loads(done.stdout)["training"]["activations"])
    assert held[1] < held[0]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("HunyuanDiT2DModel", "diffusers has no gradient checkpointing for HunyuanDiT2DModel"),
        ("StableCascadeUNet", "which blocks of StableCascadeUNet diffusers checkpoints is not known"),
    ],
)
def test_checkpointing_that_is_none_or_not_known_is_refused(name: str, said: str) -> None:
    network = Architecture(
        "", "", "", name, {}, Basis(1, (1,), {}, "float32"), Facts(), (), (), (), (), (), (), ()
    )
    with pytest.raises(ConfigError, match=said):
        training(network, TrainingPlan(checkpointing=True))
