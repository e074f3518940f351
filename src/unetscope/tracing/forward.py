"""What is around every forward that is run: quiet, native attention, values where they are read."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from unetscope.families import FAMILIES
from unetscope.tracing import build
from unetscope.tracing.values import values

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


@contextmanager
def running(class_name: str) -> Iterator[None]:
    """Run forwards of a class inside, whatever attention backend the environment says."""
    from diffusers.models.attention_dispatch import attention_backend

    reading = values() if FAMILIES[class_name].reads_values else nullcontext()
    with build.quiet(), attention_backend("native"), reading:
        yield


def as_tuple(network: Any) -> dict[str, bool]:
    """The argument that has a forward return its tensors bare, where it takes one."""
    return {"return_dict": False} if "return_dict" in inspect.signature(network.forward).parameters else {}
