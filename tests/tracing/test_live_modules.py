"""A live module is the truth: what it holds is traced, what differs from its config is said."""

from __future__ import annotations

import json
from typing import Any

import pytest

import unetscope
from support.networks.live_networks import LIVE_UNET, MACS, PARAMS, live_unet, state_of
from unetscope import codec
from unetscope.analysis.cost.columns import BRIEF
from unetscope.analysis.cost.rows import rows
from unetscope.analysis.cost.table import table
from unetscope.errors import SourceError, TraceError, UnetscopeError
from unetscope.model import Architecture
from unetscope.render import json as as_json
from unetscope.render import text
from unetscope.render.table import formats
from unetscope.sizes import Size
from unetscope.sources import spec_of

PACKAGE = __name__.partition(".")[0]
"""What a hook that is defined here is said to be by."""


def loaded(network: Any, **options: Any) -> Architecture:
    """The trace of a live module, which is checked to be as it was before."""
    before = state_of(network)
    architecture = unetscope.load(network, **options)
    assert state_of(network) == before
    return architecture


def counts(architecture: Architecture) -> tuple[int, int]:
    return architecture.cost.params, architecture.cost.macs


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_the_type_is_that_of_the_weights(name: str) -> None:
    import torch

    architecture = loaded(live_unet().to(getattr(torch, name)))
    assert counts(architecture) == (PARAMS, MACS)
    assert architecture.basis.dtype == name
    assert {tensor.dtype for tensor in architecture.tensors} == {name}
    assert architecture.notes == (f"{name}, as loaded",)


def test_a_network_of_two_types_computes_in_that_of_most_and_names_the_rest() -> None:
    network = live_unet().half()
    network.time_embedding.float()
    architecture = loaded(network)
    assert (counts(architecture), architecture.basis.dtype) == ((PARAMS, MACS), "float16")
    assert architecture.notes == ("float16, as loaded; time_embedding in float32",)
    assert {t.dtype for t in architecture.tensors if t.name.startswith("time_embedding.")} == {"float32"}


def test_a_type_that_is_asked_for_wins() -> None:
    architecture = loaded(live_unet().half(), size=Size.of(dtype="float32"))
    assert architecture.basis.dtype == "float32"
    assert {tensor.dtype for tensor in architecture.tensors} == {"float32"}
    assert architecture.notes == ()


def test_float64_is_counted_in_float32_and_said() -> None:
    architecture = loaded(live_unet().double())
    assert (counts(architecture), architecture.basis.dtype) == ((PARAMS, MACS), "float32")
    assert architecture.notes == ("computed in float32; weights in float64",)


def test_an_edited_conv_in_is_counted_as_it_is() -> None:
    import torch

    network = live_unet()
    network.conv_in = torch.nn.Conv2d(9, 32, 3, padding=1)
    architecture = loaded(network)
    assert counts(architecture) == (PARAMS + 5 * 32 * 9, MACS + 5 * 32 * 9 * 16 * 16)
    assert architecture.notes == ("config says in_channels=4, the module has 9: the module is counted",)
    assert architecture.config["in_channels"] == 9
    assert architecture.described, "with nine channels its config makes this very network"
    assert (
        loaded(network).nodes
        == unetscope.load(dict(LIVE_UNET, in_channels=9, _class_name=architecture.class_name)).nodes
    )


def test_a_wider_text_context_is_read_from_the_weights() -> None:
    network, wide = live_unet(), live_unet(cross_attention_dim=48)
    for path, module in wide.named_modules():
        if path.endswith((".attn2.to_k", ".attn2.to_v")):
            above, _, name = path.rpartition(".")
            setattr(network.get_submodule(above), name, module)
    architecture = loaded(network)
    assert counts(architecture) == counts(loaded(wide))
    assert architecture.notes == (
        "config says cross_attention_dim=32, the module has 48: the module is counted",
    )


def test_a_removed_block_is_said_and_the_network_cannot_be_built_from_its_config() -> None:
    network = live_unet()
    network.mid_block = None
    architecture = loaded(network)
    assert counts(architecture) == (540_868, 83_351_552)
    assert architecture.notes == ("not as its config says, without mid_block: the module is counted",)
    assert not architecture.described
    with pytest.raises(TraceError, match="its config does not describe"):
        spec_of(architecture)


