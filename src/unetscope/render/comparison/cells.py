"""A comparison's cells and notes in words: what its text, Markdown, HTML and CSV share."""

from __future__ import annotations

from typing import Any, cast

from unetscope.analysis.comparison import Comparison, Fact
from unetscope.analysis.facts import FactValue
from unetscope.analysis.remarks import remarks
from unetscope.cost import Counting
from unetscope.render import origins
from unetscope.render.wording import conditions
from unetscope.words import basis, units

UNKNOWN = "—"
NONE = "none"


def cell(fact: Fact, value: FactValue) -> str:
    """A value in words; two that differ never read the same."""
    match value:
        case None:
            return UNKNOWN
        case ():
            return NONE
        case str():
            return value
        case int():
            return units.exact(value)
    parts = cast("tuple[Any, ...]", value)
    match fact.quantity:
        case "size":
            return "×".join(map(str, parts))
        case "heads":
            return ", ".join(map(_heads, parts))
        case "channels":
            return " + ".join(f"{name} {count}" for name, count in parts)
        case "inputs":
            return conditions((name, role, shape) for name, shape, role in parts)
        case _:
            return ", ".join(map(_entry, parts))


def title(comparison: Comparison) -> str:
    """How many networks are compared."""
    return f"{len(comparison.models)} networks compared"


def groups(comparison: Comparison, fact: Fact) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each value of a fact in words with the labels of the networks that have it, in their order."""
    labels_of: dict[FactValue, list[str]] = {}
    for model, value in zip(comparison.models, fact.values, strict=True):
        labels_of.setdefault(value, []).append(model.label)
    return tuple((cell(fact, value), tuple(labels)) for value, labels in labels_of.items())


def notes(comparison: Comparison) -> tuple[str, ...]:
    """What was folded away, how to read the cells, what the counts hold for and leave out."""
    same = [f"{fact.heading}: {cell(fact, fact.values[0])}" for fact in comparison.folded if fact.equal]
    unknown = [fact.heading for fact in comparison.folded if fact.is_unknown]
    lines = [" · ".join(("the same for all", *same))] if same else []
    lines += [" · ".join(("known of none", *unknown))] if unknown else []
    counted = (f"basis: {base}" for base in _bases(comparison))
    kin = (
        f"lineage: {relation}"
        for relation in origins.relations([model.architecture for model in comparison.models])
    )
    return (
        *lines,
        *kin,
        _legend(),
        *counted,
        *_pipelines(comparison),
        f"MACs: {basis.counted(counting(comparison))}",
        *_left_out(comparison),
    )


def _legend() -> str:
    return (
        f"{UNKNOWN} is not known; lists go from the finest level to the coarsest; resnets: residual "
        "blocks that do not resample; depth: blocks stacked in each transformer"
    )


def _pipelines(comparison: Comparison) -> list[str]:
    """What is counted of the pipelines around the networks; nothing where they are not compared."""
    if not comparison.pipelines:
        return []
    first = comparison.pipelines[0]
    return [
        f"pipeline: batch {first.batch}, {first.use.dtype}; text encoders, every step with its guidance, "
        "VAE; held: the most bytes on the device, all resident, with model offload, with sequential offload; "
        f"{UNKNOWN} where a part is not known: table ID --pipeline names it"
    ]


def counting(comparison: Comparison) -> Counting:
    """How the work of all networks is counted."""
    return comparison.models[0].architecture.counting


def _bases(comparison: Comparison) -> list[str]:
    """The basis of all networks, or each basis with its networks."""
    labels: dict[str, list[str]] = {}
    for model in comparison.models:
        labels.setdefault(basis.full(model.architecture), []).append(model.label)
    return [words if len(labels) == 1 else f"{words} ({', '.join(of)})" for words, of in labels.items()]


def _left_out(comparison: Comparison) -> list[str]:
    """Networks whose MACs miss an operation, or whose config has keys that nothing reads."""
    networks = [(model.label, model.architecture) for model in comparison.models]
    missing = [(label, ", ".join(network.uncounted)) for label, network in networks if network.uncounted]
    uncounted = [f"NOT COUNTED in {label} for want of a formula: {names}" for label, names in missing]
    return uncounted + [f"{label}: {words}" for label, network in networks for words in remarks(network)]


def _heads(level: tuple[tuple[int, int], ...] | None) -> str:
    """Heads × width at one level, several where its blocks differ."""
    if level is None:
        return UNKNOWN
    return "/".join(f"{heads}×{width}" for heads, width in level) or NONE


def _entry(entry: FactValue) -> str:
    """One entry of a list; a stage whose parts differ has several: "4+4+10"."""
    return "+".join(map(str, entry)) if isinstance(entry, tuple) else str(entry)
