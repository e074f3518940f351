"""Text and image encoders of pipelines: built from transformers' classes on the meta device, run once.

What this finds is kept as data (`zoo/encoders.json`), so that nobody needs transformers to read it.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from unetscope.calls import Call
from unetscope.errors import TraceError
from unetscope.tracing import build
from unetscope.tracing.record import recording
from unetscope.tracing.record.in_progress import Recording, storage_key

_ELSEWHERE = {"ChatGLMModel": "diffusers.pipelines.kolors.text_encoder"}
"""Modules of the classes that transformers does not have."""
_MADE_WITH = {"ChatGLMModel": {"empty_init": False}}
"""What a constructor needs beside the config: without it this one takes real memory on the CPU."""


@dataclass(frozen=True, slots=True)
class EncoderRun:
    """One forward of an encoder: parameters, those of its largest module, MACs, peak of activations in bytes
    (its inputs, and all that the call returns, are among them)."""

    params: int
    largest: int
    macs: int
    activations: int


def run_encoder(
    class_name: str,
    config: Mapping[str, Any],
    *,
    tokens: int,
    batch: int = 1,
    dtype: str = "float32",
    call: Mapping[str, Any] | None = None,
) -> EncoderRun:
    """One forward of an encoder at a number of tokens (patches and the class token of an image encoder).

    `call` holds what its pipeline calls it with beside the tokens: output_hidden_states, use_cache.
    Attention is torch's fused one where the class has it. Raises TraceError where transformers is not
    installed or does not know the class.
    """
    import torch

    network = built(class_name, config, getattr(torch, dtype))
    arguments = {**inputs(network, tokens, batch, getattr(torch, dtype)), **(call or {})}
    state = watching(network)
    with build.quiet(), torch.device("meta"), torch.no_grad(), recording(state):
        returned = network(**arguments)
    entering = sum(tensor.nbytes for tensor in arguments.values() if isinstance(tensor, torch.Tensor))
    sizes = [parameter.numel() for parameter in network.parameters()]
    run = EncoderRun(sum(sizes), _largest(network), _macs(state), entering + peak(state.calls))
    del returned  # alive until here, as in a pipeline
    return run


def built(class_name: str, config: Mapping[str, Any], dtype: Any) -> Any:
    """The network with weights on the meta device."""
    import torch

    network_class, config_class = _classes(class_name)
    with build.quiet(), torch.device("meta"):
        settings = config_class(**config)
        for attention in ("sdpa", "eager"):
            settings._attn_implementation = attention
            try:
                return network_class(settings, **_MADE_WITH.get(class_name, {})).eval().to("meta", dtype)
            except ValueError:  # a class without fused attention
                continue
    raise TraceError(f"transformers refuses {class_name}", hint="see its config")


def _classes(class_name: str) -> tuple[Any, Any]:
    import torch

    torch.jit._state.disable()  # what is compiled at import runs no operation that can be recorded
    try:
        module = importlib.import_module(_ELSEWHERE.get(class_name, "transformers"))
        network_class = getattr(module, class_name)
    except (ImportError, AttributeError):
        raise TraceError(f"no class {class_name} at hand", hint='pip install "unetscope[pipeline]"') from None
    finally:
        torch.jit._state.enable()
    return network_class, network_class.config_class


def inputs(network: Any, tokens: int, batch: int, dtype: Any) -> dict[str, Any]:
    """What its pipeline gives an encoder, by kind: pixels, or tokens with the mask of its attention."""
    import torch

    config, name = network.config, type(network).__name__
    if hasattr(config, "image_size") and "Vision" in name:
        side = config.image_size
        return {"pixel_values": torch.empty(batch, 3, side, side, dtype=dtype, device="meta")}
    arguments = {"input_ids": torch.empty(batch, tokens, dtype=torch.int64, device="meta")}
    if name.startswith(("CLIP", "ChatGLM")):
        return arguments
    # as transformers makes it of a row of ones and zeros, whose values it would read
    fused = config._attn_implementation == "sdpa"
    mask = torch.empty(batch, 1, tokens, tokens, dtype=torch.bool if fused else dtype, device="meta")
    return arguments | {"attention_mask": mask}


def watching(network: Any) -> Recording:
    """A recording that knows the network's weights."""
    tensors = (*network.parameters(), *network.buffers())
    return Recording({storage_key(tensor): tensor.untyped_storage() for tensor in tensors})


def _largest(network: Any) -> int:
    """Parameters of the module with the most of its own."""
    sizes = (
        sum(parameter.numel() for parameter in part.parameters(recurse=False)) for part in network.modules()
    )
    return int(max(sizes))


def _macs(state: Recording) -> int:
    operations = list(state.operations)
    return sum(operations[call.operation].macs for call in state.calls)


def peak(calls: list[Call]) -> int:
    """The most bytes alive at once of what the calls allocate."""
    sizes: list[int] = []
    live = most = 0
    for call in calls:
        live -= sum(sizes[number] for number in call.frees)
        sizes += call.allocates
        live += sum(call.allocates)
        most = max(most, live)
    return most
