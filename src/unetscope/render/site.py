"""The pages of a static site: one a network, a diff, a family; a tree; a table of all with search.

Pages link to each other by relative addresses, fetch nothing from elsewhere and work from a disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from markupsafe import Markup, escape

from unetscope import units, zoo
from unetscope.analysis.memory.budget import Memory
from unetscope.difference import Diff
from unetscope.model import Architecture
from unetscope.render import document as documents
from unetscope.render import origins, presets
from unetscope.render import page as networks
from unetscope.render.diff import as_html as differences
from unetscope.render.document import document
from unetscope.render.page import tables
from unetscope.render.templates import fill
from unetscope.zoo import Preset, kinship
from unetscope.zoo.preset import FAMILIES

SCRIPTS = ("site.js",)
STYLES = ("site.css",)
_NETWORK, _DIFF = Markup(" data-network"), Markup(" data-diff")
Link: TypeAlias = tuple[str, str, str]
"""The address of a page from the site's root, its name, and what is said of it."""


def slug(family: str) -> str:
    """A family's folder: "Stable Diffusion XL" → "stable-diffusion-xl"."""
    return "-".join(family.casefold().replace(".", "-").split())


def index(known: Sequence[Preset], *, families: Sequence[str], diffs: int) -> str:
    """The first page: every model in one table that is searched on the page."""
    rows = [_row(one) for one in sorted(known, key=lambda one: (list(FAMILIES).index(one.family), one.id))]
    return _page(
        "site_index.html.j2",
        title="unetscope: what is inside diffusion networks",
        root="./",
        rows=rows,
        families=[_family(one, [model for model in known if model.family == one]) for one in families],
        diffs=diffs,
    )


def _family(name: str, known: Sequence[Preset]) -> dict[str, str]:
    """A family on the first page: how many models, and one for its picture, of which most were made."""
    drawn = [one.id for one in known if zoo.totals(one.id)]
    told = "1 model" if len(known) == 1 else f"{len(known)} models"
    return {
        "folder": slug(name),
        "name": name,
        "told": told,
        "id": max(drawn, key=lambda id: len(kinship.children(id)), default=""),
    }


def network(
    architecture: Architecture, preset: Preset, *, diffs: Sequence[Link], among: Sequence[str]
) -> str:
    """The page of a network: the one of `diagram -o x.html`, with facts, relatives, commands and sources."""
    parts = networks.parts(architecture)
    return _page(
        "site_network.html.j2",
        scripts=(*networks.SCRIPTS, *SCRIPTS),
        styles=networks.STYLES,
        more=networks.code(architecture),
        title=architecture.title,
        root="../",
        kind=_NETWORK,
        narrow=tables.narrow(architecture, unit="macs"),
        parts=parts,
        facts=parts["facts"],
        diffs=[(f"../{address}", name, told) for address, name, told in diffs],
        **_known(preset, among),
    )


def without_network(preset: Preset, *, among: Sequence[str]) -> str:
    """The page of a model that is known by facts alone."""
    facts = fill("part_facts.html.j2", facts=presets.rows(preset))
    return _page(
        "site_network.html.j2",
        styles=networks.STYLES,
        title=preset.title,
        root="../",
        parts=None,
        facts=Markup(facts),  # noqa: S704
        diffs=[],
        **_known(preset, among),
    )


def difference(diff: Diff) -> str:
    """The page of a diff between two models: the one of `diff -o x.html`, with links and commands."""
    a, b = diff.a.id, diff.b.id
    return _page(
        "site_diff.html.j2",
        scripts=(*differences.SCRIPTS, *SCRIPTS),
        styles=differences.STYLES,
        title=differences.title(diff),
        root="../../",
        kind=_DIFF,
        narrow=differences.narrow(diff),
        part=differences.part(diff),
        networks=[(f"../../{id}/index.html", id, zoo.preset(id).title) for id in (a, b)],
        commands=_commands_of_diff(a, b),
    )


def _page(
    template: str,
    *,
    scripts: tuple[str, ...] = SCRIPTS,
    styles: tuple[str, ...] = (),
    kind: Markup = Markup(""),  # noqa: B008  # it never changes
    narrow: int = 0,
    **values: Any,
) -> str:
    """A page of the site, whose styles and scripts lie in files that all its pages share."""
    return document(template, scripts=scripts, styles=(*styles, *STYLES), kind=kind, narrow=narrow, **values)


