"""What commands write for a paper: two columns take it without an overfull box, and it's the same twice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from unetscope.cli.commands import unetscope

pytestmark = pytest.mark.slow

PAPER = r"""\documentclass[twocolumn]{article}
\usepackage{booktabs,array,graphicx,tikz}
\usetikzlibrary{arrows.meta}
\begin{document}
\begin{figure}\includegraphics[width=\linewidth]{net.pdf}\caption{One network, PDF.}\end{figure}
\begin{figure}\input{net.tex}\caption{The same, TikZ.}\end{figure}
\input{table.tex}
\input{wide.tex}
\input{compare.tex}
\input{differing.tex}
\begin{figure}\includegraphics[width=\linewidth]{diff.pdf}\caption{A difference, PDF.}\end{figure}
\begin{figure}\input{diff.tex}\caption{The same, TikZ.}\end{figure}
Tables~\ref{tab:sd15}, \ref{wide}, \ref{tab:comparison} and \ref{differing}. \clearpage
\end{document}
"""
FIGURE = ("--width", "column", "--theme", "paper")
FILES = {
    "net.pdf": ("diagram", "sd15", *FIGURE),
    "net.tex": ("diagram", "sd15", *FIGURE),
    "table.tex": ("table", "sd15"),
    "wide.tex": ("table", "sd15", "--by", "block", "--top", "9", "--width", "full", "--columns",
                 "params,share,macs,share,conv,linear,attention,other,activation", "--label", "wide"),
    "compare.tex": ("compare", "sd15", "sdxl"),
    "differing.tex": ("compare", "sd15", "sdxl", "--differing", "--label", "differing"),
    "diff.pdf": ("diff", "sd15", "bk-sdm-small", *FIGURE),
    "diff.tex": ("diff", "sd15", "bk-sdm-small", *FIGURE),
}  # fmt: skip


def test_a_two_column_paper_takes_figures_tables_and_a_diff_as_commands_write_them(
    tmp_path: Path, pdflatex: str
) -> None:
    for name, args in FILES.items():
        done = CliRunner().invoke(unetscope, [*args, "-o", str(tmp_path / name)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
    (tmp_path / "paper.tex").write_text(PAPER)
    command = [pdflatex, "-halt-on-error", "-interaction=nonstopmode", "-no-shell-escape", "paper.tex"]
    for _ in range(2):
        run = subprocess.run(
            command, cwd=tmp_path, capture_output=True, check=False, text=True, errors="replace"
        )
        assert run.returncode == 0, run.stdout[-2000:]
    log = (tmp_path / "paper.log").read_text(errors="replace").splitlines()
    wrong = ("Overfull", "too large", "undefined", "Missing character", "badness 10000")
    assert [line for line in log if any(one in line for one in wrong)] == []


CALLS = {
    "diagram sd15": "svg png pdf tex html json",
    "table sd15": "txt md csv json tex html rst",
    "graph sd15": "dot mmd svg",
    "diff sd15 bk-sdm-small": "txt md html svg png pdf tex json",
    "compare sd15 sdxl": "txt md csv json tex html",
}
DRAW = """
import sys
from click.testing import CliRunner
from unetscope.cli.commands import unetscope
for line in sys.stdin:
    done = CliRunner().invoke(unetscope, line.split(), catch_exceptions=False)
    assert done.exit_code == 0, line + done.output
"""


def test_every_format_is_the_same_bytes_in_processes_that_hash_otherwise(tmp_path: Path) -> None:
    names = {
        f"{call.replace(' ', '-')}.{suffix}": call for call, all_ in CALLS.items() for suffix in all_.split()
    }
    lines = "".join(f"{call} -o {name}\n" for name, call in names.items())
    made = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        env = os.environ | {"PYTHONHASHSEED": seed, "UNETSCOPE_CACHE": str(folder / "cache")}
        done = subprocess.run(
            [sys.executable, "-c", DRAW], cwd=folder, env=env, input=lines, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        made.append({name: (folder / name).read_bytes() for name in names})
    assert [name for name in names if made[0][name] != made[1][name]] == []
    assert all(made[0].values())
