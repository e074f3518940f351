"""What a file of weights is, and whether it fits, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from unetscope.checkpoint import ControlJoints
from unetscope.checkpoints.agreement import Agreement
from unetscope.checkpoints.answer import UNKNOWN, Answer, Component
from unetscope.checkpoints.explain import Explained
from unetscope.checkpoints.fit import FileFit
from unetscope.checkpoints.listing import Listing
from unetscope.checkpoints.places import FOLDERS
from unetscope.render.text import NARROW, lines, plain
from unetscope.words import units

LabelledLine = tuple[str, str]
_SHOWN = 5
"""Tensors of a kind that are listed; the others are counted."""


def answer(answer: Answer, *, width: int = NARROW, colour: bool = False) -> str:
    """What a file is: the answer, what is in it, why, what speaks for something else, what is not known."""
    head = Text(plain(answer.listing.name), "bold")
    return lines(head, Text(plain(_headline(answer))), _facts(_rows(answer)), width=width, colour=colour)


def _headline(answer: Answer) -> str:
    if answer.kind == UNKNOWN:
        return UNKNOWN
    bare = answer.kind == "denoiser" and len(answer.components) == 1
    return f"{answer.title} · {'bare denoiser' if bare else answer.kind}"


def _facts(rows: Iterable[LabelledLine]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(f"  {name}", plain(value))
    return table


def _rows(answer: Answer) -> list[LabelledLine]:
    listing = answer.listing
    rows: list[LabelledLine] = [("file", _file(listing)), ("quantised", answer.quantised)]
    rows += [("holds", _component(component)) for component in answer.components]
    rows += _adapter_rows(answer)
    rows += [("because", line) for line in answer.why]
    rows += [("seen", _seen(answer))]
    rows += [("nearest", _nearest(answer))]
    rows += [("not", f"{up.title}: {up.why_not}") for up in answer.runners_up]
    rows += [("not known", line) for line in answer.unknowable]
    rows += [("hint", line) for line in answer.hints]
    rows += [("note", line) for line in listing.notes]
    rows += [("warning", line) for line in answer.warnings]
    rows += [("belongs in", _place(answer))]
    beside = answer.components[0].beside if answer.components and answer.kind == "denoiser" else ""
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


def _component(component: Component) -> str:
    params = component.params
    count = f"{units.exact(params)} parameters" if params is not None else "parameters not known"
    under = f", under {component.prefix}" if component.prefix else ""
    what = component.title if component.kind in component.title else f"{component.title}, {component.kind}"
    fused = (
        f" ({units.exact(len(component.names))} in diffusers)"
        if len(component.names) != component.stored
        else ""
    )
    return f"{what}: {units.exact(component.stored)} tensors{fused}, {count}; {component.naming} names{under}"


def _adapter_rows(answer: Answer) -> list[LabelledLine]:
    adapter = answer.adapter
    if adapter is None:
        return []
    ranks = ", ".join(f"{rank} ({count} modules)" for rank, count in adapter.ranks)
    parts = [f"{len(adapter.modules)} of the denoiser"] if adapter.modules else []
    parts += [f"{adapter.text_modules} of text encoders"] if adapter.text_modules else []
    whole = f"{adapter.kept} tensors are whole, not factors" if adapter.kept else ""
    return [("adapts", " and ".join(parts)), ("rank", ranks), ("naming", adapter.naming), ("", whole)]


def _seen(answer: Answer) -> str:
    return ", ".join(f"{name} ({count})" for name, count in answer.seen)


def _nearest(answer: Answer) -> str:
    if not answer.near:
        return ""
    near, against = answer.near[0], answer.against
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


def _place(answer: Answer) -> str:
    folder = FOLDERS.get(answer.kind)
    return f"ComfyUI's models/{folder}" if folder else ""


def verified(agreement: Agreement, *, width: int = NARROW, colour: bool = False) -> str:
    """The tensors of a file against those of the network built from the config inferred."""
    if agreement.fits and not agreement.unknown:
        rows: list[LabelledLine] = [
            ("verified", f"all {agreement.equal} tensors are those of the network built")
        ]
    else:
        rows = [
            ("verified", f"{agreement.equal} tensors are those of the network built"),
            *_tensors(agreement),
        ]
    return lines(_facts(rows), width=width, colour=colour)


def fit(
    fit: FileFit, *, joins: ControlJoints | None = None, width: int = NARROW, colour: bool = False
) -> str:
    """Whether a file loads, the causes, the tensors, what to do; whether a ControlNet joins the network."""
    verdict = "fits" if fit.fits else "does not fit"
    head = Text(plain(f"{fit.answer.listing.name} {verdict} {fit.network}"), "bold")
    rows: list[LabelledLine] = [
        ("", fit.why),
        *(("because", cause) for cause in fit.causes),
        *_tensors(fit.found),
    ]
    rows += [("to do", line) for line in fit.remedies]
    if joins:
        places = units.exact(len(joins.joints))
        rows.append(("joins", f"{fit.network}, at {places} places: diagram --overlay shows them"))
    rows += [("warning", line) for line in fit.answer.warnings]
    return lines(head, _facts(_once([row for row in rows if row[1]])), width=width, colour=colour)


def _tensors(agreement: Agreement) -> list[LabelledLine]:
    rows: list[LabelledLine] = [("missing", name) for name in agreement.missing[:_SHOWN]]
    rows += _more(len(agreement.missing))
    rows += [("unexpected", name) for name in agreement.unexpected[:_SHOWN]]
    rows += _more(len(agreement.unexpected))
    rows += [
        ("reshaped", f"{name}: {_shape(here)} here, {_shape(there)} there")
        for name, here, there in agreement.reshaped[:_SHOWN]
    ]
    return rows + _more(len(agreement.reshaped))


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "one number"


def _more(count: int) -> list[LabelledLine]:
    return [("", f"and {count - _SHOWN} more")] if count > _SHOWN else []


def explained(explaineds: Sequence[Explained], *, width: int = NARROW, colour: bool = False) -> str:
    """What the lines of a log mean, each kind once."""
    parts: list[Text | Table] = []
    for explained in explaineds:
        parts += (
            [Text(""), Text(plain(explained.quoted), "bold")]
            if parts
            else [Text(plain(explained.quoted), "bold")]
        )
        often = f"{explained.count} lines like it" if explained.count > 1 else ""
        rows = [
            ("means", explained.means),
            ("cause", explained.cause),
            ("to do", explained.remedy),
            ("", often),
        ]
        parts.append(_facts([row for row in rows if row[1]]))
    return lines(*parts, width=width, colour=colour)
