"""Many networks side by side, fact by fact, and which facts differ. Knows no rendering."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from unetscope.analysis.facts import FactQuantity, FactValue, told
from unetscope.analysis.memory.pipeline import Pipeline
from unetscope.analysis.pipeline_facts import pipeline_facts
from unetscope.hooks import Shown
from unetscope.model import Architecture


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact about every network, in the order of `Comparison.models`."""

    name: str
    heading: str
    quantity: FactQuantity
    values: tuple[FactValue, ...]

    @property
    def is_unknown(self) -> bool:
        """Whether it is known of no network."""
        return all(value is None for value in self.values)

    @property
    def equal(self) -> bool | None:
        """Whether all networks share one value; None where what is not known leaves that open."""
        known = {value for value in self.values if value is not None}
        if len(known) > 1:
            return False
        return None if None in self.values else True


@dataclass(frozen=True, slots=True)
class Model:
    """One network compared; no other has the same `label`."""

    label: str
    architecture: Architecture


@dataclass(frozen=True, slots=True)
class Comparison(Shown):
    """`facts` to be shown, and those `folded` away: the same for all networks, or known of none.

    `pipelines` are those around the networks, where they are compared too.
    """

    models: tuple[Model, ...]
    facts: tuple[Fact, ...]
    folded: tuple[Fact, ...] = ()
    pipelines: tuple[Pipeline, ...] = ()

    def __repr__(self) -> str:
        names = ", ".join(repr(model.label) for model in self.models)
        return f"Comparison({names}, facts={len(self.facts)}, folded={len(self.folded)})"

    def records(self) -> list[dict[str, FactValue]]:
        """A dict for each network, of its facts by their names: `pandas.DataFrame(comparison.records())`."""
        return [
            {"network": model.label, **{fact.name: fact.values[at] for fact in self.facts}}
            for at, model in enumerate(self.models)
        ]


def compare(
    architectures: Sequence[Architecture],
    *,
    differing: bool = False,
    labels: Sequence[str] | None = None,
    pipelines: Sequence[Pipeline] = (),
) -> Comparison:
    """All facts of several networks; with `differing`, those equal or unknown for all are folded.

    `labels` are what they are called, by default their ids; `pipelines` are those around them.
    """
    labels = _distinct(labels) if labels else _labels(architectures)
    models = tuple(Model(label, network) for label, network in zip(labels, architectures, strict=True))
    facts = tuple(
        Fact(name, heading, quantity, tuple(value(architecture) for architecture in architectures))
        for name, heading, quantity, value in told(architectures)
    ) + tuple(Fact(*fact) for fact in pipeline_facts(pipelines) if pipelines)
    if not differing:
        return Comparison(models, facts, pipelines=tuple(pipelines))
    folded = tuple(fact for fact in facts if fact.equal or fact.is_unknown)
    return Comparison(models, tuple(fact for fact in facts if fact not in folded), folded, tuple(pipelines))


def _labels(architectures: Sequence[Architecture]) -> list[str]:
    """Ids, or sources where two ids would be equal."""
    ids = [architecture.id for architecture in architectures]
    return _distinct(
        [
            architecture.id if ids.count(architecture.id) == 1 else architecture.source or architecture.id
            for architecture in architectures
        ]
    )


def _distinct(labels: Sequence[str]) -> list[str]:
    """The names; a number follows each that is already taken."""
    names, taken = list(labels), set[str]()
    for index, name in enumerate(names):
        label, count = name, 1
        while label in taken or label in names[:index]:
            count += 1
            label = f"{name} ({count})"
        names[index] = label
        taken.add(label)
    return names
