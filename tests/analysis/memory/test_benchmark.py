"""The benchmark of memory runs without a GPU: what it would measure is built and run on the meta device."""

from __future__ import annotations

import subprocess
import sys

import pytest

from support.places import ROOT

pytest.importorskip("torch", reason="torch is not installed: nothing can be run")


def run(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "benchmarks/memory.py"), *args]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_it_says_how_it_is_used_and_that_it_needs_a_device() -> None:
    assert "--device {cuda,meta}" in run("--help").stdout
    import torch

    if not torch.cuda.is_available():
        done = run()
        assert (done.returncode, "no CUDA device" in done.stderr) == (2, True)


@pytest.mark.slow
def test_all_of_it_runs_on_the_meta_device() -> None:
    done = run("--device", "meta")
    assert done.returncode == 0, done.stderr
    rows = done.stdout.splitlines()[1:]
    assert len(rows) == 2 * 5 + 4 + 1
    assert all(row.endswith(("runs", "the extra pipeline")) for row in rows)
