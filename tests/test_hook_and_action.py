"""The pre-commit hooks, the GitHub Action and the wheel that ship, tried as another repository tries them."""

from __future__ import annotations

import json
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
from support.networks import SMALL
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


README = """# Ours

<!-- unetscope: diagram unet/config.json --layout u -o pictures/net.svg -->
<!-- /unetscope -->

<!-- unetscope: table unet/config.json --columns params,macs -->
<!-- /unetscope -->

<!-- unetscope: $ table unet/config.json --by kind --columns params -->
<!-- /unetscope -->
"""
OFFLINE = {
    # what is installed here is at hand for what is installed anew, and nothing is fetched
    "PIP_NO_DEPS": "1",
    "PIP_NO_INDEX": "1",
    "PIP_NO_BUILD_ISOLATION": "0",  # pip's way to say that there is none
}
HERE = [path for path in sys.path if path.endswith("site-packages")]


def run(*command: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, cwd=cwd, env=clean | env, capture_output=True, text=True, check=False)


def git(folder: Path, *words: str) -> None:
    done = run("git", "-c", "user.name=a", "-c", "user.email=a@b.c", *words, cwd=folder)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, installed from a wheel into an environment of its own."""
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    (wheel,) = folder.glob("*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", "venv", cwd=folder)
    (packages,) = (folder / "venv").rglob("site-packages")
    (packages / "here.pth").write_text("\n".join(HERE))
    pip = (sys.executable, "-m", "pip", "--python", folder / "venv", "install", "--quiet")
    done = run(*pip, wheel, cwd=folder, **OFFLINE)
    assert done.returncode == 0, done.stderr
    return next((folder / "venv").glob("[bS]*/unetscope*"))


@pytest.mark.slow
def test_a_repository_keeps_its_readme_true_with_what_a_wheel_installs(
    installed: Path, tmp_path: Path
) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    config = ours / "unet" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps(SMALL))
    (ours / "README.md").write_text(README)
    git(ours, "init", "-q")
    assert run(installed, "embed", "README.md", cwd=ours).stdout.split() == [
        "pictures/net.svg", "pictures/net-dark.svg", "README.md"
    ]  # fmt: skip
    git(ours, "add", ".")
    git(ours, "commit", "-qm", "one")
    git(tmp_path, "clone", "-q", "ours", "theirs")
    fresh = run(installed, "embed", "--check", "README.md", cwd=theirs)
    assert (fresh.returncode, fresh.stdout, fresh.stderr) == (0, "", "")
    (theirs / "unet" / "config.json").write_text(json.dumps(SMALL | {"layers_per_block": 2}))
    stale = run(installed, "embed", "--check", "README.md", cwd=theirs)
    assert stale.returncode == 1
    lines = stale.stdout.splitlines()
    assert lines[:2] == ["--- a/README.md", "+++ b/README.md"]
    assert [line[:12] for line in lines if "**total**" in line] == ["-| **total**", "+| **total**"]
    assert [line for line in lines if line.startswith("Binary")] == [
        f"Binary files a/{name} and b/{name} differ" for name in ("pictures/net.svg", "pictures/net-dark.svg")
    ]
    assert run("git", "status", "--short", cwd=theirs).stdout == " M unet/config.json\n"


@pytest.mark.live
def test_pre_commit_tries_the_hook_of_this_repository_on_a_stale_document(repository: Path) -> None:
    """`try-repo` clones what is here and installs it into an environment of its own."""
    home = {"PRE_COMMIT_HOME": str(repository.parent / "home"), "PYTHONPATH": os.pathsep.join(HERE)}
    command = (
        sys.executable,
        "-m",
        "pre_commit",
        "try-repo",
        str(ROOT),
        "unetscope-embed-check",
        "--all-files",
    )
    done = run(*command, cwd=repository, **OFFLINE, **home)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "+| **total** |" in done.stdout
    assert (repository / "it's a.md").read_text() == MARKED
