"""The command that draws a picture again, byte for byte: what stands at its foot."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from unetscope.analysis import vae_part
from unetscope.api.loading import bundled, resolved
from unetscope.cost import ONCE, Counting
from unetscope.errors import SourceError, UnetscopeError
from unetscope.families import cell, sizes
from unetscope.model import Architecture
from unetscope.sizes import Axes, Size
from unetscope.spec import DEFAULT_DTYPE, Spec, usual
from unetscope.words.basis import extent

if TYPE_CHECKING:
    from unetscope.analysis.diff import Diff
    from unetscope.analysis.memory.pipeline import Pipeline
    from unetscope.analysis.scaling.sweep import Sweep

Flag: TypeAlias = tuple[str, str | None]
"""A flag and its value; None for a switch."""

LONGEST = 1000
"""Characters of a command at a picture's foot; a longer one is left out."""

USUAL = {
    "layout": None,
    "detail": "block",
    "theme": "light",
    "color_by": "kind",
    "width": "readme",
    "unit": "macs",
    "background": "theme",
    "title": True,
    "names": None,
    "overlay": None,
    "depth": 1,
    "kind": "stages",
    "format": "svg",
    "dtype": "float16",
}
"""What says how a picture looks, as it is unless told otherwise; `dtype` is that of a chart of memory."""

_OF_DIFFS = frozenset({"--latent", "--size", "--part", "--pixels", "--convention", "--cfg", "--steps"})
"""What sets both networks of a diff apart from their sources, of all that may."""


def line(verb: str, arguments: Sequence[str], flags: Iterable[Flag]) -> str:
    """A command a shell reads back to the same words; "" where none would draw the same again.

    That is so for standard input, for names no line of text can hold, and where it would be longer
    than LONGEST. An absolute path inside the current folder is written from there.
    """
    words = ["unetscope", verb, *map(_from_here, arguments)]
    # In the same order whoever collects them; several --set keep theirs.
    ordered = sorted(flags, key=lambda flag: flag[0])
    words += [word for flag in ordered for word in flag if word is not None]
    text = shlex.join(words)
    whole = "-" not in arguments and text.isprintable() and len(text) <= LONGEST
    return text if whole else ""


def drawing(
    verb: str, networks: Sequence[Architecture], look: Mapping[str, Any], *, more: Sequence[Flag] = ()
) -> str:
    """The command for a picture drawn in Python; "" where the command line cannot draw it.

    It cannot draw live modules and configs given as dicts, nor several networks on different bases.
    """
    try:
        ways = {tuple(_flags_of(network)) for network in networks}
    except (UnetscopeError, OSError):
        return ""
    if len(ways) > 1:
        return ""
    flags = [*_look(look), *more, *(ways.pop() if ways else ())]
    return line(verb, [network.source for network in networks], flags)


def around(pipeline: Pipeline, look: Mapping[str, Any]) -> str:
    """The command for a picture of a pipeline made in Python, as `drawing`; a quantized one has none, nor one
    without the guidance that it is used with."""
    usual_guidance = pipeline.denoiser.facts.guidance == "cfg"
    if pipeline.use.quant or pipeline.use.attention != "fused" or (usual_guidance and not pipeline.cfg):
        return ""
    more: list[Flag] = [("--pipeline", None), *([("--tiling", None)] if pipeline.tiling else [])]
    more += [("--cfg", None)] if pipeline.cfg and not usual_guidance else []
    more += (
        [("--steps", str(pipeline.steps))] if pipeline.steps != (pipeline.denoiser.facts.steps or 1) else []
    )
    more += [("--batch", str(pipeline.batch))] if pipeline.batch != 1 else []
    more += [("--dtype", pipeline.use.dtype)] if pipeline.use.dtype != "float16" else []
    if pipeline.refiner:
        more += [("--refiner", pipeline.refiner.source), ("--denoising-end", f"{pipeline.denoising_end:g}")]
    return drawing("diagram", [pipeline.denoiser], look, more=more)


def differing(diff: Diff, look: Mapping[str, Any]) -> str:
    """The command for a picture of a diff made in Python; "" where the command line cannot make it.

    It takes both networks as their sources give them, at a latent of one size, and with their causes.
    """
    from unetscope.api.differences import NOT_ASKED

    try:
        first, second = (list(_flags_of(network)) for network in (diff.a, diff.b))
    except (UnetscopeError, OSError):
        return ""
    beyond = [flag for flag, _ in first if flag not in _OF_DIFFS]
    beyond += [flag for flag, _ in second if flag == "--set"]
    if beyond or diff.unknown == NOT_ASKED or ("--pixels", None) in {*first} ^ {*second}:
        return ""
    # A diff is text unless told otherwise.
    own = {"format": USUAL["format"], "layout": None if look["layout"] == "strip" else look["layout"]}
    flags = [*_look({**look, **own}), *first, ("--format", str(look["format"]))]
    return line("diff", [diff.a.source, diff.b.source], flags)