def assets() -> dict[str, bytes]:
    """The files that the pages share."""
    return documents.assets((*networks.SCRIPTS, *networks.STYLES, *differences.SCRIPTS, *differences.STYLES,
                             *SCRIPTS, *STYLES))  # fmt: skip


def _known(preset: Preset, among: Sequence[str]) -> dict[str, Any]:
    """What the page of any model holds."""
    return {
        "id": preset.id,
        "relatives": _relatives(preset, among),
        "sources": list(origins.sources(preset)),
        "family": (slug(preset.family), preset.family),
        "cite": Markup(escape(_cite(preset))),  # noqa: S704  # its lines stay lines
        "commands": _commands(preset),
    }


def family(name: str, known: Sequence[Preset]) -> str:
    """The page of a family: its models and the tree of their lines."""
    rows = [_row(one) for one in sorted(known, key=lambda one: (one.year or 0, one.id))]
    has_tree = any(one.parents or kinship.children(one.id) for one in known)
    return _page("site_family.html.j2", title=name, root="../../", rows=rows, has_tree=has_tree)


def page(title: str, pictures: Sequence[Link]) -> str:
    """A page of pictures, each with its caption and the command that draws it."""
    return _page("site_pictures.html.j2", title=title, root="../", pictures=pictures)


def charts(pictures: Sequence[Link], memories: Sequence[Memory]) -> str:
    """The page of charts: pictures, and the memory of each network as a bar, the largest first."""
    return _page("site_charts.html.j2", title="Charts", root="../", pictures=pictures, memory=_bars(memories))


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
        for memory in sorted(memories, key=lambda one: -one.held - one.peak.bytes)
    ]


def diff_index(links: Sequence[Link]) -> str:
    """The list of all diffs."""
    return _page("site_diffs.html.j2", title="Differences", root="../", links=links)


def _row(one: Preset) -> dict[str, Any]:
    totals = zoo.totals(one.id)
    return {
        "id": one.id,
        "title": one.title,
        "family": one.family,
        "params": units.params(totals.params) if totals else "–",
        "macs": units.macs(totals.macs) if totals else "–",
        "year": str(one.year or ""),
        "licence": one.licence or "",
        "words": " ".join((one.id, one.title, one.class_name, one.family, one.licence or "", *one.aliases)),
    }


def _relatives(preset: Preset, among: Sequence[str]) -> list[Link]:
    """Parents, children and models of the same network, of those that have a page."""
    above = [
        (f"../{parent.id}/index.html", parent.id, f"its parent, by {parent.step}")
        for parent in preset.parents
    ]
    below = [
        (f"../{id}/index.html", id, f"made from it by {zoo.preset(id).parents[0].step}")
        for id in kinship.children(preset.id)
    ]
    same = [
        (f"../{id}/index.html", id, "the same network")
        for id in zoo.ids()
        if id != preset.id and preset.config and kinship.network(id) == kinship.network(preset.id)
    ]
    told = {address for address, *_ in (*above, *below)}
    found = [*above, *below, *(link for link in same if link[0] not in told)]
    return [link for link in found if link[1] in among]


def _commands(preset: Preset) -> list[tuple[str, str]]:
    id = preset.id
    told = [
        ("what is known", f"unetscope show {id}"),
        ("where facts were read", f"unetscope show {id} --sources"),
        ("its line", f"unetscope list --tree {id}"),
    ]
    if preset.unpublished:
        return told
    return [
        ("this page", f"unetscope diagram {id} -o {id}.html"),
        ("memory", f"unetscope memory {id}"),
        *told,
    ]


def _commands_of_diff(a: str, b: str) -> list[tuple[str, str]]:
    return [
        ("what differs", f"unetscope diff {a} {b}"),
        ("this page", f"unetscope diff {a} {b} -o diff.html"),
        ("the picture", f"unetscope diff {a} {b} -o diff.svg"),
        ("facts side by side", f"unetscope compare {a} {b} --differing"),
    ]


def _cite(preset: Preset) -> str:
    """A BibTeX entry for what was published, of what is known."""
    year = f",\n  year = {{{preset.year}}}" if preset.year else ""
    hub = f",\n  howpublished = {{Hugging Face Hub, {preset.hub}}}" if preset.hub else ""
    return f"@misc{{{preset.id},\n  title = {{{preset.title}}}{hub}{year}\n}}"
