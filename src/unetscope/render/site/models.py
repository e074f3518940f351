"""The page of a model, with a network or without, and of a difference between two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape

from unetscope import zoo
from unetscope.difference import Diff
from unetscope.model import Architecture
from unetscope.render import origins, presets
from unetscope.render import page as networks
from unetscope.render.diff import as_html as differences
from unetscope.render.page import tables
from unetscope.render.site.frame import SCRIPTS, Link, framed, slug
from unetscope.render.templates import fill
from unetscope.zoo import Preset, kinship

_NETWORK, _DIFF = Markup(" data-network"), Markup(" data-diff")


def network(
    architecture: Architecture, preset: Preset, *, diffs: Sequence[Link], among: Sequence[str]
) -> str:
    """The page of a network: the one of `diagram -o x.html`, with facts, relatives, commands and sources."""
    parts = networks.parts(architecture)
    return framed(
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
        diffs=[(f"../{address}", name, sentence) for address, name, sentence in diffs],
        **_known(preset, among),
    )


def without_network(preset: Preset, *, among: Sequence[str]) -> str:
    """The page of a model that is known by facts alone."""
    facts = fill("part_facts.html.j2", facts=presets.rows(preset))
    return framed(
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
    return framed(
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
    listed = {address for address, *_ in (*above, *below)}
    links = [*above, *below, *(link for link in same if link[0] not in listed)]
    return [link for link in links if link[1] in among]


def _commands(preset: Preset) -> list[tuple[str, str]]:
    id = preset.id
    commands = [
        ("what is known", f"unetscope show {id}"),
        ("where facts were read", f"unetscope show {id} --sources"),
        ("its line", f"unetscope list --tree {id}"),
    ]
    if preset.unpublished:
        return commands
    return [
        ("this page", f"unetscope diagram {id} -o {id}.html"),
        ("memory", f"unetscope memory {id}"),
        *commands,
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
