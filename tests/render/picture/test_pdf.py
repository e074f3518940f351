"""PDF: one page as large as the picture, vectors, fonts inside, text that can be selected, the same bytes."""

from __future__ import annotations

import re
import sys
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

import unetscope
from support.pdf import letters, unpacked
from unetscope.cli.commands import unetscope as program
from unetscope.errors import OutputError
from unetscope.render.picture import pdf

PICTURES = {
    "strip": lambda format: unetscope.draw("sdxl", format=format, command=""),
    "u": lambda format: unetscope.draw("sd15", layout="u", theme="dark", format=format, command=""),
    "paper": lambda format: unetscope.draw("sd15", theme="paper", width="column", format=format, command=""),
    "column": lambda format: unetscope.draw("flux1-dev", theme="auto", format=format, command=""),
    "diff": lambda format: unetscope.draw_diff(
        unetscope.diff("sd15", "bk-sdm-small"), format=format, command=""
    ),
    "graph": lambda format: unetscope.graph("sd15", format=format, command=""),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_pdf_is_its_picture_in_vectors_with_its_fonts(name: str) -> None:
    drawn, svg = PICTURES[name]("pdf"), PICTURES[name]("svg").text
    held = unpacked(drawn)
    pages = re.findall(r"/MediaBox ?\[([^\]]*)\]", held)
    assert len(pages) == 1
    head = re.findall(r"<svg[^>]*>", svg)[0]
    drawn_at = [re.findall(rf' {side}="([\d.]+)', head)[0] for side in ("width", "height")]
    sides = [float(side) for side in pages[0].split()[2:]]
    points = 1 if "pt" in re.findall(r'<svg[^>]* width="([^"]*)"', svg)[0] else 0.75
    assert sides == pytest.approx([points * float(side) for side in drawn_at], abs=0.02)
    fonts = re.findall(r"/BaseFont ?/([\w+-]+)", held)
    assert fonts
    assert all(re.fullmatch(r"[A-Z]{6}\+DejaVuSans[\w-]*", font) for font in fonts)
    assert len(re.findall("/FontFile[23]? ", held)) == len({*fonts})
    assert "/Subtype/Image" not in held.replace(" ", "")
    told = "".join(re.findall(r"<text[^>]*>(.*?)</text>", svg, re.S))
    missing = {*unescape(re.sub("<[^>]*>", "", told))} - letters(drawn) - {" ", "\u00a0", "\n"}
    assert not missing


@pytest.mark.parametrize("name", ["strip", "column"])
def test_the_same_picture_is_the_same_bytes(name: str) -> None:
    assert PICTURES[name]("pdf") == PICTURES[name]("pdf")


def test_a_file_of_that_suffix_is_a_pdf_with_title_and_description(tmp_path: Path) -> None:
    for args in (("diagram", "sd15"), ("graph", "sd15"), ("diff", "sd15", "bk-sdm-small")):
        target = tmp_path / f"{args[0]}.pdf"
        done = CliRunner().invoke(program, [*args, "-o", str(target)])
        assert done.exit_code == 0, done.output
        assert target.read_bytes().startswith(b"%PDF-1.7")
    held = unpacked((tmp_path / "diagram.pdf").read_bytes())
    assert "Stable Diffusion 1.5" in held
    assert "/Alt" in held


def test_names_from_files_are_text_and_no_markup() -> None:
    title = '#panic("x") $x$ \\ <b> & "q" #read("/etc/passwd")'
    shown = CliRunner().invoke(program, ["diagram", "sd15", "--title", title, "--format", "pdf", "-o", "-"])
    assert shown.exit_code == 0
    assert {*'#panic("x") $ \\ <b> & /etc/passwd'} - {" "} <= letters(shown.stdout_bytes)


def test_a_transparent_pdf_has_no_ground() -> None:
    whole, bare = (
        unpacked(unetscope.draw("sd15", format="pdf", background=one)) for one in ("theme", "transparent")
    )
    full = re.compile(r"0 0 m\s+675 0 l|0 0 675 [\d.]+ re|0 0 900 [\d.]+ re|0 0 m\s+900 0 l")
    assert full.search(whole)
    assert not full.search(bare)


def test_without_the_library_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(
        OutputError, match=r'a PDF needs typst \(hint: pip install "unetscope\[pdf\]", or write .svg\)'
    ):
        pdf.render("<svg/>")


def test_what_is_no_picture_is_refused_in_one_line() -> None:
    for wrong in ("<svg>", '<svg width="10" height="10"><</svg>'):
        with pytest.raises(OutputError, match=r"hint: write \.svg"):
            pdf.render(wrong)
