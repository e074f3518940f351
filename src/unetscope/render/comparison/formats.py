"""The formats a comparison is written in, by name; JSON is here, the others have files of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from unetscope.analysis import remarks
from unetscope.analysis.comparison import Comparison, Fact, Model
from unetscope.analysis.facts import FactValue
from unetscope.errors import OutputError
from unetscope.render.comparison import as_text
from unetscope.render.comparison.cells import counting
from unetscope.render.json import dumps
from unetscope.words import basis

SCHEMA_VERSION = 1

_PARTS = {"heads": ("heads", "dim"), "channels": ("name", "count"), "inputs": ("name", "shape", "role")}
"""The names of the two halves of a pair."""


def data(comparison: Comparison) -> dict[str, Any]:
    """A comparison as JSON: null where a value is not known, an empty list where there is none."""
    return {
        "schema_version": SCHEMA_VERSION,
        "models": [_model(model) for model in comparison.models],
        **basis.counting_data(counting(comparison)),
        "facts": [_fact(fact) for fact in comparison.facts],
        "folded": [_fact(fact) for fact in comparison.folded],
    }


# Imported where they are used: what is printed most is text, which needs no template engine.


def _csv(comparison: Comparison) -> str:
    from unetscope.render.comparison import pages

    return pages.csv_(comparison)


def _markdown(comparison: Comparison, **style: Any) -> str:
    from unetscope.render.comparison import pages

    return pages.markdown(comparison, **style)


def _latex(comparison: Comparison, **style: Any) -> str:
    from unetscope.render.comparison import as_latex

    return as_latex.table(comparison, **style)


def _html(comparison: Comparison) -> str:
    from unetscope.render.comparison import pages

    return pages.html(comparison)


def _rst(comparison: Comparison) -> str:
    from unetscope.render.comparison import pages

    return pages.rst(comparison)


def _fragment(comparison: Comparison) -> str:
    from unetscope.render.comparison import pages

    return pages.fragment(comparison)


FORMATS: dict[str, tuple[str, Callable[..., str]]] = {
    "text": ("txt", as_text.table),
    "json": ("json", lambda table: dumps(data(table))),
    "csv": ("csv", _csv),
    "markdown": ("md", _markdown),
    "rst": ("rst", _rst),
    "fragment": ("fragment.html", _fragment),
    "html": ("html", _html),
    "latex": ("tex", _latex),
}
"""Format → the suffix of its files and what makes their text, the default first."""

SUFFIXES = {suffix: name for name, (suffix, _) in FORMATS.items()}


def comparison(comparison: Comparison, *, format: str, **style: Any) -> str:
    """A comparison in one of FORMATS, in a style it knows. Raises OutputError for another format."""
    if format not in FORMATS:
        raise OutputError(f"no format {format!r}", hint="formats: " + ", ".join(FORMATS))
    return FORMATS[format][1](comparison, **style)


def _model(model: Model) -> dict[str, Any]:
    network = model.architecture
    return {
        "label": model.label,
        "id": network.id,
        "source": network.source,
        "name": network.title,
        "basis": basis.data(network),
        "uncounted": list(network.uncounted),
        **remarks.data(network),
        "provenance": network.facts.provenance,
    }


def _fact(fact: Fact) -> dict[str, Any]:
    """`equal` is null where values that are not known leave it open."""
    values = [_value(fact, value) for value in fact.values]
    return {"name": fact.name, "heading": fact.heading, "equal": fact.equal, "values": values}


def _value(fact: Fact, value: FactValue) -> Any:
    if not isinstance(value, tuple):
        return value
    parts = cast("tuple[Any, ...]", value)
    match fact.quantity:
        case "heads":
            return [level if level is None else [_named("heads", pair) for pair in level] for level in parts]
        case "channels" | "inputs":
            return [_named(fact.quantity, part) for part in parts]
        case _:
            return _listed(value)


def _named(quantity: str, pair: tuple[FactValue, FactValue]) -> dict[str, Any]:
    return {name: _listed(part) for name, part in zip(_PARTS[quantity], pair, strict=True)}


def _listed(value: FactValue) -> Any:
    return [_listed(part) for part in value] if isinstance(value, tuple) else value
