"""Whether a config can describe a UNet of its class at all, judged without torch.

Strict only where diffusers would surely fail or the value is absurd; what is left over, diffusers
refuses itself while building.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from unetscope import units
from unetscope.errors import ConfigError
from unetscope.families.family import Config
from unetscope.families.keys import Key, Keys, check_values, complete
from unetscope.families.unet import bounds
from unetscope.families.unet.fit import check_fit
from unetscope.families.unet.keys import MAX_LEVELS
from unetscope.families.unet.levels import PREFIX, depth_readers, depths, per_level
from unetscope.families.wording import shown


def check(keys: Keys, config: Config) -> None:
    """Raise ConfigError, in one line, where `config` cannot describe a UNet of the class with these keys.

    Keys that the class does not know are not looked at.
    """
    check_values(keys, config)
    filled = complete(keys, config)
    _check_levels(keys, filled)
    check_fit(filled)
    _check_groups(filled)
    _check_heads(filled)
    _check_size(filled)


def _check_levels(table: Mapping[str, Key], config: Config) -> None:
    """Every list per level has as many entries as there are down blocks, or more where none looks."""
    levels = len(config["down_block_types"])
    if not 1 <= levels <= MAX_LEVELS:
        raise ConfigError(
            f"down_block_types has {levels} entries; a UNet has 1 to {MAX_LEVELS} levels",
            hint="one entry for each level, for example DownBlock2D",
        )
    for name, key in table.items():
        value = config[name]
        if key.lists == "never" or not isinstance(value, list | tuple) or len(value) == levels:
            continue
        if len(value) < levels or len(value) > MAX_LEVELS or not key.surplus:
            raise ConfigError(
                f"{name} has {len(value)} entries, but down_block_types has {levels}",
                hint="lists per level have one entry for each down block; keys left out take their defaults",
            )
    if "transformer_layers_per_block" in config:
        _check_depths(config)


def _check_depths(config: Config) -> None:
    """Transformer depths are there for every layer that reads one; diffusers looks at no others."""
    per_layer = any(isinstance(depth, list | tuple) for depth in depths(config)[0])
    if config["reverse_transformer_layers_per_block"] is None and per_layer:
        raise ConfigError(
            "transformer_layers_per_block per layer needs reverse_transformer_layers_per_block",
            hint="diffusers cannot derive the depths of the up blocks then",
        )
    for block, depth, layers in depth_readers(config):
        told = depth if isinstance(depth, list | tuple) else [depth] * layers
        if len(told) < layers or None in told[:layers]:
            raise ConfigError(
                f"transformer depths {shown(depth)} stand for a {block} with {layers} "
                f"layer{'s' if layers > 1 else ''}",
                hint="a block with transformers takes one number of blocks, or one for each of its layers",
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


_COUNT_HEADS = ("CrossAttnDownBlock2D", "CrossAttnUpBlock2D", "UNetMidBlock2DCrossAttn")
"""Blocks that read attention_head_dim as a number of heads; to every other it is a width, null one head."""


def _check_heads(config: Config) -> None:
    """No block has more heads, or wider heads, than channels; simple ones divide evenly."""
    for name, width, head in _attending(config):
        counts = name.removeprefix(PREFIX) in _COUNT_HEADS
        if head is None:
            if counts or name == "UNetMidBlock2DSimpleCrossAttn":
                raise ConfigError(f"attention_head_dim is null for {name}", hint="it needs a number of heads")
            continue
        if head > width:
            raise ConfigError(
                f"attention_head_dim {head} is more than the {width} channels of its level",
                hint=f"to {name} this key is {'the number of heads' if counts else 'the width of a head'}",
            )
        if "SimpleCrossAttn" in name and width % head:
            raise ConfigError(
                f"attention_head_dim {head} does not divide the {width} channels of {name}",
                hint="take a divisor of the channels of every level that attends",
            )


def _attending(config: Config) -> Iterator[tuple[str, int, int | None]]:
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
        found.append((mid, channels[-1], heads[-1]))
    return (entry for entry in found if "Attn" in entry[0] or entry[0] == mid)


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
