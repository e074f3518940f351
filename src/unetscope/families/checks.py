"""Whether a config can describe a network of its class at all, judged without torch.

Strict only where diffusers would surely fail or the value is absurd; what is left over, diffusers
refuses itself while building.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from unetscope import units
from unetscope.errors import ConfigError
from unetscope.families import bounds
from unetscope.families.bounds import per_level
from unetscope.families.fit import PREFIX, check_fit
from unetscope.families.keys import ACTIVATIONS, KEYS, MAX_LEVELS, Key, complete
from unetscope.families.wording import did_you_mean, listed, shown

Config = Mapping[str, Any]


def check(class_name: str, config: Config) -> None:
    """Raise ConfigError, in one line, where `config` cannot describe a `class_name`.

    Keys that the class does not know are not looked at.
    """
    table = KEYS[class_name]
    for name in (key for key in table if key in config):
        _check_value(name, table[name], config[name])
    filled = complete(class_name, config)
    _check_levels(table, filled)
    check_fit(class_name, filled)
    _check_groups(filled)
    _check_heads(filled)
    _check_size(filled)


def _check_value(name: str, key: Key, value: object) -> None:
    """Type and range of one value, or of each entry where a list may stand."""
    if value is None and key.null:
        return
    many = isinstance(value, list | tuple)
    entries = list(value) if isinstance(value, list | tuple) and key.lists != "never" else [value]
    unfit = [entry for entry in entries if not (_fits(key, entry) or (many and key.gaps and entry is None))]
    if not unfit and (many or key.lists != "always"):
        return
    wrong = unfit[0] if unfit else value
    hint = f"diffusers' default is {shown(key.default)}"
    if key.choices and isinstance(wrong, str):
        hint = did_you_mean(wrong, key.choices, otherwise=hint)
    where = f" (found {shown(wrong, limit=40)})" if wrong is not value and len(entries) > 1 else ""
    raise ConfigError(f"{name} must be {_describe(key)}, not {shown(value)}{where}", hint=hint)


def _fits(key: Key, entry: object) -> bool:
    """Whether one entry has the kind and range that the key takes."""
    match key.kind:
        case "flag":
            return isinstance(entry, bool)
        case "word":
            return isinstance(entry, str) and _known(key, entry)
        case "whole":
            return _whole(entry, key)
        case "number":
            return _whole(entry, key) or (
                isinstance(entry, float) and math.isfinite(entry) and key.low <= entry <= key.high
            )
        case "size":
            sides = entry if isinstance(entry, list | tuple) and len(entry) == 2 else [entry]
            return all(_whole(side, key) for side in sides)
        case "depths":
            depths = entry if isinstance(entry, list | tuple) else [entry]
            return all(_whole(depth, key) for depth in depths)


def _known(key: Key, word: str) -> bool:
    # diffusers lowers the case of activations itself; in every other word capitals matter
    return word in key.choices or (key.choices == ACTIVATIONS and word.lower() in key.choices)


def _whole(value: object, key: Key) -> bool:
    """An integer within the key's bounds; Python's bool is an int, JSON's is not."""
    return isinstance(value, int) and not isinstance(value, bool) and key.low <= value <= key.high


def _describe(key: Key) -> str:
    """What a key takes, in words."""
    numbers = f"from {key.low:.10g} to {key.high:.10g}"
    match key.kind:
        case "flag":
            one = "true or false"
        case "word":
            one = f"one of {listed(key.choices, limit=5)}"
        case "whole" | "depths":
            one = f"a whole number {numbers}"
        case "number":
            one = f"a number {numbers}"
        case "size":
            one = f"a whole number {numbers} or a pair of them"
    forms = {"never": one, "either": f"{one}, or a list of such", "always": f"a list, each entry {one}"}
    return forms[key.lists] + (", or null" if key.null else "")


def _check_levels(table: Mapping[str, Key], config: Config) -> None:
    """Every list per level has as many entries as there are down blocks."""
    levels = len(config["down_block_types"])
    if not 1 <= levels <= MAX_LEVELS:
        raise ConfigError(
            f"down_block_types has {levels} entries; a UNet has 1 to {MAX_LEVELS} levels",
            hint="one entry for each level, for example DownBlock2D",
        )
    for name, key in table.items():
        value = config[name]
        if key.lists != "never" and isinstance(value, list | tuple) and len(value) != levels:
            raise ConfigError(
                f"{name} has {len(value)} entries, but down_block_types has {levels}",
                hint="lists per level have one entry for each down block; keys left out take their defaults",
            )
    _check_depths(config, levels)


