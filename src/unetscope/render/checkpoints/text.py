"""What a file of weights is, and whether it fits, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from unetscope import units
from unetscope.checkpoints.agreement import Agreement
from unetscope.checkpoints.answer import UNKNOWN, Answer, Component
from unetscope.checkpoints.explain import Explained
from unetscope.checkpoints.fit import FileFit
from unetscope.checkpoints.listing import Listing
from unetscope.checkpoints.places import FOLDERS
from unetscope.render.text import NARROW, lines, plain

LabelledLine = tuple[str, str]
_SHOWN = 5
"""Tensors of a kind that are listed; the others are counted."""


def answer(given: Answer, *, width: int = NARROW, colour: bool = False) -> str:
    """What a file is: the answer, what is in it, why, what speaks for something else, what is not known."""
    head = Text(plain(given.listing.name), "bold")
    return lines(head, Text(plain(_headline(given))), _facts(_rows(given)), width=width, colour=colour)


def _headline(given: Answer) -> str:
    if given.kind == UNKNOWN:
        return UNKNOWN
    bare = given.kind == "denoiser" and len(given.components) == 1
    return f"{given.title} · {'bare denoiser' if bare else given.kind}"


def _facts(rows: Iterable[LabelledLine]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(f"  {name}", plain(value))
    return table


def _rows(given: Answer) -> list[LabelledLine]:
    listing = given.listing
    rows: list[LabelledLine] = [("file", _file(listing)), ("quantised", given.quantised)]
    rows += [("holds", _component(component)) for component in given.components]
    rows += _adapter_rows(given)
    rows += [("because", line) for line in given.why]
    rows += [("seen", _seen(given))]
    rows += [("nearest", _nearest(given))]
    rows += [("not", f"{one.title}: {one.why_not}") for one in given.runners_up]
    rows += [("not known", line) for line in given.unknowable]
    rows += [("hint", line) for line in given.hints]
    rows += [("note", line) for line in listing.notes]
    rows += [("warning", line) for line in given.warnings]
    rows += [("belongs in", _place(given))]
    beside = given.components[0].beside if given.components and given.kind == "denoiser" else ""
    rows += [("needs", beside)]
    return _once([(name, value) for name, value in rows if value])


def _once(rows: Sequence[LabelledLine]) -> list[LabelledLine]:
    """Rows of one name in a row say it once."""
    return [("" if at and rows[at - 1][0] == name else name, value) for at, (name, value) in enumerate(rows)]


def _file(listing: Listing) -> str:
    types = ", ".join(f"{name} {units.bytes_(size)}" for name, size in list(listing.dtypes.items())[:4])
    size = f", {units.exact(listing.bytes)} bytes" if listing.bytes else ""
    return f"{listing.container}{size}, {units.exact(len(listing.tensors))} tensors" + (
        f" ({types})" if types else ""
    )


def _component(one: Component) -> str:
    params = one.params
    count = f"{units.exact(params)} parameters" if params is not None else "parameters not known"
    under = f", under {one.prefix}" if one.prefix else ""
    what = one.title if one.kind in one.title else f"{one.title}, {one.kind}"
    fused = f" ({units.exact(len(one.names))} in diffusers)" if len(one.names) != one.stored else ""
    return f"{what}: {units.exact(one.stored)} tensors{fused}, {count}; {one.naming} names{under}"


def _adapter_rows(given: Answer) -> list[LabelledLine]:
    adapter = given.adapter
    if adapter is None:
        return []
    ranks = ", ".join(f"{rank} ({count} modules)" for rank, count in adapter.ranks)
    parts = [f"{len(adapter.modules)} of the denoiser"] if adapter.modules else []
    parts += [f"{adapter.text_modules} of text encoders"] if adapter.text_modules else []
    whole = f"{adapter.kept} tensors are whole, not factors" if adapter.kept else ""
    return [("adapts", " and ".join(parts)), ("rank", ranks), ("naming", adapter.naming), ("", whole)]


def _seen(given: Answer) -> str:
    return ", ".join(f"{name} ({count})" for name, count in given.seen)


def _nearest(given: Answer) -> str:
    if not given.near:
        return ""
    near, against = given.near[0], given.against
    if near.differences:
        return f"{near.id}, but " + "; ".join(
            f"{d.field} is {d.here}, not {d.there}" for d in near.differences
        )
    if against is None:
        return near.id
    if against.fits:
        lost = f", shapes of {against.unknown} not known" if against.unknown else ""
        return f"{near.id}: all {against.equal + against.unknown} tensors are its{lost}"
    return f"{near.id}: {against.equal} tensors are its"


def _place(given: Answer) -> str:
    folder = FOLDERS.get(given.kind)
    return f"ComfyUI's models/{folder}" if folder else ""


def verified(found: Agreement, *, width: int = NARROW, colour: bool = False) -> str:
    """The tensors of a file against those of the network built from the config inferred."""
    if found.fits and not found.unknown:
        rows: list[LabelledLine] = [("verified", f"all {found.equal} tensors are those of the network built")]
    else:
        rows = [("verified", f"{found.equal} tensors are those of the network built"), *_tensors(found)]
    return lines(_facts(rows), width=width, colour=colour)


def fit(given: FileFit, *, width: int = NARROW, colour: bool = False) -> str:
    """Whether a file loads, the causes, the tensors, what to do."""
    verdict = "fits" if given.fits else "does not fit"
    head = Text(plain(f"{given.answer.listing.name} {verdict} {given.network}"), "bold")
    rows: list[LabelledLine] = [
        ("", given.why),
        *(("because", cause) for cause in given.causes),
        *_tensors(given.found),
    ]
    rows += [("to do", line) for line in given.remedies]
    rows += [("warning", line) for line in given.answer.warnings]
    return lines(head, _facts(_once([row for row in rows if row[1]])), width=width, colour=colour)


def _tensors(found: Agreement) -> list[LabelledLine]:
    rows: list[LabelledLine] = [("missing", name) for name in found.missing[:_SHOWN]]
    rows += _more(len(found.missing))
    rows += [("unexpected", name) for name in found.unexpected[:_SHOWN]]
    rows += _more(len(found.unexpected))
    rows += [
        ("reshaped", f"{name}: {_shape(here)} here, {_shape(there)} there")
        for name, here, there in found.reshaped[:_SHOWN]
    ]
    return rows + _more(len(found.reshaped))


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "one number"


def _more(count: int) -> list[LabelledLine]:
    return [("", f"and {count - _SHOWN} more")] if count > _SHOWN else []


def explained(given: Sequence[Explained], *, width: int = NARROW, colour: bool = False) -> str:
    """What the lines of a log mean, each kind once."""
    parts: list[Text | Table] = []
    for one in given:
        parts += [Text(""), Text(plain(one.quoted), "bold")] if parts else [Text(plain(one.quoted), "bold")]
        often = f"{one.count} lines like it" if one.count > 1 else ""
        rows = [("means", one.means), ("cause", one.cause), ("to do", one.remedy), ("", often)]
        parts.append(_facts([row for row in rows if row[1]]))
    return lines(*parts, width=width, colour=colour)
