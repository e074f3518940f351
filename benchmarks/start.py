"""What `uvx` and `pipx run` take to draw SDXL from a wheel, the first time and later, and the command itself.

python benchmarks/start.py     # needs uv, pipx and hatchling; seconds of processor time, and on the clock
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORDS = ("unetscope", "diagram", "sdxl", "-o", "-")
RUNS = 3


def seconds(command: list[str], env: dict[str, str]) -> tuple[float, float]:
    """Processor time and time on the clock."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=env)
    after, ended = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ended - begun


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
        subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
        (wheel,) = map(str, Path(folder).glob("*.whl"))
        env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        env |= {"UV_CACHE_DIR": f"{folder}/uv", "PIPX_HOME": f"{folder}/pipx"}
        ways = {
            "uvx": ["uvx", "--no-config", "--from", wheel, *WORDS],
            "pipx run": ["pipx", "run", "--spec", wheel, *WORDS],
            "the command": [sys.executable, "-m", *WORDS],
        }
        for name, command in ways.items():
            if shutil.which(command[0]):
                measured = [seconds(command, env) for _ in range(RUNS)]
                print(f"{name}: " + ", ".join(f"{used:.1f} s of {clock:.1f} s" for used, clock in measured))


if __name__ == "__main__":
    main()
