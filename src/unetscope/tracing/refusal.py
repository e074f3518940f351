"""Why a network would not run: its own message, and whether another size would do, which is tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unetscope.errors import TraceError
from unetscope.families import FAMILIES
from unetscope.spec import Size
from unetscope.tracing import build

FAILURES = (
    RuntimeError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    ArithmeticError,
)
"""What a forward raises where shapes do not go together."""


def refusal(
    network: Any,
    class_name: str,
    config: Mapping[str, Any],
    tensors: Mapping[str, Any],
    error: BaseException,
) -> TraceError:
    """An error in one line for a forward that failed; its hint says only what was found to be so."""
    sample = tensors["sample"]
    height, width = sample.shape[-2:]
    words, other = FAMILIES[class_name].advice(config, (height, width))
    if other is None:
        hint = words
    elif _runs(network, class_name, config, _size(tensors), other):
        hint = f"{words} --latent {other[0]}x{other[1]}"
    else:
        hint = f"another size does not help: it refuses {other[0]}x{other[1]} too"
    shape = "×".join(map(str, sample.shape))
    return TraceError(f"{class_name} refuses an input of {shape}: {build.one_line(error)}", hint=hint)


def _size(tensors: Mapping[str, Any]) -> Size:
    """Batch, tokens and type of the forward that failed."""
    sample, context = tensors["sample"], tensors.get("encoder_hidden_states")
    tokens = None if context is None else context.shape[1]
    return Size(batch=sample.shape[0], tokens=tokens, dtype=str(sample.dtype).removeprefix("torch."))


def _runs(
    network: Any, class_name: str, config: Mapping[str, Any], size: Size, latent: tuple[int, int]
) -> bool:
    """Whether a forward at another height and width comes to its end."""
    from diffusers.models.attention_dispatch import attention_backend

    examples = FAMILIES[class_name].inputs(config, latent, size)
    try:
        with build.quiet(), attention_backend("native"):
            network(**build.example_tensors(examples, size.dtype), return_dict=False)
    except FAILURES:
        return False
    return True