def test_an_added_layer_and_a_reshaped_one_are_said() -> None:
    import torch

    network = live_unet()
    network.down_blocks[1].extra = torch.nn.Linear(3, 3)
    network.mid_block.resnets[0].conv1.bias = None
    (note,) = loaded(network).notes
    assert note == (
        "not as its config says, without mid_block.resnets.0.conv1.bias; with down_blocks.1.extra: "
        "the module is counted"
    )


@pytest.mark.slow
@pytest.mark.parametrize("wrap", ["compile", "module.compile", "forward", "blocks", "child", "parallel"])
def test_wrappers_change_nothing(wrap: str) -> None:
    import torch

    plain = network = live_unet()
    match wrap:
        case "compile":
            network = torch.compile(plain)
        case "module.compile":
            plain.compile()
        case "forward":
            plain.forward = torch.compile(plain.forward)
        case "blocks":
            plain.compile_repeated_blocks()
        case "child":
            plain.mid_block = torch.compile(plain.mid_block)
        case "parallel":
            network = torch.nn.DataParallel(plain)
    architecture = loaded(network)
    assert architecture.nodes == loaded(live_unet()).nodes
    assert (architecture.notes, architecture.described) == ((), True)


def test_a_subclass_is_traced_as_its_class_and_named() -> None:
    from diffusers import UNet2DConditionModel

    class Mine(UNet2DConditionModel):
        pass

    class Other(UNet2DConditionModel):
        def forward(self, *args: Any, **kwargs: Any) -> Any:
            return super().forward(*args, **kwargs)

    architecture = loaded(Mine(**LIVE_UNET))
    assert (counts(architecture), architecture.class_name) == ((PARAMS, MACS), "UNet2DConditionModel")
    assert architecture.nodes[0].kind == "network"
    assert architecture.notes == ("Mine, a subclass of UNet2DConditionModel",)
    (note,) = loaded(Other(**LIVE_UNET)).notes
    assert note == "Other, a subclass of UNet2DConditionModel; its own forward is counted as it runs"


def test_the_one_network_inside_another_module_is_found() -> None:
    import torch

    class Training(torch.nn.Module):
        def __init__(self, *networks: Any) -> None:
            super().__init__()
            self.parts = torch.nn.ModuleList(networks)

    architecture = loaded(Training(live_unet(), torch.nn.Linear(2, 2)))
    assert counts(architecture) == (PARAMS, MACS)
    assert architecture.notes == (
        "the UNet2DConditionModel at parts.0 in Training; what stands around it is not counted",
    )
    with pytest.raises(TraceError, match="Training holds 2 networks"):
        loaded(Training(live_unet(), live_unet()))
    assert loaded(torch.nn.Linear(2, 2)).cost.params == 6


def test_a_pipeline_gives_its_denoiser() -> None:
    from diffusers import DDPMPipeline, DDPMScheduler

    pipeline = DDPMPipeline(live_unet(), DDPMScheduler())
    architecture = unetscope.load(pipeline)
    assert counts(architecture) == (PARAMS, MACS)
    assert architecture.notes == ("the unet of DDPMPipeline; its other models are not counted",)
    assert (architecture.facts.scheduler, architecture.facts.prediction_type) == ("DDPMScheduler", "epsilon")
    pipeline.unet = None
    with pytest.raises(TraceError, match="a DDPMPipeline holds no denoiser"):
        unetscope.load(pipeline)


def test_what_is_no_network_gets_a_clear_answer() -> None:
    weights = live_unet().state_dict()
    for given in (weights, {"state_dict": weights}):
        with pytest.raises(SourceError, match="a state dict of 208 tensors") as caught:
            unetscope.load(given)
        assert "give the module" in caught.value.hint
    with pytest.raises(SourceError, match="a list is not a source"):
        unetscope.load([1])


def test_a_hook_runs_and_is_named() -> None:
    network, shapes = live_unet(), []
    network.mid_block.register_forward_hook(lambda module, args, result: shapes.append(result.shape))
    architecture = loaded(network)
    assert counts(architecture) == (PARAMS, MACS)
    assert architecture.notes == (f"mid_block with a forward hook by {PACKAGE}: counted as it runs",)
    assert (len(shapes), architecture.described) == (1, False)


def test_a_hook_of_the_network_itself_may_compute() -> None:
    network = live_unet()
    network.register_forward_pre_hook(lambda module, args: (args[0] * 2, *args[1:]))
    assert counts(loaded(network)) == (PARAMS, MACS)


