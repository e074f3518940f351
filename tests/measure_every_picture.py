"""Measure pictures of bundled models by all rules, in Chromium, and print what breaks one.

python tests/measure_every_picture.py [--layout LAYOUT]... [ID...]
python tests/measure_every_picture.py --world
python tests/measure_every_picture.py --diffs

Each layout, detail and width of each network: an ID, also one of unetscope list --family world, or a file
that was saved; without IDs of one model for each distinct network, with --world of all U-Nets of other
packages. A line a network and layout tells what was measured, so that a run that is stopped has shown
something. With --diffs
each difference along the bundled models' lines of versions.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter

from support.pictures.product import (
    distinct_networks,
    measured_diffs,
    measured_in_slices,
    slices,
    version_lines,
)
from unetscope.layout import LAYOUTS
from unetscope.zoo import world_unets


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in counts.items())


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="ID")
    parser.add_argument("--layout", action="append", choices=[*LAYOUTS])
    parser.add_argument("--diffs", action="store_true")
    parser.add_argument("--world", action="store_true")
    asked = parser.parse_args()
    total = Counter(pictures=0, violations=0)
    names = [*asked.names, *(world_unets.table() if asked.world else ())]
    jobs = slices(names or distinct_networks(), asked.layout or LAYOUTS)
    for job, wrong, counted in measured_diffs(version_lines()) if asked.diffs else measured_in_slices(jobs):
        total.update(counted + Counter(violations=len(wrong)))
        print(
            *wrong,
            f"{job.name} {job.layout}: {_told(counted)}, {len(wrong)} violations",
            sep="\n",
            flush=True,
        )
    print(_told(total))
    sys.exit(bool(total["violations"]))
