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
            found = FENCE.match(line.rstrip())
            closes = bool(fence and found and found[1].startswith(fence) and not found[2].strip())
            if not fence and found:
                fence = found[1]
                ours = number if found[2].strip() == "unetscope" else 0
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
            raise _failure(f"line {ours + self._above(lines)}: this fence is not closed", "close it")

    def _stored(self, told: str, number: int, lines: Sequence[str]) -> str:
        try:
            found = shown(told, _PAGE, Path(self.options["folder"]).absolute(), theme=self.options["theme"])
        except UnetscopeError as error:
            raise _failure(f"line {number + self._above(lines)}: {error.message}", error.hint) from error
        text = _pictured(found.figure, list(found.files.values())) if found.figure else found.text
        place: str = self.md.htmlStash.store(text)
        return place

    def _above(self, lines: Sequence[str]) -> int:
        """How many lines stood above the first one in the file: MkDocs takes off what is set there."""
        page = getattr(
            next(
                (treeprocessor for treeprocessor in self.md.treeprocessors if hasattr(treeprocessor, "file")),
                None,
            ),
            "file",
            None,
        )
        try:
            whole = Path(page.abs_src_path).read_text("utf-8-sig").splitlines() if page else lines
        except (OSError, ValueError):
            return 0
        while whole and not whole[-1].strip():
            whole = whole[:-1]
        kept = len("\n".join(lines).rstrip().splitlines())
        return max(0, len(whole) - kept)


def _pictured(figure: Illustration, pictures: Sequence[bytes]) -> str:
    """A picture as part of the page; of a pair Material shows one, told by the end of its address."""
    ends = ("#only-light", "#only-dark") if figure.dark else ("",)
    images = (
        f'<img alt="{html.escape(figure.alt)}" '
        f'src="data:image/svg+xml;base64,{base64.b64encode(data).decode()}{end}" class="{end.lstrip("#")}">'
        for data, end in zip(pictures, ends, strict=True)
    )
    return f"<p>{''.join(images)}</p>".replace(' class=""', "")


def _failure(message: str, hint: str) -> Exception:
    """The error that ends a build in one line where MkDocs builds; it names the page by itself."""
    mkdocs = sys.modules.get("mkdocs.exceptions")
    if mkdocs is not None:
        failure: Exception = mkdocs.BuildError(f"{message} (hint: {hint})")
        return failure
    return DocumentError(message, hint=hint)


def makeExtension(**options: Any) -> NetworkFences:
    """The extension, as Python-Markdown asks for it."""
    return NetworkFences(**options)
