"""One skeleton for every page with a script: styles and script inside, and nothing from elsewhere.

The page's own policy names its script by a hash, so that a browser would run no other, wherever it came from.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from typing import Any

from markupsafe import Markup

from unetscope.render.templates import environment, fill
from unetscope.words import safe


def document(template: str, *, scripts: tuple[str, ...], more: str = "", **values: object) -> str:
    """A template that extends page.html.j2, filled in.

    `scripts` are files beside it, run in this order behind `more`, which is code of ours.
    """
    parts = (more, *(environment().get_template(name).render() for name in scripts))
    script = "\n" + "\n".join(part.strip() for part in parts if part) + "\n"
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    # Written by us, with nothing in it that a file said.
    return fill(template, script=Markup(script), digest=digest, **values)  # noqa: S704


def embedded(value: Any) -> Markup:
    """A value as JSON inside a page: no text in it can end the element that it stands in."""
    plain = safe.json(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    for sign in "<>&":
        plain = plain.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(plain)  # noqa: S704
