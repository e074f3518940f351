"""Tables of figures and facts in tests/data/. Lines that start with # say where they come from."""

from __future__ import annotations

from support.places import DATA


def data_rows(name: str) -> list[dict[str, str]]:
    """The rows of a table by the names in its first line; "-" stands where nothing is known."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    names, *cells = (line.split("\t") for line in lines if not line.startswith("#"))
    return [dict(zip(names, row, strict=True)) for row in cells]
