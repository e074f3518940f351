"""Tables where people put them: pages of Markdown by any renderer, columns of a paper set by LaTeX."""

from __future__ import annotations

import html
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from unetscope.cli.commands import unetscope
from unetscope.render.table import as_latex, as_markdown
from unetscope.words import safe

MARKDOWN = [
    ("table", "sdxl"),
    ("table", "sd15", "--by", "kind", "--heading-level", "2"),
    ("diff", "sd15", "bk-sdm-tiny"),
    ("diff", "sd15", "sd15-inpaint", "--heading-level", "3"),
    ("compare", "sd15", "sdxl", "ddpm-church"),
]
EVERYWHERE = frozenset(r"\`*_{}[]()>#+-.!")
"""What a backslash escapes in Python-Markdown, and so in MkDocs; GitHub and MyST take more."""


def run(*args: str) -> str:
    done = CliRunner().invoke(unetscope, args, env={"COLUMNS": "80"}, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def words_of(page: str) -> str:
    """What a page shows, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize("args", MARKDOWN, ids=" ".join)
def test_no_renderer_shows_a_mark_of_ours(args: tuple[str, ...]) -> None:
    text = run(*args, "--format", "markdown")
    assert set(re.findall(r"\\(.)", text)) <= EVERYWHERE
    shown = words_of(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))
    assert "\\" not in shown
    assert "&#" not in shown
    assert "**" not in shown


@example("\u17b4")
@given(st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), min_size=1, max_size=30))
def test_a_cell_shows_what_it_says_whatever_that_is(text: str) -> None:
    page = f"| a |\n| --- |\n| x{as_markdown.escape(text)}x |\n"
    rendered = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(page)
    (cell,) = re.findall(r"<td>(.*)</td>", rendered)
    assert html.unescape(cell) == f"x{safe.line(text)}x"  # which writes out what is invisible


@pytest.mark.parametrize(
    ("args", "levels"),
    [
        (("diff", "sd15", "sd21"), [1, 2]),
        (("diff", "sd15", "sd21", "--heading-level", "3"), [3, 4]),
        (("diff", "sd15", "sd21", "--heading-level", "6"), [6]),
        (("table", "sd15", "--heading-level", "2"), [2]),
        (("table", "sd15"), []),
        (("compare", "sd15", "sd21", "--heading-level", "4"), [4]),
    ],
)
def test_headings_begin_at_the_level_asked_for_and_skip_none(
    args: tuple[str, ...], levels: list[int]
) -> None:
    found = [len(marks) for marks in re.findall(r"^(#+) ", run(*args, "--format", "markdown"), re.MULTILINE)]
    assert list(dict.fromkeys(found)) == levels


def test_what_is_for_one_format_is_refused_for_another() -> None:
    for args in (("--heading-level", "2"), ("--label", "tab:x", "--format", "markdown"), ("--width", "full")):
        done = CliRunner().invoke(unetscope, ["table", "sd15", *args])
        assert done.exit_code == 2
        assert " is for " in done.stderr


LATEX = [
    ("table", "sdxl"),
    ("table", "bk-sdm-tiny", "--by", "block"),
    ("table", "kolors", "--by", "kind"),
    ("table", "sd15", "--unit", "flops"),
    ("table", "bk-sdm-tiny", "--by", "layer", "--top", "12"),
    ("table", "sdxl", "--columns", "params,macs,output"),
    ("table", "sdxl", "--labels", "path", "--title", "Mine — 2.6 B"),
    ("table", "sdxl", "--width", "full"),
    (
        "table",
        "sdxl",
        "--by",
        "kind",
        "--width",
        "full",
        "--columns",
        "params,share,macs,share,conv,linear,attention",
    ),
    ("compare", "sd15", "sdxl", "--differing"),
    ("compare", "sd15", "sd21", "sdxl"),
    ("compare", "sd15", "sd21", "sdxl", "kolors", "bk-sdm-tiny"),
]
PAPER = r"""\documentclass[10pt,twocolumn]{article}
\usepackage[paperwidth=8.5in,paperheight=11in,textwidth=6.9in,columnsep=0.3in,textheight=9.5in]{geometry}
\usepackage{booktabs,array}\usepackage[utf8]{inputenc}
\begin{document}
"""


def test_tables_fit_a_column_of_a_paper_without_an_overfull_box(tmp_path: Path, pdflatex: str) -> None:
    pages = []
    for index, args in enumerate(LATEX):
        (tmp_path / f"t{index}.tex").write_text(run(*args, "--format", "latex"))
        pages.append(rf"\typeout{{TABLE {index}}}\input{{t{index}}}\clearpage")
    (tmp_path / "paper.tex").write_text(PAPER + "\n".join(pages) + "\n\\end{document}\n")
    command = [pdflatex, "-halt-on-error", "-interaction=nonstopmode", "-no-shell-escape", "paper.tex"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False
    )
    assert done.returncode == 0, done.stdout[-2000:]
    wrong = [line for line in done.stdout.splitlines() if "Overfull" in line or "too large" in line]
    assert wrong == [], done.stdout


def test_a_float_has_a_label_and_digits_in_groups_without_a_package_for_them() -> None:
    text = run("table", "sdxl", "--format", "latex")
    assert r"\label{tab:sdxl}" in text
    assert "part & params (M) & \\% & MACs (G) & \\%" in text
    assert "total & 2,567.46 & 100 & 3,380.62 & 100" in text
    assert text.startswith("% needs \\usepackage{booktabs}\n\\begin{table}\n")
    wide = run("table", "sdxl", "--format", "latex", "--width", "full", "--label", "tab:{x}")
    assert r"\begin{table*}" in wide
    assert "total & 2,567,463,684 & 100 & 3,380,618,199,040 & 100" in wide
    assert r"\label{tab:-x-}" in wide
    assert "siunitx" not in text + wide


@given(st.text(max_size=40))
def test_places_to_break_change_no_letter(text: str) -> None:
    assert as_latex.broken(text).replace(r"\allowbreak{}", "") == as_latex.escape(text)


def test_latex_breaks_long_words_but_no_short_ones() -> None:
    broken = as_latex.broken("UNet2DConditionModel, MACs, ViT-L")
    assert broken == r"UNet2D\allowbreak{}Condition\allowbreak{}Model, MACs, ViT-L"


def test_a_caption_in_latex_stands_clear_of_the_rule_below_it() -> None:
    before, after = run("table", "sdxl", "--format", "latex").split(r"\caption{", 1)
    assert r"\setlength{\abovetopsep}{4pt}" in before
    assert r"\toprule" in after
