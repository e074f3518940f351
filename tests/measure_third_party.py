"""Measure the networks of other packages again: python tests/measure_third_party.py [NAME ...]

Writes tests/data/third_party_networks.tsv, but for what stands in its last two columns: what the network's
code says, and what became of it where it was seen wrongly before. It asks for all packages of
`support.networks.third_party`, which takes an environment of its own: together they pin older
versions of what unetscope needs.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from support.networks.measured_networks import measured
from support.networks.third_party import NETWORKS

TABLE = Path(__file__).parent / "data" / "third_party_networks.tsv"
OWN = ("code", "history")
COLUMNS = ("name", "package", "parameters", "MACs", "form", "stages", "skips", *OWN)


def main(names: list[str]) -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        first = file.readline()
        rows = {row["name"]: row for row in csv.DictReader(file, delimiter="\t")}
    for name in names or NETWORKS:
        told = {column: rows.get(name, {}).get(column, "") for column in OWN}
        try:
            rows[name] = {"name": name, "package": NETWORKS[name].package, **measured(name), **told}
        except Exception as error:  # noqa: BLE001 - any package may be missing or fail
            print(f"{name}: {error!r:.300}", file=sys.stderr)
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        file.write(first)
        writer = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[name] for name in NETWORKS if name in rows)


if __name__ == "__main__":
    main(sys.argv[1:])
