"""docs/: what pages show is what commands print, the reference is the program's, and the site builds."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from support.command_line import traced_here
from support.places import ROOT

DOCS = ROOT / "docs"
MARKED = sorted(path for path in DOCS.rglob("*.md") if "\n<!-- unetscope: " in path.read_text())


def script(path: Path) -> ModuleType:
    """A script beside the pages, imported without being run."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("page", MARKED, ids=lambda page: page.stem)
def test_a_page_shows_what_its_commands_print(page: Path) -> None:
    """Where it fails, `unetscope embed` on the page mends it; look at what changed."""
    done = traced_here("embed", "--check", str(page))
    assert (done.returncode, done.stdout) == (0, "")


def test_there_are_pages_for_the_jobs_people_come_for() -> None:
    jobs = {"choose", "count", "fit", "compare", "prune", "paper", "embed"}
    assert jobs <= {path.stem for path in (DOCS / "how-to").glob("*.md")}
    assert {"tutorial", "papers-macs", *jobs - {"embed"}} <= {path.stem for path in MARKED}


def test_the_reference_is_written_from_the_program() -> None:
    """Where it fails: python docs/write_reference.py."""
    writer = script(DOCS / "write_reference.py")
    for name, make in writer.PAGES.items():
        assert (DOCS / "reference" / name).read_text(encoding="utf-8") == make()


def test_every_page_is_in_the_contents() -> None:
    listed = (DOCS / "index.md").read_text().splitlines()
    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")}
    assert pages - {"index"} == pages & {*listed}


def test_the_workflow_builds_with_warnings_as_errors_before_it_publishes() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "docs.yml").read_text())["jobs"]
    steps = [step.get("run", "") for step in jobs["build"]["steps"]]
    assert any("sphinx -W" in step for step in steps)
    assert jobs["publish"]["needs"] == "build"


@pytest.mark.live
def test_the_site_builds_without_a_warning_and_its_pictures_are_there(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", str(DOCS), str(tmp_path)],
        env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    named = [
        (page.parent / source)
        for page in tmp_path.rglob("*.html")
        for source in re.findall(r'(?:src|srcset)="([^"#:?]+\.svg)"', page.read_text())
    ]
    assert named
    assert [path for path in named if not path.exists()] == []
