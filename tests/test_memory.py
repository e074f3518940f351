"""Memory is what independent instruments see: torch's profiler, autograd's own hooks, real tensors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from conftest import SMALL, bundled, spec_of
from unetscope import api, zoo
from unetscope.analysis.batch import at_batch
from unetscope.analysis.budget import Use, needed
from unetscope.analysis.memory import activation_peak, skip_bytes
from unetscope.analysis.precision import AUTOCAST_WIDE, Precision
from unetscope.analysis.saved import run
from unetscope.analysis.training import Plan, activations, copies, training
from unetscope.analysis.weights import held, weights
from unetscope.errors import ConfigError
from unetscope.model import Architecture
from unetscope.render.memory import place
from unetscope.spec import Size
from unetscope.tracing import formulas, trace, trace_module

PRESETS = (
    "sd15",
    "sdxl",
    "lcm-dreamshaper",
    "sd21",
    "ddpm-church",
    "ddpm-cifar10",
    "sd-x4-upscaler",
    "kandinsky-2.2",
)
"""One of each way of conditioning, so of each way of making float32 on purpose."""

PLAIN: dict[str, Any] = {
    "_class_name": "UNet2DModel",
    "sample_size": 16,
    "block_out_channels": [32, 64],
    "down_block_types": ["AttnDownBlock2D", "AttnDownBlock2D"],
    "up_block_types": ["AttnUpBlock2D", "AttnUpBlock2D"],
    "layers_per_block": 1,
    "attention_head_dim": 8,
    "norm_num_groups": 8,
}
"""Attention at every level and no text."""

ADDED = SMALL | {
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 8,
    "projection_class_embeddings_input_dim": 64,
    "use_linear_projection": True,
    "transformer_layers_per_block": 2,
}
"""Conditioned and laid out as SDXL."""

SIMPLE = SMALL | {
    "down_block_types": ["SimpleCrossAttnDownBlock2D", "ResnetDownsampleBlock2D"],
    "up_block_types": ["ResnetUpsampleBlock2D", "SimpleCrossAttnUpBlock2D"],
    "mid_block_type": "UNetMidBlock2DSimpleCrossAttn",
    "resnet_time_scale_shift": "scale_shift",
}


def built(config: dict[str, Any]) -> Any:
    """A real network with random weights."""
    import diffusers

    return getattr(diffusers, config["_class_name"]).from_config(config)


def arguments(config: dict[str, Any], *, side: int = 16, dtype: str = "float32") -> dict[str, Any]:
    """What to call a network with: a batch of two."""
    import torch

    kind = getattr(torch, dtype)
    found: dict[str, Any] = {
        "sample": torch.randn(
            2, config.get("in_channels", 4 if "Cond" in config["_class_name"] else 3), side, side, dtype=kind
        ),
        "timestep": torch.tensor(1),
    }
    if "Condition" in config["_class_name"]:
        found["encoder_hidden_states"] = torch.randn(2, 77, config["cross_attention_dim"], dtype=kind)
    if config.get("addition_embed_type"):
        text = config["projection_class_embeddings_input_dim"] - 6 * config["addition_time_embed_dim"]
        found["added_cond_kwargs"] = {
            "text_embeds": torch.randn(2, text, dtype=kind),
            "time_ids": torch.randn(2, 6, dtype=kind),
        }
    return found


def unfused(network: Any) -> Any:
    """A network whose attention is diffusers' eager one."""
    from diffusers.models.attention_processor import Attention, AttnProcessor

    for module in network.modules():
        if isinstance(module, Attention):
            module.set_processor(AttnProcessor())
    return network


def profiled(call: Any) -> int:
    """The most bytes allocated at once while something runs, as torch's profiler sees it."""
    from torch.profiler import profile

    with profile(profile_memory=True) as profiler:
        kept = call()
    live = peak = 0
    for event in profiler.profiler.kineto_results.events():
        if event.name() == "[memory]":
            live += event.nbytes()
            peak = max(peak, live)
    del kept
    return peak


