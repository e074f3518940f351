"""MACs of each stage in closed form, and the cost at many sizes, from an architecture's verified rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from unetscope.analysis.scaling.polynomials import weighted, whole
from unetscope.cost import OP_CLASSES, Cost, OpClass
from unetscope.model import Architecture
from unetscope.sizes import Axes, Polynomial, Scaling


@dataclass(frozen=True, slots=True)
class StageFormula:
    """MACs per batch item of one stage, by class of operation; path "" is what stands outside all stages.

    `axes` names what the powers of a term belong to, in order.
    """

    path: str
    name: str
    axes: tuple[str, ...]
    conv: Polynomial
    linear: Polynomial
    attention: Polynomial
    other: Polynomial

    @property
    def by_op(self) -> dict[OpClass, Polynomial]:
        """Formulas per class, in the order conv, linear, attention, other."""
        return {"conv": self.conv, "linear": self.linear, "attention": self.attention, "other": self.other}

    @property
    def macs(self) -> Polynomial:
        """All classes together."""
        return weighted(Counter(self.by_op.values()))


def by_stage(architecture: Architecture) -> tuple[StageFormula, ...]:
    """The formulas of all stages that multiply at all; none where the architecture has no scaling."""
    scaling = architecture.scaling
    if scaling is None:
        return ()
    used: dict[tuple[str, OpClass], Counter[Polynomial]] = {}
    stages = [architecture.stage_of(node.path) for node in architecture.nodes]
    for node, op_class, rule in macs_rules(architecture, scaling):
        stage = stages[node]
        used.setdefault((stage.path if stage else "", op_class), Counter())[rule] += 1
    names = [(stage.path, stage.name) for stage in architecture.stages] + [("", "outside the stages")]
    formulas = (
        _formula(path, name, scaling.axes, [used.get((path, op), Counter()) for op in OP_CLASSES])
        for path, name in names
    )
    return tuple(formula for formula in formulas if formula.macs)


def total(formulas: tuple[StageFormula, ...]) -> StageFormula:
    """The whole network as one formula."""
    axes = formulas[0].axes if formulas else ()
    return _formula(
        "", "total", axes, [Counter(formula.by_op[op] for formula in formulas) for op in OP_CLASSES]
    )


def _formula(path: str, name: str, axes: tuple[str, ...], used: list[Counter[Polynomial]]) -> StageFormula:
    conv, linear, attention, other = map(weighted, used)
    return StageFormula(path, name, axes, conv, linear, attention, other)


def cost(formula: StageFormula, axes: Axes, *, batch: int, params: int = 0) -> Cost:
    """The cost of a batch at sizes that the rules reach.

    Raises ValueError where a formula gives no whole number: the size is off the grid.
    """
    point = tuple(axes[axis] for axis in formula.axes)
    counts = [whole(rule, point) for rule in formula.by_op.values()]
    macs = [batch * number for number in counts if number is not None]
    if len(macs) < len(counts):
        raise ValueError(f"no whole number of MACs at {axes}")
    return Cost(params, *macs)


def macs_rules(architecture: Architecture, scaling: Scaling) -> Iterator[tuple[int, OpClass, Polynomial]]:
    """Node, class and rule for the MACs of every call: the first number of a call's row."""
    before = len(architecture.inputs) + len(architecture.nodes)
    rows = scaling.sites[before : before + len(architecture.calls)]
    for call, row in zip(architecture.calls, rows, strict=True):
        op_class = architecture.operations[call.operation].op_class
        if op_class != "none":
            yield call.node, op_class, scaling.rules[scaling.rows[row][0]]
