"""A static site of the bundled models: what is on which page, and the files of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from unetscope import files, zoo
from unetscope.api import budgets, charting, commands, lineage, loading, pictures
from unetscope.api.differences import diff
from unetscope.zoo import lineage as lines
from unetscope.zoo.preset import FAMILIES

if TYPE_CHECKING:
    from unetscope.render.site import Link, Told


def site(folder: Path, *, only: tuple[str, ...] = (), tell: Callable[[str], None] | None = None) -> int:
    """Write the site of all bundled models, or of some, into a folder; the number of files written.

    Raises OutputError where a file cannot be written.
    """
    ids = only or (*zoo.ids(), *zoo.unpublished())
    networks = [("network", id) for id in ids]
    # Charts and diffs read traces that the pages of networks leave in the cache where none is bundled.
    jobs = [*networks, ("charts", "charts"), *(("diff", f"{a}..{b}") for a, b in _pairs(ids))]
    count = _written(folder, _first_pages(ids))
    rows: dict[str, Told] = {}
    with ProcessPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        results = pool.map(_job, [(str(folder), kind, name, ids) for kind, name in jobs], chunksize=4)
        for done, (name, written, told_of_diff) in enumerate(results, 1):
            count += written
            rows |= told_of_diff
            if tell is not None:
                tell(f"{done} of {len(jobs)} pages: {name}")
    return count + _written(folder, _diff_index(rows))


def _pairs(ids: tuple[str, ...]) -> list[tuple[str, str]]:
    """Models and what was made of them, or came after them, that both have a network."""
    parents = [(parent.id, id) for id in zoo.ids() for parent in zoo.preset(id).parents]
    listed = [(model, other) for model, others in lines.LINES.items() for other in others.split()]
    having = set(ids) & set(zoo.ids())
    return [pair for pair in dict.fromkeys((*parents, *listed)) if set(pair) <= having and _alike(*pair)]


def _links(ids: tuple[str, ...], members: Collection[str]) -> list[Link]:
    """The pages of differences from or to one of `members`, each with the title of the other side."""
    return [
        (f"diff/{a}..{b}/index.html", f"{a} → {b}", zoo.preset(b if a in members else a).title)
        for a, b in _pairs(ids)
        if a in members or b in members
    ]


def _alike(a: str, b: str) -> bool:
    return zoo.preset(a).class_name == zoo.preset(b).class_name


def _job(job: tuple[str, str, str, tuple[str, ...]]) -> tuple[str, int, dict[str, Told]]:
    """One page and its pictures, in a process of its own; its name, how many files, and of a diff what the
    list of all diffs says of it."""
    folder, kind, name, ids = job
    rows: dict[str, Told] = {}
    match kind:
        case "charts":
            pages = _charts(ids)
        case "network":
            pages = _network(name, ids)
        case _:
            pages = _diff(name, rows)
    return name, _written(Path(folder), pages), rows


def _written(folder: Path, pages: Iterator[tuple[str, bytes]]) -> int:
    count = 0
    for file, data in pages:
        files.write(folder / file, data, make_folder=True)
        count += 1
    return count


def _network(id: str, ids: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    from unetscope.render import site as pages

    preset = zoo.preset(id)
    if preset.unpublished:
        yield f"{id}/index.html", pages.without_network(preset, among=ids).encode()
        return
    architecture = loading.load(id)
    yield f"{id}/diagram.svg", pictures.draw(architecture, theme="auto", command=f"unetscope diagram {id}")
    yield f"{id}/index.html", pages.network(architecture, preset, diffs=_links(ids, [id]), among=ids).encode()


def _charts(ids: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """All bundled networks by parameters and MACs, and those of the site by memory."""
    from unetscope.render import site as pages

    yield "charts/zoo.svg", charting.chart(kind="zoo", theme="auto")
    totals = [
        (
            "zoo.svg",
            "Parameters and MACs of all networks",
            "unetscope chart --kind zoo --theme auto -o zoo.svg",
        )
    ]
    memories = [budgets.memory_of(loading.load(id)) for id in ids if not zoo.preset(id).unpublished]
    yield "charts/index.html", pages.charts(totals, memories).encode()


def _diff(pair: str, rows: dict[str, Told]) -> Iterator[tuple[str, bytes]]:
    from unetscope.render import site as pages

    a, b = pair.split("..")
    known = (a, b) in set(lines.pairs())
    difference = diff(a, b, causes=known)
    rows[pair] = pages.told_of(difference)
    yield f"diff/{pair}/index.html", pages.difference(difference).encode()


def _diff_index(rows: Mapping[str, Told]) -> Iterator[tuple[str, bytes]]:
    from unetscope.render import site as pages

    yield "diff/index.html", pages.diff_index(rows).encode()


def _first_pages(ids: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """What stands above the networks: the list, families, the tree, the list of diffs."""
    from unetscope.render import site as pages

    yield from pages.assets().items()
    known = [zoo.preset(id) for id in ids]
    families = [family for family in FAMILIES if any(preset.family == family for preset in known)]
    yield "index.html", pages.index(known, families=families, diffs=len(_pairs(ids))).encode()
    for name in families:
        members = [preset for preset in known if preset.family == name]
        again, of_family = command_of_tree(ids, name), [member.id for member in members]
        grown = lineage.grown(among=of_family)
        diffs = _links(ids, of_family)
        page = pages.family(name, members, grown, command=again, among=ids, diffs=diffs)
        yield f"family/{pages.slug(name)}/index.html", page.encode()
        if grown.relatives:
            picture = lineage.family_tree(theme="auto", among=of_family, command=again)
            yield f"family/{pages.slug(name)}/tree.svg", picture
    again = command_of_tree(ids)
    yield "tree/tree.svg", lineage.family_tree(theme="auto", among=ids, command=again)
    yield "tree/index.html", pages.tree(lineage.grown(among=ids), command=again, among=ids).encode()


def command_of_tree(ids: tuple[str, ...], family: str = "") -> str:
    """What draws the tree of a page again; "" for a site of some models, whose tree no command draws."""
    if set(ids) < {*zoo.ids(), *zoo.unpublished()}:
        return ""
    flags: list[commands.Flag] = [("--family", family)] if family else []
    return commands.line("list", [], [*flags, ("--format", "svg"), ("--theme", "auto"), ("--tree", None)])
