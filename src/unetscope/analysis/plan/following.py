"""What follows from what is dropped: skips that find no partner, levels that lose one side, samplers.

A UNet of diffusers joins as many skips at a level as its up block has residual blocks, the last made first.
A layer that goes on one side therefore takes one of the other side along.
"""

from __future__ import annotations

from collections.abc import Iterable

from unetscope.analysis.plan.skeleton import (
    ATTENTIONS,
    LAYERS,
    RESNETS,
    Skeleton,
    UNetRung,
    list_of,
    position,
)
from unetscope.errors import ConfigError

Reasons = dict[str, str]
"""Paths of what goes, each with what it follows from; "" where it was asked for."""


def closed(skeleton: Skeleton, asked: Iterable[str], staying: Iterable[str] = ()) -> Reasons:
    """What was asked to go and all that has to follow. `staying` is what may not follow.

    Raises ConfigError where nothing would be left, or where something that is kept would have to go.
    """
    gone: Reasons = dict.fromkeys(asked, "")
    staying = frozenset(staying)
    _levels(skeleton, gone)
    _mid(skeleton, gone)
    for rung in skeleton.rungs:
        if rung.down not in gone:
            _layers(skeleton, rung, gone, staying)
    _attentions(skeleton, gone)
    _check_stacks(skeleton, gone)
    clash = next((path for path in gone if gone[path] and path in staying), None)
    if clash:
        raise ConfigError(f"{clash} cannot be kept: {gone[clash]}", hint="keep less, or drop less")
    return gone


def _levels(skeleton: Skeleton, gone: Reasons) -> None:
    """A level that loses its down or its up block loses both, and the samplers that led to it."""
    left = [rung for rung in skeleton.rungs if rung.down not in gone and rung.up not in gone]
    if skeleton.rungs and not left:
        raise ConfigError("no level would be left", hint="keep one down block and its up block")
    for rung in skeleton.rungs:
        if rung in left:
            continue
        for path, other in ((rung.down, rung.up), (rung.up, rung.down)):
            gone.setdefault(path, f"{other} of the same level is dropped")
    if not left:
        return
    if left[-1] is not skeleton.rungs[-1]:
        _mid_depth(skeleton, left[-1], gone)
    samplers = (f"{left[-1].down}.downsamplers", f"{left[0].up}.upsamplers")
    for path, what in zip(samplers, ("no coarser level follows", "no finer level follows"), strict=True):
        if path in skeleton.network.by_path:
            gone[path] = what


def _mid_depth(skeleton: Skeleton, last: UNetRung, gone: Reasons) -> None:
    """Keeps the mid block as deep as the coarsest level: if a shallower level becomes the coarsest, layers
    go."""
    depths = [
        len(skeleton.entries(f"{path}.{LAYERS}")) for path in skeleton.entries(f"{last.down}.{ATTENTIONS}")
    ]
    for attention in skeleton.entries(f"{skeleton.mid}.{ATTENTIONS}"):
        for layer in skeleton.entries(f"{attention}.{LAYERS}")[depths[0] :] if depths else ():
            gone.setdefault(layer, f"the mid block is as deep as {last.down}, now the coarsest level")


def _mid(skeleton: Skeleton, gone: Reasons) -> None:
    """The mid block begins with a residual block; each further one goes with the attention before it."""
    resnets = skeleton.entries(f"{skeleton.mid}.{RESNETS}") if skeleton.mid not in gone else ()
    if resnets and resnets[0] in gone:
        raise ConfigError(f"{resnets[0]} is where the mid block begins", hint="drop mid, or keep it")
    for path in resnets:
        attention = skeleton.partner(path)
        if path in gone and attention:
            gone.setdefault(attention, f"it feeds {path}, which is dropped")


def _layers(skeleton: Skeleton, rung: UNetRung, gone: Reasons, staying: frozenset[str]) -> None:
    """Keeps as many up layers as skips: if one side of a level lost more layers, the other side loses as
    many."""
    downs, ups = (skeleton.entries(f"{block}.{RESNETS}") for block in (rung.down, rung.up))
    surplus = len(ups) - len(downs)
    while True:
        down, up = ([path for path in paths if path not in gone] for paths in (downs, ups))
        if not down or not up:
            raise ConfigError(
                f"{rung.down if not down else rung.up} would have no layer left",
                hint=f"drop level@{rung.index}",
            )
        missing = len(up) - len(down) - surplus
        if missing == 0:
            return
        side, other, inner = (up, downs, ups) if missing > 0 else (down, ups, downs)
        path = _partner(side, other, inner, gone, staying, upward=missing > 0)
        gone[path] = "the skip that it read is dropped" if missing > 0 else "nothing is left to read its skip"


def _partner(
    side: list[str], other: tuple[str, ...], own: tuple[str, ...], gone: Reasons, staying: frozenset[str], *,
    upward: bool,
) -> str:  # fmt: skip
    """The layer to drop along: the one at the other end of the skip, or preferably an inner one.

    The first layer of a block, and the last of an up block, take other channels than those between
    (BK-SDM keeps them for that), so that those between fit anything.
    """
    ends = {0, len(own) - 1} if upward else {0}
    lost = [position(path) for path in other if path in gone]
    wanted = len(other if upward else own) - 1 - lost[-1] if lost else len(own) - 1

    def order(path: str) -> tuple[bool, bool, int, int]:
        at = position(path)
        return path in staying, at in ends, abs(at - wanted), -at

    return min(side, key=order)


def _attentions(skeleton: Skeleton, gone: Reasons) -> None:
    """An attention goes with the residual block before it, and where it loses its last layer."""
    for path in skeleton.droppable:
        listed = list_of(path).rpartition(".")[2]
        if listed == ATTENTIONS:
            layers = skeleton.entries(f"{path}.{LAYERS}")
            resnet = skeleton.partner(path)
            if resnet in gone:
                gone.setdefault(path, f"it follows {resnet}, which is dropped")
            elif layers and all(layer in gone for layer in layers):
                gone.setdefault(path, "all its layers are dropped")


def _check_stacks(skeleton: Skeleton, gone: Reasons) -> None:
    """Raise ConfigError for a stack that would lose every block."""
    for stack in skeleton.stacks:
        if all(path in gone for path in skeleton.entries(stack)):
            raise ConfigError(f"{stack} would have no block left", hint="keep one of its blocks")
