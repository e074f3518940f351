"""Two files of weights → how their values differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from unetscope.checkpoints import presets
from unetscope.checkpoints.answer import Answer
from unetscope.checkpoints.identify import identify
from unetscope.checkpoints.values import numbers, streaming
from unetscope.checkpoints.values.changes import Sums, TensorValues, WeightDiff
from unetscope.checkpoints.values.pairing import Named, paired
from unetscope.checkpoints.values.places import View, views


def difference(a: Path, b: Path, *, threads: int | None = None) -> WeightDiff:
    """How the values in file B differ from those in file A, tensor by tensor.

    Both are read once, in pieces, by `threads` threads (default: as many as there are processors, four at
    most). Raises SourceError where a file cannot be read, is cut off or of a kind whose values are not
    read, OptionError where numpy is missing.
    """
    (listing_a, views_a), (listing_b, views_b) = views(a), views(b)
    answer_a, answer_b = identify(listing_a), identify(listing_b)
    pairing = paired(answer_a, answer_b, views_a, views_b)
    common = [name for name in pairing.a if name in pairing.b]
    changes = _changes([(name, pairing.a[name], pairing.b[name]) for name in common], threads)
    network = _network(answer_a)
    return WeightDiff(
        listing_a.name,
        listing_b.name,
        pairing.naming,
        tuple(_in_order(changes, presets.running_order(network) if network else {})),
        tuple(_own_names(named for name, named in pairing.a.items() if name not in pairing.b)),
        tuple(_own_names(named for name, named in pairing.b.items() if name not in pairing.a)),
        network,
        sum(stop - start for name in common for tensor in (pairing.a[name], pairing.b[name])
            for start, stop in tensor.view.runs),
    )  # fmt: skip


def _in_order(changes: Iterable[TensorValues], forward: Mapping[str, int]) -> list[TensorValues]:
    """Blocks as they run where that is known, then by name, numbers in them by their size."""
    last = max(forward.values(), default=0) + 1
    return sorted(
        changes,
        key=lambda tensor: (forward.get(tensor.block, last), _in_words(tensor.block), _in_words(tensor.name)),
    )


def _in_words(name: str) -> list[tuple[int, str]]:
    """A name as words and numbers that can be sorted."""
    return [(int(word), "") if word.isdecimal() else (-1, word) for word in re.split(r"(\d+)", name)]


def _own_names(tensors: Iterable[Named]) -> list[str]:
    """The names of tensors in their file, each once: rows of one may be several."""
    return list(dict.fromkeys(tensor.own for tensor in tensors))


def _network(answer: Answer) -> str:
    """The bundled model that a file's denoiser is, "" if it is not one of these."""
    near = answer.near[0] if answer.denoiser and answer.near else None
    return near.id if near and not near.differences else ""


def _changes(pairs: list[tuple[str, Named, Named]], threads: int | None) -> list[TensorValues]:
    """The change of each pair; pairs whose types or values say nothing are compared byte by byte."""
    by_value = [at for at, (_, a, b) in enumerate(pairs) if _alike(a.view, b.view) and _known(a.view, b.view)]
    read = [(pairs[at][1].view, pairs[at][2].view) for at in by_value]
    sums = dict(zip(by_value, streaming.compare(read, threads=threads), strict=True))
    in_question = [
        at
        for at, (_, a, b) in enumerate(pairs)
        if _alike(a.view, b.view) and a.view.dtype == b.view.dtype and not sums.get(at, _UNKNOWN).finite
    ]
    raw = [(_bytes(pairs[at][1].view), _bytes(pairs[at][2].view)) for at in in_question]
    compared = zip(in_question, streaming.compare(raw, threads=threads), strict=True)
    same = {at for at, values in compared if not values.change}
    return [_change(*pair, sums.get(at), at in same) for at, pair in enumerate(pairs)]


_UNKNOWN = Sums(change=float("nan"))


def _known(*both: View) -> bool:
    return all(view.dtype in numbers.KNOWN for view in both)


def _alike(a: View, b: View) -> bool:
    """Whether shapes are equal apart from sides of 1."""
    return [side for side in a.shape if side != 1] == [side for side in b.shape if side != 1]


def _bytes(view: View) -> View:
    """A view of the bytes of a tensor."""
    return replace(view, dtype="U8", shape=(sum(stop - start for start, stop in view.runs),))


def _change(name: str, a: Named, b: Named, sums: Sums | None, same: bool) -> TensorValues:  # noqa: FBT001
    """What we know of a pair: its sums if its values were compared, `same` if its bytes are equal."""
    values = TensorValues(name, a.block, (a.own, b.own), (a.view.shape, b.view.shape),
                        (a.view.dtype, b.view.dtype), "equal")  # fmt: skip
    if not _alike(a.view, b.view):
        return replace(values, state="reshaped")
    if same:
        return replace(values, sums=replace(sums, change=0.0, largest=0.0) if sums else Sums())
    if sums is None:
        return replace(values, state="not compared")
    equal = sums.finite and not sums.largest
    return replace(values, state="equal" if equal else "changed", sums=sums)
