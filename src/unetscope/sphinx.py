"""A Sphinx extension, for reStructuredText and MyST: `extensions = ["unetscope.sphinx"]`.

    .. unetscope:: diagram sdxl --layout u

shows what the command shows: a picture, a table, the page of a diff, or text. Paths count from the folder of
the document. In conf.py, `unetscope_theme = "pair"` makes a picture for light and one for dark pages, as Furo
and the PyData theme show them (classes only-light, only-dark); the default, "auto", is one that suits both.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.core import publish_doctree
from docutils.parsers.rst import directives
from sphinx.addnodes import only
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from unetscope import files
from unetscope.cli.showing import Display
from unetscope.embedding.markers import command_of
from unetscope.errors import UnetscopeError
from unetscope.sites import framed, named, page_of, shown

_FOLDER = "unetscope"
"""Where pictures are kept, beside Sphinx's own doctrees, until they are copied into the site."""


def _as_it_is(text: str, format: str) -> str:
    del format
    return text


_PAGE = page_of("rst", _as_it_is)


class NetworkDirective(SphinxDirective):
    """`.. unetscope:: COMMAND`, on one line or several."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[Any] = {
        "alt": directives.unchanged,
        "width": directives.length_or_percentage_or_unitless,
    }

    def run(self) -> list[nodes.Node]:
        """The nodes of what is shown. Ends the build where it cannot be."""
        command = self.arguments[0]
        folder = Path(self.env.doc2path(self.env.docname)).parent
        try:
            for path in named(command_of(command)[0], folder):
                self.env.note_dependency(str(path))
            display = shown(command, _PAGE, folder, theme=self.config.unetscope_theme)
        except UnetscopeError as error:
            raise ExtensionError(f"{self.get_location()}: {error}") from error
        content = list(self._nodes(command, display, folder))
        for node in content:
            self.set_source_info(node)
        return content

    def _nodes(self, command: str, display: Display, folder: Path) -> Iterator[nodes.Node]:
        if display.figure:
            yield from self._images(display)
        elif display.format == "rst":
            yield from publish_doctree(display.text, settings_overrides={"report_level": 5}).children
        elif display.format == "html":
            yield only("", nodes.raw("", framed(display.text, command), format="html"), expr="html")
            text = shown(f"{command} --format text", _PAGE, folder, theme=self.config.unetscope_theme).text
            yield only("", nodes.literal_block(text, text, language="text"), expr="not html")
        else:
            yield nodes.literal_block(display.text, display.text, language=display.format)

    def _images(self, display: Display) -> Iterator[nodes.Node]:
        """A picture, or a pair of them, as SVG and as PNG, of which each builder takes what it can show."""
        from unetscope.render.picture import png

        cache = Path(self.env.doctreedir, _FOLDER)
        pair = bool(display.figure and display.figure.dark)
        for (path, data), theme in zip(display.files.items(), ("only-light", "only-dark"), strict=False):
            files.write(cache / path.name, data, make_folder=True)
            files.write(cache / f"{path.stem}.png", png.render(data.decode()))
            uri = os.path.relpath(cache / f"{path.stem}.*", self.env.srcdir)
            alt = self.options.get("alt") or (display.figure.alt if display.figure else "")
            image = nodes.image("", uri=f"/{Path(uri).as_posix()}", alt=alt)
            image["classes"] += [theme] * pair
            if "width" in self.options:
                image["width"] = self.options["width"]
            yield image


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and its setting."""
    app.add_config_value("unetscope_theme", "auto", "env", str)
    app.add_directive("unetscope", NetworkDirective)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
