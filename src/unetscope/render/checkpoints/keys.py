"""The names of a network's tensors, layers or blocks: text, Markdown, CSV and plain data."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from unetscope.checkpoints.keys.every_name import FILE_PREFIX, PEFT_PREFIX
from unetscope.checkpoints.keys.key import Key, KeyTable
from unetscope.render.table.as_csv import plain as csv_cell
from unetscope.render.table.as_markdown import escape, title
from unetscope.render.text import NARROW, grid, lines, plain

SCHEMA_VERSION = 1
_CARDS = 24
"""Rows up to which each name stands on a line of its own."""
_COLUMNS = (
    # field, heading
    ("diffusers", "diffusers"),
    ("original", ""),
    ("merge", "merge"),
    ("bk_sdm", "BK-SDM"),
    ("kohya", "kohya"),
    ("peft", "PEFT"),
)


def data(table: KeyTable) -> dict[str, Any]:
    """All that is known of the keys; `rows` are those of the tensor `original`, null for all of them."""
    network = table.network
    return {
        "schema_version": SCHEMA_VERSION,
        "network": network.title,
        "source": network.source,
        "class_name": network.class_name,
        "naming": table.naming or None,
        "file_prefix": _prefix(table) or None,
        "by": table.by,
        "keys": [_record(key) for key in table.keys],
        "without_original": list(table.missing),
    }


def _record(key: Key) -> dict[str, Any]:
    return {
        "diffusers": key.diffusers,
        "original": key.original or None,
        "rows": [key.first, key.end] if key.end else None,
        "halves_swapped": key.swapped,
        "merge": key.merge or None,
        "sd_mecha": key.sd_mecha or None,
        "bk_sdm": key.bk_sdm or None,
        "kohya": key.kohya or None,
        "peft": key.peft or None,
        "shape": key.shape,
        "file_shape": key.file_shape,
        "tensors": key.tensors,
        "params": key.params,
    }


def as_csv(table: KeyTable) -> str:
    """One header line, then a line for each key; rows of a fused tensor as first and end."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["network", "naming", "by", *_record(Key(""))])
    for key in table.keys:
        cells = (_cell(value) for value in _record(key).values())
        writer.writerow([csv_cell(table.network.title), table.naming, table.by, *cells])
    return out.getvalue()


def _cell(value: object) -> str | int:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return "x".join(map(str, value)) if isinstance(value, tuple) else "-".join(map(str, value))
    return csv_cell("" if value is None else value)


def as_markdown(table: KeyTable, *, heading: int | None = None) -> str:
    """A table in GitHub's flavour, what the names mean below it."""
    columns = _shown(table)
    rows = [[_told(table, key, field) for field, _ in columns] for key in table.keys]
    return (
        "\n".join(
            [
                title(_headline(table), heading),
                "",
                f"| {' | '.join(escape(heading) for _, heading in columns)} |",
                "|" + " --- |" * len(columns),
                *(f"| {' | '.join(f'`{cell}`' if cell else '' for cell in row)} |" for row in rows),
                "",
                *(f"{escape(line)}  " for line in notes(table)),
            ]
        )
        + "\n"
    )


def _told(table: KeyTable, key: Key, field: str) -> str:
    """A cell of Markdown, inside of backticks: no name has any of its own that could end them."""
    text = plain(str(getattr(key, field)) + (taking(key) if field == "original" else ""))
    return text.replace("`", "'").replace("|", "\\|").replace("\n", " ")


def _shown(table: KeyTable) -> list[tuple[str, str]]:
    """The columns that hold something, with their headings."""
    named = [(field, heading or _word(table)) for field, heading in _COLUMNS]
    return [(field, heading) for field, heading in named if any(getattr(k, field) for k in table.keys)]


def _word(table: KeyTable) -> str:
    return "original" if table.naming in ("", "diffusers") else table.naming


def taking(key: Key) -> str:
    """Which part of a tensor, and how: " rows 0–3071 of 9216, halves swapped"."""
    parts = []
    if key.end:
        whole = f" of {key.file_shape[0]}" if key.file_shape else ""
        parts.append(f" rows {key.first}–{key.end - 1}{whole}")
    if key.swapped:
        parts.append(" halves swapped")
    if key.shape and key.file_shape and not key.end and key.shape != key.file_shape:
        parts.append(f" reshaped from {'×'.join(map(str, key.file_shape))}")
    return ",".join(parts)


def text(table: KeyTable, *, width: int = NARROW, colour: bool = False) -> str:
    """A table of blocks; of few layers or tensors a card each, of many the two names on lines."""
    parts: list[Text | Table] = [Text(_headline(table), "bold")]
    if table.by == "block" and _blocks_need(table) <= width:
        parts.append(_blocks(table))
    elif len(table.keys) <= _CARDS:
        parts += [Text(""), *(line for key in table.keys for line in _card(table, key))]
    else:
        parts += [Text(""), *(line for key in table.keys for line in _pair(key))]
    parts += [Text(plain(line), "dim") for line in ("", *notes(table))]
    return lines(*parts, width=width, colour=colour)


