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
from unetscope.words.messages import printable

_VALUE = re.compile(
    r"cannot be called on meta tensors|aten::nonzero|_local_scalar_dense|is_nonzero|data-dependent"
    r"|masked_select|convert meta device type tensor to numpy|cannot copy out of meta tensor|unique|bincount",
    re.IGNORECASE,
)
"""What torch says where a forward asks a tensor without values for one."""
_KERNEL = re.compile(
    r"meta|not implemented for|Could not run|expected device|Expected all tensors to be on the same device",
    re.IGNORECASE,
)
"""What it says where the meta device is the obstacle, not the module."""


def asked_for_value(error: BaseException) -> bool:
    """Whether a forward failed as it asked a tensor for its value."""
    return bool(_VALUE.search(str(error)))


def is_for_want_of_values(errors: list[Exception]) -> bool:
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
            hint="give real tensors, for which it is counted as it runs: inputs={'x': torch.randn(...)}",
        )
    tensors = arguments.tensors(arguments.made(user_inputs, dtype, "meta"))
    shapes = ", ".join(f"{path} {'×'.join(map(str, tensor.shape))}" for path, tensor in tensors)
    return TraceError(
        f"{name} refuses {safe.line(shapes)}: {safe.told(error)}{place}",
        hint="say what it takes: inputs={'x': (1, 3, 256, 256)}",
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
