"""What is around every forward that is run: quiet, native attention, values where they are read."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

from unetscope.families import FAMILIES
from unetscope.tracing import build
from unetscope.tracing.known_values import values
from unetscope.tracing.packages import all_there

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
"""What a forward raises where shapes do not go together."""


@contextmanager
def running(class_name: str) -> Iterator[None]:
    """Run forwards of a class inside, whatever attention backend the environment says."""
    from diffusers.models.attention_dispatch import attention_backend

    reading = values() if FAMILIES[class_name].reads_values else nullcontext()
    with build.quiet(), all_there(class_name), attention_backend("native"), reading:
        yield


def called(network: Any, tensors: Mapping[str, Any]) -> Any:
    """One forward with these arguments, its results bare tensors where it can return them so.

    The sample goes by place where it comes first, as pipelines hand it over: hooks of others look there.
    """
    parameters = inspect.signature(network.forward).parameters
    bare = {"return_dict": False} if "return_dict" in parameters else {}
    first, *_ = tensors
    # what wraps a forward takes any arguments: its class says which comes first
    _, *own = inspect.signature(type(network).forward).parameters
    by_place = [tensors[first]] if own[:1] in ([first], ["args"]) else []
    named = {name: value for name, value in tensors.items() if not by_place or name != first}
    return network(*by_place, **named, **bare)
