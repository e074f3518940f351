"""Tensors put together into layers and blocks: what their names have in common."""

from __future__ import annotations

import re
from collections.abc import Sequence

from unetscope.checkpoints.keys.every_name import PEFT_PREFIX, kohya_module
from unetscope.checkpoints.keys.key import Key
from unetscope.checkpoints.names import labels
from unetscope.choices import KeysBy
from unetscope.model import Architecture
from unetscope.paths import parent

_BLOCK = re.compile(
    r"^(?:(?:encoder|decoder)\.)?(?:(?:down|up)_blocks\.\d+|mid_block)\.\w+\.\d+|^\w+\.\d+(?=\.)|^\w+"
)


def grouped(network: Architecture, whole: Sequence[Key], by: KeysBy) -> tuple[Key, ...]:
    """Layers or blocks in the order of the forward, last those that no module calls by itself."""
    groups: dict[str, list[Key]] = {}
    for key in whole:
        match = _BLOCK.match(key.diffusers) if by == "block" else None
        groups.setdefault(match[0] if match else parent(key.diffusers) or key.diffusers, []).append(key)
    rows = [summed(path, keys, network) for path, keys in groups.items()]
    first = network.first_call
    return tuple(sorted(rows, key=lambda key: first.get(key.diffusers, len(network.calls))))


def summed(path: str, keys: Sequence[Key], network: Architecture) -> Key:
    """The keys below a module as one: what their names begin with."""
    original = _common([key.original for key in keys if key.original])
    is_layer = all(parent(key.diffusers) == path for key in keys)
    adapted = [key for key in keys if key.peft]
    kohya = adapted[0].kohya if is_layer and adapted else ""
    plain = re.fullmatch(r"[\w.]+", original)
    if not is_layer and plain and any(key.kohya for key in keys):
        kohya = kohya_module(network, f"{path}.weight", f"{original}.weight")
    alone = keys[0] if len(keys) == 1 else None
    parts = [key for key in keys if key.end]
    same = len({(key.first, key.end) for key in parts}) == 1 and len(parts) == len(keys)
    return Key(
        path,
        original,
        first=parts[0].first if same else 0,
        end=parts[0].end if same else 0,
        swapped=all(key.swapped for key in keys),
        merge=labels.together([key.merge for key in keys]),
        sd_mecha=labels.together([key.sd_mecha for key in keys]),
        bk_sdm=labels.together([key.bk_sdm for key in keys]),
        kohya=kohya,
        peft=PEFT_PREFIX + path if adapted else "",
        shape=alone.shape if alone else None,
        file_shape=alone.file_shape if alone else None,
        tensors=len(keys),
        params=sum(key.params for key in keys),
    )


def _common(names: Sequence[str]) -> str:
    """What names of tensors have in common, down to whole parts; blocks that follow each other as a range,
    several beginnings one after the other."""
    paths = [parent(name).split(".") if "." in name else [name] for name in dict.fromkeys(names)]
    if not paths:
        return ""
    shared: list[str] = []
    for parts in zip(*paths, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    if not shared:
        return ", ".join(dict.fromkeys(path[0] for path in paths))
    after = {path[len(shared)] for path in paths if len(path) > len(shared)}
    if shared[-1].endswith("blocks") and len(after) > 1 and all(part.isdigit() for part in after):
        numbers = sorted(map(int, after))
        whole = numbers == list(range(numbers[0], numbers[-1] + 1))
        shared.append(f"{numbers[0]}–{numbers[-1]}" if whole else f"{{{','.join(map(str, numbers))}}}")
    return ".".join(shared)
