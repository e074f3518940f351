"""What a network and its stages are called in every output: as they are, or as the user wants them called."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from unetscope.analysis.sweep import Sweep
from unetscope.difference import Diff
from unetscope.errors import OptionError
from unetscope.limits import MAX_NAME
from unetscope.model import Architecture

LABELS = ("stage", "path")
"""What stands for a stage: "Up 1", or diffusers' path "up_blocks.0"."""

Named = TypeVar("Named", Architecture, Diff, Sweep)


def named(network: Named, *, title: str | tuple[str, str] | None = None, labels: str = "stage") -> Named:
    """The same network under another title, its stages by their names or by their paths.

    A diff has two titles. Raises OptionError for an unknown word.
    """
    if labels not in LABELS:
        raise OptionError(f"no labels {labels!r}", hint="labels: " + ", ".join(LABELS))
    if isinstance(network, Diff):
        first, second = title if isinstance(title, tuple) else (None, None)
        a, b = named(network.a, title=first, labels=labels), named(network.b, title=second, labels=labels)
        return replace(network, a=a, b=b)
    if isinstance(network, Sweep):
        whole = named(network.architecture, title=title, labels=labels)
        names = {stage.path: stage.name for stage in whole.stages}
        formulas = tuple(replace(one, name=names.get(one.path, one.name)) for one in network.formulas)
        return replace(network, architecture=whole, formulas=formulas)
    if isinstance(title, str):
        network = replace(network, title=_checked(title))
    if labels == "stage":
        return network
    return replace(network, stages=tuple(replace(stage, name=stage.path) for stage in network.stages))


def _checked(title: str) -> str:
    if not title.strip() or len(title) > MAX_NAME:
        raise OptionError(f"a title has 1 to {MAX_NAME} characters", hint="leave --title out, or shorten it")
    return title
