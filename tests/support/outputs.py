"""What is read back from outputs: tables of pages and Markdown, the command at a picture's foot."""

from __future__ import annotations

from html.parser import HTMLParser
from xml.etree import ElementTree

from markdown_it import MarkdownIt

SVG = "{http://www.w3.org/2000/svg}"


def rendered(text: str) -> str:
    """Markdown with tables, as HTML."""
    return MarkdownIt("commonmark", {"html": True}).enable("table").render(text)


class Cells(HTMLParser):
    """The rows of the one table of a page, as text, and the tags outside it."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.inside = tag in ("td", "th") or (self.inside and tag == "strong")
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] += data


def cells(html: str) -> Cells:
    """The one table of a page."""
    found = Cells()
    found.feed(html)
    return found


def printed(picture: bytes) -> str:
    """The command in an SVG, its lines joined as a shell would."""
    texts = [
        "".join(one.itertext()).replace("\xa0", " ")
        for one in ElementTree.fromstring(picture).iter(SVG + "text")
    ]
    first = next(index for index, text in enumerate(texts) if text.startswith("unetscope "))
    whole = texts[first]
    for text in texts[first + 1 :]:
        if not whole.endswith("\\"):
            break
        whole = whole[:-1] + text
    return whole