def inferred(network: Any, config: dict[str, Any], *, side: int = 16) -> int:
    """The profiler's peak of one inference forward, inputs left out."""
    import torch

    given = arguments(config, side=side)
    with torch.no_grad():
        return profiled(lambda: network.eval()(**given))


def inputs_of(architecture: Architecture) -> int:
    return sum(one.bytes for one in architecture.inputs)


# Peaks


@pytest.mark.parametrize("attention", ["fused", "eager"])
@pytest.mark.parametrize("name", PRESETS)
def test_the_peak_at_half_precision_follows_from_the_record_at_float32(name: str, attention: str) -> None:
    traced = trace(zoo.spec(name), Size(dtype="float16"))
    record = bundled(name)
    assert activation_peak(record, attention=attention, dtype="float16") == activation_peak(
        traced, attention=attention
    )
    assert skip_bytes(record, dtype="float16") == skip_bytes(traced)


@pytest.mark.parametrize("name", PRESETS)
def test_the_memory_of_a_batch_follows_from_the_record_of_one_sample(name: str) -> None:
    batched, traced = at_batch(bundled(name), 3), trace(zoo.spec(name), Size(batch=3))
    for attention in ("fused", "eager"):
        assert activation_peak(batched, attention=attention) == activation_peak(traced, attention=attention)
        for plan in (Plan(), Plan(checkpointing=True)):
            assert training(batched, plan, attention=attention) == training(traced, plan, attention=attention)
    assert skip_bytes(batched) == skip_bytes(traced)
    if name != "kandinsky-2.2":  # its norms copy transposed tensors, which one sample does not show
        lives = [
            [(call.node, call.allocates, sorted(call.frees)) for call in one.calls]
            for one in (batched, traced)
        ]
        assert lives[0] == lives[1]


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize(
    "config",
    [SMALL, SMALL | {"upcast_attention": True}, ADDED, PLAIN],
    ids=["text", "upcast", "added", "plain"],
)
def test_eager_attention_is_what_a_trace_of_the_eager_processor_shows(
    config: dict[str, Any], dtype: str
) -> None:
    import torch

    network = unfused(built(config)).to(getattr(torch, dtype))
    for size in (Size(latent=(16, 16), dtype=dtype), Size(latent=(32, 32), dtype=dtype)):
        record = trace(spec_of(config), Size(latent=size.latent))
        found = activation_peak(record, attention="eager", dtype=dtype)
        assert found.bytes == activation_peak(trace_module(network, size)).bytes


@pytest.mark.parametrize("side", [16, 32])
@pytest.mark.parametrize("config", [SMALL, ADDED], ids=["text", "added"])
def test_the_peak_of_a_conditional_network_is_the_profilers_to_the_byte(
    config: dict[str, Any], side: int
) -> None:
    record = at_batch(trace(spec_of(config), Size(latent=(side, side))), 2)
    assert activation_peak(record).bytes - inputs_of(record) == inferred(built(config), config, side=side)


