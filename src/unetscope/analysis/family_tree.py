"""Families of models as a tree: who was made from whom by what step, and which of them are one network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from unetscope import zoo
from unetscope.zoo import kinship


@dataclass(frozen=True, slots=True)
class Relative:
    """A model in its place: `above` is the index of what it was made from, by `step`; None for a root.

    `network` is the letter that models of one network share, "" for a network of its own.
    """

    id: str
    step: str
    above: int | None
    depth: int
    is_last: bool
    network: str
    params: int | None
    year: int | None


@dataclass(frozen=True, slots=True)
class FamilyTree:
    """Relatives in the order of a walk, parents first; `here` is the model that was asked for."""

    relatives: tuple[Relative, ...]
    here: str = ""

    def sharing(self) -> dict[str, tuple[Relative, ...]]:
        """The models of each network that several share, by its letter."""
        letters = dict.fromkeys(relative.network for relative in self.relatives if relative.network)
        return {
            letter: tuple(relative for relative in self.relatives if relative.network == letter)
            for letter in letters
        }


def tree(ids: Sequence[str], *, here: str = "") -> FamilyTree:
    """The whole lines of these models; those without any known relative are left out, unless asked for."""
    roots = dict.fromkeys(kinship.root(model) for model in ids)
    grown = [root for root in roots if kinship.children(root) or root == here]
    walked = [step for root in grown for step in _walk(root)]
    letters = _letters([id for id, *_ in walked])
    relatives: list[Relative] = []
    places: dict[str, int] = {}
    for id, step, above, is_last in walked:
        totals, at = zoo.totals(id), places.get(above)
        places[id] = len(relatives)
        depth = 0 if at is None else relatives[at].depth + 1
        params, year = totals.params if totals else None, zoo.preset(id).year
        network = letters.get(kinship.network(id), "")
        relatives.append(Relative(id, step, at, depth, is_last, network, params, year))
    return FamilyTree(tuple(relatives), here)


def _walk(
    id: str, step: str = "", above: str = "", *, last: bool = True
) -> Iterator[tuple[str, str, str, bool]]:
    """A model and all that comes from it: id, step, parent, and whether it is its parent's last."""
    yield id, step, above, last
    below = [model for model in kinship.children(id) if zoo.preset(model).parents[0].id == id]
    for at, child in enumerate(below):
        yield from _walk(child, zoo.preset(child).parents[0].step, id, last=at == len(below) - 1)


def _letters(ids: Sequence[str]) -> dict[str, str]:
    """A letter for each network that several of these models share, in their order; AA follows Z."""
    networks = [kinship.network(model) for model in ids]
    shared = dict.fromkeys(network for network in networks if networks.count(network) > 1)
    return {network: _letter(at) for at, network in enumerate(shared)}


def _letter(at: int) -> str:
    return (_letter(at // 26 - 1) if at >= 26 else "") + ascii_uppercase[at % 26]
