"""The whole product of presets and looks, measured by all rules in every theme and with both fonts.

tests/measure_every_picture.py measures it all; the tests measure a part of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import product
from typing import Any

from support.pictures import UNET_LAYOUTS, texts
from support.pictures.measuring import chromium, colours, pages_of, places
from unetscope import api
from unetscope.choices import CHOICES
from unetscope.layout import LAYOUTS, lay_out
from unetscope.layout.scene import Scene
from unetscope.render.picture import svg


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


def measure_preset(name: str) -> tuple[list[str], Counter[str]]:
    """Every look of one preset."""
    network, wrong, counts = api.load(name), [], Counter[str]()
    with chromium() as browser:
        pages = pages_of(browser)
        for look in product_of_looks(name for name, one in LAYOUTS.items() if one.suits(network)):
            options: dict[str, Any] = look | {"command": f"unetscope diagram {name}"}
            told, counted = all_rules(
                pages, full=lay_out(network, **options), bare=lay_out(network, **options, paper=True)
            )
            wrong += [f"{name} {' '.join(look.values())}: {one}" for one in told]
            counts += counted + Counter(pictures=4)
    return wrong, counts