def _headline(table: KeyTable) -> str:
    return plain(f"{table.network.title} · {table.network.class_name}")


def _blocks(key_table: KeyTable) -> Table:
    fields = [(field, heading) for field, heading in _shown(key_table) if field not in ("kohya", "peft")]
    table = grid(*((heading, "left") for _, heading in fields))
    for key in key_table.keys:
        table.add_row(*(plain(_marked(key, field)) for field, _ in fields))
    return table


def _blocks_need(table: KeyTable) -> int:
    """Columns of a terminal that a table of blocks takes: three between each two of its own."""
    fields = [pair for pair in _shown(table) if pair[0] not in ("kohya", "peft")]
    cells = [[heading, *(_marked(key, field) for key in table.keys)] for field, heading in fields]
    return sum(max(map(cell_len, column)) for column in cells) + 3 * len(cells)


def _marked(key: Key, field: str) -> str:
    """A cell; a block that tools count differently has a mark."""
    differs = field == "merge" and key.sd_mecha and key.sd_mecha != key.merge
    return f"{key.merge}*" if differs else str(getattr(key, field))


def _card(table: KeyTable, key: Key) -> Iterator[Text | Table]:
    size = f"  {'×'.join(map(str, key.shape))}" if key.shape else ""
    yield Text(plain(key.diffusers)).append(plain(size), "dim")
    about = Table.grid(padding=(0, 2))
    about.add_column(style="dim", no_wrap=True)
    about.add_column(overflow="fold")
    for field, heading in _shown(table)[1:]:
        if value := _marked(key, field):
            about.add_row(f"  {heading}", plain(value + (taking(key) if field == "original" else "")))
    yield about


def _pair(key: Key) -> Iterator[Text]:
    yield Text(plain(key.diffusers))
    if key.original:
        yield Text(f"    {plain(key.original)}").append(plain(taking(key)), "dim")


def notes(table: KeyTable) -> list[str]:
    """What the names mean and where tools differ, a line each."""
    sentences = [_of_files(table)]
    whole = table.whole
    fused = {key.original for key in whole if key.end}
    split = sum(bool(key.end) for key in whole)
    swapped = [key.diffusers for key in whole if key.swapped]
    if fused:
        sentences.append(f"{split} tensors of diffusers are rows of {len(fused)} fused ones")
    if swapped:
        sentences.append(f"halves of rows change places (shift and scale): {_listed(swapped)}")
    if table.missing and table.naming:
        sentences.append(f"not in {table.naming}: {_listed(table.missing)}")
    if any(key.merge for key in table.keys):
        sentences.append(_of_merging(table.keys))
    if any(key.bk_sdm for key in table.keys):
        sentences.append("BK-SDM: R residual, A attention, Cv convolution; stage, place in it")
    trained = [key.kohya for key in whole if key.kohya]
    kohya = next((name for name in (*(name for name in trained if "att" in name), *trained)), "")
    sentences += [f"kohya: {kohya}"] if kohya and table.by == "block" else []
    if table.by == "block":
        part = "unet" if table.network.class_name.startswith("UNet") else "transformer"
        sentences.append(f"PEFT: {PEFT_PREFIX} before diffusers' path; in LoRA files of diffusers {part}.")
    return sentences


def _of_files(table: KeyTable) -> str:
    if table.naming == "diffusers":
        return "its authors publish it under diffusers' names"
    if not table.naming:
        return "names of its own code are not known here"
    naming = _WORDS.get(table.naming, f"{table.naming}: names of its own code")
    return f"{naming}; in full checkpoints under {_prefix(table)}"


_WORDS = {
    "LDM": "LDM: names of CompVis' and Stability's code (SGM has the same)",
    "BFL": "BFL: names of Black Forest Labs' code",
    "SD3": "SD3: names of Stability's code",
    "Lumina": "Lumina: names of single files, as ComfyUI reads them",
}


def _prefix(table: KeyTable) -> str:
    """What stands before the names in a full checkpoint."""
    special = {"AutoencoderKL": "first_stage_model.", "ControlNetModel": "control_model."}
    return "" if table.naming in ("", "diffusers") else special.get(table.network.class_name, FILE_PREFIX)


def _of_merging(keys: Sequence[Key]) -> str:
    if not any(key.sd_mecha for key in keys):
        return "merge: blocks of supermerger"
    differ = any(key.sd_mecha != key.merge for key in keys)
    return "merge: blocks of supermerger and sd-mecha" + "; * sd-mecha: BASE" * differ


def _listed(names: Sequence[str]) -> str:
    more = len(names) - 3
    return ", ".join(names[:3]) + (f" and {more} more" if more > 0 else "")
