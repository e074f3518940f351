"""Whole-process time of `diff A B`, bundled, cached and with nothing at hand, beside `table B --no-cache`.

    python benchmarks/diff.py [RUNS]

Each run is a process of its own, in turns; figures are medians, ratios are taken pair by pair so that
a machine that drifts in speed does not tilt them. Targets: bundled or cached ≤ 0.6 s; with nothing at
hand ≤ 2 × the table of B.
"""

from __future__ import annotations

import os
import sys
import tempfile
from statistics import median

from speed import Run, run

PAIRS = (("sd15", "sdxl"), ("sd15", "bk-sdm-small"), ("sd15", "sd21"))
UNRELATED = ("tiny-sd", "sdxl")
"""A pair that no line of the zoo joins, so that only the cache can know it."""


def main() -> None:
    """Run every case in turns and print medians and ratios to the table of the same network."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    python = [sys.executable, "-m", "unetscope"]
    seen: dict[str, list[Run]] = {}
    ratios: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {"UNETSCOPE_CACHE": folder}
        run([*python, "diff", *UNRELATED], env)  # fills the cache, and warms the disk
        for _ in range(runs):
            for a, b in (*PAIRS, UNRELATED):
                table = run([*python, "table", b, "--no-cache"], env)
                for name, more in (("at hand", []), ("--no-cache", ["--no-cache"])):
                    known = "cached" if (a, b) == UNRELATED else "bundled"
                    case = f"diff {a} {b} ({known if name == 'at hand' else name})"
                    result = run([*python, "diff", a, b, *more], env)
                    seen.setdefault(case, []).append(result)
                    ratios.setdefault(case, []).append(result.seconds / table.seconds)
    for case, results in seen.items():
        seconds, megabytes = (median(figures) for figures in zip(*results, strict=True))
        print(f"{case:38} {seconds:6.2f} s   {megabytes:6.0f} MB   {median(ratios[case]):5.2f} × table")


if __name__ == "__main__":
    main()