def test_an_attention_heavy_network_takes_only_the_scratch_of_kernels_beside_its_peak() -> None:
    import torch

    record = trace(spec_of(PLAIN), Size(batch=2))
    beside = inferred(built(PLAIN), PLAIN) - (activation_peak(record).bytes - inputs_of(record))
    # oneDNN copies the input and the weight of a convolution into its own layout.
    largest = 0
    for operation in record.operations:
        if operation.name == "convolution":
            sample, weight = (torch.randn(shape) for shape in operation.inputs[:2])
            padding = [weight.shape[-1] // 2] * 2
            strides = operation.details["stride"]
            with torch.no_grad():
                used = profiled(
                    lambda s=sample, w=weight, p=padding, k=strides: torch.conv2d(s, w, None, k, p)
                )
            largest = max(largest, used - 4 * torch.Size(operation.outputs[0]).numel())
    assert 0 <= beside <= largest


def test_skips_hold_the_sum_of_their_tensors() -> None:
    found = bundled("sd15")
    elements = sum(shape[1] * shape[2] * shape[3] for shape in (skip.shape for skip in found.skips))
    assert len(found.skips) == 12
    assert skip_bytes(found, dtype="float16") == 2 * elements == 13_271_040


def test_the_place_of_a_peak_is_told_in_words() -> None:
    found = bundled("sd15")
    assert (
        place(found, "up_blocks.3.attentions.2.transformer_blocks.0.ff.net.0")
        == "Up 4, feed-forward of attentions.2"
    )
    assert place(found, "up_blocks.3.resnets.1.nonlinearity") == "Up 4, resnet block resnets.1"
    assert place(found, "conv_in") == "conv_in"
    assert place(found, "") == "the network itself"


def test_a_trace_at_half_precision_is_refused_where_it_cannot_tell() -> None:
    found = trace(spec_of(SMALL), Size(dtype="float16", batch=2))
    with pytest.raises(ConfigError, match="cannot tell the memory at float32"):
        activation_peak(found, dtype="float32")
    with pytest.raises(ConfigError, match="a trace at batch 2 cannot tell batch 3"):
        at_batch(found, 3)
    with pytest.raises(ConfigError, match="told from a trace at float32"):
        training(found, Plan())


# Training


def saved_by(network: Any, config: dict[str, Any], *, autocast: bool = False) -> dict[int, Any]:
    """Storages autograd keeps of one training forward, by identity; weights and single numbers left out."""
    import torch

    given = arguments(config, dtype="bfloat16" if autocast else "float32")
    own = {parameter.untyped_storage()._cdata for parameter in network.parameters()}
    seen: dict[int, Any] = {}

    def pack(tensor: Any) -> Any:
        storage = tensor.untyped_storage()
        if storage._cdata not in own and tensor.dim():
            seen[storage._cdata] = storage
        return tensor

    hooks = torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor)
    with hooks, torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
        network(**given)
    return seen


def shortcuts(network: Any, config: dict[str, Any], *, autocast: bool) -> int:
    """Bytes that training alone may copy: transposed inputs to a resnet's shortcut, none but after plain attention."""
    import torch

    copied: list[int] = []

    def look(module: Any, given: Any) -> None:
        if getattr(module, "conv_shortcut", None) is not None and not given[0].is_contiguous():
            copied.append(given[0].numel() * given[0].element_size())

    hooks = [module.register_forward_pre_hook(look) for module in network.modules()]
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
        network(**arguments(config, dtype="bfloat16" if autocast else "float32"))
    for hook in hooks:
        hook.remove()
    return sum(copied)


@pytest.mark.parametrize("eager", [False, True], ids=["fused", "eager"])
@pytest.mark.parametrize("autocast", [False, True], ids=["float32", "autocast"])
@pytest.mark.parametrize("config", [SMALL, ADDED, PLAIN], ids=["text", "added", "plain"])
def test_what_is_kept_for_the_backward_is_what_autograd_keeps(
    config: dict[str, Any], autocast: bool, eager: bool
) -> None:
    network = built(config).train()
    if eager:
        unfused(network)
    kept = sum(storage.nbytes() for storage in saved_by(network, config, autocast=autocast).values())
    # The CPU's autocast leaves norms alone; CUDA's list is checked against torch's own below.
    precision = Precision("bfloat16" if autocast else "float32", autocast=autocast)
    record = at_batch(trace(spec_of(config), Size()), 2)
    found = activations(record, precision, attention="eager" if eager else "fused")
    assert 0 <= kept - found.stored - found.copies <= shortcuts(network, config, autocast=autocast)


