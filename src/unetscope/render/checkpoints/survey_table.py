"""The rows of a survey as a file: Parquet, CSV or JSON lines, written row by row, in place once whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from unetscope import files
from unetscope.checkpoints.surveys.row import SCHEMA_VERSION, SurveyRow
from unetscope.errors import OptionError
from unetscope.render.table.as_csv import plain
from unetscope.words import safe

_GROUP = 1_000
"""Rows of a group in a Parquet file: what is held at once."""
COLUMNS = tuple(field.name for field in msgspec.structs.fields(SurveyRow))


def _jsonl(rows: Iterable[SurveyRow], file: BinaryIO) -> None:
    for row in rows:
        file.write(safe.json(msgspec.json.encode(row).decode()).encode() + b"\n")


def _csv(rows: Iterable[SurveyRow], file: BinaryIO) -> None:
    """Lists in one cell with "; " between, types as "F16 123"."""
    out = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(getattr(row, name)) for name in COLUMNS] for row in rows)
    out.detach()


def _cell(value: Any) -> str | int:
    if isinstance(value, int) or value is None:
        return "" if value is None else value
    if isinstance(value, dict):
        value = "; ".join(f"{name} {size}" for name, size in value.items())
    elif isinstance(value, list):
        value = "; ".join(map(str, value))
    return plain(value)


def _parquet(rows: Iterable[SurveyRow], file: BinaryIO) -> None:
    import pyarrow
    from pyarrow import parquet

    schema = pyarrow.schema([(field.name, _type(field.type)) for field in msgspec.structs.fields(SurveyRow)])
    schema = schema.with_metadata({"unetscope.survey": str(SCHEMA_VERSION)})
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for group in _grouped(rows):
            columns = {name: [_value(getattr(row, name)) for row in group] for name in COLUMNS}
            writer.write_table(pyarrow.table(columns, schema=schema))


def _type(declared: Any) -> Any:
    """The column type of a field, by how it is declared."""
    import pyarrow

    return {
        str: pyarrow.string(),
        int | None: pyarrow.int64(),
        list[int]: pyarrow.list_(pyarrow.int64()),
        list[str]: pyarrow.list_(pyarrow.string()),
        dict[str, int]: pyarrow.map_(pyarrow.string(), pyarrow.int64()),
    }[declared]


def _value(value: Any) -> Any:
    return list(value.items()) if isinstance(value, dict) else value


def _grouped(rows: Iterable[SurveyRow]) -> Iterator[list[SurveyRow]]:
    source = iter(rows)
    while group := list(islice(source, _GROUP)):
        yield group


TABLES: dict[str, Callable[[Iterable[SurveyRow], BinaryIO], None]] = {
    "parquet": _parquet,
    "csv": _csv,
    "jsonl": _jsonl,
}
"""Suffix of a table → what writes it."""


def needs(suffix: str) -> None:
    """Raise OptionError where what writes a table is missing."""
    if suffix == "parquet":
        try:
            import pyarrow.parquet
        except ImportError as error:
            raise OptionError(
                "a Parquet table needs pyarrow",
                hint='pip install "unetscope[survey]", or write .csv or .jsonl',
            ) from error
        del pyarrow


def write(rows: Iterable[SurveyRow], path: Path) -> None:
    """Write a table, its format by the suffix. Raises OutputError where the target cannot be written."""
    with files.writing(path) as file:
        TABLES[path.suffix.lower().removeprefix(".")](rows, file)
