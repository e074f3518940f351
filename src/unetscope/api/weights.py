"""Files of weights: what they are, whether they fit a network. Only `verify` and a network that is not
bundled need torch."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unetscope import checkpoints
from unetscope.api.loading import load, weights_file
from unetscope.api.picture import Picture
from unetscope.checkpoint import ControlJoints, Overlay
from unetscope.checkpoints import containers
from unetscope.checkpoints import overlay as overlays
from unetscope.checkpoints import weight_map as maps
from unetscope.checkpoints.agreement import Agreement, compare
from unetscope.checkpoints.answer import Answer
from unetscope.checkpoints.fit import FileFit, fit
from unetscope.checkpoints.keys import KeyTable, key_table, names_of
from unetscope.choices import DiffFormat, KeysBy, NamingName, ThemeName, Width
from unetscope.errors import OutputError, SourceError
from unetscope.model import Architecture
from unetscope.paths import OtherNames
from unetscope.sources import hub
from unetscope.words.messages import printable

if TYPE_CHECKING:
    from unetscope.checkpoints.values.changes import WeightDiff


def identify(source: str | os.PathLike[str]) -> Answer:
    """What a file of weights is, by its header alone: names, shapes, types, metadata.

    Raises SourceError where it cannot be read or is no such file.
    """
    path = hub.place(source, "file") or Path(source)
    answer, origin = checkpoints.identify_file(path), hub.origin(path)
    if not origin:
        return answer
    return replace(
        answer, listing=replace(answer.listing, notes=(*answer.listing.notes, f"read from {origin}"))
    )


def files_of(source: str | os.PathLike[str]) -> list[Path]:
    """The files of weights that a path names: itself, or those in a folder. Raises SourceError for none."""
    path = hub.place(source, "all") or Path(source)
    if not path.is_dir():
        return [path]
    files = containers.in_folder(path)
    if not files:
        raise SourceError(
            f"no file of weights in {printable(str(path), limit=200)}",
            hint=f"such files end in {', '.join(containers.SUFFIXES)}",
        )
    return files


def identify_all(sources: tuple[str, ...]) -> Iterator[tuple[Path, Answer | SourceError]]:
    """Each file with what it is, those of a folder one by one; the error in place of one that cannot be
    read."""
    for source in sources:
        try:
            paths = files_of(source)
        except SourceError as error:
            yield Path(source), error
            continue
        for path in paths:
            try:
                yield path, identify(path)
            except SourceError as error:
                yield path, error


def stored_bytes(source: Any) -> dict[str, int]:
    """Bytes that a network's tensors take in its own file of weights, by type, the largest first; empty
    for any other source."""
    path = weights_file(source)
    answer = identify(path) if path else None
    denoiser = answer.denoiser if answer else None
    if answer is None or denoiser is None:
        return {}
    counts: Counter[str] = Counter()
    for name, tensor in answer.listing.tensors.items():
        if name.startswith(denoiser.prefix):
            counts[tensor.dtype] += tensor.bytes
    return {dtype: size for dtype, size in counts.most_common() if size}


TYPES = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}
"""Types of a file in which a network computes, by the names that options have for them."""


def dtype_of(source: Any) -> str | None:
    """The type of most of a network's weights in its own file, if a network computes in it."""
    return TYPES.get(next(iter(stored_bytes(source)), ""))


def verify(source: str | os.PathLike[str], **manner: Any) -> Agreement:
    """The tensors of a file against those of the network built from the config inferred of it.

    Raises as `load` does, and SourceError where the file holds no network whose config is known.
    """
    network = load(os.fspath(source), **manner)
    denoiser = identify(source).denoiser
    names = denoiser.names if denoiser else {}
    there = {
        tensor.name: tensor.shape
        for tensor in network.tensors
        if tensor.role == "parameter" or tensor.name in names
    }
    return compare(names, there)


def weight_diff(
    a: str | os.PathLike[str], b: str | os.PathLike[str], *, threads: int | None = None
) -> WeightDiff:
    """How the values of the tensors in file B differ from those in file A, tensor by tensor and by block.

    Both are safetensors, or indexes of such, and are read in pieces: memory does not grow with them. Where
    their names differ, those of diffusers join them. Raises SourceError where a file cannot be read or is cut
    off, OptionError where numpy is missing.
    """
    from unetscope.checkpoints.values.difference import difference

    return difference(_local(a), _local(b), threads=threads)


def draw_weights(
    diff: WeightDiff,
    *,
    format: DiffFormat = "svg",
    theme: ThemeName = "light",
    width: Width = "readme",
    command: str = "",
) -> Picture:
    """Which blocks of a network changed between two files of weights, by how much: fills on its strip.

    `format` is svg, png, pdf or tex, `theme` light, dark, auto or paper, `width` readme, full or column.
    `command` is printed at the foot. Raises OutputError for an unknown choice, and where the files hold no
    bundled network.
    """
    from unetscope import render
    from unetscope.render.checkpoints import values

    if not diff.network:
        raise OutputError(
            f"no picture of {diff.a}: it holds no network that is bundled here",
            hint="text, json, csv and markdown tell its blocks",
        )
    network = replace(load(diff.network), title=f"{diff.a} → {diff.b}")
    look: dict[str, Any] = {"measured": values.measured(diff), "width": width, "command": command}
    return Picture(render.diagram(network, format=format, theme=theme, **look), format)


def _local(source: str | os.PathLike[str]) -> Path:
    """A file here; of one on the Hub only the header is read. Raises SourceError."""
    if hub.address_of(source) is not None:
        raise SourceError(
            f"{printable(str(source), limit=200)} is no file here: values are read of files alone",
            hint="download both first: hf download REPOSITORY FILE",
        )
    return Path(source)


def check(file: str | os.PathLike[str], source: Any, **manner: Any) -> FileFit:
    """Whether a file of weights loads into a network, and why not.

    Raises SourceError where the file cannot be read, and as `load` does for the network.
    """
    return fit(identify(file), load(source, **manner))


def keys(source: Any, *, find: str = "", by: KeysBy | None = None, **manner: Any) -> KeyTable:
    """What tensors of a network are called: in diffusers, in its own code, by LoRA trainers and merge tools.

    `find` is a name in any of these namings, a part of one, or a pattern with * and ?. A row is what `by`
    says: block, layer or tensor, by default a block, or a tensor where something is to be found. `plan()` of
    the table is what takes a state dict under the original names to diffusers'. Raises SourceError where
    nothing has such a name, OptionError for an unknown word, and as `load`.
    """
    return key_table(load(source, **manner), by=by, find=find)


def other_names(network: Architecture, naming: NamingName | None) -> OtherNames | None:
    """What modules of a network are called in another naming; None where none is asked for.

    Raises OptionError for a naming that is unknown, or that the network does not have.
    """
    return names_of(network, naming) if naming else None


def overlay(file: str | os.PathLike[str], source: Any, **manner: Any) -> Overlay | ControlJoints:
    """What a LoRA or its kin changes in a network, by stage and block: layers, weights, ranks; of a
    ControlNet where it adds what. Headers alone.

    Raises SourceError where it holds neither, or is for another network, and as `check`.
    """
    network = load(source, **manner)
    return overlays.overlay(fit(identify(file), network), network)


def weight_map(file: str | os.PathLike[str], source: Any, **manner: Any) -> dict[str, Any]:
    """Which tensor of a file each tensor of a network comes from, as plain JSON. Raises as `check` does."""
    network = load(source, **manner)
    return maps.weight_map(fit(identify(file), network), network)
