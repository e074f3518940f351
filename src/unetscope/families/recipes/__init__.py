"""The rows: one recipe a class, in one data file a group. A class whose row needs more names a function.

To add a class: one entry in a file here. Where no expression says what a shape needs, one file in
`families/` with a function from the config to further names, and one line in MORE.
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
"""By class name: further names that its row's expressions may use."""


@lru_cache(maxsize=1)
def recipes() -> dict[str, Recipe]:
    """Every recipe, by class name."""
    by_class: dict[str, Recipe] = {}
    for group in GROUPS:
        data = files(__name__).joinpath(f"{group}.json").read_bytes()
        by_class |= msgspec.json.decode(data, type=dict[str, Recipe])
    return by_class
