"""An extension of Python-Markdown, for MkDocs, Zensical and others: a fence shows what a command shows.

    ```unetscope
    diagram sdxl --layout u
    ```

`markdown_extensions: [unetscope.markdown]`; options: `theme` (auto or pair) and `folder`, from which paths in
fences count. Pictures stand in the page itself, so that it does not matter where the page is served from.
"""

from __future__ import annotations

import base64
import html
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from unetscope.embedding.hosts import Illustration
from unetscope.embedding.markers import FENCE
from unetscope.errors import DocumentError, UnetscopeError
from unetscope.sites import framed, page_of, shown

_BEFORE_CODE = 27
"""Fenced code of Python-Markdown and of pymdownx.superfences is 25."""


def _coded(text: str, format: str) -> str:
    if format == "html":
        return framed(text, "unetscope")
    return f"<pre><code>{html.escape(text.rstrip(), quote=False)}\n</code></pre>"


_PAGE = page_of("fragment", _coded)


class NetworkFences(Extension):
    """Registers what replaces the fences."""

    def __init__(self, **options: Any) -> None:
        self.config = {
            "theme": ["auto", "one picture that suits light and dark, or a pair of them"],
            "folder": [".", "where paths in fences count from"],
        }
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        """Put the fences before all other code."""
        md.preprocessors.register(_Fences(md, self.getConfigs()), "unetscope", _BEFORE_CODE)


class _Fences(Preprocessor):
    def __init__(self, md: Markdown, options: dict[str, Any]) -> None:
        super().__init__(md)
        self.options = options

    def run(self, lines: list[str]) -> list[str]:
        """The lines with every fence of ours replaced by what it shows."""
        return list(self._replaced(lines))

    def _replaced(self, lines: Sequence[str]) -> Iterator[str]:
        fence, ours = "", 0
        body: list[str] = []
        for number, line in enumerate(lines, 1):
            matched = FENCE.match(line.rstrip())
            closes = bool(fence and matched and matched[1].startswith(fence) and not matched[2].strip())
            if not fence and matched:
                fence = matched[1]
                ours = number if matched[2].strip() == "unetscope" else 0
                opening, body = line, []
            if not ours:
                yield line
            elif closes:
                indent = opening[: len(opening) - len(opening.lstrip())]
                yield from ("", indent + self._stored("\n".join(body), ours, lines), "")
            elif number > ours:
                body.append(line.strip())
            if closes:
                fence, ours = "", 0
        if ours:
            raise self._failure(ours, lines, DocumentError("this fence is not closed", hint="close it"))

    def _stored(self, command: str, number: int, lines: Sequence[str]) -> str:
        try:
            display = shown(
                command, _PAGE, Path(self.options["folder"]).absolute(), theme=self.options["theme"]
            )
        except UnetscopeError as error:
            raise self._failure(number, lines, error) from error
        text = _pictured(display.figure, list(display.files.values())) if display.figure else display.text
        place: str = self.md.htmlStash.store(text)
        return place

    def _failure(self, number: int, lines: Sequence[str], error: UnetscopeError) -> Exception:
        """What ends a build: where MkDocs builds, in one line to which it adds the page."""
        page = _page(self.md)
        message = f"line {number + _above(page, lines)}: {error.message}"
        mkdocs = sys.modules.get("mkdocs.exceptions")
        if mkdocs is not None:
            failure: Exception = mkdocs.BuildError(f"{message} (hint: {error.hint})")
            return failure
        return DocumentError(f"{page.name}, {message}" if page else message, hint=error.hint)


def _pictured(figure: Illustration, pictures: Sequence[bytes]) -> str:
    """A picture as part of the page; of a pair Material shows one, chosen by the end of its address."""
    ends = ("#only-light", "#only-dark") if figure.dark else ("",)
    images = (
        f'<img alt="{html.escape(figure.alt)}" '
        f'src="data:image/svg+xml;base64,{base64.b64encode(data).decode()}{end}" class="{end.lstrip("#")}">'
        for data, end in zip(pictures, ends, strict=True)
    )
    return f"<p>{''.join(images)}</p>".replace(' class=""', "")


def _page(md: Markdown) -> Path | None:
    """The file that is read, where the tool that builds says so: MkDocs with links, Zensical in a context."""
    for treeprocessor in md.treeprocessors:
        if hasattr(treeprocessor, "file"):
            return Path(treeprocessor.file.abs_src_path)
    if "rendering_context" in md.preprocessors:
        context: Any = md.preprocessors["rendering_context"]
        return Path(context.config["root_dir"], context.config["docs_dir"], context.page.path)
    return None


def _above(page: Path | None, lines: Sequence[str]) -> int:
    """How many lines stand above the first one in the file: these tools strip the metadata there."""
    if page is None:
        return 0
    try:
        whole = page.read_text("utf-8-sig")
    except (OSError, ValueError):
        return 0
    return max(0, len(whole.rstrip().splitlines()) - len("\n".join(lines).rstrip().splitlines()))


def makeExtension(**options: Any) -> NetworkFences:
    """The extension, as Python-Markdown asks for it."""
    return NetworkFences(**options)
