"""Charts of one network, of several on one scale, of sweeps and of all bundled models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from unetscope import zoo
from unetscope.analysis.cost import conventions
from unetscope.api import commands, loading
from unetscope.api.loading import Source, load
from unetscope.api.loading.asked_sizes import Extent
from unetscope.api.picture import Picture
from unetscope.choices import ChartFormat, ChartKind, ChartWidth, CostUnit, DtypeName, ThemeName, check
from unetscope.cost import ONCE, Counting
from unetscope.errors import OutputError
from unetscope.model import Architecture

if TYPE_CHECKING:
    from unetscope.analysis.scaling.sweep import Sweep


def chart(
    *sources: Source | Sweep,
    kind: ChartKind = "stages",
    format: ChartFormat = "svg",
    theme: ThemeName = "light",
    unit: CostUnit = "macs",
    width: ChartWidth = "readme",
    dtype: DtypeName = "float16",
    sides: Iterable[int] = (),
    size: Extent | None = None,
    latent: Extent | None = None,
    batch: int | None = None,
    counting: Counting = ONCE,
    command: str | None = None,
) -> Picture:
    """A chart of one network, or of up to twelve on one scale.

    `kind` is stages (parameters and MACs, bar by bar), memory (activation bytes over a forward in
    `dtype`), sweep (MACs by size, at `sides` of the input, or of what `sweep` returns) or zoo (all bundled
    models; those named stand out). `format` is svg, png or pdf, `theme` light, dark, auto or paper, `unit`
    macs or flops. `width` readme is 900 px, column one column of a paper, too narrow for a zoo. The bundled
    models of a zoo are counted by `counting`. `command` is printed at the foot, by default the one that draws
    this chart again. Raises OutputError for an unknown choice, and as `load`.
    """
    from unetscope.analysis.scaling.sweep import Sweep
    from unetscope.render import charts

    check("kind", kind, ChartKind)
    check("unit", unit, CostUnit)
    check("dtype", dtype, DtypeName)
    check("width", width, ChartWidth)
    if kind == "zoo" and width != "readme":
        raise OutputError("the names of a zoo need a page of 900 px", hint="leave out --width")
    items = [
        source if isinstance(source, Sweep) else load(source, size=size, latent=latent, batch=batch)
        for source in sources
    ]
    items = _swept(items, tuple(sides)) if kind == "sweep" else items
    networks = [item for item in items if isinstance(item, Architecture)]
    swept = [item for item in items if isinstance(item, Sweep)]
    squares = sum(any(row.is_square for row in result.rows) for result in swept)
    if (squares if kind == "sweep" else len(networks)) < len(items):
        raise OutputError(f"no chart of kind {kind!r} of these", hint="kinds: " + ", ".join(charts.KINDS))
    if command is None:
        look: dict[str, str] = {"kind": kind, "theme": theme, "unit": unit, "format": format, "width": width}
        look |= {"dtype": dtype} if kind == "memory" else {}
        command = commands.charting(items, look, counting)
    style: dict[str, Any] = {"format": format, "theme": theme, "width": width}
    match kind:
        case "memory":
            data = charts.of_memory(networks, dtype=dtype, command=command, **style)
        case "sweep":
            data = charts.of_sweeps(swept, unit=unit, command=command, **style)
        case "zoo":
            bundled = [conventions.counted(network, counting) for network in _zoo()]
            data = charts.of_zoo(
                bundled, own=networks, format=format, theme=theme, unit=unit, command=command
            )
        case _:
            data = charts.of_stages(networks, unit=unit, command=command, **style)
    return Picture(data, format)


def _swept(items: Sequence[Architecture | Sweep], sides: Sequence[int]) -> list[Architecture | Sweep]:
    """Networks swept over sides, by default those that their formulas reach; what is swept stays as it is."""
    from unetscope.api import sweeping

    networks = [item for item in items if isinstance(item, Architecture)]
    most = 2 * max(map(sweeping.side, networks), default=0)
    return [
        sweeping.sweep(item, latent=sides or sweeping.sides(item, most))
        if isinstance(item, Architecture)
        else item
        for item in items
    ]


def _zoo() -> list[Architecture]:
    """Every bundled model at its native size, those without a trace left out."""
    return [network for id in zoo.ids() if (network := loading.bundled(id)) is not None]
