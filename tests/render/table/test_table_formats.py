"""Tables: any rows and columns, in six formats; each belongs where it goes and adds up to its total."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from support.hostile import IN_EVERY_FORMAT
from support.outputs import cells, rendered
from support.traces import bundled
from unetscope.analysis.cost.columns import ALL, COLUMNS, USUAL
from unetscope.analysis.cost.rows import PARTITIONS
from unetscope.analysis.cost.table import Table, table
from unetscope.cli.commands import unetscope
from unetscope.cost import total
from unetscope.render.table import as_latex, as_markdown, as_text, formats
from unetscope.words import units

ADDITIVE = ("params", "macs", "conv", "linear", "attention", "other", "flops", "activation", "moved")


def run(*args: str, columns: int = 80) -> Result:
    return CliRunner().invoke(
        unetscope, ["table", *args], catch_exceptions=False, env={"COLUMNS": str(columns)}
    )


def hostile(by: str = "stage") -> Table:
    """A table of a network whose every name came from a hostile file."""
    found = bundled("bk-sdm-tiny")
    stages = tuple(replace(stage, name=f"={IN_EVERY_FORMAT}") for stage in found.stages)
    given = replace(found, title=IN_EVERY_FORMAT, class_name=IN_EVERY_FORMAT, stages=stages)
    return table(given, by=by, names=USUAL)


# What a table holds


@pytest.mark.parametrize("by", PARTITIONS)
@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("top", [None, 1, 3, 500])
@pytest.mark.parametrize("name", ["sdxl", "bk-sdm-tiny", "ddpm-cifar10"])
def test_every_column_adds_up_to_its_total(name: str, by: str, folded: bool, top: int | None) -> None:
    found = bundled(name)
    made = table(found, by=by, names=ALL, folded=folded, top=top)
    assert made.total.cost == found.cost == total(row.cost for row in made.rows)
    for column in made.columns:
        values = [column.value(row, made.total) for row in made.rows]
        if column.name in ADDITIVE:
            assert sum(values) == column.value(made.total, made.total)
        if column.quantity == "share":
            assert sum(values) == pytest.approx(1) or column.value(made.total, made.total) == 0


@pytest.mark.parametrize("by", ["block", "layer"])
@pytest.mark.parametrize("name", ["sdxl", "sd15", "ddpm-cifar10"])
def test_folding_hides_no_part_and_mixes_no_two_that_differ(name: str, by: str) -> None:
    found = bundled(name)
    flat = {row.path: row for row in table(found, by=by, names=ALL).rows}
    folded = table(found, by=by, names=ALL, folded=True).rows
    assert sorted(path for row in folded for path in row.members) == sorted(flat)
    for row in folded:
        assert row.repeats == len(row.members)
        assert {_alike(flat[path]) for path in row.members} == {_alike(flat[row.members[0]])}
        assert set(_spelled_out(row.path)) == set(row.members)
    assert len(folded) < len(flat)


def _alike(row):
    return row.type, row.cost, row.input, row.output, row.moved, row.activation, row.stage


def _spelled_out(path: str) -> list[str]:
    """The paths that one with sets stands for: a.{0-2}.b → a.0.b, a.1.b, a.2.b."""
    match = re.search(r"\{([^}]*)\}", path)
    if match is None:
        return [path]
    first, _, last = match[1].partition("-")
    indices = range(int(first), int(last) + 1) if last else match[1].split(",")
    return [
        one
        for index in indices
        for one in _spelled_out(path[: match.start()] + str(index) + path[match.end() :])
    ]


def test_the_rest_of_the_largest_is_one_row() -> None:
    whole = table(bundled("sdxl"), by="block", names=("params",), sort="params")
    made = table(bundled("sdxl"), by="block", names=("params",), sort="params", top=3)
    assert [row.name for row in made.rows[:3]] == [row.name for row in whole.rows[:3]]
    assert made.rows[3].name == f"{len(whole.rows) - 3} others"
    assert made.rows[3].cost == total(row.cost for row in whole.rows[3:])


@pytest.mark.parametrize("column", [*COLUMNS, "share"])
def test_any_column_can_be_sorted_by_largest_first(column: str) -> None:
    made = table(bundled("sd15"), by="block", names=("macs", "share"), sort=column)
    by = COLUMNS[column if column != "share" else "macs"]
    values = [by.value(row, made.total) for row in made.rows]
    if by.quantity != "shape":
        values = [value or 0 for value in values]
        assert values == sorted(values, reverse=True)
    assert not made.in_order


def test_kinds_are_those_of_the_diagrams() -> None:
    rows = table(bundled("sdxl"), by="kind", names=USUAL).rows
    assert [row.kind for row in rows] == [
        "residual",
        "projection",
        "scores",
        "feed-forward",
        "conv",
        "outside",
    ]
    assert rows[2].cost.macs == bundled("sdxl").cost.attention


def test_a_share_is_that_of_the_column_before_it() -> None:
    columns = table(bundled("sd15"), names=("share", "params", "share", "flops", "share")).columns
    assert [column.name for column in columns] == [
        "macs_share",
        "params",
        "params_share",
        "flops",
        "flops_share",
    ]


# The formats


def test_json_keeps_its_shape_for_a_depth_and_says_more_where_more_is_asked() -> None:
    plain = json.loads(run("sd15", "--depth", "2", "--json").output)
    assert set(plain["basis"]) == {"batch", "input", "sample_is", "pixels", "tokens", "axes", "dtype"}
    asked = json.loads(run("sd15", "--by", "block", "--columns", "params,share,input", "--json").output)
    assert asked["basis"]["convention"] == "full"
    assert asked["columns"] == ["params", "params_share", "input"]
    assert asked["rows"][1] == {
        "path": "conv_in", "name": "conv_in", "type": "Conv2d", "kind": "conv", "role": "stem", "own": False,
        "repeats": 1, "members": ["conv_in"], "params": 11840, "params_share": 0.000014,
        "input": [1, 4, 64, 64],
    }  # fmt: skip
    assert asked["total"] == {"params": 859_520_964, "params_share": 1.0, "input": None}


def test_csv_loads_without_options_and_its_parts_add_up() -> None:
    rows = list(
        csv.DictReader(StringIO(run("sdxl", "--by", "block", "--top", "5", "--format", "csv").output))
    )
    assert [row["row"] for row in rows] == ["part"] * 5 + ["others", "total"]
    assert len({len(row) for row in rows}) == 1
    for column in ADDITIVE:
        assert sum(int(row[column]) for row in rows[:-1]) == int(rows[-1][column])
    stated = (
        "model", "batch", "sample", "sample_is", "tokens", "dtype", "convention", "not_counted",
        "flops_per_mac",
    )  # fmt: skip
    assert [{row[name] for row in rows} for name in stated] == [
        {"Stable Diffusion XL Base 1.0"}, {"1"}, {"4x128x128"}, {"latent"}, {"77"}, {"float32"}, {"full"},
        {"norms, activations, biases, softmax"}, {"2"},
    ]  # fmt: skip


def test_csv_is_what_pandas_reads(tmp_path: Path) -> None:
    import pandas

    path = tmp_path / "table.csv"
    assert run("sd15", "-o", str(path)).exit_code == 0
    frame = pandas.read_csv(path)
    assert all(frame[column].dtype.kind == "i" for column in ADDITIVE)
    assert frame[frame.row == "part"].macs.sum() == 401_636_720_640


def test_csv_holds_no_formula_and_no_control_character() -> None:
    text = formats.table(hostile(), format="csv")
    cells = [cell for row in csv.reader(StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@")) or not cell.isprintable()]


@pytest.mark.parametrize("format_", ["markdown", "html"])
@pytest.mark.parametrize("by", PARTITIONS)
def test_markdown_and_html_render_to_the_same_exact_table(format_: str, by: str) -> None:
    made = table(bundled("sd15"), by=by, names=USUAL, folded=True)
    text = formats.table(made, format=format_)
    head, *body, foot = cells(rendered(text) if format_ == "markdown" else text).rows
    assert head == ["part", "params", "%", "MACs", "%", "conv", "linear", "attention", "output"]
    assert len(body) == len(made.rows)
    assert {len(row) for row in body} == {9}
    for column in (1, 3, 5, 6, 7):
        assert sum(int(row[column].replace(",", "")) for row in body) == int(foot[column].replace(",", ""))


@pytest.mark.parametrize("format_", ["markdown", "html"])
@pytest.mark.parametrize("by", ["stage", "layer"])
def test_names_from_a_file_are_text_in_markdown_and_html(format_: str, by: str) -> None:
    text = formats.table(hostile(by), format=format_)
    found = cells(rendered(text) if format_ == "markdown" else text)
    assert not {"script", "code", "em", "a", "h2", "img"} & set(found.tags)
    assert {len(row) for row in found.rows} == {9}
    assert "\x1b" not in text


def test_html_is_one_file_without_scripts_or_outside_parts() -> None:
    text = run("sdxl", "--format", "html").output
    assert text.startswith("<!doctype html>")
    assert not re.search(r"<script|src=|@import|url\(", text)


def test_latex_is_a_booktabs_table_whose_columns_agree() -> None:
    text = run("bk-sdm-tiny", "--format", "latex", "--width", "full").output
    assert r"\begin{tabular}{@{}lrrrr@{}}" in text
    assert r"\label{tab:bk-sdm-tiny}" in text
    lines = [line for line in text.splitlines() if line.endswith(r" \\")]
    assert {line.count(" & ") for line in lines} == {4}
    assert [text.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule")] == [1, 2, 1]
    body = [[cell.strip().removesuffix(r" \\") for cell in line.split(" & ")] for line in lines[1:]]
    for column in (1, 3):
        *parts, whole = (int(row[column].replace(",", "")) for row in body)
        assert sum(parts) == whole


def test_latex_escapes_what_it_would_obey() -> None:
    escaped = as_latex.escape("\\input{x} 50% a_b #1 $x$ a&b ~^ [1] *\n\x1b中")
    assert escaped == (
        r"\textbackslash{}input\{x\} 50\% a\_b \#1 \$x\$ a\&b \textasciitilde{}\textasciicircum{} "
        "{[}1{]} {*} {[}U+001B{]}{[}U+4E2D{]}"
    )


@pytest.mark.parametrize(
    "made", [hostile(), table(bundled("sdxl"), by="block", names=ALL, folded=True)], ids=["hostile", "sdxl"]
)
def test_latex_compiles(made: Table, tmp_path: Path, pdflatex: str) -> None:
    (tmp_path / "table.tex").write_text(formats.table(made, format="latex"))
    page = (
        r"\documentclass{article}\usepackage{array,booktabs}\begin{document}\input{table.tex}\end{document}"
    )
    (tmp_path / "page.tex").write_text(page)
    command = [pdflatex, "-halt-on-error", "-interaction=nonstopmode", "-no-shell-escape", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("by", PARTITIONS)
def test_text_from_a_file_obeys_no_terminal_and_lines_end_in_no_blank(by: str, width: int) -> None:
    lines = as_text.table(hostile(by), width=width).split("\n")
    assert all(line.isprintable() and line == line.rstrip() for line in lines)


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize(
    "args",
    [
        (),
        ("--by", "block"),
        ("--by", "kind"),
        ("--by", "layer"),
        ("--depth", "3"),
        ("--by", "block", "--top", "4"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("name", ["sdxl", "sd15", "ddpm-cifar10"])
def test_text_fits_the_terminal(name: str, args: tuple[str, ...], columns: int) -> None:
    assert max(map(len, run(name, *args, columns=columns).output.splitlines())) <= columns


def test_blocks_stand_under_their_stages() -> None:
    assert run("bk-sdm-tiny", "--by", "block").output == BY_BLOCK


STATED = (
    "4×64×64",
    "batch 1",
    "77 text tokens",
    "float32",
    "convention full",
    "1 MAC = 2 FLOPs",
    "not counted: norms",
)


@pytest.mark.parametrize("format_", ["text", "markdown", "html", "latex"])
def test_every_text_states_its_basis_in_one_line(format_: str) -> None:
    text = formats.table(table(bundled("sd15"), names=USUAL), format=format_).replace(r"$\times$", "×")
    lines = [text.replace("\n", " ")] if format_ == "text" else text.splitlines()
    line = next(line for line in lines if "1 MAC" in line)
    assert all(part in line for part in STATED)


# The command

SUFFIXES = {
    ".txt": "Stable",
    ".json": "{",
    ".csv": "row,",
    ".md": "**Stable",
    ".html": "<!doctype",
    ".tex": "% needs",
}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_suffix_says_the_format_and_the_path_is_printed(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"table{suffix}"
    assert run("sd15", "-o", str(path)).output == f"{path}\n"
    assert path.read_text().startswith(SUFFIXES[suffix])


def test_a_file_is_the_same_whatever_terminal_is_at_hand(tmp_path: Path) -> None:
    made = []
    for columns in (60, 200):
        run("sdxl", "--by", "layer", "-o", str(tmp_path / "a.txt"), columns=columns)
        made.append((tmp_path / "a.txt").read_bytes())
    assert made[0] == made[1]


def test_a_dash_writes_to_stdout_in_the_format_named() -> None:
    assert run("sd15", "-o", "-", "--format", "markdown").output.startswith("**Stable Diffusion 1.5")


USAGE = {
    (
        "--columns",
        "parms",
    ): "--columns: no column is called 'parms'\nhint: did you mean params? columns: params,",
    ("--columns", ""): "--columns: no column is named\nhint: columns: params, share,",
    (
        "--columns",
        "input,share",
    ): "--columns: input has no share\nhint: put share after a column that adds up",
    ("--sort", "macs,params"): "--sort: no column is called 'macs,params'",
    ("--top", "0"): "Invalid value for '--top'",
    ("--by", "stages"): "Invalid value for '--by'",
    ("--by", "stage", "--depth", "2"): "--by excludes --depth and --detail\nhint: leave one of them out",
    ("--json", "--format", "csv"): "--json and --format csv exclude each other\nhint: leave one of them out",
    (
        "-o",
        "a.xlsx",
    ): "'a.xlsx' has no suffix that names a format here\n"
    "hint: known: .txt, .json, .csv, .md, .rst, .fragment.html, .html, .tex;",
    (
        "-o",
        "a.md",
        "--format",
        "csv",
    ): "--format csv and the suffix .md disagree\nhint: leave --format out, or change one",
    ("--steps", "0"): "Invalid value for '--steps'",
    ("--convention", "fvcore"): "Invalid value for '--convention'",
}


@pytest.mark.parametrize("args", USAGE, ids=" ".join)
def test_wrong_usage_is_one_line_and_exit_2(args: tuple[str, ...]) -> None:
    done = run("sd15", *args)
    assert done.exit_code == 2
    assert f"Error: {USAGE[args]}" in done.stderr


def test_markdown_leaves_an_underscore_inside_a_word_alone() -> None:
    assert as_markdown.escape("time_embedding _x_ a|b") == r"time_embedding \_x\_ a&#124;b"


BY_BLOCK = """\
BK-SDM-Tiny · UNet2DConditionModel

 part                         params      %       MACs      %       output
 ─────────────────────────────────────────────────────────────────────────
 time_embedding            2,050,560    0.6    <0.01 G   <0.1         1280
 conv_in                      11,840   <0.1     0.05 G   <0.1    320×64×64
 Down 1 · down_blocks.0
   resnets.0               2,255,040    0.7     7.55 G      3    320×64×64
   attentions.0            2,546,240    0.8    19.37 G      8    320×64×64
   downsamplers.0            921,920    0.3     0.94 G    0.4    320×32×32
 Down 2 · down_blocks.1
   resnets.0               6,558,080      2     5.87 G      2    640×32×32
   attentions.0            9,188,480      3     9.91 G      4    640×32×32
   downsamplers.0          3,687,040      1     0.94 G    0.4    640×16×16
 Down 3 · down_blocks.2
   resnets.0              24,584,960      8     5.87 G      2   1280×16×16
   attentions.0           34,760,960     11     8.76 G      4   1280×16×16
 Up 1 · up_blocks.0
   resnets.0              49,164,800     15    12.17 G      5   1280×16×16
   attentions.{0,1} ×2    69,521,920     21    17.52 G      7   1280×16×16
   resnets.1              40,971,520     13    10.07 G      4   1280×16×16
   upsamplers.0           14,746,880      5    15.10 G      6   1280×32×32
 Up 2 · up_blocks.1
   resnets.0              16,801,280      5    16.36 G      7    640×32×32
   attentions.{0,1} ×2    18,376,960      6    19.81 G      8    640×32×32
   resnets.1              10,655,360      3    10.07 G      4    640×32×32
   upsamplers.0            3,687,040      1    15.10 G      6    640×64×64
 Up 3 · up_blocks.2
   resnets.0               4,407,040      1    16.36 G      7    320×64×64
   attentions.{0,1} ×2     5,092,480      2    38.73 G     16    320×64×64
   resnets.1               3,382,400      1    12.16 G      5    320×64×64
 conv_norm_out                   640   <0.1          0      0    320×64×64
 conv_out                     11,524   <0.1     0.05 G   <0.1      4×64×64

 total                   323,384,964    100   242.75 G    100

323,384,964 parameters, 242,754,519,040 MACs
MACs are conv 136.20 G + linear 68.75 G + attention 37.80 G
basis: 512×512 px, latent 4×64×64, batch 1, 77 text tokens, float32; convention
full: conv + linear + attention matmuls; one forward; 1 MAC = 2 FLOPs; not
counted: norms, activations, biases, softmax
"""


def test_only_the_whole_is_a_hundred_percent_and_only_nothing_is_none() -> None:
    shares = [units.share(part, 100_000) for part in (0, 1, 499, 949, 950, 99_499, 99_500, 99_999, 100_000)]
    assert shares == ["0 %", "<0.1 %", "0.5 %", "0.9 %", "1 %", "99 %", ">99 %", ">99 %", "100 %"]
