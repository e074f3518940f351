"""README, CONTRIBUTING and docs: commands and Python that are shown run, outputs and links are true."""

from __future__ import annotations

import ast
import io
import json
import re
import shlex
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from support.command_line import traced_here
from support.files.checkpoint_files import written
from support.networks import SMALL
from support.places import ROOT
from support.traces import bundled

TESTS = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
EVERY = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]
EVERY += sorted(path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "reference")
PAGES = [path for path in EVERY if path.parent.name != "how-to" or f'"{path.name}"' not in TESTS]
"""Those whose commands are run here: how-tos that need files or a server are named by a test of their own."""
NOTEBOOK = ROOT / "docs" / "notebooks" / "tour.ipynb"
CONFIGS = ("unet/config.json", "path/to/unet/config.json")
"""What commands that are shown take for a config of one's own."""
DOCUMENTS = ("docs/networks.md",)
"""Documents with a marker that shown commands refresh."""
_LAYER = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"
LORA = {f"{_LAYER}.lora_up.weight": (640, 4), f"{_LAYER}.lora_down.weight": (4, 2048), f"{_LAYER}.alpha": ()}
"""One layer's adapter of rank 4, by kohya's names."""
MADE = {"mine.json.gz": ("trace", "unet/config.json", "-o", "mine.json.gz")}
"""What such commands read that another one wrote."""


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language on a page."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(), flags=re.S | re.M)
    return [text for name, text in fenced if name == language]


def test_every_command_that_is_shown_with_its_output_is_run_by_a_test() -> None:
    """Behind a marker `embed --check` runs it; without one the page has a test that names it."""
    for page in (page for page in PAGES if f"docs/{page.name} " not in TESTS):
        outside = re.sub(
            r"^<!-- unetscope: .*?^<!-- /unetscope -->$", "", page.read_text(), flags=re.S | re.M
        )
        assert "```console\n$ unetscope" not in outside, page


def commands() -> list[str]:
    """Every command of ours in a block of shell, as it stands there without its comment."""
    lines = (line for page in PAGES for block in blocks(page, "sh") for line in block.splitlines())
    parts = (part.strip() for line in lines for part in line.split("&&"))
    return sorted({re.sub(r"\s+# .*", "", part) for part in parts if part.startswith("unetscope ")})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that shown commands read."""
    written(tmp_path / "model.safetensors", {one.name: one.shape for one in bundled("sd15").tensors})
    written(tmp_path / "lora.safetensors", LORA)
    written(tmp_path / "tuned.safetensors", LORA)
    for name in CONFIGS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(json.dumps(SMALL))
    for name in DOCUMENTS:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("<!-- unetscope: table sd15 -->\n<!-- /unetscope -->\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


@pytest.mark.parametrize("command", commands())
def test_a_command_that_is_shown_runs(command: str, folder: Path) -> None:
    words = shlex.split(command)[1:]
    for name in MADE.keys() & {*words}:
        if MADE[name] != tuple(words):
            assert traced_here(*MADE[name]).returncode == 0
    done = traced_here(*words)
    answers = (0, 1) if {"--exit-code", "--check"} & {*words} else (0,)
    assert done.returncode in answers, done.stderr
    target = words[words.index("-o") + 1] if "-o" in words else None
    assert target is None or (folder / target).stat().st_size


def shown() -> list[tuple[str, str]]:
    """Commands with the output that stands below them."""
    found = [block for page in PAGES for block in blocks(page, "") if block.startswith("$ unetscope ")]
    return [(command.removeprefix("$ "), output) for command, _, output in (b.partition("\n") for b in found)]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("command", "output"), shown())
def test_an_output_that_is_shown_is_what_is_printed(command: str, output: str) -> None:
    assert traced_here(*shlex.split(command)[1:]).stdout == output


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_that_is_shown_runs_and_prints_what_its_comments_say(page: Path) -> None:
    for block in blocks(page, "python"):
        if "import unetscope" not in block:
            continue  # the lines on the map of a diff have a test of their own
        with redirect_stdout(io.StringIO()) as printed:
            exec(block, {})
        for said in re.findall(r"print\(.*\)  # ([\d ]+)$", block, flags=re.M):
            assert said in printed.getvalue().splitlines()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|srcset)="([^"]+)"', text)
    local = [target.split("#")[0] for target in targets if not re.match(r"https?:|#", target)]
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_the_readme_shows_pictures_and_fits_three_screens() -> None:
    text = (ROOT / "README.md").read_text()
    assert text.count("<img ") >= 3
    assert len(text.splitlines()) <= 150
    linked = {ROOT / target for target in re.findall(r"\]\((docs/[\w.-]+)\)", text)}
    assert ROOT / "docs" / "index.md" in linked
    contents = re.findall(r"^(?:[^<\n]+<)?([\w/-]+)>?$", (ROOT / "docs" / "index.md").read_text(), flags=re.M)
    linked |= {ROOT / "docs" / f"{page}.md" for page in contents}
    assert set((ROOT / "docs").glob("*.md")) <= linked


def test_every_command_and_verb_is_shown_somewhere() -> None:
    import unetscope
    from unetscope.cli.commands import COMMANDS

    named = {command.split()[1] for command in commands()}
    assert {name for name in COMMANDS if name != "zoo"} <= named
    text = " ".join(page.read_text() for page in PAGES)
    verbs = {name for name in unetscope.__all__ if name[0].islower()}
    assert {verb for verb in verbs if not re.search(rf"\b{verb}\b", text)} == set()


def test_the_rooms_that_are_described_are_those_there_are() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    package = ROOT / "src" / "unetscope"
    named = set(re.findall(r"`([\w/]+(?:\.py|/))`", text))
    inside = {path for path in named if (package / path).exists()}
    rooms = {f"{path.name}/" for path in package.iterdir() if (path / "__init__.py").is_file()}
    files = {path.name for path in package.glob("[a-z]*.py")}
    assert rooms <= inside
    assert files - {"py.typed", "words/units.py", "files.py"} <= inside
    steps = set(re.findall(r"\b((?:api|cli|tracing|layout|render|analysis|sources)/[\w/]+\.py)", text))
    assert {step for step in steps if not (package / step).is_file()} == set()


def cells() -> list[dict[str, Any]]:
    return [cell for cell in json.loads(NOTEBOOK.read_text())["cells"] if cell["cell_type"] == "code"]


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_the_notebook_shows_what_its_cells_give() -> None:
    """As a kernel would run it: statements, then the value of a last expression."""
    names: dict[str, Any] = {}
    for cell in cells():
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        with redirect_stdout(io.StringIO()) as printed:
            exec(compile(tree, "cell", "exec"), names)
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None
        outputs = {output["output_type"]: output for output in cell["outputs"]}
        if "stream" in outputs:
            assert "".join(outputs["stream"]["text"]) == printed.getvalue()
        if hasattr(value, "_repr_mimebundle_") and value is not None:
            data = {kind: "".join(text) for kind, text in outputs["execute_result"]["data"].items()}
            assert data == value._repr_mimebundle_()
    assert [cell["execution_count"] for cell in cells()] == list(range(1, len(cells()) + 1))
