"""One network as a page: card, picture, module, tables, cost over size, and where each number comes from.

`page` makes a document of its own; a site's template includes the same parts, which are markup by name.
"""

from __future__ import annotations

from markupsafe import Markup

from unetscope.choices import ColorBy, CostUnit, Detail, LayoutName
from unetscope.model import Architecture
from unetscope.paths import OtherNames
from unetscope.render.document import document
from unetscope.render.page import card, curve, pictures, provenance, tables
from unetscope.render.templates import fill
from unetscope.words.safe import clean

SCRIPTS = ("picture.js", "module.js", "tables.js", "curve.js", "network.js")
"""What moves the parts, in this order."""
STYLES = ("parts.css", "network.css")


def page(
    architecture: Architecture,
    *,
    layout: LayoutName | None = None,
    detail: Detail = "block",
    color_by: ColorBy = "kind",
    unit: CostUnit = "macs",
    command: str = "",
    names: OtherNames | None = None,
) -> str:
    """A complete HTML document that fetches nothing.

    `detail` and `color_by` say which of its pictures is seen first; `command` stands at the foot. Raises
    OutputError for a layout that does not suit the network.
    """
    look = {"layout": layout, "detail": detail, "color_by": color_by, "unit": unit, "names": names}
    return document(
        "network.html.j2",
        scripts=SCRIPTS,
        styles=STYLES,
        more=code(architecture),
        title=clean(architecture.title),
        narrow=tables.narrow(architecture, unit=unit),
        parts=parts(architecture, **look),  # type: ignore[arg-type]
        command=clean(command),
    )


def parts(
    architecture: Architecture,
    *,
    layout: LayoutName | None = None,
    detail: Detail = "block",
    color_by: ColorBy = "kind",
    unit: CostUnit = "macs",
    names: OtherNames | None = None,
) -> dict[str, Markup]:
    """The parts of a page by name, each escaped markup: card, picture, tables, curve, provenance and facts.

    They need STYLES, and with a script SCRIPTS behind `code`.
    """
    texts = {
        "card": fill("part_card.html.j2", **card.values(architecture)),
        "picture": fill(
            "part_picture.html.j2",
            **pictures.values(
                architecture, layout=layout, detail=detail, color_by=color_by, unit=unit, names=names
            ),
        ),
        "tables": fill("part_tables.html.j2", tables=tables.values(architecture, unit=unit)),
        "curve": fill("part_curve.html.j2", **curve.values(architecture)),
        "provenance": fill("part_provenance.html.j2", **provenance.values(architecture)),
        "facts": fill("part_facts.html.j2", **provenance.known(architecture)),
    }
    return {name: Markup(text) for name, text in texts.items()}  # noqa: S704


def code(architecture: Architecture) -> str:
    """The function behind the curve as JavaScript; none where the network has no formula."""
    sweep = curve.formula(architecture)
    return curve.code(sweep) if sweep else ""
