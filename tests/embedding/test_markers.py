"""Markers in every kind of document: what is found, what is left alone, what is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unetscope.embedding.document import refreshed
from unetscope.embedding.hosts import Host
from unetscope.embedding.markers import Region, lines_of
from unetscope.errors import DocumentError


def told(region: Region, host: Host, where: str) -> str:
    """What a region shows here: its words and where it stands."""
    return f"{'$ ' * region.typed}{' '.join(region.words)} at {where}"


def unfilled(region: Region, host: Host, where: str) -> str:
    raise AssertionError(where)


MARKED = {
    # a document of each kind, and what becomes of it
    "a.md": (
        "a\n<!-- unetscope: table sd15 -->\n<!-- /unetscope -->\nz",
        "a\n<!-- unetscope: table sd15 -->\n\ntable sd15 at a.md:2\n\n<!-- /unetscope -->\nz",
    ),
    "list.md": (
        "- a\r\n  > <!--unetscope: $ table 'sd 15'-->\r\n  > old\r\n  > <!--/unetscope-->\r\n",
        "- a\r\n  > <!--unetscope: $ table 'sd 15'-->\r\n  >\r\n  > $ table sd 15 at list.md:2\r\n  >\r\n"
        "  > <!--/unetscope-->\r\n",
    ),
    "a.mdx": (
        "{/* unetscope: show sd15 */}\n{/* /unetscope */}\n",
        "{/* unetscope: show sd15 */}\n\nshow sd15 at a.mdx:1\n\n{/* /unetscope */}\n",
    ),
    "a.rst": (
        "Like::\n\n .. unetscope: no\n\n* i\n\n  .. unetscope: show sd15\n\n  .. /unetscope\n",
        "Like::\n\n .. unetscope: no\n\n* i\n\n  .. unetscope: show sd15\n\n  show sd15 at a.rst:7\n\n"
        "  .. /unetscope\n",
    ),
    "a.html": (
        "<p>\n  <!-- unetscope: show sd15 -->\nold\n  <!-- /unetscope -->",
        "<p>\n  <!-- unetscope: show sd15 -->\n  show sd15 at a.html:2\n  <!-- /unetscope -->",
    ),
    "a.tex": (
        "\\begin{verbatim}\n% unetscope: no\n\\end{verbatim}\n%% unetscope: show sd15\n%% /unetscope\n",
        "\\begin{verbatim}\n% unetscope: no\n\\end{verbatim}\n%% unetscope: show sd15\n"
        "show sd15 at a.tex:4\n%% /unetscope\n",
    ),
}


@pytest.mark.parametrize("name", MARKED)
def test_a_region_is_filled_and_nothing_else_changed(name: str) -> None:
    before, after = MARKED[name]
    found = refreshed(name, before, told)
    assert found.text == after
    assert refreshed(name, found.text, told).diff == ()
    assert refreshed(name, found.text, told).text == found.text


CODE = {
    "fence.md": "```md\n<!-- unetscope: a -->\n```\n~~~~\n<!-- unetscope: a -->\n~~~\n~~~~\n",
    "words.md": "Write `<!-- unetscope: a -->` above, or <!-- unetscope: a -->.\n",
    "other.md": "<!-- unetscope is fine -->\n<!-- unetscopes: a -->\n",
    "code.rst": ".. code-block:: rst\n\n   .. unetscope: a\n\nAs::\n\n  .. unetscope: a\n",
    "code.tex": "\\begin{lstlisting}\n% unetscope: a\n\\end{lstlisting}\n\\verb|% unetscope: a|\n",
    "code.mdx": "```\n{/* unetscope: a */}\n```\n",
}


@pytest.mark.parametrize("name", CODE)
def test_what_is_shown_as_code_is_no_marker(name: str) -> None:
    assert refreshed(name, CODE[name], unfilled).text == CODE[name]


BROKEN = {
    "x\n<!-- unetscope: a -->\n": "a.md:2: this marker is not closed",
    "<!-- /unetscope -->\n": "a.md:1: this marker ends nothing",
    "<!-- unetscope: a -->\n<!-- unetscope: b -->\n<!-- /unetscope -->": "a.md:1: this marker is not closed",
    "<!-- unetscope: a\n-->\n": "a.md:1: a marker is one comment alone on its line",
    "<!-- unetscope: a --><!-- /unetscope -->": "a.md:1: a marker is one comment alone on its line",
    "<!-- unetscope: a --> b\n<!-- /unetscope -->": "a.md:1: a marker is one comment alone on its line",
    "<!-- unetscope: -->\n<!-- /unetscope -->": "a.md:1: no command is named",
    "<!-- unetscope: a 'b -->\n<!-- /unetscope -->": "a.md:1: no closing quotation in these words",
    "<!-- unetscope: a -->\n<!-- /unetscope b -->": "a.md:2: a marker that ends a region has no words",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_marker_is_named_with_its_file_and_line(text: str) -> None:
    with pytest.raises(DocumentError) as caught:
        refreshed("a.md", text, told)
    assert (caught.value.message, bool(caught.value.hint)) == (BROKEN[text], True)


def test_a_document_of_no_known_kind_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"a\.doc"):
        refreshed("a.doc", "", told)


LINES = st.lists(
    st.sampled_from(
        [
            *("text", "", "```", "~~~", "> q", "é\u2028 \x0b", "| a |"),
            *("<!-- unetscope: a -->", "> <!-- unetscope: b c -->", "<!-- /unetscope -->"),
        ]
    ).flatmap(lambda line: st.sampled_from(["\n", "\r\n", "\r"]).map(lambda end: line + end))
)  # fmt: skip


@given(lines=LINES)
def test_filling_again_changes_nothing_and_lines_outside_of_regions_stay(lines: list[str]) -> None:
    text = "".join(lines)
    try:
        found = refreshed("a.md", text, lambda region, host, where: "new\n\nlines")
    except DocumentError:
        return
    again = refreshed("a.md", found.text, lambda region, host, where: "new\n\nlines")
    assert (again.text, again.diff) == (found.text, ())
    assert (found.text == text) == (not found.diff)
    if "unetscope" not in text:
        assert found.text == text


@given(lines=LINES)
def test_a_diff_leads_from_the_old_lines_to_the_new(lines: list[str]) -> None:
    text = "".join(lines)
    try:
        found = refreshed("a.md", text, lambda region, host, where: "new\n\ntext")
    except DocumentError:
        return
    old, new = ([line.rstrip("\r\n") for line in lines_of(one)] for one in (text, found.text))
    assert patched(old, found.diff) == new


def patched(old: list[str], diff: tuple[str, ...]) -> list[str]:
    """Old lines with a unified diff applied, read by its rules."""
    made, at = [], 0
    for line in diff[2:]:
        if line.startswith("@@"):
            start = int(line.split()[1].removeprefix("-").split(",")[0]) - 1
            made += old[at:start]
            at = start
            continue
        if line[0] in " -":
            assert old[at] == line[1:]
            at += 1
        if line[0] in " +":
            made.append(line[1:])
    return made + old[at:]


@pytest.mark.parametrize("indent", [None, 1, 2])
@pytest.mark.parametrize("escaped", [True, False])
def test_a_notebook_changes_in_its_markdown_cells_alone(indent: int | None, escaped: bool) -> None:
    marked = ["# H\u00e9\n", "<!-- unetscope: a -->\n", "<!-- /unetscope -->\n", "end"]
    cells = [
        {"cell_type": "code", "source": ["<!-- unetscope: a -->"], "outputs": []},
        {"cell_type": "markdown", "metadata": {"x": [1.50, {}]}, "source": marked},
        {"cell_type": "markdown", "source": "".join(marked), "id": "\u00e9"},
        {"cell_type": "markdown", "source": []},
    ]
    notebook = {"metadata": {"z": 1}, "cells": cells, "nbformat": 4}
    text = json.dumps(notebook, indent=indent, ensure_ascii=escaped) + "\n"
    found = refreshed("n.ipynb", text, lambda region, host, where: "new \u00e9")
    filled = [
        "# H\u00e9\n",
        "<!-- unetscope: a -->\n",
        "\n",
        "new \u00e9\n",
        "\n",
        "<!-- /unetscope -->\n",
        "end",
    ]
    cells[1]["source"], cells[2]["source"] = filled, "".join(filled)
    assert found.text == json.dumps(notebook, indent=indent, ensure_ascii=escaped) + "\n"
    assert [line for line in found.diff if line.startswith("---")] == [
        "--- a/n.ipynb, cell 2",
        "--- a/n.ipynb, cell 3",
    ]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"cells": 1}', '{"cells": [1]}', "[" * 5000])
def test_what_is_no_notebook_is_refused(text: str) -> None:
    with pytest.raises(DocumentError, match="not a notebook"):
        refreshed("n.ipynb", text, told)