def _check_depths(config: Config, levels: int) -> None:
    """Transformer depths given per layer have an entry for every layer that reads one."""
    layers = per_level(config["layers_per_block"], levels)
    down = per_level(config.get("transformer_layers_per_block"), levels)
    up = config.get("reverse_transformer_layers_per_block")
    if up is None and any(isinstance(depth, list | tuple) for depth in down):
        raise ConfigError(
            "transformer_layers_per_block per layer needs reverse_transformer_layers_per_block",
            hint="diffusers cannot derive the depths of the up blocks then",
        )
    wanted = list(zip(down, layers, strict=True))
    wanted += [(depth, count + 1) for depth, count in zip(up or [], layers[::-1], strict=False)]
    for depth, count in wanted:
        if isinstance(depth, list | tuple) and len(depth) != count:
            raise ConfigError(
                f"transformer depths {shown(depth)} stand for a block with {count} layers",
                hint="give a number for each layer (an up block has one more), or one for the block",
            )


def _check_groups(config: Config) -> None:
    """Channels divide into norm_num_groups wherever a GroupNorm takes that many."""
    groups, channels = config["norm_num_groups"], config["block_out_channels"]
    taking = [[name for name in names if _takes_groups(name)] for names in _blocks_per_level(config)]
    for level, (width, names) in enumerate(zip(channels, taking, strict=True)):
        if groups is None and any(not name.startswith("UNetMid") for name in names):
            raise ConfigError("norm_num_groups is null, but residual blocks need it", hint="it is usually 32")
        # the norm before conv_out works at the first level's width
        if groups is not None and (names or level == 0) and width % groups:
            raise ConfigError(
                f"block_out_channels {width} does not divide by norm_num_groups {groups}",
                hint=f"the nearest that does is {max(1, round(width / groups)) * groups}",
            )


def _takes_groups(block: str) -> bool:
    """K blocks and skip blocks choose their own number of groups; mid blocks where none is given."""
    return not (block.removeprefix(PREFIX).startswith("K") or "Skip" in block)


def _blocks_per_level(config: Config) -> list[list[str]]:
    """The block types that work at each level's width; the mid block at the last."""
    pairs = zip(config["down_block_types"], reversed(config["up_block_types"]), strict=True)
    found = [[down, up] for down, up in pairs]
    found[-1] += [config["mid_block_type"]] if config["mid_block_type"] else []
    return found


def _check_heads(config: Config) -> None:
    """No block has more heads, or wider heads, than channels; simple ones divide evenly."""
    for name, width, head in _attending(config):
        if head > width:
            raise ConfigError(
                f"attention_head_dim {head} is more than the {width} channels of its level",
                hint="in UNet2DConditionModel this key holds the number of heads, in UNet2DModel their width",
            )
        if "SimpleCrossAttn" in name and width % head:
            raise ConfigError(
                f"attention_head_dim {head} does not divide the {width} channels of {name}",
                hint="take a divisor of the channels of every level that attends",
            )


def _attending(config: Config) -> Iterator[tuple[str, int, int]]:
    """Blocks with attention: type, channels, and the entry of attention_head_dim that they read."""
    channels, mid = config["block_out_channels"], config["mid_block_type"]
    heads = per_level(config["attention_head_dim"], len(channels))
    found = list(zip(config["down_block_types"], channels, heads, strict=True))
    for name, width, at_top, at_level in zip(
        config["up_block_types"], channels[::-1], heads, heads[::-1], strict=True
    ):
        # diffusers gives up blocks the heads of their level, but head widths from the finest level on
        counted = name.removeprefix(PREFIX) == "CrossAttnUpBlock2D"
        found.append((name, width, at_level if counted else at_top))
    if mid and (mid != "UNetMidBlock2D" or config.get("add_attention")):
        found.append((f"Attn {mid}", channels[-1], heads[-1]))
    return (entry for entry in found if "Attn" in entry[0] and entry[2] is not None)


def _check_size(config: Config) -> None:
    """The network is one that can be built in reasonable time."""
    for found, limit, what in (
        (bounds.modules(config), bounds.MAX_MODULES, "modules"),
        (bounds.parameters(config), bounds.MAX_PARAMETERS, "parameters"),
    ):
        if found > limit:
            raise ConfigError(
                f"the config describes about {units.params(found)} {what}, more than {units.params(limit)}",
                hint="see layers_per_block, transformer_layers_per_block and block_out_channels",
            )
