"""The Jinja2 environment: markup skeletons, found in the installed package or beside src/."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from unetscope.words import safe

_PACKAGE = Path(__file__).resolve().parents[1]
# An editable install has no templates inside the package: there they stand beside src/.
_FOLDERS = (_PACKAGE / "templates", _PACKAGE.parents[1] / "templates")


def _harmless(value: object) -> object:
    """What a template is about to show; markup of ours was made of harmless text."""
    return safe.line(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def environment() -> Environment:
    """Autoescaping, strict about unknown names."""
    return Environment(
        loader=FileSystemLoader(_FOLDERS),
        autoescape=True,
        finalize=_harmless,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )


def fill(name: str, **values: object) -> str:
    """The template of that name with its values filled in."""
    return environment().get_template(name).render(**values)
