"""The pre-commit hooks and the GitHub Action that ship: their steps do what they say."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.command_line import traced_here
from support.places import ROOT
from unetscope.embedding.hosts import host_of

HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
KINDS = ("md", "markdown", "mdx", "rst", "html", "htm", "tex", "ipynb")
MARKED = "<!-- unetscope: table ddpm-cifar10 --columns params -->\n<!-- /unetscope -->\n"
WINDOWS = pytest.mark.skipif(
    os.name == "nt", reason="the Action's runners have bash and git beside each other"
)


def test_hooks_take_the_documents_that_the_command_takes() -> None:
    for hook in HOOKS:
        assert {kind for kind in KINDS if re.search(hook["files"], f"docs/a.{kind}")} == {*KINDS}
        assert not re.search(hook["files"], "a.py")
    assert all(host_of(f"a.{kind}") for kind in KINDS)


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_fails_on_a_stale_document_and_passes_a_fresh_one(
    hook: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pre-commit fails a hook that exits other than 0 or changes a file."""
    monkeypatch.chdir(tmp_path)
    Path("a.md").write_text(MARKED)
    words = shlex.split(hook["entry"])[1:]
    done = traced_here(*words, "a.md")
    assert done.returncode == 1 or Path("a.md").read_text() != MARKED
    traced_here("embed", "a.md")
    before = Path("a.md").read_text()
    assert (traced_here(*words, "a.md").returncode, Path("a.md").read_text()) == (0, before)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a document that is stale and one without markers."""
    folder = tmp_path / "repository"
    folder.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    (folder / "it's a.md").write_text(MARKED)
    (folder / "b.md").write_text("nothing\n")
    (folder / "script.py").write_text("# unetscope: no document\n")
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    return folder


def step(repository: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The Action's last step, run as GitHub's runner runs it: bash -eo pipefail on a file, inputs put in."""
    found = ACTION["runs"]["steps"][-1]
    given = {name: one["default"] for name, one in ACTION["inputs"].items()} | inputs
    own = {
        name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda asked: given[asked[1]], value)
        for name, value in found["env"].items()
    }
    scripts = repository.parent / "bin"
    scripts.mkdir(exist_ok=True)
    (scripts / "unetscope").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m unetscope "$@"\n')
    (scripts / "unetscope").chmod(0o755)
    (scripts / "step").write_text(found["run"])
    runner = {"RUNNER_TEMP": str(scripts), "GITHUB_STEP_SUMMARY": str(repository.parent / "summary.md")}
    path = {"PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(scripts / "step")]
    return subprocess.run(
        command,
        cwd=repository,
        env=os.environ | own | runner | path,
        capture_output=True,
        text=True,
        check=False,
    )


@WINDOWS
def test_the_action_checks_makes_again_and_is_content(repository: Path) -> None:
    stale = step(repository)
    assert (stale.returncode, stale.stdout.splitlines()[0]) == (1, "--- a/it's a.md")
    summary = (repository.parent / "summary.md").read_text()
    assert summary == f"~~~~diff\n{stale.stdout}~~~~\n"
    assert (repository / "it's a.md").read_text() == MARKED
    assert step(repository, check="false").stdout == "it's a.md\n"
    fresh = step(repository)
    assert (fresh.returncode, fresh.stdout, fresh.stderr) == (0, "", "")
    assert (repository.parent / "summary.md").read_text() == summary


@WINDOWS
def test_the_action_tells_trouble_and_passes_repositories_without_markers(repository: Path) -> None:
    assert step(repository, files="*.rst\n").stdout == "no document has a marker\n"
    (repository / "b.md").write_text("<!-- unetscope: table sd15 -->\n")
    assert step(repository, files="b.md\n").returncode == 2


def test_what_a_user_gives_the_action_reaches_the_shell_as_a_variable_alone() -> None:
    for one in ACTION["runs"]["steps"]:
        assert "${{" not in one["run"]
