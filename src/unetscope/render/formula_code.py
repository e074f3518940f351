"""The cost of a network at any size of its grid, as a function in another language, exact to the unit.

What is written needs nothing but its language. Text from files stands in comments and strings alone, escaped
for each language; of the names of axes only plain ones become variables.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from math import lcm

from unetscope.analysis.scaling.formulas import total
from unetscope.analysis.scaling.sweep import Sweep
from unetscope.errors import OutputError
from unetscope.render import latex, sweep
from unetscope.sizes import AxisGrid, Polynomial
from unetscope.words import basis, safe

_KNOWN = ("height", "width", "tokens", "frames", "length")
"""Axes that are no reserved word anywhere; no reserved word has an underscore."""
_TERMS = 3
"""Terms of a line of LaTeX."""


def code(sweep: Sweep, *, format: str) -> str:
    """The formulas of a network in one of CODES. Raises OutputError for another format."""
    if format not in CODES:
        raise OutputError(f"no format {format!r}", hint="formats: " + ", ".join(CODES))
    return CODES[format][1](sweep)


def _python(sweep: Sweep) -> str:
    names = [*arguments(sweep), "batch"]
    parameters = ", ".join(f"{name}: int{_usual(sweep, name, ' = ')}" for name in names)
    return _lines(
        *(f"# {line}" for line in _about(sweep)),
        "",
        f"PARAMS = {sweep.architecture.cost.params}",
        "",
        "",
        f"def macs({parameters}) -> int:",
        '    """Multiply-accumulates of one forward; FLOPs are twice as many."""',
        f"    return sum(macs_by_stage({', '.join(names)}).values())",
        "",
        "",
        f"def macs_by_stage({parameters}) -> dict[str, int]:",
        '    """The same stage by stage. Raises ValueError for a size at which no formula holds."""',
        *(f"    {line}" for grid in grids_of(sweep) for line in _python_check(grid)),
        *["    S = height * width"] * _has_area(sweep),
        "    return {",
        *(f"        {path!a}: batch * {_value(sweep, rule, '//')}," for path, rule in _stages(sweep)),
        "    }",
    )


def _python_check(grid: AxisGrid) -> tuple[str, str]:
    name, rest = variable(grid.axis), _rest(grid)
    return (
        f"if {name} < {grid.least}{f' or {rest}' if rest else ''}:",
        f'    raise ValueError(f"no formula holds for {name} {{{name}}}: it holds for {_reach(grid)}")',
    )


def _javascript(sweep: Sweep) -> str:
    return _lines(
        *(f"// {line}" for line in _about(sweep)),
        "// All numbers are BigInt, so that each is exact; Number() of one is an estimate.",
        "",
        f"export const PARAMS = {sweep.architecture.cost.params}n;",
        "",
        *javascript(sweep, [path for path, _ in _stages(sweep)], export="export "),
    )


def javascript(sweep: Sweep, keys: Sequence[str], *, export: str = "") -> tuple[str, ...]:
    """The lines of two functions, MACs in all and by stage under `keys`: the same in a file and in a page."""
    names = [*arguments(sweep), "batch"]
    parameters = ", ".join(f"{name}{_usual(sweep, name, ' = ')}" for name in names)
    return (
        "/** Multiply-accumulates of one forward; FLOPs are twice as many. */",
        f"{export}function macs({parameters}) {{",
        f"  return Object.values(macsByStage({', '.join(names)})).reduce((sum, one) => sum + one, 0n);",
        "}",
        "",
        "/** The same stage by stage. Throws RangeError for a size at which no formula holds. */",
        f"{export}function macsByStage({parameters}) {{",
        f"  [{', '.join(names)}] = [{', '.join(names)}].map(BigInt);",
        *(f"  {line}" for grid in grids_of(sweep) for line in _javascript_check(grid)),
        *["  const S = height * width;"] * _has_area(sweep),
        "  return {",
        *(
            f"    {json.dumps(key)}: batch * {_value(sweep, rule, '/', 'n')},"
            for key, (_, rule) in zip(keys, _stages(sweep), strict=True)
        ),
        "  };",
        "}",
    )


def _javascript_check(grid: AxisGrid) -> tuple[str, str, str]:
    name, rest = variable(grid.axis), _rest(grid, "n")
    return (
        f"if ({name} < {grid.least}n{f' || {rest}' if rest else ''}) {{",
        f"  throw new RangeError(`no formula holds for {name} ${{{name}}}: it holds for {_reach(grid)}`);",
        "}",
    )


def _latex(source: Sweep) -> str:
    rows = [(source.formulas[at].name, rule) for at, (_, rule) in enumerate(_stages(source))]
    whole = total(source.formulas)
    return _lines(
        *(f"% {line}" for line in _about(source)),
        f"% {sweep.legend(source)}",
        r"% needs \usepackage{amsmath}",
        r"\begin{align*}",
        *(
            rf"  \text{{{latex.escape(name)}}} &= {_set(rule, whole.axes)} \\"
            for name, rule in (*rows, ("total", whole.macs))
        ),
        r"\end{align*}",
    )


def _set(rule: Polynomial, axes: tuple[str, ...]) -> str:
    """A rule as LaTeX sets it, with a break after every few terms."""
    terms = []
    for term, factors in sweep.ordered(rule, axes):
        sign, size = ("-" if term.numerator < 0 else "+"), abs(term.numerator)
        number = str(size) if term.denominator == 1 else rf"\tfrac{{{size}}}{{{term.denominator}}}"
        symbols = [_symbol(name) + (f"^{{{power}}}" if power > 1 else "") for name, power in factors.items()]
        terms.append(f"{sign} " + " ".join([number] * (number != "1" or not symbols) + symbols))
    lines = [" ".join(terms[at : at + _TERMS]) for at in range(0, len(terms), _TERMS)]
    return " \\\\\n  &\\quad ".join(lines).removeprefix("+ ")


def _symbol(name: str) -> str:
    return name if len(name) == 1 else rf"\mathit{{{latex.escape(name)}}}"


CODES: dict[str, tuple[str, Callable[[Sweep], str]]] = {
    "python": ("py", _python),
    "javascript": ("js", _javascript),
    "latex": ("tex", _latex),
}
"""Format → the suffix of its files and what makes their text of a sweep with formulas."""

SUFFIXES = {suffix: name for name, (suffix, _) in CODES.items()}


def _about(source: Sweep) -> Iterator[str]:
    """What the numbers are of, at which sizes they hold and what they leave out, for comments."""
    network = source.architecture
    yield safe.line(f"MACs of {network.title} ({network.class_name}) at any size, exact to the unit.")
    sides = f"Height and width are those of the {basis.kind(network)}"
    if basis.kind(network) == "latent":
        sides += f", {network.factor} pixels of the image each"
    if _has_area(source):
        yield sides + "."
    yield from map(safe.line, sweep.notes(source))


def _stages(sweep: Sweep) -> list[tuple[str, Polynomial]]:
    """Path and formula of each stage; what stands outside all of them has a name that no path has."""
    return [(formula.path or "outside the stages", formula.macs) for formula in sweep.formulas]


def grids_of(sweep: Sweep) -> list[AxisGrid]:
    """The grids of all axes that a formula is about."""
    scaling = sweep.architecture.scaling
    return [grid for grid in scaling.grids if not grid.tied] if scaling else []


def arguments(sweep: Sweep) -> list[str]:
    """Names of the function's arguments; sides come first, as the others have a usual size."""
    names = [variable(grid.axis) for grid in grids_of(sweep)]
    return sorted(names, key=lambda name: name not in ("height", "width"))


