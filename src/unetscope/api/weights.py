"""Files of weights: what they are, whether they fit a network. Only `verify` and a network that is not
bundled need torch."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from unetscope import checkpoints
from unetscope.api.loading import load
from unetscope.checkpoints import containers
from unetscope.checkpoints.answer import Answer, Comparison, compare
from unetscope.checkpoints.fit import Fit, fit
from unetscope.errors import SourceError
from unetscope.families.wording import printable


def identify(source: str | os.PathLike[str]) -> Answer:
    """What a file of weights is, by its header alone: names, shapes, types, metadata.

    Raises SourceError where it cannot be read or is no such file.
    """
    return checkpoints.identify_file(Path(source))


def files_of(source: str | os.PathLike[str]) -> list[Path]:
    """The files of weights that a path names: itself, or those in a folder. Raises SourceError for none."""
    path = Path(source)
    if not path.is_dir():
        return [path]
    found = containers.in_folder(path)
    if not found:
        raise SourceError(
            f"no file of weights in {printable(str(path), limit=200)}",
            hint=f"such files end in {', '.join(containers.SUFFIXES)}",
        )
    return found


def identify_all(sources: tuple[str, ...]) -> Iterator[Answer | SourceError]:
    """What each file is, those of a folder one by one; the error in place of one that cannot be read."""
    for source in sources:
        try:
            paths = files_of(source)
        except SourceError as error:
            yield error
            continue
        for path in paths:
            try:
                yield identify(path)
            except SourceError as error:
                yield error


def verify(source: str | os.PathLike[str], **manner: Any) -> Comparison:
    """The tensors of a file against those of the network built from the config inferred of it.

    Raises as `load` does, and SourceError where the file holds no network whose config is known.
    """
    made = load(os.fspath(source), **manner)
    one = identify(source).denoiser
    there = {tensor.name: tensor.shape for tensor in made.tensors}
    buffers = {tensor.name for tensor in made.tensors if tensor.role != "parameter"}
    names = one.names if one else {}
    found = compare(
        names, {name: shape for name, shape in there.items() if name not in buffers - names.keys()}
    )
    return found


def check(file: str | os.PathLike[str], source: Any, **manner: Any) -> Fit:
    """Whether a file of weights loads into a network, and why not.

    Raises SourceError where the file cannot be read, and as `load` does for the network.
    """
    answer = identify(file)
    return fit(answer, load(source, **manner))


__all__ = ["Answer", "Fit", "check", "files_of", "identify", "identify_all", "verify"]

Asked = Mapping[str, Any]
