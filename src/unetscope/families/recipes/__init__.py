"""The rows: one recipe a class, one data file a group.

To add a class, add one entry to a file here. If no expression can give a shape, add a file to `families/`
with a function from the config to further names, and a line to MORE.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files

import msgspec

from unetscope.families import hidream
from unetscope.families.family import Config
from unetscope.families.recipe import Recipe

GROUPS = ("image", "video", "unets", "controls", "autoencoders", "audio")

MORE: dict[str, Callable[[Config], Config]] = {"HiDreamImageTransformer2DModel": hidream.more}
"""By class name: a function that gives further names to the expressions of its row."""


@lru_cache(maxsize=1)
def recipes() -> dict[str, Recipe]:
    """Every recipe, by class name."""
    by_class: dict[str, Recipe] = {}
    for group in GROUPS:
        data = files(__name__).joinpath(f"{group}.json").read_bytes()
        by_class |= msgspec.json.decode(data, type=dict[str, Recipe])
    return by_class