def closing(network: Any) -> Any:
    """The same network, its mid block with a forward that holds on to the original one."""
    original = network.mid_block.forward

    def forward(*args: Any, **kwargs: Any) -> Any:
        return original(*args, **kwargs)

    network.mid_block.forward = forward
    return network


def test_a_forward_that_holds_on_to_the_original_is_traced_in_place() -> None:
    architecture = loaded(closing(live_unet().train()))
    assert counts(architecture) == (PARAMS, MACS)
    assert architecture.notes == (f"mid_block with a patched forward by {PACKAGE}: counted as it runs",)


@pytest.mark.parametrize("failure", [RuntimeError("broken"), KeyboardInterrupt()])
def test_a_module_is_whole_after_an_error_or_an_interrupt_in_place(failure: BaseException) -> None:
    network = live_unet()

    def broken(*args: Any, **kwargs: Any) -> Any:
        if network.conv_in.weight.is_meta:
            raise failure
        raise RuntimeError("called with weights")

    network.mid_block.forward = broken
    before = state_of(network)
    with pytest.raises(TraceError if isinstance(failure, RuntimeError) else KeyboardInterrupt):
        unetscope.load(network)
    assert state_of(network) == before


def test_what_cannot_be_copied_is_shared() -> None:
    import threading

    network = live_unet()
    network.lock = threading.Lock()
    network.features = [network.conv_in.weight * 2]  # no leaf: torch itself would not copy it
    assert counts(loaded(network)) == (PARAMS, MACS)


def test_masked_and_reparametrized_weights_are_counted_and_said() -> None:
    from torch.nn.utils import parametrizations, prune

    network = live_unet()
    attention = network.mid_block.attentions[0].transformer_blocks[0].attn1
    prune.l1_unstructured(attention.to_q, "weight", 0.5)
    architecture = loaded(network)
    assert (architecture.cost, architecture.notes) == (
        loaded(live_unet()).cost,
        ("weights masked by pruning: counted as dense",),
    )

    network = live_unet()
    parametrizations.weight_norm(network.conv_in)
    architecture = loaded(network)
    assert (counts(architecture), architecture.uncounted) == ((PARAMS + 32, MACS), ())
    assert architecture.notes == ("conv_in with reparametrized weights: what makes them is counted too",)


def test_fused_projections_leave_the_old_ones_unread() -> None:
    network = live_unet()
    network.fuse_qkv_projections()
    architecture = loaded(network)
    assert counts(architecture) == (PARAMS + 31_744, MACS)
    assert architecture.notes == ("query, key and value fused in 8 attentions, which hold both copies",)
    assert as_json.table(architecture, rows(architecture))["idle"]["params"] == 31_744


def test_lazy_weights_ask_for_a_first_run() -> None:
    import torch

    network = live_unet()
    network.extra = torch.nn.LazyLinear(3)
    with pytest.raises(TraceError, match="has no shape before the first forward"):
        unetscope.load(network)


def test_notes_show_in_every_output_and_survive_being_saved() -> None:
    import torch

    network = live_unet()
    network.conv_in = torch.nn.Conv2d(9, 32, 3, padding=1)
    architecture = loaded(network)
    assert codec.loads(codec.dumps(architecture)) == architecture
    (note,) = architecture.notes
    drawn = unetscope.draw(architecture).decode()
    assert note in drawn
    assert note in text.description(architecture, width=200)
    assert (
        as_json.description(architecture)["notes"]
        == as_json.table(architecture, rows(architecture))["notes"]
        == [note]
    )
    made = table(architecture, names=BRIEF)
    for _, written in formats.TABLES.values():
        assert note.split("=")[0] in written(made).replace("\\", "")


def test_a_file_saved_before_there_were_notes_still_loads() -> None:
    architecture = loaded(live_unet())
    old = json.loads(codec.dumps(architecture))
    del old["notes"], old["described"]
    assert codec.loads(json.dumps(old).encode()) == architecture


def test_a_half_network_differs_from_its_config_in_nothing() -> None:
    diff = unetscope.diff({"_class_name": "UNet2DConditionModel", **LIVE_UNET}, live_unet().half())
    assert diff.changes == ()


def test_no_cause_is_told_where_a_config_does_not_describe_the_module() -> None:
    network = live_unet(in_channels=5)
    network.mid_block = None
    diff = unetscope.diff(live_unet(), network)
    assert "does not describe it as it was traced" in diff.unknown


def test_errors_are_one_line() -> None:
    with pytest.raises(UnetscopeError) as caught:
        unetscope.load(object())
    assert "\n" not in str(caught.value)
