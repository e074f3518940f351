"""Items → rows, as lines of JSON: what every worker does, here or on another machine."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from unetscope.checkpoints import containers
from unetscope.checkpoints.identify import identify
from unetscope.checkpoints.listing import Listing
from unetscope.checkpoints.surveys.items import SurveyItem
from unetscope.checkpoints.surveys.row import SurveyRow, row_of, row_of_error
from unetscope.errors import SourceError
from unetscope.limits import MAX_HEADER
from unetscope.sources import hub
from unetscope.words.messages import printable

_BLOCK = 2**16
"""Bytes that are asked for at least of a file elsewhere: most headers are as large."""


def surveyed(items: Sequence[SurveyItem]) -> bytes:
    """A line of JSON for each file of the items, in their order. Whatever is wrong with one is its row."""
    lines = (msgspec.json.encode(row) + b"\n" for item in items for row in _rows(item))
    return b"".join(lines)


def _rows(item: SurveyItem) -> Iterator[SurveyRow]:
    try:
        if item.kind == "hub":
            yield from _on_hub(item.place)
        elif item.kind == "absent":
            yield row_of_error(SourceError(item.stamp, hint="check its name"), item.place)
        else:
            listing = _at_url(item.place) if item.kind == "url" else containers.read(Path(item.place))
            yield row_of(identify(listing), item.place)
    except SourceError as error:
        yield row_of_error(error, item.place)
    except Exception as error:  # noqa: BLE001 - one file of ten thousand: its row says so, the others are read
        message = f"unexpected {type(error).__name__}: {printable(str(error), limit=200)}"
        yield row_of_error(
            SourceError(message, hint="a bug if the file is whole: please report it"), item.place
        )


def _on_hub(place: str) -> Iterator[SurveyRow]:
    """A row for each file of weights that an address names; the copies of headers are gone afterwards."""
    address = hub.address_of(place, presets=False)
    if address is None:  # since the list was made, something here has that name
        raise SourceError("there is no such repository", hint="check its name")
    with tempfile.TemporaryDirectory(prefix="unetscope-survey-") as folder:
        top, origin = hub.copied_weights(address, Path(folder, address.repo.partition("/")[2]))
        paths = containers.in_folder(top) if top.is_dir() else [top]
        for path in paths:
            inside = path.relative_to(top).as_posix() if top.is_dir() else ""
            source = f"{address.repo}:{inside}" if inside else place
            try:
                row = row_of(identify(containers.read(path)), source)
                yield msgspec.structs.replace(row, notes=[f"read from {origin}", *row.notes])
            except SourceError as error:
                yield row_of_error(error, source)


def _at_url(url: str) -> Listing:
    """What the header of a remote file says. Of an index only names are read."""
    import fsspec

    system, path = fsspec.core.url_to_fs(url)
    name = printable(path.rpartition("/")[2])
    if path.lower().endswith(containers.INDEX):
        with tempfile.TemporaryDirectory(prefix="unetscope-survey-") as folder:
            copy = Path(folder, "model" + containers.INDEX)
            copy.write_bytes(system.cat_file(path, 0, MAX_HEADER + 1))
            return replace(containers.read(copy), name=name)
    try:
        with system.open(path, "rb", block_size=_BLOCK) as file:
            return containers.read_open(file, name)
    except SourceError:
        raise
    except Exception as error:
        message = printable(str(error) or type(error).__name__, limit=200)
        raise SourceError(
            f"cannot read {name}: {message}", hint="is it there, and may you read it?"
        ) from error
