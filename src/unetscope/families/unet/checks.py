"""Whether a config can describe a UNet of its class at all, judged without torch.

Refuses only what diffusers would surely refuse, and absurd values. What passes here, diffusers may still
refuse while it builds.
"""

from __future__ import annotations

from collections.abc import Mapping

from unetscope.errors import ConfigError
from unetscope.families.family import Config
from unetscope.families.keys import ConfigKey, ConfigKeys, check_values, complete
from unetscope.families.unet import estimate
from unetscope.families.unet.combinations import check_combinations
from unetscope.families.unet.keys import MAX_LEVELS
from unetscope.families.unet.level import UNetBlock, blocks, is_conditional, levels
from unetscope.words import units
from unetscope.words.messages import shown


def check(keys: ConfigKeys, config: Config) -> None:
    """Raise ConfigError, in one line, where `config` cannot describe a UNet of the class with these keys.

    Ignores keys that the class does not know.
    """
    check_values(keys, config)
    filled = complete(keys, config)
    _check_lists(keys, filled)
    check_combinations(filled)
    _check_groups(filled)
    _check_heads(filled)
    _check_size(filled)


def _check_lists(table: Mapping[str, ConfigKey], config: Config) -> None:
    """Check that every list per level has an entry for each down block, or more if nothing reads those."""
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
    if is_conditional(config):
        _check_depths(config)


def _check_depths(config: Config) -> None:
    """Check the transformer depths of every layer that reads one; diffusers ignores all others."""
    depths = config["transformer_layers_per_block"]
    per_layer = isinstance(depths, list | tuple) and any(isinstance(entry, list | tuple) for entry in depths)
    if config["reverse_transformer_layers_per_block"] is None and per_layer:
        raise ConfigError(
            "transformer_layers_per_block per layer needs reverse_transformer_layers_per_block",
            hint="diffusers cannot derive the depths of the up blocks then",
        )
    if config["dual_cross_attention"]:
        return  # dual transformers are always one deep
    for block in blocks(levels(config)):
        depth, layers = block.depth, block.layers
        per_layer_depths = depth if isinstance(depth, list | tuple) else [depth] * layers
        if block.has_transformers and (len(per_layer_depths) < layers or None in per_layer_depths[:layers]):
            raise ConfigError(
                f"transformer depths {shown(depth)} stand for a {block.type} with {layers} "
                f"layer{'s' if layers > 1 else ''}",
                hint="a block with transformers takes one number of blocks, or one for each of its layers",
            )


def _check_groups(config: Config) -> None:
    """Check that channels divide into norm_num_groups wherever a GroupNorm has that many."""
    groups = config["norm_num_groups"]
    for level in levels(config):
        taking = [block for block in level.blocks if _takes_groups(block)]
        if groups is None and any(block.way != "mid" for block in taking):
            raise ConfigError("norm_num_groups is null, but residual blocks need it", hint="it is usually 32")
        # the norm before conv_out works at the first level's width
        if groups is not None and (taking or level.index == 0) and level.channels % groups:
            raise ConfigError(
                f"block_out_channels {level.channels} does not divide by norm_num_groups {groups}",
                hint=f"the nearest that does is {max(1, round(level.channels / groups)) * groups}",
            )


def _takes_groups(block: UNetBlock) -> bool:
    """Whether a block has norm_num_groups groups: K blocks and skip blocks choose their own number."""
    return not (block.type.startswith("K") or "Skip" in block.type)


def _check_heads(config: Config) -> None:
    """Check that no block has more heads, or wider ones, than channels; in simple blocks they must divide."""
    for block in (block for block in blocks(levels(config)) if block.attends):
        head, counts = block.head, block.has_transformers
        meaning = "the number of heads" if counts else "the width of a head"
        if head is None:
            if counts or block.type == "UNetMidBlock2DSimpleCrossAttn":
                raise ConfigError(
                    f"attention_head_dim is null for {block.type}", hint="it needs a number of heads"
                )
            continue
        if head > block.channels:
            raise ConfigError(
                f"attention_head_dim {head} is more than the {block.channels} channels of its level",
                hint=f"to {block.type} this key is {meaning}",
            )
        if "SimpleCrossAttn" in block.type and block.channels % head:
            raise ConfigError(
                f"attention_head_dim {head} does not divide the {block.channels} channels of {block.type}",
                hint="take a divisor of the channels of every level that attends",
            )


def _check_size(config: Config) -> None:
    """Check that the network can be built in reasonable time."""
    for number, most, what in (
        (estimate.modules(config), estimate.MAX_MODULES, "modules"),
        (estimate.parameters(config), estimate.MAX_PARAMETERS, "parameters"),
    ):
        if number > most:
            raise ConfigError(
                f"the config describes about {units.params(number)} {what}, more than {units.params(most)}",
                hint="see layers_per_block, transformer_layers_per_block and block_out_channels",
            )
