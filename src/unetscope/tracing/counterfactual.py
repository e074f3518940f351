"""Builds the networks between two: one network with some config fields of the other. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any, Literal, TypeAlias

from unetscope import zoo
from unetscope.analysis import vae_part
from unetscope.analysis.diff.attribution import attribute, same, smallest_groups
from unetscope.analysis.diff.checkpoint_facts import fields
from unetscope.analysis.diff.trials import Trial, impact
from unetscope.difference import Alone, Attribution, Diff, Impact, Reason
from unetscope.errors import ConfigError, TraceError
from unetscope.families import check, examples
from unetscope.hooks import tell
from unetscope.limits import MAX_TRIED_TENSORS
from unetscope.model import Architecture, Tensor
from unetscope.sizes import Shape, Size
from unetscope.spec import Spec
from unetscope.tracing import build, describe
from unetscope.tracing.trace import count_macs, trace

DiffSide: TypeAlias = Literal["a", "b"]


@dataclass
class Built:
    """The networks built so far, by the side that gave the values, and the fields that took them."""

    networks: dict[tuple[DiffSide, tuple[str, ...]], Any] = field(default_factory=dict)
    tensors: int = 0

    def begin(self, tensors: int) -> None:
        """Count a network's tensors, whether diffusers then builds it or not.

        Raises TraceError once all networks together hold more tensors than we try.
        """
        self.tensors += tensors
        if self.tensors > MAX_TRIED_TENSORS:
            raise TraceError(
                f"networks of {MAX_TRIED_TENSORS:,} tensors were built between the two, and more are needed",
                hint="compare networks in which fewer keys differ",
            )


def attribution(diff: Diff) -> Attribution:
    """Why two networks of one class differ: judges their trials, and finds what each reason does by itself.

    Raises TraceError if torch is missing, or a network is not what its config describes.
    """
    built = Built()
    tried = trials(diff.a, diff.b, built=built)
    attribution = attribute(diff.changes, diff.a, diff.b, tried)
    tell("counting what each field does by itself")
    reasons = tuple(
        replace(reason, alone=_alone(reason, diff, tried, built)) for reason in attribution.reasons
    )
    return replace(attribution, reasons=reasons)


def trials(a: Architecture, b: Architecture, *, built: Built | None = None) -> tuple[Trial, ...]:
    """Each differing config field changed alone, or in the smallest group that builds, both ways.

    Both architectures must be of one class; `built` receives the networks. Raises TraceError if torch is
    missing, or a network is not what its config describes.
    """
    built = built or Built()
    differing = fields(a.config, b.config)
    if not differing:
        return ()
    build.require_torch()
    for network in (a, b):
        _check_unaltered(network)
    return (*_towards("b", a, b, differing, built), *_towards("a", b, a, differing, built))


def _check_unaltered(architecture: Architecture) -> None:
    """Raise TraceError for a network altered by hand after it was built: no trial compares with it."""
    if architecture.id in zoo.ids():
        return
    spec = _between(architecture, architecture, ())
    network = build.build(spec.class_name, spec.config, architecture.basis.dtype)
    if not same(architecture.tensors, vae_part.tensors_of(describe.tensors(network), architecture.part)):
        raise TraceError(
            f"{architecture.title} is not the network that its config describes",
            hint="causes are found only between networks as diffusers builds them",
        )


def _towards(
    side: DiffSide, start: Architecture, goal: Architecture, differing: tuple[str, ...], built: Built
) -> Iterator[Trial]:
    def attempt(chosen: tuple[str, ...]) -> Trial | None:
        number = differing.index(chosen[0]) + 1
        together = f" with {len(chosen) - 1} more" * (len(chosen) > 1)
        tell(f"trying field {number} of {len(differing)}{together}, towards {side.upper()}")
        return _trial(side, start, goal, chosen, built)

    return smallest_groups(differing, attempt)


def _trial(
    side: DiffSide, start: Architecture, goal: Architecture, chosen: tuple[str, ...], built: Built
) -> Trial | None:
    """The network at the start with the goal's values of some fields; None if diffusers cannot build it."""
    try:
        check(start.class_name, _mixed(start, goal, chosen))
        spec = _between(start, goal, chosen)
        built.begin(max(len(start.tensors), len(goal.tensors)))
        network = build.build(spec.class_name, spec.config, start.basis.dtype)
    except ConfigError:
        return None
    built.networks[side, chosen] = network
    if start.part:
        return _trial_of_half(side, start, chosen, spec, network)
    tensors = tuple(describe.tensors(network))
    parts = tuple(name for name, _ in network.named_children())
    effect, macs = _effect(spec, start, tensors, network)
    stages = describe.stages(network, start.class_name)
    return Trial(chosen, side, tensors, stages, _inputs(spec, start), parts, effect, macs)


