"""Files of weights: what a file is, by its header alone, and whether it fits a network. Pure: no torch.

`containers` reads headers into a frozen `Listing`, `identify` makes an `Answer` of it by the table `rules`,
`fit` sets a file against a network, `source` makes a network's config of a file.
"""

from __future__ import annotations

from pathlib import Path

from unetscope.checkpoints import containers
from unetscope.checkpoints.answer import Answer
from unetscope.checkpoints.identify import identify
from unetscope.sizes import Shape

__all__ = ["Answer", "identify", "identify_file"]


def identify_file(path: Path) -> Answer:
    """What a file of weights, or a sharded one's index, is. Raises SourceError as `containers.read` does."""
    return identify(containers.read(path))


def shapes_for(path: Path, class_name: str) -> dict[str, Shape]:
    """Shapes of the tensors that a file has for a network of a class, under the names of diffusers.

    Empty where they are not at hand: a shard is absent, or a Git LFS pointer stands for the file. Raises
    SourceError as `containers.read` does.
    """
    if not containers.is_fetched(path):
        return {}
    listing = containers.read(path)
    if len(listing.shapes) < len(listing.tensors):
        return {}
    answer = identify(listing)
    same = next(
        (
            component.names
            for component in answer.components
            if component.class_name == class_name and component.crossed
        ),
        None,
    )
    named = (
        listing.shapes if same is None else {name: shape for name, shape in same.items() if shape is not None}
    )
    return dict(named)
