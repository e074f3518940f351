"""Whole-process time and peak memory of `table sdxl`, in turns with a bare torch script.

    python benchmarks/speed.py [RUNS]

Each run is a process of its own; figures are medians, ratios are taken pair by pair so that a
machine that drifts in speed does not tilt them. Targets: cold ≤ 0.9 × the bare script; a preset
or a cached source ≤ 0.4 s and ≤ 100 MB.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from unetscope import zoo

HERE = Path(__file__).parent


class Run(NamedTuple):
    """One process: seconds from start to end, and the most memory it held, in MB."""

    seconds: float
    megabytes: float


def run(command: list[str], env: dict[str, str]) -> Run:
    """Run a command to its end; its peak is the operating system's own figure."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=env)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        raise SystemExit(f"{command} failed")
    kilobytes = usage.ru_maxrss if sys.platform != "darwin" else usage.ru_maxrss / 1024
    return Run(seconds, kilobytes / 1000)


def main() -> None:
    """Run every case in turns and print medians and ratios to the bare script."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "mine.json"
        config.write_text(json.dumps({"_class_name": "UNet2DConditionModel", **zoo.spec("sdxl").config}))
        env = os.environ | {"UNETSCOPE_CACHE": str(Path(folder) / "cache")}
        python = [sys.executable, "-m", "unetscope"]
        cases = {
            "bare script": [sys.executable, str(HERE / "bare.py")],
            "table sdxl --no-cache": [*python, "table", "sdxl", "--no-cache"],
            "table sdxl (bundled)": [*python, "table", "sdxl"],
            "table mine.json (cached)": [*python, "table", str(config)],
            "diagram sdxl (bundled)": [*python, "diagram", "sdxl", "-o", os.devnull, "--format", "svg"],
        }
        for command in cases.values():
            run(command, env)  # warms the disk, and fills the cache
        seen = {name: [] for name in cases}
        for _ in range(runs):
            for name, command in cases.items():
                seen[name].append(run(command, env))
    bare = seen["bare script"]
    for name, results in seen.items():
        ratio = median(mine.seconds / other.seconds for mine, other in zip(results, bare, strict=True))
        seconds, megabytes = (median(figures) for figures in zip(*results, strict=True))
        print(f"{name:28} {seconds:6.2f} s   {megabytes:6.0f} MB   {ratio:5.2f} × bare")


if __name__ == "__main__":
    main()