def charting(charted: Sequence[Architecture | Sweep], look: Mapping[str, Any], counting: Counting) -> str:
    """The command for a chart drawn in Python, as `drawing`; all sweeps have to go through the same sizes."""
    sweeps = [item for item in charted if not isinstance(item, Architecture)]
    networks = [item if isinstance(item, Architecture) else item.architecture for item in charted]
    if not networks:
        return line("chart", (), [*_look(look), *_counting(counting)])
    if not sweeps:
        return drawing("chart", networks, look)
    rows = {tuple((*row.axes.items(), row.batch) for row in sweep.rows) for sweep in sweeps}
    first = sweeps[0].rows
    own = networks[0].basis.axes
    usual = all(row.axes == own | dict.fromkeys(("height", "width"), row.side) for row in first)
    if len(rows) > 1 or not usual or any(row.batch != 1 for row in first):
        return ""
    return drawing("chart", networks, look, more=[("--sides", numbers([row.side for row in first]))])


def numbers(values: Sequence[int]) -> str:
    """Numbers as the command line takes them: 32:256:32 for equal steps, else 1,2,4."""
    steps = {after - before for before, after in pairwise(values)}
    if len(values) > 2 and len(steps) == 1 and min(steps) > 0:
        return f"{values[0]}:{values[-1]}:{steps.pop()}"
    return ",".join(map(str, values))


AXIS_FLAGS = {"tokens": "--tokens", "frames": "--frames"}
"""Axes with an option of their own; others are said with --axis."""


def _look(look: Mapping[str, Any]) -> Iterator[Flag]:
    for name, value in look.items():
        if value is False:
            yield f"--no-{name}", None
        elif value != USUAL[name]:
            yield "--" + name.replace("_", "-"), str(value)


def _flags_of(network: Architecture) -> Iterator[Flag]:
    """The flags that turn a source into this network. Raises SourceError for another network."""
    origin, settings = _found(network)
    yield from (("--set", f"{key}={_text(value)}") for key, value in settings.items())
    basis, usual_axes = network.basis, _own(network, origin)
    own = origin.basis if isinstance(origin, Architecture) else None
    changed = {axis: size for axis, size in basis.axes.items() if usual_axes.get(axis) != size}
    if {"height", "width"} & changed.keys():
        flag = "--size" if cell(network.class_name, network.config) else "--latent"
        yield flag, "x".join(map(str, extent(network)))
    if network.part != origin.part:
        yield "--part", network.part
    if network.facts.vae_factor != origin.facts.vae_factor:
        yield "--pixels", None
    if basis.batch != (own.batch if own else 1):
        yield "--batch", str(basis.batch)
    for axis, size in changed.items():
        if axis in AXIS_FLAGS:
            yield AXIS_FLAGS[axis], str(size)
        elif axis not in ("height", "width"):
            yield "--axis", f"{axis}={size}"
    if basis.dtype != (own.dtype if own else DEFAULT_DTYPE):
        yield "--dtype", basis.dtype
    if _by_path(network) and not (isinstance(origin, Architecture) and _by_path(origin)):
        yield "--labels", "path"
    yield from _counting(network.counting)


def _by_path(network: Architecture) -> bool:
    """Whether levels are called by their paths; outside of levels a path may be the usual name."""
    return any(stage.name == stage.path for stage in network.stages if stage.level is not None)


def _found(network: Architecture) -> tuple[Spec | Architecture, dict[str, Any]]:
    """What the source gives, and the settings that make it this network.

    Raises SourceError where none do, as for one that was altered in Python.
    """
    preset = bundled(network.source)
    if preset is not None and _same(preset, network):
        return preset, {}
    origin = resolved(network.source, None, strict=False)
    defaulted = set(network.defaulted_keys)
    settings = {
        key: value
        for key, value in network.config.items()
        if key not in defaulted and _text(value) != _text(origin.config.get(key, ...))
    }
    if settings:
        order = sorted(settings, key=lambda key: network.title.find(f"{key}="))
        settings = {key: settings[key] for key in order}
        origin = resolved(network.source, settings, strict=False)
    # --pixels says of a network no more than this.
    facts = replace(origin.facts, vae_factor=1) if network.facts.vae_factor == 1 else origin.facts
    title = origin.title
    if network.part and not origin.part:
        title, facts = f"{title}, {network.part}", vae_part.facts(facts, network.part)
    if (origin.class_name, title, facts) != (network.class_name, network.title, network.facts):
        raise SourceError(f"{network.source} is another network", hint="give the config it was made of")
    return origin, settings


def _same(preset: Architecture, network: Architecture) -> bool:
    """Whether a network is that of a preset, at whatever size."""
    first, second = (
        (origin.class_name, origin.title, origin.config, origin.facts) for origin in (preset, network)
    )
    return first == second


def _text(value: object) -> str:
    return json.dumps(value, default=str)


def _own(network: Architecture, origin: Spec | Architecture) -> Axes:
    """The sizes that a source has by itself."""
    if isinstance(origin, Architecture):
        return origin.basis.axes
    return sizes(origin, network.config, usual(Size(), origin.facts))


def _counting(counting: Counting) -> Iterator[Flag]:
    if counting.convention != ONCE.convention:
        yield "--convention", counting.convention
    if counting.cfg:
        yield "--cfg", None
    if counting.steps != ONCE.steps:
        yield "--steps", str(counting.steps)


def _from_here(source: str) -> str:
    """A source as a command line takes it, from the current folder where it is inside."""
    path, here = Path(source), Path(os.path.abspath(os.curdir))
    if path.is_absolute() and path.is_relative_to(here):
        return os.path.join(os.curdir, path.relative_to(here))
    return os.path.join(os.curdir, source) if source.startswith("-") and source != "-" else source
