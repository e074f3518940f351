"""Charts of networks with matplotlib, as the bytes of a file. Nothing else imports matplotlib."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from unetscope.analysis.cost.chart_data import spot
from unetscope.analysis.scaling.sweep import Sweep
from unetscope.cost import ONCE
from unetscope.errors import OutputError
from unetscope.model import Architecture
from unetscope.render.charts import memory, stages
from unetscope.render.charts import sweep as curves
from unetscope.render.charts import zoo as spots
from unetscope.render.charts.colours import look
from unetscope.render.charts.page import FORMATS
from unetscope.render.charts.words import beside
from unetscope.render.picture import schemes

KINDS = ("stages", "memory", "sweep", "zoo")
MOST = 12
"""Networks in one chart beside the zoo."""


def of_stages(
    networks: Sequence[Architecture],
    *,
    format: str,
    theme: str,
    unit: str,
    width: str = "readme",
    command: str = "",
) -> bytes:
    """Bars per stage of one network or several. Raises OutputError for a bad choice."""
    _check(len(networks), format)
    return _themed(
        lambda look: stages.render(networks, format=format, look=look, unit=unit, command=command),
        format,
        theme,
        width,
    )


def of_memory(
    networks: Sequence[Architecture],
    *,
    format: str,
    theme: str,
    dtype: str,
    width: str = "readme",
    command: str = "",
) -> bytes:
    """Activation bytes over a forward in a dtype. Raises OutputError for a bad choice, ConfigError for a
    dtype whose memory does not follow from the traces."""
    _check(len(networks), format)
    return _themed(
        lambda look: memory.render(networks, format=format, look=look, dtype=dtype, command=command),
        format,
        theme,
        width,
    )


def of_sweeps(
    sweeps: Sequence[Sweep], *, format: str, theme: str, unit: str, width: str = "readme", command: str = ""
) -> bytes:
    """MACs against the side of a square latent. Raises OutputError for a bad choice."""
    _check(len(sweeps), format)
    return _themed(
        lambda look: curves.render(sweeps, format=format, look=look, unit=unit, command=command),
        format,
        theme,
        width,
    )


def of_zoo(
    architectures: Sequence[Architecture],
    *,
    own: Sequence[Architecture],
    format: str,
    theme: str,
    unit: str,
    command: str = "",
) -> bytes:
    """Parameters against MACs of all `architectures`; those in `own` are among them and stand out.

    Raises OutputError for a bad choice.
    """
    _check(1, format)
    by_id = {network.id: spot(network, unit=unit) for network in (*architectures, *own)}
    networks, ids = tuple(by_id.values()), [network.id for network in own]
    counting = architectures[0].counting if architectures else ONCE
    draw = partial(
        spots.render, networks, own=ids, notes=beside(own), format=format, unit=unit, counting=counting
    )
    return _themed(partial(draw, command=command), format, theme)


def _themed(draw: Callable[..., bytes], format: str, theme: str, width: str = "readme") -> bytes:
    """What `draw` makes of the colours of a theme and the page of a width; of both schemes where the reader's
    is to decide."""
    if theme == "auto" and format == "svg":
        light, dark = (draw(look=look(scheme, width)).decode() for scheme in ("light", "dark"))
        return schemes.both(light, dark).encode()
    return draw(look=look("light" if theme == "auto" else theme, width))


def _check(count: int, format: str) -> None:
    if format not in FORMATS:
        raise OutputError(f"no format {format!r} for charts", hint="formats: " + ", ".join(FORMATS))
    if not 0 < count <= MOST:
        raise OutputError(f"{count} networks do not fit into one chart", hint=f"give 1 to {MOST}")