@pytest.mark.parametrize("config", [SMALL, ADDED, PLAIN], ids=["text", "added", "plain"])
def test_checkpointing_keeps_what_diffusers_checkpoints_keep(config: dict[str, Any]) -> None:
    network = built(config).train()
    network.enable_gradient_checkpointing()
    kept = sum(storage.nbytes() for storage in saved_by(network, config).values())
    record = at_batch(trace(spec_of(config), Size()), 2)
    found = activations(record, Precision("float32"), checkpointing=True)
    assert found.stored == kept
    assert found.stored <= found.most < activations(record, Precision("float32")).stored


def test_networks_that_copy_transposed_tensors_are_told_within_two_percent() -> None:
    kept = sum(storage.nbytes() for storage in saved_by(built(SIMPLE).train(), SIMPLE).values())
    record = at_batch(trace(spec_of(SIMPLE), Size()), 2)
    assert activations(record, Precision("float32")).stored == pytest.approx(kept, rel=0.02)


def test_the_operations_of_cudas_autocast_are_those_torch_has_registered() -> None:
    import torch

    registered = torch._C._dispatch_get_registrations_for_dispatch_key("AutocastCUDA")
    names = {name.removeprefix("aten::").partition(".")[0] for name in registered}
    # Recorded under a name of their own, one level below the function that autocast sees.
    below = {"native_group_norm": "group_norm", "_softmax": "softmax", "_fused_rms_norm": "rms_norm"}
    cast = {name for name in formulas.FREE if below.get(name, name) in names}
    promoted = {"addcmul", "index_put"}  # brought to the widest operand: they keep none narrower
    assert cast - promoted <= AUTOCAST_WIDE
    assert all(below.get(name, name) in names for name in AUTOCAST_WIDE)


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_a_training_step_stays_below_the_total_told_for_it(optimizer: str) -> None:
    import torch
    from diffusers.training_utils import EMAModel

    network = built(SMALL).train()
    kinds = {"adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}
    steps = kinds[optimizer](network.parameters(), lr=1e-4)
    given = arguments(SMALL)

    def step() -> None:
        network(**given).sample.square().mean().backward()
        steps.step()

    step()  # makes the states, which then last
    steps.zero_grad()
    measured = profiled(step)
    record = at_batch(trace(spec_of(SMALL), Size()), 2)
    told = training(record, Plan(optimizer=optimizer, ema=True, mixed="no"))
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
    sizes = [parameter.numel() for parameter in built(SMALL).parameters()]
    expected = sum(2 * n + 8 * -(-n // 256) if n >= 4096 else 8 * n for n in sizes)
    assert training(found, Plan(optimizer="adamw8bit")).optimizer == expected


def test_autocast_copies_each_weight_it_multiplies_by_once() -> None:
    found = trace(spec_of(SMALL), Size())
    kept = copies(run(found, Plan().precision))
    layers = [m for m in built(SMALL).modules() if type(m).__name__ in ("Linear", "Conv2d")]
    fed_by_text = sum(2 * m.weight.numel() for m in layers if getattr(m, "in_features", 0) == 24)
    # The first layer of the time embedding is fed by nothing that needs a gradient either.
    first = 2 * layers[1].weight.numel()
    assert kept == sum(2 * m.weight.numel() for m in layers) - fed_by_text - first
    assert training(found, Plan()).weights == held(found, "float32") + kept


# Weights


def test_sixteen_bit_weights_are_those_of_a_real_network() -> None:
    found, network = trace(spec_of(SMALL), Size()), built(SMALL)
    sizes = {one.format: one.bytes for one in weights(found)}
    assert sizes["fp32"] == sum(tensor.nbytes for tensor in network.state_dict().values())
    assert (
        sizes["fp16"]
        == sizes["bf16"]
        == sum(tensor.nbytes for tensor in network.half().state_dict().values())
    )


def test_fp8_weights_are_those_of_diffusers_layerwise_casting() -> None:
    import torch

    network = built(SMALL).half()
    network.enable_layerwise_casting(torch.float8_e4m3fn, torch.float16)
    biases = sum(
        m.bias.nbytes
        for m in network.modules()
        if getattr(m, "bias", None) is not None and m.bias.dtype == torch.float8_e4m3fn
    )
    # diffusers casts biases too; they are counted at 16 bit here, as kernels in fp8 want them.
    expected = sum(tensor.nbytes for tensor in network.state_dict().values()) + biases
    found = {one.format: one.bytes for one in weights(trace(spec_of(SMALL), Size()))}
    assert found["fp8"] == expected


def test_quantized_weights_are_linear_ones_with_their_scales() -> None:
    import torch

    network = built(SMALL)
    linear = [m.weight for m in network.modules() if isinstance(m, torch.nn.Linear)]
    rest = sum(2 * p.numel() for p in network.parameters()) - sum(2 * w.numel() for w in linear)
    found = {one.format: one for one in weights(trace(spec_of(SMALL), Size()))}
    assert found["int8"].bytes == rest + sum(w.numel() + 4 * w.shape[0] for w in linear)
    assert found["nf4"].bytes == rest + sum(-(-w.numel() // 2) + 4 * -(-w.numel() // 64) for w in linear)
    assert found["nf4"].scales == sum(4 * -(-w.numel() // 64) for w in linear)


# What fits


@pytest.mark.parametrize(
    "use",
    [Use(), Use(attention="eager"), Use(training=Plan(checkpointing=True))],
    ids=["infer", "eager", "train"],
)
def test_the_largest_that_fits_fits_and_the_next_does_not(use: Use) -> None:
    record, limit = bundled("sd15"), 24 * 10**9
    fit = api.memory(record, use=use, limit=limit).fit
    assert fit is not None
    assert fit.size is not None
    assert fit.fits
    assert needed(at_batch(record, fit.batch), use) <= limit < needed(at_batch(record, fit.batch + 1), use)
    side = fit.size[0]
    for larger, holds in ((side, True), (side + 8, False)):
        resized = api.load("sd15", size=Size(latent=(larger, larger)))
        assert (needed(resized, use) <= limit) is holds


def test_nothing_fits_where_the_weights_do_not() -> None:
    fit = api.memory(bundled("sdxl"), limit=10**9).fit
    assert fit is not None
    assert (fit.fits, fit.batch, fit.size) == (False, 0, None)


def test_sizes_of_a_network_without_formulas_are_traced() -> None:
    record = trace(spec_of(SMALL), Size())
    use, limit = Use(), 20 * 2**20
    fit = api.memory(record, use=use, limit=limit).fit
    assert fit is not None
    assert fit.size is not None
    for side, holds in ((fit.size[0], True), (fit.size[0] + 2, False)):
        assert (needed(trace(spec_of(SMALL), Size(latent=(side, side))), use) <= limit) is holds


# The command


def unetscope(*args: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a process of its own, on 80 columns."""
    command = [sys.executable, "-m", "unetscope", "memory", *args]
    return subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"COLUMNS": "80"}, check=False
    )


SD15 = """\
Stable Diffusion 1.5 · UNet2DConditionModel

 weights              bytes                scales   in this type
 ──────────────────────────────────────────────────────────────────────────────
 fp32         3,438,083,856    3.2 GiB              all tensors
 fp16, bf16   1,719,041,928    1.6 GiB              all tensors
 fp8            859,964,808    820 MiB              conv and linear weights, no
                                                    scales
 int8         1,449,932,168   1.35 GiB    918 KiB   linear weights, a float32
                                                    scale a row
 nf4          1,330,846,088   1.24 GiB   16.1 MiB   linear weights, a float32
                                                    scale per 64


 one forward             bytes
 ──────────────────────────────────────────────────────────────────────────────
 weights         1,719,041,928    1.6 GiB   at float16
 activations        68,311,688   65.1 MiB   most in Up 4, feed-forward of
                                            attentions.0
   skips alone      13,271,040   12.7 MiB   most, after the down path

 total           1,787,353,616   1.66 GiB

fits in 2,000,000,000 bytes (1.86 GiB): yes, a forward takes 1.66 GiB
largest batch at this size: 4
largest square input at this batch: 1024×1024 px (latent 128×128)

basis: 512×512 px, latent 4×64×64, batch 1, 77 text tokens, float16, fused
attention
GiB = 2³⁰ bytes; buffers count; what fp8, int8 and nf4 leave out is 16-bit
fp8 is layerwise casting; int8 and nf4 are bitsandbytes', no double quantization
not counted: the device's context, kernels' workspaces, gaps between tensors
"""


def test_the_whole_of_the_text_at_eighty_columns() -> None:
    done = unetscope("sd15", "--fits", "2GB")
    assert (done.returncode, done.stdout, done.stderr) == (0, SD15, "")


def test_json_has_the_documented_keys_and_exact_integers() -> None:
    found = json.loads(unetscope("sd15", "--json", "--train", "--fits", "1.5GiB").stdout)
    told = training(bundled("sd15"), Plan())
    assert found == {
        "schema_version": 1,
        "basis": {
            "batch": 1, "input": [4, 64, 64], "tokens": 77, "dtype": "float16", "attention": "fused",
            "optimizer": "adamw", "ema": False, "checkpointing": False, "mixed": "fp16",
        },
        "weights_bytes": {
            "fp32": 3_438_083_856, "fp16": 1_719_041_928, "bf16": 1_719_041_928,
            "fp8": 859_964_808, "int8": 1_449_932_168, "nf4": 1_330_846_088,
        },
        "activation_peak_bytes": 68_311_688,
        "activation_peak_at": "up_blocks.3.attentions.0.transformer_blocks.0.ff.net.0",
        "skip_bytes": 13_271_040,
        "training": {
            "weights": told.weights, "gradients": 3_438_083_856, "optimizer": 6_876_167_712, "ema": 0,
            "activations": told.activations, "total": told.total,
        },
        "fits": {
            "limit": 1_610_612_736, "needed": told.total, "fits": False, "largest_batch": 0, "largest_input": None,
        },
    }  # fmt: skip


def test_training_is_null_and_nothing_is_said_to_fit_unless_asked() -> None:
    found = json.loads(unetscope("sd15", "--json").stdout)
    assert found["training"] is None
    assert "fits" not in found


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["--ema"], "Error: --ema is about training: add --train."),
        (["--mixed", "no"], "Error: --mixed is about training: add --train."),
        (["--fits", "24"], "Error: Invalid value for '--fits': '24' is no amount of memory; write 24GB or 24GiB"),
        (["--fits", "0GB"], "Error: Invalid value for '--fits': '0GB' is no amount of memory; write 24GB or 24GiB"),
        (["--fits", "-1GB"], "Error: Invalid value for '--fits': '-1GB' is no amount of memory; write 24GB or 24GiB"),
        (["--batch", "0"], "Error: Invalid value for '--batch': 0 is not in the range 1<=x<=16384."),
        (["--train", "--optimizer", "adam"], "Error: Invalid value for '--optimizer': 'adam' is not one of"),
        (["--latent", "64", "--size", "512"], "Error: --latent and --size exclude each other: give the latent or the image."),
    ],
)  # fmt: skip
def test_options_that_cannot_be_are_a_usage_error(args: list[str], line: str) -> None:
    done = unetscope("sd15", *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith(line)


def test_the_memory_of_a_preset_needs_no_torch() -> None:
    code = (
        "import sys, json; from unetscope import api; from unetscope.analysis.budget import Use;"
        "from unetscope.analysis.training import Plan;"
        "api.memory(api.load('sdxl'), use=Use(training=Plan()), batch=2, limit=80 * 10**9);"
        "print([name for name in ('torch', 'diffusers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")
