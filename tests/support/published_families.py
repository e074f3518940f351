"""Published configs of every family with what they count (tests/data/published-families.tsv)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from support.by_recipe import Count
from support.tables import data_rows


class PublishedCount(NamedTuple):
    """A config under the names of the models that have it, and what it counts at these axes."""

    names: str
    axes: dict[str, int]
    count: Count
    config: dict[str, Any]


def published_counts() -> Iterator[PublishedCount]:
    """Every row of the table."""
    for row in data_rows("published-families.tsv"):
        count = Count(int(row["params"]), int(row["tensors"]), int(row["macs"]))
        yield PublishedCount(row["names"], json.loads(row["axes"]), count, json.loads(row["config"]))
