"""What a file may not hold, whatever text made it; rules apart from the code that makes text harmless."""

from __future__ import annotations

import csv
import html.parser
import io
import json
import re
import unicodedata
from pathlib import Path
from xml.etree import ElementTree


def harmful(text: str) -> list[str]:
    """Raw characters that a terminal or an editor would obey, or that nobody sees."""
    kept = "\n\t\u200d"
    return [
        f"U+{ord(c):04X}"
        for c in text
        if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Cn") and c not in kept
    ]


def judged_svg(text: str) -> list[str]:
    """What is more than a picture in an SVG."""
    drawn = (
        "svg title desc style rect path text circle g defs pattern polygon ellipse tspan polyline line use"
    )
    bad = ["entity"] if "<!ENTITY" in text else []
    for element in ElementTree.fromstring(text).iter():
        tag = element.tag.rpartition("}")[2]
        bad += [f"element {tag}"] if tag not in [*drawn.split(), "clipPath"] else []
        for key, value in element.attrib.items():
            name = key.rpartition("}")[2].lower()
            is_told = name.startswith(("data-", "aria-"))
            bad += [f"attribute {name}"] if name.startswith("on") else []
            bad += [f"link {value}"] if name in ("href", "src") and not value.startswith("#") else []
            bad += (
                [f"reference {value}"] if not is_told and re.search(r"javascript:|url\((?!#)", value) else []
            )
        bad += (
            ["reference in a style"]
            if tag == "style" and re.search("http|XQ|import", element.text or "")
            else []
        )
    return bad


class _Page(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.scripts, self.script, self.within = 0, "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kind = dict(attrs).get("type")
        self.within = "" if tag != "script" else "data" if kind == "application/json" else "script"
        self.scripts += self.within == "script"
        if tag in "iframe object embed img link base form foreignobject video audio image".split():
            self.bad.append(f"element {tag}")
        if tag in ("a", "input") and not self.ours(tag, dict(attrs)):
            self.bad.append(f"element {tag}")
        self.bad += [f"attribute {key}" for key, _ in attrs if key.startswith("on")]
        links = ("href", "src", "action", "formaction", "srcdoc", "xlink:href")
        self.bad += [
            f"link {value}" for key, value in attrs if key in links and not (value or "").startswith("#")
        ]

    def handle_endtag(self, tag: str) -> None:
        self.within = ""

    def handle_data(self, data: str) -> None:
        self.script += data * (self.within == "script")
        if self.within == "data":
            json.loads(data)

    @staticmethod
    def ours(tag: str, attributes: dict[str, str | None]) -> bool:
        """A link within the page, or a field to type numbers or words of a search into."""
        known = "type placeholder autocomplete spellcheck inputmode value min step aria-label".split()
        if tag == "a":
            return attributes.keys() <= {"href", "title"} and (attributes.get("href") or "").startswith("#")
        names = {name for name in attributes if not name.startswith("data-")}
        return names <= {*known} and attributes.get("type") in ("search", "number")


def judged_html(text: str, *, scripts: int) -> list[str]:
    page = _Page()
    page.feed(text)
    page.close()
    bad = page.bad + (["a script of theirs"] if page.scripts > scripts or "XQ" in page.script else [])
    return bad + [fault for svg in re.findall("<svg.*?</svg>", text, re.DOTALL) for fault in judged_svg(svg)]


def judged_csv(text: str) -> list[str]:
    rows = list(csv.reader(io.StringIO(text), strict=True))
    bad = ["ragged"] if len({len(row) for row in rows}) > 1 else []
    guarded = tuple("=+-@＝＋－＠")
    return bad + [
        cell for row in rows for cell in row if cell.strip().startswith(guarded) and not _number(cell)
    ]


def _number(cell: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?(e[-+]?\d+)?", cell) is not None


def judged_dot(text: str) -> list[str]:
    """Attributes that link or read files, outside quoted strings and labels; in those, markup not ours."""
    labels = re.findall(r"<<TABLE.*?</TABLE>>", text, re.DOTALL)
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|<<TABLE.*?</TABLE>>', '""', text, flags=re.DOTALL)
    bad = re.findall(r"\b(?:URL|href|image|shapefile|evil)\b", bare)
    return bad + re.findall(r"<(?!/?(?:TABLE|TR|TD|B|FONT)\b)[A-Za-z/][^>]*>", " ".join(labels))


def judged_tex(text: str) -> list[str]:
    return re.findall(r"\\(?:input|write|include|catcode|def|immediate)\w*|\^\^", text)


def judged_markdown(text: str) -> list[str]:
    return re.findall(r"(?<!\\)(?:<[a-zA-Z/!]|\[[^\]\n]*[^\\]\]\()", text)


def judged_mermaid(text: str) -> list[str]:
    flow = text.split("flowchart TB", 1)[1]
    ours = r"\s*(v\d+|subgraph c\d+|end$|classDef \w+ |class v|style c\d+|$)"
    labels = re.findall(r'"([^"\n]*)"', flow)
    return [line for line in flow.splitlines() if not re.match(ours, line)] + [
        label for label in labels if re.search(r"[<>`\\;]", re.sub(r"#\d+;", "", label.replace("<br>", "")))
    ]


JUDGES = {
    ".svg": judged_svg, ".csv": judged_csv, ".dot": judged_dot, ".tex": judged_tex, ".md": judged_markdown,
    ".mmd": judged_mermaid, ".json": lambda text: [] if json.loads(text) is not None else ["empty"],
}  # fmt: skip


def judged(path: Path, command: str) -> list[str]:
    """What breaks a promise in a file that a command wrote."""
    data = path.read_bytes()
    if path.suffix == ".png":
        return [] if data.endswith(b"IEND\xaeB`\x82") else ["half a picture"]
    if path.suffix == ".pdf":
        return [] if data.startswith(b"%PDF") and b"%%EOF" in data[-20:] else ["half a file"]
    text = data.decode()
    if path.suffix == ".html":
        return harmful(text) + judged_html(text, scripts=command in ("diff", "diagram"))
    return harmful(text) + JUDGES.get(path.suffix, lambda _: [])(text)