def variable(axis: str) -> str:
    """An axis as a name in every language. Raises OutputError for one that has no letters for it."""
    if not re.fullmatch("[a-z][a-z0-9_]{0,40}", axis):
        raise OutputError(f"no name for a variable: {safe.escaped(axis, limit=40)}", hint="use --json")
    return axis if axis in _KNOWN or ("_" in axis and axis != "macs_by_stage") else axis + "_"


def _usual(sweep: Sweep, name: str, equals: str) -> str:
    """The usual size of an argument; none for sides."""
    sizes = {variable(axis): size for axis, size in sweep.architecture.basis.axes.items()} | {"batch": 1}
    return "" if name in ("height", "width") else f"{equals}{sizes[name]}"


def _has_area(sweep: Sweep) -> bool:
    return {"height", "width"} <= {*arguments(sweep)}


def _value(sweep: Sweep, rule: Polynomial, divides: str, suffix: str = "") -> str:
    """A rule as an expression of whole numbers: all over one denominator, which divides on the grid."""
    axes = [variable(axis) for axis in sweep.formulas[0].axes]
    denominator = lcm(*(term.denominator for term in rule))
    terms = []
    for term in rule:
        powers = dict(zip(axes, term.powers, strict=True))
        area = min(powers["height"], powers["width"]) if _has_area(sweep) else 0
        factors = {"S": area} | {
            axis: power - area * (axis in ("height", "width")) for axis, power in powers.items()
        }
        number = f"{term.numerator * (denominator // term.denominator)}{suffix}"
        named = [
            name + (f" ** {power}{suffix}" if power > 1 else "") for name, power in factors.items() if power
        ]
        terms.append(" * ".join([number, *named]))
    joined = " + ".join(terms).replace("+ -", "- ")
    if denominator > 1:
        return f"(({joined}) {divides} {denominator}{suffix})"
    return f"({joined})" if len(terms) > 1 else joined


def _rest(grid: AxisGrid, suffix: str = "") -> str:
    """What is not 0 for a size beside the grid; "" where every size is on it."""
    name = variable(grid.axis)
    off = f"({name} - {grid.offset}{suffix})" if grid.offset else name
    return f"{off} % {grid.step}{suffix}" if grid.step > 1 else ""


def _reach(grid: AxisGrid) -> str:
    """The sizes of a grid in words of ours."""
    beyond = f"{grid.offset} more than " if grid.offset else ""
    steps = f"{beyond}multiples of {grid.step}, " if grid.step > 1 else ""
    return f"{steps}{grid.least} or more"


def _lines(*lines: str) -> str:
    return "\n".join(lines) + "\n"
