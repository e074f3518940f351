"""The bundled models for a terminal: all of them by family, and one that is known by facts alone."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from math import prod
from typing import Any

import msgspec

from unetscope import zoo
from unetscope.render import origins
from unetscope.sizes import sides
from unetscope.words import basis, lineage, safe, sampling, units
from unetscope.zoo import Preset
from unetscope.zoo.licences import licence_text
from unetscope.zoo.preset import FAMILIES
from unetscope.zoo.preset import facts as facts_of

_COLUMNS = (("id", 22, "<"), ("params", 7, ">"), ("MACs", 8, ">"), ("pixels", 10, ">"), ("year", 6, ">"))
"""Heading, width and side; the licence takes what is left, at 80 columns that of most."""
_LABEL = 16
_NARROWEST = 18
"""Columns that a licence has at least beside the others: its longest word."""


def listed(known: Sequence[Preset], *, width: int) -> str:
    """Models a line each under the name of their family; no word is cut."""
    lines = [_line([name for name, *_ in _COLUMNS], "licence", width)]
    others = sorted({preset.family for preset in known} - set(FAMILIES))
    for family in (*FAMILIES, *others):
        members = sorted((preset for preset in known if preset.family == family), key=_place)
        if members:
            lines += ["", family, *(_row(member, width) for member in members)]
    return "\n".join(lines) + "\n"


def told(known: Sequence[Preset], *, width: int) -> str:
    """What the figures of the list hold for."""
    lines = [
        "MACs: one forward at the pixels shown, batch 1; of a video, of all its frames",
        "–: known by facts alone; unetscope show ID says why",
    ]
    notes = lines if any(preset.unpublished for preset in known) else lines[:1]
    return "".join(f"{part}\n" for line in notes for part in _wrapped(line, width))


def data(preset: Preset) -> dict[str, Any]:
    """A model of the list as JSON."""
    totals = zoo.totals(preset.id)
    image = _pixels(preset)
    return {
        "id": preset.id,
        "title": preset.title,
        "family": preset.family,
        "class_name": preset.class_name,
        "aliases": list(preset.aliases),
        "params": totals.params if totals else None,
        "macs": totals.macs if totals else None,
        "axes": totals.axes if totals else None,
        "pixels": list(image) if image else None,
        "steps": preset.steps,
        "guidance": preset.guidance,
        "licence": preset.licence,
        "licence_text": msgspec.to_builtins(licence_text(preset.licence)),
        "year": preset.year,
        "from_scratch": preset.from_scratch,
        "parents": [asdict(parent) for parent in preset.parents],
        "phases": [asdict(phase) for phase in preset.phases],
        "text_dropout": preset.text_dropout,
        "training": preset.training,
        "hub": preset.hub,
        "sources": msgspec.to_builtins(preset.sources),
        "unpublished": preset.unpublished,
    }


def card(preset: Preset, *, width: int) -> str:
    """What is known of a model of which no network is published."""
    lines = [safe.line(preset.title)]
    for name, value in rows(preset):
        lines += _labelled(name, value, width)
    return "\n".join(lines) + "\n"


def rows(preset: Preset) -> list[tuple[str, str]]:
    """The same as names and values; what is not known is left out."""
    facts = facts_of(preset)
    fields = [
        ("family", preset.family),
        ("network class", preset.class_name),
        ("network", f"not published: {preset.unpublished}"),
        ("scheduler", preset.scheduler or ""),
        ("VAE", preset.vae or ""),
        ("text encoders", ", ".join(preset.text_encoders)),
        ("sampling", sampling.sampling(preset.steps, preset.guidance, preset.experts)),
        ("made from", lineage.made_from(facts)),
        ("training", lineage.training(facts)),
        ("published", lineage.published(facts)),
        ("licence", preset.licence or ""),
        (origins.LICENCE_TEXT, origins.address(preset.licence)),
        ("also known as", ", ".join(preset.aliases)),
        ("rests on", preset.provenance),
        ("second-hand", origins.second_hand(preset)),
    ]
    return [(name, value) for name, value in fields if value]


def sources(preset: Preset, *, width: int) -> str:
    """Where each fact of a model was read."""
    lines = [safe.line(preset.title)]
    for names, where in origins.sources(preset):
        lines += ["", *_wrapped(names, width), *textwrap.wrap(safe.line(where), width, initial_indent="  ",
                  subsequent_indent="  ", break_on_hyphens=False)]  # fmt: skip
    return "\n".join(lines) + "\n"


def _labelled(name: str, value: str, width: int) -> Iterator[str]:
    for index, part in enumerate(_wrapped(value, width - _LABEL)):
        yield f"{'' if index else name:<{_LABEL}}{part}".rstrip()


def _place(preset: Preset) -> tuple[int, str]:
    return preset.year or 0, preset.id


def _row(preset: Preset, width: int) -> str:
    totals, image = zoo.totals(preset.id), _pixels(preset)
    cells = [
        preset.id,
        units.params(totals.params) if totals else "–",
        units.macs(totals.macs, "").strip() if totals else "–",
        basis.times(image) if image else "",
        str(preset.year or ""),
    ]
    return _line(cells, preset.licence or "", width)


def _line(cells: Sequence[str], licence: str, width: int) -> str:
    """A row, its licence wrapped under itself, or in lines below where there is no room beside."""
    line = "".join(f"{cell:{side}{wide}}" for cell, (_, wide, side) in zip(cells, _COLUMNS, strict=True))
    left = f" {line}  "
    if width - len(left) < _NARROWEST:
        return "\n".join([left.rstrip(), *(f"    {part}" for part in _wrapped(licence, width - 4))])
    first, *rest = _wrapped(licence, width - len(left)) or [""]
    return "\n".join([(left + first).rstrip(), *(" " * len(left) + part for part in rest)])


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(safe.line(text), width, break_long_words=False, break_on_hyphens=False)


def _pixels(preset: Preset) -> tuple[int, ...] | None:
    """Height and width of the image at which a preset's MACs are counted; None where they are not known."""
    totals = zoo.totals(preset.id)
    size = sides(totals.axes) if totals else ()
    factor = preset.vae_factor if prod(size) > 1 else None
    return tuple(side * factor for side in size) if factor else None
