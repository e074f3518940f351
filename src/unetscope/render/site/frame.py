"""The skeleton that all pages of a site share, and the files beside them."""

from __future__ import annotations

from typing import Any, TypeAlias

from markupsafe import Markup

from unetscope.render import document as documents
from unetscope.render import page as networks
from unetscope.render.diff import as_html as differences
from unetscope.render.document import document

SCRIPTS = ("site.js",)
STYLES = ("site.css",)
Link: TypeAlias = tuple[str, str, str]
"""The address of a page from the site's root, its name, and what is said of it."""


def slug(family: str) -> str:
    """A family's folder: "Stable Diffusion XL" → "stable-diffusion-xl"."""
    return "-".join(family.casefold().replace(".", "-").split())


def framed(
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
