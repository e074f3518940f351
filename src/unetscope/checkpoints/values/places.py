"""Where the values of tensors lie in files of weights: safetensors, and the shards of an index."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from unetscope import files
from unetscope.checkpoints import containers
from unetscope.checkpoints.containers import safetensors
from unetscope.checkpoints.listing import Listing
from unetscope.errors import SourceError
from unetscope.sizes import Shape
from unetscope.sources import reading
from unetscope.words.messages import printable


@dataclass(frozen=True, slots=True)
class View:
    """The values of a tensor, or of rows of one: `runs` are first byte and byte behind the last, in order."""

    path: Path
    dtype: str
    shape: Shape
    runs: tuple[tuple[int, int], ...]


def views(path: Path) -> tuple[Listing, dict[str, View]]:
    """What a file says, and where each of its tensors lies.

    Raises SourceError where it cannot be read, is of another kind, or its data is not whole.
    """
    listing = containers.read(path)
    if listing.container == "safetensors":
        by_name = _in_file(path)
    elif path.name.lower().endswith(containers.INDEX):
        shards = containers.shards_of(path)
        by_name = {name: view for shard in shards for name, view in _in_file(shard).items()}
        by_name = {name: by_name[name] for name in listing.tensors if name in by_name}
    else:
        raise SourceError(
            f"{listing.name} is a {listing.container}: values are read of safetensors alone",
            hint="convert it first, for example with safetensors.torch.save_file",
        )
    if listing.absent:
        raise SourceError(
            f"{listing.name} is cut off: {listing.absent:,} bytes of its data are not there",
            hint="download it again",
        )
    return listing, by_name


def _in_file(path: Path) -> dict[str, View]:
    """The tensors of one safetensors file."""
    name = printable(path.name)
    try:
        with files.opened(path) as file:
            if file is None:
                raise SourceError(f"{name} is not a regular file", hint="give the file itself")
            listing, places = safetensors.read_with_places(file, name)
    except (OSError, ValueError) as error:
        raise reading.unreadable(path, error) from error
    return {
        key: View(path, tensor.dtype, tensor.shape or (), (places[key],))
        for key, tensor in listing.tensors.items()
    }


def rows(view: View, start: int, stop: int) -> View:
    """Rows `start` to `stop` of a view of one run."""
    (first, last), sides = view.runs[0], view.shape
    each = (last - first) // sides[0] if sides[0] else 0
    return View(
        view.path, view.dtype, (stop - start, *sides[1:]), ((first + start * each, first + stop * each),)
    )


def swapped(view: View) -> View:
    """The second half of a view of one run before the first."""
    half = view.shape[0] // 2
    first, second = rows(view, 0, half), rows(view, half, view.shape[0])
    return View(view.path, view.dtype, view.shape, (*second.runs, *first.runs))
