"""Peaks of activations are those of torch's profiler and of fresh traces at other types and batches."""

from __future__ import annotations

from typing import Any

import pytest

from support.networks import SMALL
from support.networks.real_networks import (
    ADDED,
    ATTENTIVE,
    inferred,
    inputs_of,
    profiled,
    unfused,
    with_weights,
)
from support.traces import bundled, spec_of
from unetscope import zoo
from unetscope.analysis.memory.activations import activation_peak, skip_bytes
from unetscope.analysis.memory.batch import at_batch
from unetscope.analysis.memory.training import TrainingPlan, training
from unetscope.errors import ConfigError
from unetscope.render.memory import place
from unetscope.sizes import Size
from unetscope.tracing import trace, trace_module

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


@pytest.mark.slow
@pytest.mark.parametrize("attention", ["fused", "eager"])
@pytest.mark.parametrize("name", PRESETS)
def test_the_peak_at_half_precision_follows_from_the_record_at_float32(name: str, attention: str) -> None:
    traced = trace(zoo.spec(name), Size.of(dtype="float16"))
    record = bundled(name)
    assert activation_peak(record, attention=attention, dtype="float16") == activation_peak(
        traced, attention=attention
    )
    assert skip_bytes(record, dtype="float16") == skip_bytes(traced)


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_the_memory_of_a_batch_follows_from_the_record_of_one_sample(name: str) -> None:
    batched, traced = at_batch(bundled(name), 3), trace(zoo.spec(name), Size.of(batch=3))
    for attention in ("fused", "eager"):
        assert activation_peak(batched, attention=attention) == activation_peak(traced, attention=attention)
        for plan in (TrainingPlan(), TrainingPlan(checkpointing=True)):
            assert training(batched, plan, attention=attention) == training(traced, plan, attention=attention)
    assert skip_bytes(batched) == skip_bytes(traced)
    if name != "kandinsky-2.2":  # its norms copy transposed tensors, which one sample does not show
        lives = [
            [(call.node, call.allocates, sorted(call.frees)) for call in one.calls]
            for one in (batched, traced)
        ]
        assert lives[0] == lives[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ltx-0.9.0", "flux1-schnell", "cogvideox-5b", "lumina-image-2.0"])
def test_tables_of_positions_grow_with_the_batch_only_where_the_network_repeats_them(name: str) -> None:
    batched, traced = at_batch(bundled(name), 2), trace(zoo.spec(name), Size.of(batch=2))
    for attention in ("fused", "eager"):
        assert activation_peak(batched, attention=attention) == activation_peak(traced, attention=attention)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize(
    "config",
    [SMALL, SMALL | {"upcast_attention": True}, ADDED, ATTENTIVE],
    ids=["text", "upcast", "added", "plain"],
)
def test_eager_attention_is_what_a_trace_of_the_eager_processor_shows(
    config: dict[str, Any], dtype: str
) -> None:
    import torch

    network = unfused(with_weights(config)).to(getattr(torch, dtype))
    for size in (Size.of(latent=(16, 16), dtype=dtype), Size.of(latent=(32, 32), dtype=dtype)):
        record = trace(spec_of(config), Size().with_axes(size.named))
        found = activation_peak(record, attention="eager", dtype=dtype)
        assert found.bytes == activation_peak(trace_module(network, size)).bytes


@pytest.mark.parametrize("side", [16, 32])
@pytest.mark.parametrize("config", [SMALL, ADDED], ids=["text", "added"])
def test_the_peak_of_a_conditional_network_is_the_profilers_to_the_byte(
    config: dict[str, Any], side: int
) -> None:
    record = at_batch(trace(spec_of(config), Size.of(latent=(side, side))), 2)
    assert activation_peak(record).bytes - inputs_of(record) == inferred(
        with_weights(config), config, side=side
    )


def test_an_attention_heavy_network_takes_only_the_scratch_of_kernels_beside_its_peak() -> None:
    import torch

    record = trace(spec_of(ATTENTIVE), Size.of(batch=2))
    beside = inferred(with_weights(ATTENTIVE), ATTENTIVE) - (
        activation_peak(record).bytes - inputs_of(record)
    )
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
    found = trace(spec_of(SMALL), Size.of(dtype="float16", batch=2))
    with pytest.raises(ConfigError, match="cannot tell the memory at float32"):
        activation_peak(found, dtype="float32")
    with pytest.raises(ConfigError, match="a trace at batch 2 cannot tell batch 3"):
        at_batch(found, 3)
    with pytest.raises(ConfigError, match="follows only from a trace at float32"):
        training(found, TrainingPlan())
