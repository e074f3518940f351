"""TikZ: compiles by itself and inside a two-column paper, as wide as its line; modules are nodes."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

import unetscope
from support.hostile import IN_EVERY_FORMAT
from support.pdf import unpacked
from unetscope.render.latex import escape
from unetscope.render.table import as_latex

pytestmark = pytest.mark.slow  # together they take long

_PAPER = r"""\documentclass[twocolumn]{article}
FONTS
\usepackage{booktabs,array,tikz}
\usetikzlibrary{arrows.meta}
\begin{document}
Before. \begin{figure}[t]\centering\input{column.tex}
\begin{tikzpicture}[remember picture,overlay]
\draw[red,->] (down_blocks-0-resnets-0) -- (up_blocks-3-resnets-0.south);
\end{tikzpicture}
\input{caption.tex}\end{figure}
\begin{figure*}\input{full.tex}\caption{Both columns.}\end{figure*}
\begin{figure*}\input{diff.tex}\caption{A difference.}\end{figure*}
\input{table.tex}
See Figure~\ref{fig:sd15}. \clearpage\end{document}
"""


def compiled(folder: Path, name: str, pdflatex: str) -> str:
    """The log of a file that compiles, twice, for nodes remembered from one picture to another."""
    command = [pdflatex, "-halt-on-error", "-interaction=nonstopmode", "-no-shell-escape", name]
    for _ in range(2):
        done = subprocess.run(
            command, cwd=folder, capture_output=True, check=False, text=True, errors="replace"
        )
        assert done.returncode == 0, done.stdout[-2000:]
    return (folder / name).with_suffix(".log").read_text(errors="replace")


@pytest.mark.parametrize(
    "fonts",
    [
        pytest.param(r"\usepackage[T1]{fontenc}\usepackage{lmodern}", id="Latin Modern"),
        pytest.param("", id="Computer Modern", marks=pytest.mark.slow),
    ],
)
def test_a_two_column_paper_takes_drawings_caption_and_table_without_an_overfull_box(
    tmp_path: Path, pdflatex: str, fonts: str
) -> None:
    network, pruned = unetscope.load("sd15"), unetscope.diff("sd15", "bk-sdm-small")
    files = {
        "column.tex": unetscope.draw(network, format="tex", theme="paper", width="column").text,
        "full.tex": unetscope.draw("sdxl", format="tex").text,
        "diff.tex": unetscope.draw_diff(pruned, format="tex", theme="paper").text,
        "caption.tex": unetscope.caption(network),
        "table.tex": as_latex.table(unetscope.table(network, columns=["params", "macs"])),
        "paper.tex": _PAPER.replace("FONTS", fonts),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    log = compiled(tmp_path, "paper.tex", pdflatex)
    assert "Overfull" not in log
    assert "Missing character" not in log
    assert "undefined" not in log


@pytest.mark.parametrize("name", ["sdxl", "flux1-dev", "sana-1600m-1024"])
def test_a_drawing_compiles_by_itself_to_one_page_as_large_as_it(
    tmp_path: Path, pdflatex: str, name: str
) -> None:
    drawn = unetscope.draw(name, format="tex").text
    (tmp_path / "figure.tex").write_text(drawn)
    log = compiled(tmp_path, "figure.tex", pdflatex)
    assert "Overfull" not in log
    assert "Missing character" not in log
    boxes = re.findall(r"/MediaBox ?\[([^\]]*)\]", unpacked((tmp_path / "figure.pdf").read_bytes()))
    assert len(boxes) == 1
    asked = [float(side) for side in re.findall(r"paper(?:width|height)=([\d.]+)bp", drawn)]
    assert [float(side) for side in boxes[0].split()[2:]] == pytest.approx(asked, abs=0.1)


@pytest.mark.parametrize("layout", ["strip", "u"])
def test_every_block_and_stage_is_a_node_named_by_its_path(layout: str) -> None:
    network = unetscope.load("sd15")
    drawn = unetscope.draw(network, format="tex", layout=layout).text  # type: ignore[arg-type]
    nodes = re.findall(r"\\node\[unetscope module.*\] \(([^)]*)\) at", drawn)
    assert len({*nodes}) == len(nodes)
    levels = [stage.path for stage in network.stages if stage.role in ("down", "mid", "up")]
    assert {path.replace(".", "-") for path in levels} <= {*nodes}
    assert {"down_blocks-0-resnets-0", "mid_block-attentions-0", "up_blocks-3-attentions-2"} <= {*nodes}


def test_a_drawing_is_the_same_again_and_keeps_the_colours_of_its_theme() -> None:
    light, again, dark = (
        unetscope.draw("sd15", format="tex", theme=theme, command="").text
        for theme in ("light", "light", "dark")
    )
    assert light == again
    assert light != dark
    assert r"\definecolor{u-background}{HTML}{FFFFFF}" in light
    assert r"\definecolor{u-background}{HTML}{0F1319}" in dark


def test_names_from_files_are_set_as_they_are(tmp_path: Path, pdflatex: str) -> None:
    found = unetscope.load("bk-sdm-tiny")
    stages = tuple(replace(stage, name=IN_EVERY_FORMAT) for stage in found.stages)
    drawn = unetscope.draw(
        replace(found, title=IN_EVERY_FORMAT, stages=stages), format="tex", command=""
    ).text
    (tmp_path / "figure.tex").write_text(drawn)
    compiled(tmp_path, "figure.tex", pdflatex)


def test_two_hyphens_stay_two() -> None:
    assert escape("a --set x---y - ``q''") == "a -{}-set x-{}-{}-y - `{}`q'{}'"
