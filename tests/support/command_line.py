"""The program run as a user runs it: as a process of its own, or in this one."""

from __future__ import annotations

import gc
import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from unetscope import cli

PROBE = """
import sys
try:
    from unetscope.cli import main
    main()
finally:
    print(sorted({"torch", "diffusers", "numpy", "matplotlib"} & set(sys.modules)), file=sys.stderr)
"""
"""Runs the program and ends with the heavy libraries that it loaded."""


def unetscope(*args: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a process of its own."""
    command = [sys.executable, "-m", "unetscope", *args]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=os.environ | env, check=False)


def traced_here(*args: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the program in this process, where it and torch are imported once for all tests."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["unetscope", *args])
        if cwd is not None:
            patch.chdir(cwd)
        for name, value in env.items():
            patch.setenv(name, value)
        try:
            code = cli._run()
        finally:
            gc.enable()  # the program, made for a short life, does without
    shown = []
    for stream in (out, err):
        stream.flush()
        shown.append(stream.buffer.getvalue().decode())
    return subprocess.CompletedProcess(args, code, *shown)


def heavy_after(*args: str) -> str:
    """The heavy libraries that a command loaded, as a list in text."""
    done = subprocess.run([sys.executable, "-c", PROBE, *args], capture_output=True, text=True, check=False)
    return done.stderr.splitlines()[-1]
