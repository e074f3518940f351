"""One skeleton for every page with a script: nothing in it is fetched from another place.

A page of its own holds its styles and script; pages of a site link to files that they share. The page's own
policy names its script by a hash, so that a browser would run no other, wherever it came from.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from unetscope.render.templates import environment, fill
from unetscope.words import safe

STYLES = ("page.css", "explore.css")
"""What every page begins with."""


def document(
    template: str,
    *,
    scripts: tuple[str, ...],
    styles: tuple[str, ...] = (),
    more: str = "",
    root: str = "",
    **values: object,
) -> str:
    """A template that extends page.html.j2, filled in.

    `scripts` and `styles` are files beside it, in this order, behind `more`, which is code of ours. They
    stand inside the page, or, with the address of a site's `root`, in its folder of assets.
    """
    used = (*STYLES, *styles)
    parts = (more,) if root else (more, *map(asset, scripts))
    script = "".join(f"{part.strip()}\n" for part in parts if part)
    script = f"\n{script}" if script else ""
    return fill(
        template,
        # Written by us, with nothing in it that a file said.
        script=Markup(script),  # noqa: S704
        style=Markup("" if root else "".join(map(asset, used))),  # noqa: S704
        policy=_policy(script, shared=bool(root)),
        linked={"styles": used, "scripts": scripts} if root else {"styles": (), "scripts": ()},
        root=root,
        **values,
    )


def _policy(script: str, *, shared: bool) -> Markup:
    """What a browser may use: this script, and with files that are shared those beside the page."""
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    beside = "'self' file: " if shared else ""
    images = f"img-src {beside.strip()}; " if shared else ""
    own = f"'sha256-{digest}'" if script else ""
    rules = f"default-src 'none'; {images}style-src {beside}'unsafe-inline'; script-src {beside}{own}"
    return Markup(rules.strip())  # noqa: S704


def asset(name: str) -> str:
    """A style or script as the text of a file."""
    return environment().get_template(name).render()


def assets(names: Iterable[str]) -> dict[str, bytes]:
    """Files of a site's folder of assets, by their addresses from its root."""
    return {f"assets/{name}": asset(name).encode() for name in dict.fromkeys((*STYLES, *names))}


def packed(value: Any) -> Markup:
    """A value as deflated JSON in base64, a tenth as long; `unpacked` of picture.js is its other end."""
    plain = safe.json(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    return Markup(b64encode(zlib.compress(plain.encode(), 9)).decode())  # noqa: S704
