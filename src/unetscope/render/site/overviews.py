"""The pages above the models: all of them in a table, a family, the list of differences, charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from unetscope import zoo
from unetscope.analysis.family_tree import FamilyTree, Relative
from unetscope.analysis.memory.budget import Memory
from unetscope.difference import Diff
from unetscope.render.site.frame import Link, framed, slug
from unetscope.words import diff as words
from unetscope.words import units
from unetscope.zoo import Preset, kinship
from unetscope.zoo.preset import FAMILIES

Told: TypeAlias = dict[str, str]
"""What the list of all diffs says of one, by name."""


def index(known: Sequence[Preset], *, families: Sequence[str], diffs: int) -> str:
    """The first page: every model in one table that is searched on the page."""
    rows = [
        _row(model)
        for model in sorted(known, key=lambda model: (list(FAMILIES).index(model.family), model.id))
    ]
    return framed(
        "site_index.html.j2",
        title="unetscope: what is inside diffusion networks",
        root="./",
        rows=rows,
        families=[_family(name, [model for model in known if model.family == name]) for name in families],
        diffs=diffs,
        of_family=False,
        licensed=True,
    )


def _family(name: str, known: Sequence[Preset]) -> dict[str, str]:
    """A family on the first page: how many models, and one for its picture, of which most were made."""
    return {"folder": slug(name), "name": name, "told": _models(known), "id": _pictured(known)}


def _models(known: Sequence[Preset]) -> str:
    return "1 model" if len(known) == 1 else f"{len(known)} models"


def _pictured(known: Sequence[Preset]) -> str:
    """The model that stands for a family: of those with a network the one of which most were made; "" where
    none has one."""
    having = [preset.id for preset in known if zoo.totals(preset.id)]
    return max(having, key=lambda id: len(kinship.children(id)), default="")


def _lead(known: Sequence[Preset]) -> str:
    """A family in a sentence: "8 models, 2024 to 2025; their networks hold 11.9 B parameters"."""
    years = sorted({preset.year for preset in known if preset.year})
    sizes = sorted(totals.params for preset in known if (totals := zoo.totals(preset.id)))
    when = f", {_span([str(year) for year in years])}" if years else ""
    if not sizes:
        return f"{_models(known)}{when}; no network of them is published."
    whose = "its network holds" if len(known) == 1 else "their networks hold"
    return f"{_models(known)}{when}; {whose} {_span([units.params(size) for size in sizes])} parameters."


def _span(values: Sequence[str]) -> str:
    """The first and the last of values in order, or the only one."""
    return values[0] if values[0] == values[-1] else f"{values[0]} to {values[-1]}"


def family(
    name: str,
    known: Sequence[Preset],
    grown: FamilyTree,
    *,
    command: str,
    among: Sequence[str],
    diffs: Sequence[Link],
) -> str:
    """The page of a family: its models, the tree of their lines, which `command` draws, their differences and
    the picture of one; `among` are the models that have a page."""
    rows = [_row(preset) for preset in sorted(known, key=lambda preset: (preset.year or 0, preset.id))]
    return framed(
        "site_family.html.j2",
        title=name[0].upper() + name[1:],
        root="../../",
        of_family=True,
        lead=_lead(known),
        rows=rows,
        licensed=any(row["licence"] for row in rows),
        diffs=[(f"../../{address}", pair, summary) for address, pair, summary in diffs],
        pictured=next((preset for preset in known if preset.id == _pictured(known)), None),
        line=_below(grown, among),
        command=command,
    )


def tree(grown: FamilyTree, *, command: str, among: Sequence[str]) -> str:
    """The page of the lines of all models: the tree, which `command` draws, and the same as a list."""
    line = _below(grown, among)
    return framed("site_tree.html.j2", title="Family tree", root="../", line=line, command=command)


def _below(grown: FamilyTree, among: Sequence[str], above: int | None = None) -> list[dict[str, Any]]:
    """What was made from a model of a tree, each with what was made from it in turn."""
    return [
        {
            "id": relative.id,
            "step": relative.step,
            "told": " · ".join(
                part for part in (_size(relative), str(relative.year or ""), _shared(relative)) if part
            ),
            "has_page": relative.id in among,
            "below": _below(grown, among, at),
        }
        for at, relative in enumerate(grown.relatives)
        if relative.above == above
    ]


def _size(relative: Relative) -> str:
    return units.params(relative.params) if relative.params else "no network published"


def _shared(relative: Relative) -> str:
    return f"network {relative.network}" if relative.network else ""


def charts(pictures: Sequence[Link], memories: Sequence[Memory]) -> str:
    """The page of charts: pictures, and the memory of each network as a bar, the largest first."""
    return framed(
        "site_charts.html.j2", title="Charts", root="../", pictures=pictures, memory=_bars(memories)
    )


def _bars(memories: Sequence[Memory]) -> list[dict[str, Any]]:
    """A row per network; `until` is where its weights end and `further` how much longer its activations are,
    in thousandths of the largest sum."""
    most = max((memory.held + memory.peak.bytes for memory in memories), default=1)
    return [
        {
            "id": memory.architecture.id,
            "until": round(1000 * memory.held / most, 2),
            "further": round(1000 * memory.peak.bytes / most, 2),
            "weights": units.bytes_(memory.held),
            "activations": units.bytes_(memory.peak.bytes),
            "together": units.bytes_(memory.held + memory.peak.bytes),
        }
        for memory in sorted(memories, key=lambda record: -record.held - record.peak.bytes)
    ]


def told_of(diff: Diff) -> Told:
    """What the list of all diffs says of one: the step from A to B, the verdict, how many parameters more."""
    step = next((parent.step for parent in zoo.preset(diff.b.id).parents if parent.id == diff.a.id), "")
    return {
        "a": diff.a.id,
        "b": diff.b.id,
        "step": step,
        "verdict": words.verdict(diff.verdict),
        "params": words.delta(diff.a.cost.params, diff.b.cost.params),
        "share": words.percent(diff.a.cost.params, diff.b.cost.params),
    }


def _place(item: tuple[str, Told]) -> tuple[int, str, int, str]:
    """The oldest first, by what a diff leads from."""
    a, b = (zoo.preset(item[1][side]) for side in "ab")
    return a.year or 0, a.id, b.year or 0, b.id


def diff_index(listed: Mapping[str, Told]) -> str:
    """The list of all diffs by the family of what they lead from, searched on the page."""
    families: dict[str, list[dict[str, str]]] = {family: [] for family in FAMILIES}
    for pair, row in sorted(listed.items(), key=_place):
        titles = [zoo.preset(row[side]).title for side in "ab"]
        families[zoo.preset(row["a"]).family].append(
            {**row, "address": f"{pair}/index.html", "words": " ".join((*row.values(), *titles))}
        )
    sections = [(name, rows) for name, rows in families.items() if rows]
    return framed("site_diffs.html.j2", title="Differences", root="../", families=sections, count=len(listed))


def _row(preset: Preset) -> dict[str, Any]:
    totals = zoo.totals(preset.id)
    return {
        "id": preset.id,
        "title": preset.title,
        "family": preset.family,
        "params": units.params(totals.params) if totals else "–",
        "macs": units.macs(totals.macs) if totals else "–",
        "year": str(preset.year or ""),
        "licence": preset.licence or "",
        "words": " ".join(
            (preset.id, preset.title, preset.class_name, preset.family, preset.licence or "", *preset.aliases)
        ),
    }
