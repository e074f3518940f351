"""Measure every picture of every bundled model by all rules, in Chromium, and print what breaks one.

python tests/measure_every_picture.py [ID...]
"""

from __future__ import annotations

import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from support.pictures.product import measure_preset
from unetscope import zoo

if __name__ == "__main__":
    names = sys.argv[1:] or list(zoo.ids())
    counts = Counter[str]()
    with ProcessPoolExecutor(2) as pool:
        for wrong, counted in pool.map(measure_preset, names):
            counts += counted + Counter(presets=1, violations=len(wrong))
            print("\n".join(wrong), end="\n" * bool(wrong), flush=True)
    counts["violations"] += 0  # a sum of counters leaves out what was never seen
    print(", ".join(f"{count:,} {what}" for what, count in counts.items()))
    sys.exit(bool(counts["violations"]))
