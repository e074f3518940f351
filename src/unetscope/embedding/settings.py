"""The project around a document: its folder, beyond which no marker reaches, and `[tool.unetscope]`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unetscope import files
from unetscope.errors import DocumentError
from unetscope.limits import MAX_CONFIG

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_THEMES = ("pair", "auto")


@dataclass(frozen=True, slots=True)
class Project:
    """`root`: the folder that holds pyproject.toml or .git, else the document's.

    `images`: where pictures go, from the document's folder; from the root where it starts with /. `theme`: a
    pair of pictures for light and dark pages where the document can show one, or one that suits both.
    """

    root: Path
    images: str = "."
    theme: str = "pair"

    def image_folder(self, folder: Path) -> Path:
        """Where the pictures of a document in a folder go."""
        return self.root / self.images.lstrip("/") if self.images.startswith("/") else folder / self.images


def project_of(folder: Path) -> Project:
    """The project that a folder belongs to. Raises DocumentError for settings that cannot be read."""
    for root in (folder, *folder.parents):
        if (root / "pyproject.toml").is_file():
            return Project(root, **_settings(root / "pyproject.toml"))
        if (root / ".git").exists():
            return Project(root)
    return Project(folder)


def _settings(path: Path) -> dict[str, str]:
    try:
        text = (files.read(path, most=MAX_CONFIG) or b"").decode()
        table: Any = tomllib.loads(text).get("tool", {}).get("unetscope", {})
    except (OSError, ValueError, AttributeError) as error:
        raise DocumentError(f"{path}: cannot be read as TOML", hint="does it open elsewhere?") from error
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise DocumentError(f"{path}: [tool.unetscope] takes texts", hint='images = "pictures"')
    unknown = sorted(table.keys() - {"images", "theme"})
    if unknown:
        raise DocumentError(f"{path}: [tool.unetscope] has no {unknown[0]!r}", hint="it has: images, theme")
    if table.get("theme", "pair") not in _THEMES:
        raise DocumentError(
            f"{path}: theme {table['theme']!r} is not one of pair, auto", hint='theme = "auto"'
        )
    return table
