"""The documentation as a site: `python -m sphinx -W -b html docs site`, with the extra `docs`.

Sphinx with MyST, since the pages are plain Markdown that GitHub shows too, every link and anchor is checked,
and warnings are errors; Furo, since it has a dark scheme and needs no script from elsewhere.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent
OUTSIDE = re.compile(r"\]\((?:\.\./)+([\w./-]+)(#[\w-]+)?\)")
"""Links to files of the repository that are no pages of the site: they lead to the repository."""
REACHABLE = {
    # what Sphinx leaves out of its HTML: the level of captions, and that keys reach what scrolls
    'role="heading">': 'role="heading" aria-level="2">',
    "<pre>": '<pre tabindex="0">',
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
}
PAIR = re.compile(
    r'<picture>\s*<source media="\(prefers-color-scheme: dark\)" srcset="([^"]+)">'
    r'\s*<img alt="([^"]+)" src="([^"]+)"([^>]*)>\s*</picture>'
)
SHOWN_ONE = r'<img class="only-light" alt="\2" src="\3"\4><img class="only-dark" alt="\2" src="\1"\4>'
"""Furo has a switch for the scheme, which <picture> does not follow and these classes do."""
TITLES = {"stable-diffusion": "Stable Diffusion 1.5 to SDXL-Lightning"}
"""Of pages that a command writes, whose own title says less."""
CONTENTS = re.compile(r"^<!-- contents\n(.*?)^-->$", re.DOTALL | re.MULTILINE)
"""What lists the pages for the site is a comment on GitHub, where it would stand as code."""
GALLERY = re.compile(r"(?:\.\./)+outputs/gallery/")
URLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]
PICTURES = {"gallery": ROOT / "outputs" / "gallery", "pictures": ROOT / "docs" / "pictures"}

project, author = "unetscope", "The unetscope contributors"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "unetscope"
html_show_copyright = False
html_static_path = ["static"]
html_css_files = ["site.css"]
pygments_dark_style = "github-dark"
html_baseurl = URLS["Documentation"]
exclude_patterns = ["pictures", "static"]
myst_heading_anchors = 3
# Notebooks and scripts beside the pages are files to be fetched, and what a console shows is no program
suppress_warnings = ["misc.highlighting_failure"]


def moved(app: Sphinx, name: str, source: list[str]) -> None:
    """Point what leads out of the folder of the pages to where it is on the site or in the repository."""
    up = "../" * name.count("/")
    here = (ROOT / "docs" / name).parent

    def outside(found: re.Match[str]) -> str:
        target = (here / found[0][2:-1].partition("#")[0]).resolve()
        if target.is_relative_to(ROOT / "docs"):
            return found[0]
        return f"]({URLS['Source']}/blob/main/{target.relative_to(ROOT).as_posix()}{found[2] or ''})"

    # A page that a command writes begins with its title in bold
    title = TITLES.get(name, r"\1")
    source[0] = re.sub(r"\A\*\*(.+)\*\*$", f"# {title}", source[0], count=1, flags=re.MULTILINE)
    source[0] = CONTENTS.sub(r"\1", PAIR.sub(SHOWN_ONE, source[0]))
    source[0] = GALLERY.sub(f"{up}gallery/", OUTSIDE.sub(outside, source[0]))


def finished(app: Sphinx, error: Exception | None) -> None:
    """Put the pictures that HTML on the pages names beside them, and mend what keeps somebody out."""
    if error is not None or app.builder.format != "html":
        return
    for name, folder in PICTURES.items():
        shutil.copytree(folder, Path(app.outdir, name), dirs_exist_ok=True)
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for found, mended in REACHABLE.items():
            text = text.replace(found, mended)
        page.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect both to the build."""
    app.connect("source-read", moved)
    app.connect("build-finished", finished)
    return {"parallel_read_safe": True}
