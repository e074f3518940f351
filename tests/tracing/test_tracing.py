"""What a trace records, and that it leaves alone what it was given."""

from __future__ import annotations

import dataclasses
import gc
import json
import os
from collections.abc import Iterable
from typing import Any

import pytest

from support import published
from support.networks import SMALL
from support.rules import assert_skips_pair_up
from support.traces import bundled, spec_of
from unetscope import codec, zoo
from unetscope.analysis.memory.activations import activation_peak
from unetscope.errors import ConfigError, TraceError
from unetscope.sizes import Size
from unetscope.spec import usual
from unetscope.tracing import trace, trace_module


def alike() -> dict[str, list[str]]:
    """Presets by the first with the same config and size: they are one network under several names."""
    architecture: dict[str, list[str]] = {}
    for name in zoo.ids():
        spec = zoo.spec(name)
        parts = [spec.class_name, spec.config, str(usual(Size(), spec.facts))]
        architecture.setdefault(json.dumps(parts, sort_keys=True), []).append(name)
    return {names[0]: names for names in architecture.values()}


def of_all(names: Iterable[str]) -> list[Any]:
    """Names of presets; those that are no UNets are traced in the slow tests."""
    unets = {name for name in zoo.ids() if zoo.preset(name).class_name.startswith("UNet2D")}
    return [name if name in unets else pytest.param(name, marks=pytest.mark.slow) for name in names]


@pytest.mark.parametrize("name", of_all(alike()))
def test_a_bundled_trace_equals_a_fresh_one(name: str) -> None:
    spec = zoo.spec(name)
    fresh = trace(spec, usual(Size(), spec.facts))
    for other in alike()[name]:
        spec = zoo.spec(other)
        named = dataclasses.replace(fresh, id=spec.id, title=spec.title, source=spec.source, facts=spec.facts)
        assert named == dataclasses.replace(bundled(other), scaling=None)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sd15", "bk-sdm-tiny", "ddpm-cifar10-32", "kandinsky-2.2-decoder"])
def test_tracing_equal_blocks_once_changes_nothing(name: str) -> None:
    spec = spec_of(published.fields(name))
    assert trace(spec, Size()) == trace(spec, Size(), reuse=False)


@pytest.mark.parametrize("name", zoo.ids())
def test_both_ends_of_a_skip_exist_in_different_stages_and_fit(name: str) -> None:
    assert_skips_pair_up(bundled(name))


@pytest.mark.parametrize("name", zoo.ids())
def test_a_trace_survives_being_saved(name: str) -> None:
    architecture = bundled(name)
    assert codec.loads(codec.dumps(architecture)) == architecture == codec.loads(codec.pack(architecture))


def test_tensors_are_those_of_the_state_dict() -> None:
    from diffusers import UNet2DConditionModel

    network = UNet2DConditionModel.from_config(SMALL)
    architecture = trace(spec_of(SMALL), Size())
    state = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    assert {tensor.name: tensor.shape for tensor in architecture.tensors} == state


@pytest.mark.parametrize("attention", ["fused", "eager"])
@pytest.mark.parametrize("frozen", ["float32", "float16"])
def test_more_lives_at_the_peak_than_any_one_call_allocates(attention: str, frozen: str) -> None:
    architecture = trace(spec_of(SMALL), Size.of(dtype=frozen))
    peak = activation_peak(architecture, attention=attention)
    assert peak.bytes >= max(sum(call.allocates) for call in architecture.calls)
    assert peak.path in architecture.by_path


def test_no_storage_is_freed_twice_or_before_it_lives() -> None:
    living: set[int] = set()
    made = 0
    for call in bundled("sdxl").calls:
        assert living.issuperset(call.frees)
        living.difference_update(call.frees)
        living.update(range(made, made + len(call.allocates)))
        made += len(call.allocates)
    assert made - 1 in living, "the network's output outlives the forward"


def test_the_peak_equals_what_the_profiler_sees_on_a_real_network() -> None:
    import torch
    from diffusers import UNet2DConditionModel
    from torch.profiler import profile

    network = UNet2DConditionModel.from_config(SMALL).eval()
    architecture = trace(spec_of(SMALL), Size.of(batch=2))
    sample, step, context = torch.randn(2, 4, 16, 16), torch.tensor(1), torch.randn(2, 77, 24)
    with torch.no_grad(), profile(profile_memory=True) as profiler:
        network(sample, step, context)
    live = peak = 0
    for event in profiler.profiler.kineto_results.events():
        if event.name() == "[memory]":
            live += event.nbytes()
            peak = max(peak, live)
    inputs = sum(one.bytes for one in architecture.inputs)
    assert activation_peak(architecture).bytes - inputs == peak


def test_a_live_module_is_left_as_it_was() -> None:
    import torch
    from diffusers import UNet2DConditionModel

    network = UNet2DConditionModel.from_config(SMALL).train()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    architecture = trace_module(network, Size())
    assert network.training
    assert "forward" not in vars(network)
    assert {tensor.device.type for tensor in network.state_dict().values()} == {"cpu"}
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())
    assert architecture.nodes == trace(spec_of(SMALL), Size()).nodes


def test_the_attention_backend_of_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = trace(spec_of(SMALL), Size())
    monkeypatch.setitem(os.environ, "DIFFUSERS_ATTN_BACKEND", "flash")
    assert trace(spec_of(SMALL), Size()) == expected


@pytest.mark.slow
def test_a_trace_leaves_no_tensor_behind() -> None:
    import torch

    def tensors() -> int:
        gc.collect()
        return sum(issubclass(type(thing), torch.Tensor) for thing in gc.get_objects())

    trace(spec_of(SMALL), Size())
    before = tensors()
    trace(spec_of(SMALL), Size())
    assert tensors() <= before


def test_eager_attention_is_counted_as_attention() -> None:
    from diffusers import UNet2DConditionModel
    from diffusers.models.attention_processor import AttnProcessor

    network = UNet2DConditionModel.from_config(SMALL)
    network.set_attn_processor(AttnProcessor())
    assert trace_module(network, Size()).cost == trace(spec_of(SMALL), Size()).cost


def test_keys_that_diffusers_ignores_and_fills_in_are_named() -> None:
    architecture = trace(spec_of(SMALL | {"colour": "red"}), Size())
    assert architecture.ignored_keys == ("colour",)
    assert "upcast_attention" in architecture.defaulted_keys
    assert architecture.config["upcast_attention"] is False


def test_a_config_that_diffusers_refuses_is_one_line() -> None:
    bad = dataclasses.replace(
        spec_of(SMALL), config=spec_of(SMALL).config | {"resnet_time_scale_shift": "nonsense"}
    )
    with pytest.raises((ConfigError, TraceError)) as caught:
        trace(bad, Size())
    assert "\n" not in str(caught.value)


def test_a_size_that_a_network_refuses_is_one_line_with_a_hint() -> None:
    spec = spec_of(published.fields("ddpm-cifar10-32"))
    with pytest.raises(TraceError, match="refuses an input of 1×3×31×31") as caught:
        trace(spec, Size.of(latent=(31, 31)))
    assert caught.value.hint
