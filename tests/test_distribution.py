"""The wheel and the sdist, built and installed from nothing: they hold what the program needs."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from support.command_line import traced_here
from support.places import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_what_is_installed_draws_what_is_drawn_here(kind: str, built: Path, tmp_path: Path) -> None:
    (archive,) = built.glob(kind)
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
    ]
    done = subprocess.run(
        [*install, "--target", str(tmp_path), str(archive)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    elsewhere = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    probe = "import unetscope; print(unetscope.__file__); from unetscope.cli import main; main()"
    shown = subprocess.run(
        [sys.executable, "-c", probe, "diagram", "sdxl", "-o", "-"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": elsewhere}, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    place, _, picture = shown.partition("\n")
    assert Path(place).is_relative_to(tmp_path)
    assert picture == traced_here("diagram", "sdxl", "-o", "-").stdout
    assert (tmp_path / "unetscope" / "templates" / "page.css").is_file()
    assert (tmp_path / "unetscope" / "py.typed").is_file()


def test_the_wheel_holds_every_file_of_the_package(built: Path) -> None:
    """A pattern in .gitignore, which the build reads, is not to keep a package out of it."""
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    source, templates = ROOT / "src", ROOT / "templates"
    package = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    package |= {f"unetscope/templates/{path.name}" for path in templates.iterdir()}
    assert names == {name for name in package if "__pycache__" not in name}


def test_what_is_installed_without_extras_takes_less_than_60_mb(built: Path) -> None:
    """The wheel unpacked, and what it needs as it is installed here, byte code left out."""
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        ours = sum(entry.file_size for entry in archive.infolist())
    (distribution_of_ours,) = distributions(path=[str(wheel)])
    needed: dict[str, int] = {}
    waiting = _needs(distribution_of_ours)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = _size(distribution(name))
            waiting += _needs(distribution(name))
    assert "click" in needed
    assert not needed.keys() & {"numpy", "matplotlib", "torch", "diffusers"}
    assert ours + sum(needed.values()) < 60e6


def _needs(package: Distribution) -> list[str]:
    """What a package asks for here, without extras."""
    asked = [Requirement(line) for line in package.requires or ()]
    return [one.name for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})]


def _size(package: Distribution) -> int:
    """Bytes of a package's files that its wheel brought."""
    paths = [Path(str(path.locate())) for path in package.files or () if path.suffix != ".pyc"]
    return sum(path.stat().st_size for path in paths if path.is_file())


def test_the_wheel_stays_small(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    assert wheel.stat().st_size < 8_000_000


def test_the_sdist_holds_what_its_tests_and_documentation_need(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as found:
        names = {name.partition("/")[2] for name in found.getnames()}
    assert {"README.md", "docs/index.md", "docs/conf.py", "tests/conftest.py", "action.yml"} <= names
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "src").rglob("*.py")}
    assert {name for name in files if "__pycache__" not in name} <= names
    assert {".pre-commit-hooks.yaml", ".github/workflows/docs.yml", "templates/page.css"} <= names
