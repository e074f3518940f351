"""The process around a command: streams that are closed, full or narrow, and Ctrl-C."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import unetscope

pytestmark = pytest.mark.skipif(os.name == "nt", reason="file descriptors and signals of POSIX")
SOURCES = Path(unetscope.__file__).parent


def shell(line: str, folder: Path, **env: str) -> subprocess.CompletedProcess[bytes]:
    """A line of sh in which `unetscope` is the program."""
    script = f'unetscope() {{ "{sys.executable}" -m unetscope "$@"; }}; {line}'
    own = {"UNETSCOPE_CACHE": str(folder / "cache"), "COLUMNS": "80"}
    return subprocess.run(
        ["sh", "-c", script], cwd=folder, env=os.environ | own | env, capture_output=True, check=False
    )


LINES = """\
unetscope table sd15
unetscope table sd15 --json
unetscope table sd15 --format csv
unetscope --help
unetscope diagram sd15 -o -
unetscope diagram sd15 -o x.svg
""".splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize(
    ("to", "why"), [(">&-", "Bad file descriptor"), (">/dev/full", "No space left on device")]
)
def test_an_output_that_takes_nothing_is_one_line(line, to, why, tmp_path):
    done = shell(f"{line} {to}", tmp_path)
    assert done.stderr.decode().splitlines() == [
        f"error: cannot write to standard output: {why}",
        "hint: is it full, or closed?",
    ]
    assert done.returncode == 2


def test_closed_standard_streams_do_not_get_into_a_file(tmp_path):
    assert shell("unetscope diagram sd15 -o x.svg <&- >&- 2>&-", tmp_path).returncode == 2
    assert (tmp_path / "x.svg").read_text().startswith("<svg")
    assert (tmp_path / "x.svg").read_text().endswith("</svg>\n")


@pytest.mark.slow
@pytest.mark.parametrize("to", ["2>&-", "2>/dev/full"])
def test_an_error_nobody_can_read_still_has_its_exit_code(to, tmp_path):
    done = shell(f"unetscope table nope {to}", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", b"")
    assert shell(f"unetscope table {to}", tmp_path).returncode == 2


@pytest.mark.slow
def test_a_reader_that_goes_away_hears_no_complaint(tmp_path):
    done = shell(
        "unetscope table sdxl --by layer --no-fold | head -1; unetscope diagram sdxl -o - | head -c1",
        tmp_path,
    )
    assert done.stderr == b""


@pytest.mark.slow
def test_an_encoding_without_our_signs_gets_signs_that_are_alike(tmp_path):
    shown = {
        encoding: shell("unetscope table sd15", tmp_path, PYTHONIOENCODING=encoding)
        for encoding in ("ascii", "latin-1", "cp1252", "utf-8")
    }
    assert {done.returncode for done in shown.values()} == {0}
    texts = {encoding: done.stdout.decode(encoding) for encoding, done in shown.items()}
    assert texts["ascii"].splitlines()[0] == "Stable Diffusion 1.5 | UNet2DConditionModel"
    assert texts["latin-1"].splitlines()[0] == "Stable Diffusion 1.5 · UNet2DConditionModel"
    assert "320x64x64" in texts["ascii"]
    lengths = [[len(line) for line in text.splitlines()] for text in texts.values()]
    assert lengths[:-1] == lengths[1:]  # tables stay aligned


def test_a_name_that_an_encoding_lacks_is_escaped(tmp_path):
    done = shell("unetscope table 'né中'", tmp_path, PYTHONIOENCODING="ascii")
    assert done.stderr.splitlines()[0] == rb'error: no preset, file or folder is called "n\xe9\u4e2d"'


INTERRUPTED = """
import os, signal, sys
from unetscope.cli import main

signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background ignores it

class Finder:
    def find_spec(self, name, path, target=None):
        if name == wanted:
            os.kill(os.getpid(), signal.SIGINT)

wanted = sys.argv.pop(1)
sys.meta_path.insert(0, Finder())
main()
"""


@pytest.mark.parametrize(
    "module",
    ["unetscope.cli.process", "click", "unetscope.cli.commands", "msgspec", "unetscope.api", "rich.console"],
)
def test_ctrl_c_during_an_import_is_one_line_and_130(module, tmp_path):
    command = [sys.executable, "-c", INTERRUPTED, module, "table", "sd15"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "error: interrupted\n")


@pytest.mark.slow
def test_ctrl_c_during_the_import_of_torch_is_one_line_and_130(tmp_path):
    (tmp_path / "c.json").write_text('{"_class_name": "UNet2DModel", "sample_size": 16}')
    command = [sys.executable, "-c", INTERRUPTED, "torch.nn.modules.conv", "table", "c.json", "--no-cache"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "error: interrupted\n")


def test_the_package_is_imported_at_once_and_knows_its_names():
    probe = (
        "import sys, unetscope; print(unetscope.__all__ == sorted(unetscope.__all__),"
        " [n for n in sys.modules if n.startswith('unetscope')], {*unetscope.__all__} <= {*dir(unetscope)},"
        " all(getattr(unetscope, n).__module__.startswith('unetscope') for n in unetscope.__all__))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout == "True ['unetscope'] True True\n"


def calls(path: Path) -> set[str]:
    """Names of all that a module calls, as written."""
    return {
        ast.unparse(one.func) for one in ast.walk(ast.parse(path.read_text())) if isinstance(one, ast.Call)
    }


def test_one_module_prints():
    printing = {
        "print",
        "click.echo",
        "click.secho",
        "sys.stdout.write",
        "sys.stderr.write",
        "sys.stdout.buffer.write",
    }
    found = {path.relative_to(SOURCES).as_posix() for path in SOURCES.rglob("*.py") if calls(path) & printing}
    assert found == {"cli/output.py"}


def test_every_refusal_has_a_hint():
    kinds = {"SourceError", "ConfigError", "TraceError", "OutputError", "UnetscopeError"}
    bare = [
        f"{path.name}:{one.lineno}"
        for path in SOURCES.rglob("*.py")
        for one in ast.walk(ast.parse(path.read_text()))
        if isinstance(one, ast.Call)
        and ast.unparse(one.func).rpartition(".")[2] in kinds
        and not any(keyword.arg == "hint" for keyword in one.keywords)
    ]
    assert bare == []
