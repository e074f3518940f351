"""What is counted of networks: tables, facts side by side, other conventions, published figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from unetscope.analysis.cost import conventions
from unetscope.api.loading import Source, load
from unetscope.api.loading.asked_sizes import Extent
from unetscope.api.weights import other_names
from unetscope.choices import ConventionName, NamingName, RowsBy, check
from unetscope.cost import Counting
from unetscope.errors import ConfigError, TraceError
from unetscope.model import Architecture, Section
from unetscope.words.conventions import CONVENTIONS

if TYPE_CHECKING:  # what a plain load has no need to import
    from unetscope.analysis.comparison import Comparison
    from unetscope.analysis.cost.reconcile import Reconciliation, Torchinfo
    from unetscope.analysis.cost.table import Table
    from unetscope.analysis.diff import Diff
    from unetscope.analysis.memory.pipeline import Pipeline

Counted = TypeVar("Counted", "Architecture", "Diff")


def table(
    source: Source | Section,
    *,
    by: RowsBy | None = None,
    depth: int | None = None,
    columns: Sequence[str] | None = None,
    sort: str | None = None,
    top: int | None = None,
    fold: bool = False,
    names: NamingName | None = None,
    size: Extent | None = None,
    latent: Extent | None = None,
    batch: int | None = None,
) -> Table:
    """Parameters and MACs part by part; the columns add up to the total.

    A row is what `by` says, by default a stage, or what is nested `depth` deep; those of a section, one
    stage of an architecture, are its blocks. `columns` are names (params, share, macs, conv, linear,
    attention, other, flops, input, output, activation, moved, intensity), `sort` one of them, largest
    first. `top` keeps so many rows and sums up the rest; `fold` makes one row of equal parts. `names` adds
    what a module is called in another naming: ldm, bfl, kohya …
    `records()` of the table is a list of dicts, for a data frame.

    Raises UnetscopeError for an unknown choice, and as `load`.
    """
    from unetscope.analysis.cost.columns import USUAL
    from unetscope.analysis.cost.table import table as tabulated

    if names and (by == "kind" or fold):
        raise ConfigError("names belong to single modules", hint="leave fold and by kind out")
    if by and depth:
        raise ConfigError("by and depth exclude each other", hint="give one of them")
    inside = source.path if isinstance(source, Section) else ""
    by = by or ("block" if inside else "stage")
    check("by", by, RowsBy)
    whole = source.architecture if isinstance(source, Section) else source
    network = load(whole, size=size, latent=latent, batch=batch)
    return tabulated(
        network,
        by=by,
        depth=depth,
        names=columns or USUAL,
        sort=sort,
        top=top,
        folded=fold,
        inside=inside,
        other_names=other_names(network, names),
    )


def compare(
    *sources: Source,
    differing: bool = False,
    labels: Sequence[str] | None = None,
    size: Extent | None = None,
    latent: Extent | None = None,
    batch: int | None = None,
    pipelines: Sequence[Pipeline] = (),
) -> Comparison:
    """Facts of several networks side by side; with `differing`, those that are equal are folded away.

    `labels` are what the networks are called, by default their ids. What is not known of one is None.
    `pipelines` are those around each: then what an image takes is compared too. Raises ConfigError for fewer
    than one network or not as many pipelines, and as `load`.
    """
    from unetscope.analysis import comparison

    if not sources:
        raise ConfigError("nothing to compare", hint='name networks: compare("sd15", "sdxl")')
    networks = [load(source, size=size, latent=latent, batch=batch) for source in sources]
    if pipelines and len(pipelines) != len(networks):
        raise ConfigError(
            f"{len(pipelines)} pipelines for {len(networks)} networks",
            hint="give one for each, in their order",
        )
    return comparison.compare(networks, differing=differing, labels=labels, pipelines=pipelines)


def counted(
    network: Counted, *, convention: ConventionName = "full", cfg: bool = False, steps: int = 1
) -> Counted:
    """The same architecture or diff with its MACs counted another way, for every figure and picture of it.

    `convention` is full, layers, thop, calflops or deepspeed; `cfg` counts two forwards a step
    (classifier-free guidance), `steps` adds up that many steps. Parameters stay. Raises ConfigError for an
    unknown convention.
    """
    if convention not in CONVENTIONS or steps < 1:
        known = ", ".join(CONVENTIONS)
        raise ConfigError(
            f"no convention {convention!r} for {steps} steps", hint=f"conventions: {known}; steps: 1 or more"
        )
    counting = Counting(convention, cfg, steps)
    if isinstance(network, Architecture):
        return conventions.counted(network, counting)
    from unetscope.analysis import diff

    return diff.counted(network, counting)


def reconcile(
    source: Source,
    figure: str | float,
    *,
    cfg: bool = False,
    steps: int = 1,
    cache_interval: int | None = None,
    cache_branch: int = 0,
    gate: int | None = None,
    torchinfo: bool = False,
    size: Extent | None = None,
    latent: Extent | None = None,
    batch: int | None = None,
) -> Reconciliation:
    """Which way of counting gives a published figure: "339G", "803 GFLOPs", 677e9.

    Each convention is tried in MACs and FLOPs, with and without guidance, for one step and for `steps`;
    where one step of `cache_interval` is whole and the others reuse what lies behind skip `cache_branch`
    (DeepCache), or cross-attention is reused after step `gate` (T-GATE), these too;
    with `torchinfo` that too, where torch is there. Raises UnetscopeError for what is not a figure, and as
    `load`.
    """
    from unetscope.analysis.cost import reconcile as reconciling

    architecture = load(source, size=size, latent=latent, batch=batch)
    info, absent = ran_torchinfo(architecture) if torchinfo else (None, "not run")
    printed = reconciling.parse(figure if isinstance(figure, str) else f"{figure:.12g}")
    asked = Counting(cfg=cfg, steps=steps, interval=cache_interval or 1, branch=cache_branch, gate=gate)
    return reconciling.reconcile(architecture, printed, asked=asked, torchinfo=info, absent=absent)


def ran_torchinfo(architecture: Architecture) -> tuple[Torchinfo | None, str]:
    """Torchinfo's own count of an architecture, or why there is none."""
    from unetscope.tracing.torchinfo_layers import count

    try:
        return count(architecture), ""
    except TraceError as error:
        return None, f"not run: {error.message}"
