"""The whole product of presets and looks, measured by all rules in every theme and with both fonts.

tests/measure_every_picture.py measures it all; the tests measure a part of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any, NamedTuple

from support.pictures import UNET_LAYOUTS, texts
from support.pictures.measuring import chromium, colours, pages_of, places
from unetscope import api, zoo
from unetscope.choices import CHOICES
from unetscope.errors import OutputError
from unetscope.layout import LAYOUTS, diff, lay_out
from unetscope.layout.scene import Scene
from unetscope.render.picture import svg
from unetscope.zoo import kinship


class Slice(NamedTuple):
    """What is measured, and told, at once: one network in one layout."""

    name: str
    layout: str


def without_colours(drawn: str) -> str:
    """An SVG without what themes change: colours, their classes and style, the ids made from all of it."""
    bare = re.sub(r"<style>.*?</style>\n?", "", drawn, flags=re.DOTALL)
    return re.sub(r'#[0-9a-f]{6}\b| class="[^"]*"|\bu[0-9a-f]{10}\b', "", bare)


def all_rules(pages: dict[str, Any], *, bare: Scene, full: Scene) -> tuple[list[str], Counter[str]]:
    """Every rule on one picture in every theme, `bare` being its scene on paper; and what was counted."""
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    light = without_colours(svg.render(full, theme="light"))
    for scene, themes in ((full, ("light", "dark", "auto")), (bare, ("paper",))):
        # Places are measured once where themes are shown to differ in colours alone.
        told, found = places(pages["light"], scene, theme=themes[0])
        wrong += told + [f'"{text.content}" is cut' for text in texts(scene) if text.content.endswith("…")]
        counts += Counter(places=2, texts=2 * len(texts(scene)), shapes=len(found["grounds"]))
        for theme in themes:
            if scene is full and without_colours(svg.render(scene, theme=theme)) != light:
                wrong.append(f"{theme} moves something")
            for scheme in ("light", "dark") if theme == "auto" else ("light",):
                wrong += colours(pages[scheme], scene, found, theme=theme, scheme=scheme)
                counts["colours"] += 1
    return wrong, counts


def product_of_looks(layouts: Iterable[str] = UNET_LAYOUTS) -> list[dict[str, str]]:
    """Every layout, detail and width, and fills that mean costs once for each layout and detail."""
    looks = product(layouts, CHOICES["detail"], CHOICES["width"], ("kind", "params"))
    found = [dict(zip(("layout", "detail", "width", "color_by"), words, strict=True)) for words in looks]
    return [look for look in found if look["color_by"] == "kind" or look["width"] == "readme"]


def measured_in_slices(jobs: Iterable[Slice]) -> Iterator[tuple[Slice, list[str], Counter[str]]]:
    """Every look of each job's network in its layout: places in light and on paper, colours in every theme
    of its first look for each meaning of fills, since a theme moves nothing and looks share their roles."""
    with chromium() as browser:
        pages = pages_of(browser)
        for job in jobs:
            network, wrong, counts = api.load(job.name), [], Counter[str]()
            with_colours = {"kind", "params"}
            for look in product_of_looks((job.layout,)):
                options: dict[str, Any] = look | {"command": f"unetscope diagram {job.name}"}
                full, bare = (lay_out(network, **options, paper=paper) for paper in (False, True))
                if look["detail"] == "block" and look["color_by"] in with_colours:
                    with_colours.remove(look["color_by"])
                    told, counted = all_rules(pages, full=full, bare=bare)
                else:
                    told, counted = rules_of_places(pages["light"], full=full, bare=bare)
                wrong += [f"{job.name} {' '.join(look.values())}: {broken}" for broken in told]
                counts += counted + Counter(pictures=2)
            yield job, wrong, counts


def measured_diffs(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[Slice, list[str], Counter[str]]]:
    """The picture of every difference in each layout and width, as `measured_in_slices`."""
    with chromium() as browser:
        pages = pages_of(browser)
        for a, b in pairs:
            found, wrong, counts = api.diff(a, b), [], Counter[str]()
            for layout, width in product(diff.LAYOUTS, CHOICES["width"]):
                options: dict[str, Any] = {
                    "layout": layout,
                    "width": width,
                    "command": f"unetscope diff {a} {b}",
                }
                try:
                    full, bare = (diff.lay_out(found, **options, paper=paper) for paper in (False, True))
                except OutputError:
                    counts += Counter(refused=1)  # a layout that does not suit one of the networks
                    continue
                rules = all_rules if width == "readme" else _in_light
                told, counted = rules(pages, full=full, bare=bare)
                wrong += [f"{a} {b} {layout} {width}: {broken}" for broken in told]
                counts += counted + Counter(pictures=2)
            yield Slice(f"{a} {b}", "diff"), wrong, counts


def _in_light(pages: dict[str, Any], *, bare: Scene, full: Scene) -> tuple[list[str], Counter[str]]:
    return rules_of_places(pages["light"], bare=bare, full=full)


def version_lines() -> list[tuple[str, str]]:
    """Each bundled model with every one that it was made from."""
    ids = zoo.ids()
    return [(above.id, id) for id in ids for above in zoo.preset(id).parents if above.id in ids]


def rules_of_places(page: Any, *, bare: Scene, full: Scene) -> tuple[list[str], Counter[str]]:
    """The rules of places on one picture in light and on paper, with both fonts."""
    wrong = [
        f"{theme}, {broken}"
        for scene, theme in ((full, "light"), (bare, "paper"))
        for broken in places(page, scene, theme=theme)[0]
    ]
    wrong += [f'"{text.content}" is cut' for text in texts(full) if text.content.endswith("…")]
    return wrong, Counter(places=4, texts=2 * (len(texts(full)) + len(texts(bare))))


def slices(names: Iterable[str], layouts: Iterable[str]) -> list[Slice]:
    """A job for each layout that suits each network."""
    asked = set(layouts)
    return [
        Slice(name, layout)
        for name in names
        for layout, drawing in LAYOUTS.items()
        if layout in asked and drawing.suits(api.load(name))
    ]


def distinct_networks() -> tuple[str, ...]:
    """One bundled model of each network: those with equal weights are drawn alike."""
    return tuple({kinship.network(name): name for name in reversed(zoo.ids())}.values())[::-1]
