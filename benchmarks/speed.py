"""Whole-process time and peak memory of `table`, in turns with a bare torch script.

    python benchmarks/speed.py [RUNS]

Each run is a process of its own, whose bytecode is there as pip leaves it. Figures are medians; ratios are
taken pair by pair so that a machine that drifts in speed does not tilt them, and once more of processor time,
which does not grow with what else runs. Targets: cold ≤ 0.9 × the bare script for SDXL; ≤ 0.6 × and < 500 MB
for FLUX.1; Wan at 81 frames < 10 s and < 1 GB; a preset or a cached source ≤ 0.4 s and ≤ 100 MB.
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
COLD = ("sdxl", "flux1-dev", "wan2.1-t2v-14b")


class Run(NamedTuple):
    """One process: seconds from start to end, those of a processor, and the most memory it held, in MB."""

    seconds: float
    processor: float
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
    return Run(seconds, usage.ru_utime + usage.ru_stime, kilobytes / 1000)


def main() -> None:
    """Run every case in turns and print medians and ratios to the bare script of its network."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    print(f"{'':36} elapsed  processor    memory   elapsed × bare   processor × bare")
    with tempfile.TemporaryDirectory() as folder:
        env["UNETSCOPE_CACHE"] = str(Path(folder) / "cache")
        for name in COLD:
            config = Path(folder) / f"{name}.json"
            spec = zoo.spec(name)
            config.write_text(json.dumps({"_class_name": spec.class_name, **spec.config}))
            _compare(_cases(name, config), env | {"CONFIG": str(config)}, runs)


def _cases(name: str, config: Path) -> dict[str, list[str]]:
    python = [sys.executable, "-m", "unetscope"]
    bare = {f"bare script, {name}": [sys.executable, str(HERE / "bare.py"), name]}
    cold = {f"table {name} --no-cache": [*python, "table", name, "--no-cache"]}
    if name != COLD[0]:
        return bare | cold
    return (
        bare
        | cold
        | {
            f"table {name} (bundled)": [*python, "table", name],
            f"table {config.name} (cached)": [*python, "table", str(config)],
            f"diagram {name} (bundled)": [*python, "diagram", name, "-o", os.devnull, "--format", "svg"],
        }
    )


def _compare(cases: dict[str, list[str]], env: dict[str, str], runs: int) -> None:
    for command in cases.values():
        run(command, env)  # warms the disk, writes bytecode, and fills the cache
    seen: dict[str, list[Run]] = {name: [] for name in cases}
    for _ in range(runs):
        for name, command in cases.items():
            seen[name].append(run(command, env))
    bare = next(iter(seen.values()))
    for name, results in seen.items():
        pairs = list(zip(results, bare, strict=True))
        elapsed = median(ours.seconds / other.seconds for ours, other in pairs)
        processor = median(ours.processor / other.processor for ours, other in pairs)
        medians = (median(figures) for figures in zip(*results, strict=True))
        print("{:36} {:5.2f} s  {:7.2f} s  {:5.0f} MB".format(name, *medians), end="")
        print(f"   {elapsed:14.2f}   {processor:16.2f}", flush=True)


if __name__ == "__main__":
    main()
