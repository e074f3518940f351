"""Code of one's own as a SOURCE: model.py:build runs where it is typed, and nowhere else."""

from __future__ import annotations

import json
import math
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import unetscope
from support.command_line import heavy_after, traced_here
from support.files.checkpoint_files import written
from support.places import ROOT
from unetscope.cli.own_code import is_code

PAGE = (ROOT / "docs" / "how-to" / "any-module.md").read_text()
COMMANDS = re.findall(r"^unetscope (.*?)(?: +# .*)?$", PAGE, re.MULTILINE)
EVIL = (
    "import pathlib\npathlib.Path({marker!r}).touch()\n\ndef build():\n    pathlib.Path({marker!r}).touch()\n"
)
CODE = ("unet30.py:UNet", "--with", "width=4")
SHORT = ("--input", "1x1x16x16", "--with", "width=4")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the U-Net of "any-module.md"."""
    monkeypatch.chdir(tmp_path)
    code = re.search(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert code is not None
    assert len(code[1].splitlines()) <= 30
    (tmp_path / "unet30.py").write_text(code[1])
    return tmp_path


def test_every_command_of_the_how_to_runs_and_what_was_kept_needs_no_torch(folder: Path) -> None:
    for command in COMMANDS:
        done = traced_here(*shlex.split(command))
        assert done.returncode == 0, done.stderr
        assert done.stderr == ("runs the code of unet30.py\n" if ".py:" in command else "")
    assert heavy_after("table", "unet.json") == "[]"
    kept = unetscope.load("unet.json")
    assert (kept.class_name, sum(math.prod(one.shape) for one in kept.tensors)) == ("UNet", 31030658)
    assert kept.notes[0] == "called with x 1×1×128×128 float32"


def test_every_command_that_takes_code_runs_it() -> None:
    for name in ("diagram", "table", "memory", "graph", "chart", "show", "compare"):
        again = ["unet30.py:UNet"] if name == "compare" else []
        out = ["-o", "-"] if name in ("diagram", "graph", "chart") else []
        done = traced_here(name, "unet30.py:UNet", *again, *SHORT, *out)
        assert (done.returncode, set(done.stderr.splitlines())) == (0, {"runs the code of unet30.py"}), name


def test_a_figure_is_reconciled_with_code_and_weights_are_checked_against_it(folder: Path) -> None:
    traced_here("trace", *CODE, *SHORT[:2], "-o", "kept.json")
    kept = unetscope.load("kept.json")
    figure = (CODE[0], f"{kept.cost.macs / 1e6:.3f}M", *CODE[1:], *SHORT[:2], "--no-torchinfo")
    assert f"{kept.cost.macs:,}" in traced_here("reconcile", *figure).stdout
    written(folder / "w.safetensors", {tensor.name: tensor.shape for tensor in kept.tensors})
    for source in (CODE, ("kept.json",)):
        done = traced_here("check", "w.safetensors", *source)
        assert (done.returncode, done.stdout.splitlines()[0]) == (0, "w.safetensors fits UNet"), done.stderr


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        (["identify", "unet30.py:UNet"], "unet30.py:UNet is code, and a file of weights", "save_model"),
        (["check", "unet30.py:UNet", "sd15"], "unet30.py:UNet is code, and a file of weights", "save_model"),
        (["plan", "unet30.py:UNet", "--drop", "mid"], "plan cuts networks by their config", "unetscope diff"),
    ],
)
def test_where_no_code_can_stand_one_line_says_why(words: list[str], error: str, hint: str) -> None:
    done = traced_here(*words)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {error}")
    assert done.stderr.count("\n") == 2
    assert hint in done.stderr


def test_commands_that_take_none_say_how_it_is_done() -> None:
    done = traced_here("keys", "unet30.py:UNet", "conv")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "error: keys runs no code",
        "hint: unetscope trace unet30.py:UNet -o mine.json, then name mine.json",
    ]


def test_sweep_and_diff_run_code_too() -> None:
    swept = traced_here("sweep", *CODE, "--input", "1x1x64x64", "--latent", "32,64", "--json")
    assert [row["traced"] for row in json.loads(swept.stdout)["rows"]] == [False, False]
    differs = traced_here("diff", "sd15", *CODE, *SHORT[:2], "--stat", "--exit-code")
    assert (differs.returncode, differs.stderr.splitlines()) == (1, ["runs the code of unet30.py"])


def test_what_trace_keeps_of_code_answers_for_other_sizes_without_torch() -> None:
    words = (*CODE, "--input", "1x1x64x64")
    assert traced_here("trace", *words, "-o", "kept.json").stderr == "runs the code of unet30.py\n"
    asked = ("--latent", "32,96x64,128", "--json")
    assert heavy_after("sweep", "kept.json", *asked) == "[]"
    kept, live = (traced_here("sweep", *source, *asked).stdout for source in (("kept.json",), words))
    assert json.loads(kept)["rows"] == json.loads(live)["rows"]
    assert heavy_after("table", "kept.json", "--latent", "48") == "[]"
    table = traced_here("table", "kept.json", "--latent", "48").stdout
    assert "called with x 1×1×48×48 float32" in " ".join(table.split())
    off = traced_here("sweep", "kept.json", "--latent", "40")
    assert off.stderr.splitlines() == [
        "error: no formula of UNet reaches height 40, width 40",
        "hint: formulas hold for sides that are multiples of 16, 32 or more; "
        "for others sweep the module itself",
    ]
    assert traced_here("trace", *CODE, "--input", "2x1x16x16", "-o", "batch.json").stderr.splitlines() == [
        "runs the code of unet30.py",
        "warning: kept without a formula: for other sizes sweep unet30.py:UNet itself",
    ]


def test_what_is_no_unet_is_drawn_as_its_graph_and_says_why(folder: Path) -> None:
    (folder / "net.py").write_text(
        "from torch import nn\ndef build(): return nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), "
        "nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1))\n"
    )
    assert traced_here("trace", "net.py:build", "--input", "1x3x32x32", "-o", "net.json").returncode == 0
    told = "no U-Net: it only goes down; --layout chooses another picture\n"
    usual = traced_here("diagram", "net.json", "-o", "-")
    assert usual.stderr == told
    graph = traced_here("graph", "net.json", "--depth", "2", "-o", "-").stdout
    same = (usual.stdout.replace("diagram net.json", "graph net.json --depth 2"), graph)
    assert len({re.sub(r"u[0-9a-f]{10}", "", drawn) for drawn in same}) == 1  # ids are made from the content
    strip = traced_here("diagram", "net.json", "--layout", "strip", "-o", "-")
    assert (strip.returncode, strip.stderr) == (0, "")
    assert strip.stdout not in (usual.stdout, "")


@pytest.mark.parametrize("source", ["net.py:build", "net.py:Holder.net", "net:build", "lib.net:build"])
def test_functions_instances_and_modules_by_dotted_name(source: str, folder: Path) -> None:
    (folder / "lib").mkdir()
    body = (
        "import torch\nfrom blocks import width\nprint('hello')\nbuild = lambda: torch.nn.Linear(width, 2)\n"
        "class Holder:\n    net = build()\n"
    )
    (folder / "net.py").write_text(body)
    (folder / "lib" / "net.py").write_text(body)
    (folder / "blocks.py").write_text("width = 3\n")
    before, path = set(sys.modules), [*sys.path]
    done = traced_here("show", source, "--input", "1x3", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)
    assert "hello" in done.stderr
    assert sys.path == path
    assert {"net", "blocks", "lib.net"} & (set(sys.modules) - before) == set()


def test_two_sources_have_each_their_own_modules_of_one_name(folder: Path) -> None:
    for name, width in (("a", 3), ("b", 5)):
        (folder / name).mkdir()
        (folder / name / "blocks.py").write_text(f"width = {width}\n")
        (folder / name / "net.py").write_text(
            "import torch, blocks\nNet = lambda: torch.nn.Linear(3, blocks.width)\n"
        )
    done = traced_here("trace", "a/net.py:Net", "b/net.py:Net", "--input", "1x3", "-o", "-")
    assert re.findall(r'"shape":\[(\d),3\]', done.stdout) == ["1", "3", "1", "5"]


@pytest.mark.parametrize(
    ("code", "words", "said"),
    [
        ("", ["no.py:UNet"], "no such file: no.py"),
        ("def build(): pass", ["x.py:biuld"], "x.py has no 'biuld'\nhint: did you mean build?"),
        ("def build(): return 3", ["x.py:build"], "x.py:build gives a int, no module"),
        ("import nowhere", ["x.py:build"], "ModuleNotFoundError: No module named 'nowhere' (x.py:1, "),
        ("def build(:", ["x.py:build"], "SyntaxError: "),
        ("import sys\nsys.exit(3)", ["x.py:build"], "SystemExit: 3 (x.py:2, 'sys.exit(3)')"),
        ("def build():\n    return {}[1]", ["x.py:build"], "KeyError: 1 (x.py:2, 'return {}[1]')"),
        ("def build(): pass", ["x.py:build", "--with", "depth=4"], "TypeError: build() got an unexpected"),
        ("def build(): pass", ["x.py:build", "--with", "depth"], "--with: a setting is key=value"),
        ("", ["no.where:build"], "no module is called no.where"),
        ("", ["ddpm-cifar10", "--input", "1x3x8x8"], "--input is about code, and ddpm-cifar10 is none"),
        ("", ["ddpm-cifar10", "--with", "a=1"], "--with is about code, and ddpm-cifar10 is none"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_one_line_and_a_hint(code: str, words: list[str], said: str, folder: Path) -> None:
    (folder / "x.py").write_text(code + "\n")
    done = traced_here("table", *words)
    told = done.stderr.removeprefix("runs the code of x.py\n").removeprefix("runs the code of no.where\n")
    assert (done.returncode, told.count("\n")) == (2, 2), done.stderr
    assert told.startswith(f"error: {said}")


def test_all_of_a_traceback_is_shown_where_it_is_asked_for(folder: Path) -> None:
    (folder / "x.py").write_text("1 / 0\n")
    done = traced_here("table", "x.py:build", UNETSCOPE_TRACEBACK="1")
    assert "Traceback (most recent call last)" in done.stderr
    assert done.stderr.splitlines()[-2] == "error: ZeroDivisionError: division by zero (x.py:1, '1 / 0')"


def test_an_interrupt_in_the_code_ends_as_everywhere(folder: Path) -> None:
    (folder / "x.py").write_text(
        "import os, signal\ndef build():\n"
        "    signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored in the background
        "    os.kill(os.getpid(), signal.SIGINT)\n"
    )
    command = [sys.executable, "-m", "unetscope", "table", "x.py:build"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (130, "error: interrupted")


def test_places_of_code_are_told_from_other_sources() -> None:
    for source in ("a/b.py:f", r"C:\x.py:build", "package.module:Net", "x.py:nets.UNet"):
        assert is_code(source), source
    for source in (
        "sd15",
        "org/repo:unet",
        "org/repo@main:unet#fp16",
        r"C:\x.json",
        "unet30.py",
        "-",
        "x.py:",
    ):
        assert not is_code(source), source


def test_names_in_files_run_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marker = folder / "ran"
    (folder / "evil.py").write_text(EVIL.format(marker=str(marker)))
    monkeypatch.syspath_prepend(str(folder))
    assert traced_here("trace", "unet30.py:UNet", *SHORT, "-o", "kept.json").returncode == 0
    kept = json.loads((folder / "kept.json").read_text())
    for name in ("evil.py:build", "evil:build", "os:system"):
        (folder / "config.json").write_text(json.dumps({"_class_name": name, "target": name, "id": name}))
        planted = kept | dict.fromkeys(("id", "title", "source", "class_name"), name)
        (folder / "planted.json").write_text(json.dumps(planted))
        (folder / "ldm.yaml").write_text(
            f"model:\n  target: {name}\n  params: {{unet_config: {{target: {name}}}}}\n"
        )
        for source in ("config.json", "planted.json", "ldm.yaml"):
            done = traced_here("table", source, "--fresh")
            assert "runs the code" not in done.stderr
        for words in (f"table {name}", f"table sd15 {name}", f"memory sd15 --pipeline --refiner {name}"):
            page = folder / "page.md"
            page.write_text(f"<!-- unetscope: {words} -->\n<!-- /unetscope -->\n")
            done = traced_here("embed", "page.md")
            assert done.returncode == 2, words
            assert "runs no code" in done.stderr or "runs only where it is typed" in done.stderr, done.stderr
        for load in (lambda: unetscope.load(name), lambda: unetscope.load({"_class_name": name})):  # noqa: B023
            with pytest.raises(unetscope.UnetscopeError):
                load()
    assert "evil" not in sys.modules
    assert not marker.exists()


def test_a_file_that_is_called_like_code_is_read(folder: Path) -> None:
    (folder / "os:system").write_text("{}")
    assert "runs the code" not in traced_here("table", "os:system").stderr