def _trial_of_half(
    side: DiffSide, start: Architecture, chosen: tuple[str, ...], spec: Spec, network: Any
) -> Trial | None:
    """A trial of half an autoencoder, cut out of a trace of the whole; None if that does not run."""
    try:
        whole = trace(spec, Size.at(start.basis), network=network)
        half = replace(vae_part.only(whole, start.part or None), id=start.id)
    except (TraceError, ConfigError):
        return None
    parts = tuple(node.path for node in half.children[""])
    inputs = {input_.name: input_.shape for input_ in half.inputs}
    return Trial(chosen, side, half.tensors, half.stages, inputs, parts, impact(start, half), half.cost.macs)


def _between(start: Architecture, goal: Architecture, chosen: tuple[str, ...]) -> Spec:
    return Spec("trial", "trial", "trial", start.class_name, deepcopy(_mixed(start, goal, chosen)))


def _mixed(start: Architecture, goal: Architecture, chosen: tuple[str, ...]) -> dict[str, Any]:
    unchanged = {key: value for key, value in start.config.items() if key not in chosen}
    return unchanged | {key: goal.config[key] for key in chosen if key in goal.config}


def _inputs(spec: Spec, start: Architecture) -> dict[str, Shape]:
    """Shapes of the inputs of a network, at the size of the one from which it comes, or at its own if it
    takes none of that size."""
    complete, _, _ = build.split_config(spec.class_name, spec.config)
    try:
        inputs = examples(spec, complete, Size.at(start.basis))
    except ConfigError:
        inputs = examples(spec, complete, Size(batch=start.basis.batch))
    return {argument.name: argument.shape for argument in inputs if argument.shape is not None}


def _effect(
    spec: Spec, start: Architecture, tensors: tuple[Tensor, ...], network: Any
) -> tuple[Impact, int | None]:
    """What the change does, and the MACs if we know them; traces only where the tensors do not tell."""
    if not same(start.tensors, tensors):
        return Impact("architecture"), None
    try:
        traced = replace(trace(spec, Size.at(start.basis), network=network), id=start.id)
    except (TraceError, ConfigError):  # builds but does not run: not the same network, whatever its tensors
        return Impact("architecture"), None
    return impact(start, traced), traced.cost.macs


def _alone(reason: Reason, diff: Diff, tried: Sequence[Trial], built: Built) -> Alone | None:
    """The effect of one reason by itself, preferably on A; None if no trial was about it alone."""
    trial = next((trial for trial in tried if trial.fields == reason.fields), None)  # those from A come first
    if trial is None:
        return None
    ends = (diff.a, diff.b) if trial.towards == "b" else (diff.b, diff.a)
    params = sum(prod(tensor.shape) for tensor in trial.tensors if tensor.role == "parameter")
    macs = trial.macs
    if macs is None:
        with suppress(TraceError, ConfigError):  # it builds but does not run, or not at that size
            spec = _between(*ends, trial.fields)
            macs = count_macs(
                spec, Size.at(ends[0].basis), network=built.networks[trial.towards, trial.fields]
            )
    sign = 1 if trial.towards == "b" else -1
    return Alone(
        "a" if sign > 0 else "b",
        sign * (params - ends[0].cost.params),
        None if macs is None else sign * (macs - ends[0].cost.macs),
    )
