"""What surrounds every forward that we run: quiet, native attention, values where it reads some."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

from unetscope.families import FAMILIES
from unetscope.tracing import build
from unetscope.tracing.build.packages import all_there
from unetscope.tracing.forward.known_values import values

FAILURES = (
    RuntimeError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    UnboundLocalError,
)
"""What a forward raises when shapes do not match."""


@contextmanager
def running(class_name: str) -> Iterator[None]:
    """A context for forwards of a class, whatever attention backend the environment asks for."""
    from diffusers.models.attention_dispatch import attention_backend

    reading = values() if FAMILIES[class_name].reads_values else nullcontext()
    with build.quiet(), all_there(class_name), attention_backend("native"), reading:
        yield


def called(network: Any, tensors: Mapping[str, Any]) -> Any:
    """One forward with these arguments; it returns bare tensors if it can.

    A sample that comes first goes by position, as pipelines pass it: hooks of others look for it there.
    """
    parameters = inspect.signature(network.forward).parameters
    bare = {"return_dict": False} if "return_dict" in parameters else {}
    first, *_ = tensors
    # what wraps a forward takes any arguments: its class says which comes first
    _, *own = inspect.signature(type(network).forward).parameters
    by_place = [tensors[first]] if own[:1] in ([first], ["args"]) else []
    named = {name: value for name, value in tensors.items() if not by_place or name != first}
    return network(*by_place, **named, **bare)
