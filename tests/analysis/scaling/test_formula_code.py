"""The cost of a network as a function in Python, JavaScript and LaTeX: the same integers as a sweep."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

import unetscope
from unetscope.errors import OutputError
from unetscope.render import formula_code

NETWORKS = ("sd15", "sdxl", "ddpm-cifar10", "sd-x4-upscaler")
SIZES = ((32, 32), (64, 96), (72, 48), (256, 128))
BATCHES = (1, 3)


def costs(name: str) -> dict[tuple[int, int, int], int]:
    """MACs by height, width and batch, as a sweep counts them."""
    rows = unetscope.sweep(name, latent=SIZES, batch=BATCHES).rows
    assert not any(row.traced for row in rows)
    return {(*row.latent, row.batch): row.cost.macs for row in rows if row.latent}


def module(text: str) -> dict[str, Any]:
    """What a file of Python defines."""
    names: dict[str, Any] = {}
    exec(compile(text, "cost.py", "exec"), names)
    return names


@pytest.mark.parametrize("name", NETWORKS)
def test_python_computes_the_integers_of_a_sweep_and_refuses_what_is_off_the_grid(name: str) -> None:
    made, network = module(unetscope.formula(name)), unetscope.load(name)
    assert made["PARAMS"] == network.cost.params
    found = {(h, w, n): made["macs"](h, w, batch=n) for h, w, n in costs(name)}
    assert found == costs(name)
    height, width = network.basis.axes["height"], network.basis.axes["width"]
    assert made["macs"](height, width) == network.cost.macs
    stages = {stage.path: network.costs[stage.path].macs for stage in network.stages}
    stages |= {"outside the stages": network.cost.macs - sum(stages.values())}
    assert made["macs_by_stage"](height, width) == {path: macs for path, macs in stages.items() if macs}
    for off in ((33, 64), (64, 33), (1, 64)):
        with pytest.raises(ValueError, match="no formula holds"):
            made["macs"](*off)


def test_python_depends_on_nothing() -> None:
    tree = ast.parse(unetscope.formula("sdxl"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


@pytest.fixture
def page(tabs: Any) -> Iterator[Any]:
    with tabs.lent(fetches=True) as tab:
        yield tab


RUN = """async ([code, sizes]) => {
  const made = await import("data:text/javascript," + encodeURIComponent(code));
  return [String(made.PARAMS), ...sizes.map(([h, w, n]) => String(made.macs(h, w, ...USUAL, n)))];
}"""


@pytest.mark.parametrize("name", NETWORKS)
def test_javascript_computes_the_integers_of_a_sweep(name: str, page: Any) -> None:
    code, expected = unetscope.formula(name, format="javascript"), costs(name)
    usual = [f"undefined /* {axis} */" for axis in unetscope.load(name).scaling.axes[2:]]
    run = RUN.replace("...USUAL", ", ".join(usual) or "...[]")
    params, *found = page.evaluate(run, [code, list(expected)])
    assert int(params) == unetscope.load(name).cost.params
    assert dict(zip(expected, map(int, found), strict=True)) == expected
    refused = page.evaluate(
        "async code => { const made = await import('data:text/javascript,' + encodeURIComponent(code));"
        " try { made.macs(33, 64) } catch (error) { return `${error}` } }",
        code,
    )
    assert refused.startswith("RangeError: no formula holds for height 33")


def value(row: str, symbols: dict[str, int]) -> Fraction:
    """A row of LaTeX, worked out: juxtaposed factors, fractions and powers alone."""
    text = re.sub(
        r"\\tfrac\{(\d+)\}\{(\d+)\}", r"Fraction(\1,\2)", row.replace(r"\\", "").replace(r"&\quad", "")
    )
    text = re.sub(r"\^\{(\d+)\}", r"**\1", " ".join(text.split()))
    text = re.sub(r"(?<=[\w)]) (?=[A-Z])", "*", text)
    return Fraction(eval(text, {"Fraction": Fraction}, symbols))


@pytest.mark.parametrize("name", NETWORKS)
def test_latex_states_the_same_polynomials(name: str) -> None:
    text = unetscope.formula(name, format="latex")
    rows = dict(re.findall(r"\\text\{(.*)\} &= ((?:.|\n)*?) \\\\\n(?=  \\text|\\end)", text))
    tokens = unetscope.load(name).basis.tokens
    for (height, width, batch), macs in costs(name).items():
        symbols = {"S": height * width, "H": height, "W": width} | ({"T": tokens} if tokens else {})
        found = {stage: value(row, symbols) * batch for stage, row in rows.items()}
        assert found.pop("total") == macs == sum(found.values())


@pytest.mark.parametrize("name", ["sd15", "sdxl"])
def test_latex_compiles_in_a_column_without_an_overfull_line(
    name: str, tmp_path: Path, pdflatex: str
) -> None:
    (tmp_path / "cost.tex").write_text(unetscope.formula(name, format="latex"))
    page = (
        r"\documentclass{article}\usepackage{amsmath}\setlength{\textwidth}{3.3in}"
        r"\begin{document}\small\input{cost.tex}\end{document}"
    )
    (tmp_path / "page.tex").write_text(page)
    command = [pdflatex, "-halt-on-error", "-interaction=nonstopmode", "-no-shell-escape", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout


@pytest.mark.slow
@given(title=some.text(), source=some.text())
def test_no_text_from_a_file_becomes_code(title: str, source: str) -> None:
    made = unetscope.sweep("ddpm-cifar10")
    stage = replace(made.formulas[0], path=title, name=title)
    network = replace(made.architecture, title=title, class_name=source)
    hostile = replace(made, architecture=network, formulas=(stage, *made.formulas[1:]))
    python = formula_code.code(hostile, format="python")
    assert module(python)["macs"](64, 64) == module(unetscope.formula("ddpm-cifar10"))["macs"](64, 64)
    assert all(line.isprintable() for line in python.splitlines()), "nothing that an editor obeys"
    javascript = formula_code.code(hostile, format="javascript").splitlines()
    assert javascript[0].startswith("// ")
    assert javascript.count("export function macs(height, width, batch = 1) {") == 1
    assert json.dumps(title or "outside the stages") in "\n".join(javascript)
    assert len(javascript) == len(unetscope.formula("ddpm-cifar10", format="javascript").splitlines())
    lines = formula_code.code(hostile, format="latex").splitlines()
    assert len(lines) == len(unetscope.formula("ddpm-cifar10", format="latex").splitlines())


@pytest.mark.parametrize("axis", ["class", "var", "macs_by_stage", "batch", "S"])
def test_an_axis_named_like_a_word_of_the_language_gets_another_name(axis: str) -> None:
    made = unetscope.sweep("sd15")
    network = made.architecture
    scaling = network.scaling
    assert scaling
    grids = tuple(replace(grid, axis=axis if grid.axis == "tokens" else grid.axis) for grid in scaling.grids)
    axes = {axis if name == "tokens" else name: size for name, size in network.basis.axes.items()}
    other = replace(network, scaling=replace(scaling, grids=grids), basis=replace(network.basis, axes=axes))
    names = tuple(axis if name == "tokens" else name for name in made.formulas[0].axes)
    hostile = replace(
        made, architecture=other, formulas=tuple(replace(one, axes=names) for one in made.formulas)
    )
    if axis == "S":
        with pytest.raises(OutputError, match="no name for a variable"):
            formula_code.code(hostile, format="python")
        return
    found = module(formula_code.code(hostile, format="python"))["macs"](64, 64, 77, 2)
    assert found == 2 * network.cost.macs


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(OutputError, match=r"no format 'cobol' \(hint: formats: python, javascript, latex\)"):
        unetscope.formula("sd15", format="cobol")  # type: ignore[arg-type]
