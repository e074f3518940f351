"""Which tensor of one file is which of another: by their own names, else by those of diffusers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from unetscope.checkpoints import unets
from unetscope.checkpoints.answer import Answer, Component
from unetscope.checkpoints.names import crosswalks
from unetscope.checkpoints.values.places import View, rows, swapped

_BLOCK = re.compile(
    r"((?:down_blocks|up_blocks)\.\d+|mid_block)\.(?:resnets|attentions|downsamplers|upsamplers|motion_modules)"
    r"\.\d+|[^\d]*?\.\d+(?=\.)|[^.]+"
)
"""Of a name, the block it belongs to: in a UNet a module of a stage, else what has the first number."""


@dataclass(frozen=True, slots=True)
class Named:
    """A tensor under the name by which it is looked for: its block, its own name, its values."""

    block: str
    own: str
    view: View


@dataclass(frozen=True, slots=True)
class Pairing:
    """Tensors of both files by one name; `naming` are the words for these names, "" for their own."""

    a: Mapping[str, Named]
    b: Mapping[str, Named]
    naming: str


def paired(a: Answer, b: Answer, views_a: Mapping[str, View], views_b: Mapping[str, View]) -> Pairing:
    """The tensors of two files under names that both use.

    Their own where half of those of the smaller file are in the other. Else the networks of one kind in both,
    where both have names that are known, under the names of diffusers; what else they hold keeps its own.
    """
    common = len(views_a.keys() & views_b.keys())
    kinds = _kinds(a) & _kinds(b)
    if not kinds or 2 * common >= min(len(views_a), len(views_b)):
        return Pairing(_own(a, views_a), _own(b, views_b), "")
    return Pairing(_crossed(a, views_a, kinds), _crossed(b, views_b, kinds), "the names of diffusers")


def _kinds(answer: Answer) -> set[str]:
    """The kinds of network that a file holds under known names; none if its weights are packed."""
    if answer.quantised not in ("", "fp8"):
        return set()
    kinds = [component.kind for component in answer.components]
    return {
        component.kind
        for component in answer.components
        if component.crossed and kinds.count(component.kind) == 1
    }


def block_of(name: str) -> str:
    """The block of a network that a tensor belongs to, by its name in it."""
    match = _BLOCK.match(name)
    return match[0] if match else name


def _own(answer: Answer, views: Mapping[str, View]) -> dict[str, Named]:
    """Tensors under their own names; blocks are called as diffusers calls them where that is known."""
    blocks = {own: block for component in answer.components for block, own in _blocks(answer, component)}
    return {name: Named(blocks.get(name) or block_of(name), name, view) for name, view in views.items()}


def _blocks(answer: Answer, component: Component) -> Iterator[tuple[str, str]]:
    """The blocks of a network in a file, each with a tensor's own name."""
    for name, own, _ in _origins(answer, component):
        yield _called(answer, component, block_of(name)), own


def _called(answer: Answer, component: Component, block: str) -> str:
    """What a block is called: a block of the denoiser by its own name, any other after its prefix in the
    file."""
    main = answer.denoiser or (answer.components[0] if answer.components else None)
    return (
        block
        if component is main
        else f"{component.prefix}{block}"
        if component.prefix
        else f"{component.kind}.{block}"
    )


def _origins(answer: Answer, component: Component) -> Iterator[tuple[str, str, int]]:
    """Name in diffusers, own name, and how many shares of it that takes; without what is no part of it."""
    prefixes = [other.prefix for other in answer.components]
    inside = tuple(
        other for other in prefixes if other.startswith(component.prefix) and other != component.prefix
    )
    stored = [
        name
        for name in answer.listing.tensors
        if name.startswith(component.prefix) and not (inside and name.startswith(inside))
    ]
    for name, (own, share) in crosswalks.origins(component.scheme, stored, component.prefix).items():
        modern = next(iter(unets.modern({name: None}))) if component.scheme in ("ldm", "vae", "") else name
        yield modern, own, share


def _crossed(answer: Answer, views: Mapping[str, View], kinds: set[str]) -> dict[str, Named]:
    """Tensors of the networks of some kinds under their names in diffusers, after those under their own."""
    crossed, taken = dict[str, Named](), set[str]()
    several = len(kinds) > 1
    for component in answer.components:
        if component.kind not in kinds:
            continue
        ends = dict[str, int]()
        for name, own, share in _origins(answer, component):
            if share and not component.names.get(name):
                continue  # packed: which rows are whose is not known
            view = _view(views[own], component, name, share, ends, own)
            taken.add(own)
            key = f"{component.kind}: {name}" if several else name
            crossed[key] = Named(_called(answer, component, block_of(name)), own, view)
    rest = {own: Named(block_of(own), own, view) for own, view in views.items() if own not in taken}
    return rest | crossed


def _view(view: View, component: Component, name: str, share: int, ends: dict[str, int], own: str) -> View:
    """The values that a name of diffusers has: the whole tensor, rows of it, or its halves changed over."""
    shape = component.names.get(name) or view.shape
    if share:
        start = ends.get(own, 0)
        ends[own] = start + shape[0]
        return rows(view, start, start + shape[0])
    sides = {key: side for key, side in component.names.items() if side}
    if view.shape and crosswalks.is_swapped(component.scheme, name, sides):
        view = swapped(view)
    return View(view.path, view.dtype, shape, view.runs)
