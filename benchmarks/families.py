"""Every class that a recipe runs: our recorder against torch's FlopCounterMode, equal blocks copied or not.

    python benchmarks/families.py [NAME]…

Each network of tests/data/families.tsv, or those whose name or class is given, is built on meta and run three
times in one process: under torch's counter, under our recorder, and under our recorder that runs every
block. A line says what differs, what our recorder has no rule for, and how long each took.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from support.by_recipe import Case, built, cases, counted_by_torch, recorded
from unetscope.tracing import build
from unetscope.words import safe


def main() -> None:
    """Run every case, print a line for each and the number that are equal."""
    warnings.simplefilter("ignore")
    asked = set(sys.argv[1:])
    chosen = [case for case in cases() if not asked or asked & {case.name, case.class_name}]
    equal = 0
    for case in chosen:
        try:
            with build.quiet():
                equal += _compared(case)
        except Exception as error:  # noqa: BLE001 - whatever keeps one class from running is its result
            print(f"fails    {case.class_name:42} {type(error).__name__}: {safe.told(error)}", flush=True)
    print(f"{equal} of {len(chosen)} equal in all figures")


def _compared(case: Case) -> bool:
    """Print one line; whether all figures are those pinned."""
    network, seconds = _timed(built, case)
    count, by_torch = _timed(counted_by_torch, case, network)
    (ours, uncounted), by_us = _timed(recorded, case, network)
    (each, _), unfolded = _timed(lambda: recorded(case, network, reuse=False))
    same = (*count, ours, each) == (*case.count, case.count.macs, case.count.macs)
    word = "equal   " if same else "differs "
    print(
        f"{word} {case.class_name:42} {count.params:>15,} {count.tensors:>5} {count.macs:>23,}"
        f"  build {seconds:4.1f} s  torch {by_torch:4.1f}  ours {by_us:4.1f}  every block {unfolded:4.1f}"
        + (f"  uncounted: {', '.join(sorted(uncounted))}" if uncounted else "")
        + ("" if same else f"  pinned {case.count}, ours {ours:,}, every block {each:,}"),
        flush=True,
    )
    return same


def _timed(function: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    began = perf_counter()
    result = function(*arguments)
    return result, perf_counter() - began


if __name__ == "__main__":
    main()
