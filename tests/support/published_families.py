"""Published configs of every family with what was counted of them outside: `data/published-families.tsv`."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from support.by_recipe import Count
from support.places import DATA

FILE = DATA / "published-families.tsv"


class Published(NamedTuple):
    """A row: names of checkpoints, sizes of axes, counts and the config."""

    names: str
    axes: dict[str, int]
    count: Count
    config: dict[str, Any]


def published() -> Iterator[Published]:
    """All rows."""
    lines = (line for line in FILE.read_text().splitlines() if not line.startswith("#"))
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        count = Count(int(row["params"]), int(row["tensors"]), int(row["macs"]))
        yield Published(row["names"], json.loads(row["axes"]), count, json.loads(row["config"]))
