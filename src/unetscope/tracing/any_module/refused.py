"""Why any module would not run: in its own words, or by the line of the user's code that asks for values."""

from __future__ import annotations

import linecache
import re
import traceback
from pathlib import Path
from typing import Any

from unetscope.errors import TraceError
from unetscope.tracing.any_module import arguments
from unetscope.words import safe
from unetscope.words.messages import as_input, listed, printable

_VALUE = re.compile(
    r"cannot be called on meta tensors|aten::nonzero|_local_scalar_dense|is_nonzero|data-dependent"
    r"|masked_select|convert meta device type tensor to numpy|cannot copy out of meta tensor|unique|bincount",
    re.IGNORECASE,
)
"""What torch says where a forward asks a tensor without values for one."""
_GPU = re.compile(r"not compiled with CUDA|No CUDA GPUs|NVIDIA driver", re.IGNORECASE)
_KERNEL = re.compile(
    r"meta|not implemented for|Could not run|expected device|Expected all tensors to be on the same device",
    re.IGNORECASE,
)
"""What it says where the meta device is the obstacle, not the module."""


def asked_for_value(error: BaseException) -> bool:
    """Whether a forward failed as it asked a tensor for its value."""
    return bool(_VALUE.search(str(error)))


def without_forward(network: Any) -> None:
    """Raise TraceError for a module that holds others and calls none of them."""
    import torch

    if type(network).forward is torch.nn.Module.forward and "forward" not in vars(network):
        inside = listed([name for name, _ in network.named_children()])
        raise TraceError(
            f"{printable(type(network).__name__)} has no forward",
            hint=f"load one of the modules in it: {inside}" if inside else "write what it computes",
        )


def is_for_want_of_values(errors: list[BaseException]) -> bool:
    """Whether real tensors might run where those without values did not."""
    return any(_KERNEL.search(str(error)) or asked_for_value(error) for error in errors)


def device_of(network: Any) -> str:
    """Where a network's tensors are."""
    tensor = next((*network.parameters(), *network.buffers()).__iter__(), None)
    return "cpu" if tensor is None else str(tensor.device)


def refusal(network: Any, user_inputs: dict[str, Any], dtype: str, error: BaseException) -> TraceError:
    """A one-line error with a hint."""
    name, place = printable(type(network).__name__), line_of(error)
    if asked_for_value(error):
        return TraceError(
            f"{name} decides from values what runs, or reads them{place}: {safe.told(error)}",
            hint="in Python give real tensors, which it runs on: inputs={'x': torch.randn(...)}",
        )
    if _GPU.search(str(error)):
        return TraceError(
            f"{name} asks for a GPU, and none is here{place}",
            hint="have it make tensors where its input is: device=x.device, not 'cuda'",
        )
    tensors = arguments.tensors(arguments.made(user_inputs, dtype, "meta"))
    shapes = ", ".join(f"{path} {'×'.join(map(str, tensor.shape))}" for path, tensor in tensors)
    first = next((input_name for input_name in user_inputs if not input_name.startswith("input_")), "x")
    reason = f"it ends the program, SystemExit {error}" if isinstance(error, SystemExit) else safe.told(error)
    return TraceError(
        f"{name} refuses {safe.line(shapes)}: {safe.line(reason)}{place}",
        hint=f"say what it takes: {as_input(first, (1, 3, 256, 256))}",
    )


def line_of(error: BaseException) -> str:
    """The last line outside of torch and this program that an error came through: " (model.py:12, `...`)"."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not re.search(r"[\\/](torch|unetscope)[\\/]", frame.filename) and "<frozen" not in frame.filename
    ]
    if not frames:
        return ""
    last = frames[-1]
    text = (last.line or linecache.getline(last.filename, last.lineno or 0)).strip()
    return f" ({printable(Path(last.filename).name)}:{last.lineno}, {printable(text)!r})"
