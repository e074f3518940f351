"""The recipes of CONTRIBUTING.md, done to the letter on a scratch copy, whose command line is then run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import unetscope
from support.networks import SMALL
from support.places import ROOT

pytestmark = pytest.mark.slow

RECIPES = (ROOT / "CONTRIBUTING.md").read_text()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package to add to."""
    source, target = Path(unetscope.__file__).parent, tmp_path / "src" / "unetscope"
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    (target.parent / "out").mkdir()
    return target


def run(copy: Path, *args: str) -> str:
    """What the copy's command line says, from the folder above it."""
    found = {**os.environ, "PYTHONPATH": str(copy.parent), "UNETSCOPE_CACHE": str(copy.parent / "cache")}
    done = subprocess.run(
        [sys.executable, "-m", "unetscope", *args],
        cwd=copy.parent, env=found, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def added(file: Path, line: str, *, after: str) -> None:
    """Add one line below the one line of a file that holds some text."""
    before = file.read_text().splitlines(keepends=True)
    (at,) = (number for number, found in enumerate(before) if after in found)
    file.write_text("".join([*before[: at + 1], line + "\n", *before[at + 1 :]]))


def entry(file: Path, name: str, value: object) -> None:
    """Add an entry to a JSON file."""
    file.write_text(json.dumps({**json.loads(file.read_text()), name: value}))


def recipe(name: str) -> str:
    """The line of CONTRIBUTING.md on adding one thing; a recipe is tested as long as it stands there."""
    (found,) = (line for line in RECIPES.splitlines() if line.startswith(f"- **{name}**"))
    return found


def test_a_preset_is_one_file_that_is_then_traced(copy: Path) -> None:
    assert (
        "one file in `zoo/models/`, each fact with its source under `sources`, then `unetscope zoo trace ID`"
        in recipe("a preset")
    )
    config = {key: value for key, value in SMALL.items() if key != "_class_name"}
    preset = {
        "id": "mine",
        "title": "My Network",
        "family": "Mine",
        "class_name": SMALL["_class_name"],
        "config": config,
        "input_channels": [{"name": "noisy latent", "count": 4}],
        "provenance": "Derived: the tests' small network.",
    }
    (copy / "zoo" / "models" / "mine.json").write_text(json.dumps(preset))
    run(copy, "zoo", "trace", "mine")
    assert "\n mine " in run(copy, "list")
    assert "My Network" in run(copy, "show", "mine")
    assert "My Network · UNet2DConditionModel" in run(copy, "table", "mine")
    assert "S = height × width" in run(copy, "sweep", "mine", "--formula")


def test_a_family_is_one_row(copy: Path) -> None:
    assert "one row in a file of `families/recipes/`" in recipe("a family")
    rows = copy / "families" / "recipes" / "image.json"
    known = json.loads(rows.read_text())
    row = known.pop("DiTTransformer2DModel")
    rows.write_text(json.dumps(known))
    config = copy.parent / "config.json"
    config.write_text(json.dumps({"_class_name": "DiTTransformer2DModel", "num_layers": 1, "sample_size": 8}))
    with pytest.raises(AssertionError, match="DiTTransformer2DModel"):
        run(copy, "table", str(config))
    entry(rows, "DiTTransformer2DModel", row)
    assert "input 4×8×8" in run(copy, "table", str(config))
    assert "transformer_blocks" in run(copy, "diagram", str(config), "-o", "-")


def test_a_family_that_needs_code_is_one_file_and_one_line_beside_its_row(copy: Path) -> None:
    assert "one function in a file of `families/` and one line in `families/recipes/__init__.py`" in recipe(
        "a family"
    )
    rows = copy / "families" / "recipes" / "image.json"
    row = json.loads(rows.read_text())["DiTTransformer2DModel"]
    row["arguments"][2]["shape"] = "batch * labels_of_one"
    entry(rows, "DiTTransformer2DModel", row)
    (copy / "families" / "dit.py").write_text(
        '"""DiT: as many labels as the config has heads, less all but one."""\n\n'
        "from unetscope.families.recipe import Config\n\n\n"
        "def more(config: Config) -> Config:\n"
        '    """`labels_of_one`: class labels of one sample."""\n'
        '    return {"labels_of_one": config["num_attention_heads"] - 15}\n'
    )
    init = copy / "families" / "recipes" / "__init__.py"
    added(init, "from unetscope.families import dit", after="from unetscope.families import hidream")
    init.write_text(init.read_text().replace('= {"HiDream', '= {"DiTTransformer2DModel": dit.more, "HiDream'))
    config = copy.parent / "config.json"
    config.write_text(json.dumps({"_class_name": "DiTTransformer2DModel", "num_layers": 1, "sample_size": 8}))
    assert "input 4×8×8" in run(copy, "table", str(config))


def test_a_format_of_tables_is_one_function_and_one_line(copy: Path) -> None:
    assert (
        "one function in `render/picture/` or `render/table/`, one line in a dict: `PICTURES`, `TABLES`"
        in recipe("a format")
    )
    (copy / "render" / "table" / "as_tabs.py").write_text(
        "from unetscope.render.table import as_csv\n\n\n"
        "def table(given):\n"
        "    return as_csv.table(given).replace(',', '\\t')\n"
    )
    tables = copy / "render" / "table" / "formats.py"
    tables.write_text(tables.read_text().replace("import as_csv, ", "import as_csv, as_tabs, "))
    added(tables, '    "tabs": ("tsv", as_tabs.table),', after='"latex": (')
    assert "\t" in run(copy, "table", "sd15", "--format", "tabs")
    assert ".tsv" in run(copy, "table", "-h")
    run(copy, "table", "sd15", "-o", "sd15.tsv")
    run(copy, "table", "sd15", "--format", "tabs", "-o", "out/")
    assert (copy.parent / "out" / "sd15.tsv").read_text() == (copy.parent / "sd15.tsv").read_text()


def test_a_format_of_diagrams_is_one_function_and_one_line(copy: Path) -> None:
    file = copy / "render" / "__init__.py"
    text = file.read_text()
    function = 'def _xml(scene, theme):\n    return b"<xml/>" + _svg(scene, theme)\n\n\n'
    text = text.replace("PICTURES: dict", function + "PICTURES: dict", 1).replace(
        '"png": _png,', '"png": _png, "xml": _xml,'
    )
    file.write_text(text)
    run(copy, "diagram", "sd15", "-o", "sd15.xml")
    run(copy, "diagram", "sd15", "--format", "xml", "-o", "out/")
    assert (copy.parent / "sd15.xml").read_bytes().startswith(b"<xml/><svg")
    assert (copy.parent / "out" / "sd15.xml").exists()


def test_a_layout_is_one_file_and_one_line(copy: Path) -> None:
    assert "one file in `layout/`, one line in its dict `LAYOUTS`" in recipe("a layout")
    (copy / "layout" / "bare.py").write_text(
        "from unetscope.layout import strip\n\n\n"
        "def draw(architecture, look):\n"
        "    return strip.draw(architecture, look)\n"
    )
    file = copy / "layout" / "__init__.py"
    added(file, '    "bare": Layout("bare", "bare"),', after='"strip": Layout(')
    assert "bare" in run(copy, "diagram", "-h")
    drawn = run(copy, "diagram", "sd15", "--layout", "bare", "-o", "-")
    assert "unetscope diagram sd15 --layout bare" in drawn


def test_a_command_is_one_file_and_one_line(copy: Path) -> None:
    assert "one file in `cli/commands/`, one line in its `__init__.py`" in recipe("a command")
    (copy / "cli" / "commands" / "hello.py").write_text(
        "import click\n\nfrom unetscope.cli.output import say\n\n\n"
        '@click.command("hello")\ndef command():\n    """Greet."""\n    say("hello\\n")\n'
    )
    added(copy / "cli" / "commands" / "__init__.py", '    "hello": "Greet.",', after='"diagram": "Draw')
    assert run(copy, "hello") == "hello\n"
    assert "hello" in run(copy, "-h")
