"""What every output calls a network and its stages: their own names, or those that the user wants."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unetscope.errors import OptionError
from unetscope.limits import MAX_NAME
from unetscope.model import Architecture

if TYPE_CHECKING:
    from unetscope.analysis.scaling.sweep import Sweep
    from unetscope.difference import Diff

LABELS = ("stage", "path")
"""What stands for a stage: "Up 1", or diffusers' path "up_blocks.0"."""


def named(network: Architecture, *, title: str | None = None, labels: str = "stage") -> Architecture:
    """The same network under another title, its stages by their names or by their paths.

    Raises OptionError for an unknown word and for a title that is empty or too long.
    """
    if labels not in LABELS:
        raise OptionError(f"no labels {labels!r}", hint="labels: " + ", ".join(LABELS))
    if title is not None:
        network = replace(network, title=_checked(title))
    if labels == "stage":
        return network
    return replace(network, stages=tuple(replace(stage, name=stage.path) for stage in network.stages))


def named_diff(diff: Diff, *, titles: tuple[str | None, str | None], labels: str = "stage") -> Diff:
    """The same for both networks of a diff."""
    a, b = (
        named(network, title=title, labels=labels)
        for network, title in zip((diff.a, diff.b), titles, strict=True)
    )
    return replace(diff, a=a, b=b)


def named_sweep(sweep: Sweep, *, title: str | None = None, labels: str = "stage") -> Sweep:
    """The same for the network of a sweep and its formulas."""
    whole = named(sweep.architecture, title=title, labels=labels)
    names = {stage.path: stage.name for stage in whole.stages}
    formulas = tuple(
        replace(formula, name=names.get(formula.path, formula.name)) for formula in sweep.formulas
    )
    return replace(sweep, architecture=whole, formulas=formulas)


def _checked(title: str) -> str:
    if not title.strip() or len(title) > MAX_NAME:
        raise OptionError(f"a title has 1 to {MAX_NAME} characters", hint="leave --title out, or shorten it")
    return title
