"""Published students as recipes: what each drops of its teacher, in words that any teacher of its kind takes.

Which layers a student keeps the weights of is only known of BK-SDM (its training code says it); others
publish how many layers are left, and the first are taken here.
"""

from __future__ import annotations

from unetscope.errors import ConfigError
from unetscope.plans import PruningRecipe
from unetscope.words.messages import did_you_mean

_BASE = ("down_blocks.*.resnets.1", "up_blocks.*.resnets.1")
_BK = "Nota-NetsPresso/BK-SDM @e13670c: src/unet_config*, src/kd_train_text_to_image.py"
_SEGMIND = "segmind/distill-sd @c1e97a7: its README prints the parameters"
_COMFY = "ComfyUI's table of block depths"
_FIRST = "which layers' weights it kept is not published: the first are taken"


def _layers(block: str, numbers: str, *attentions: int) -> tuple[str, ...]:
    """Transformer layers of some attentions of a block."""
    return tuple(f"{block}.attentions.{at}.transformer_blocks.{numbers}" for at in attentions)


_SSD_1B = (
    *_layers("down_blocks.2", "4-9", 0, 1),
    *_layers("up_blocks.0", "4-9", 0, 1),
    *_layers("up_blocks.1", "1-1", 1, 2),
    "mid_block.resnets.1",
)
_VEGA = (
    *_layers("down_blocks.1", "1-1", 0, 1),
    *_layers("down_blocks.2", "2-9", 0, 1),
    *_layers("up_blocks.0", "2-9", 0, 1, 2),
    *_layers("up_blocks.1", "1-1", 0, 1, 2),
    "mid_block.resnets.1",
)

RECIPES = {
    recipe.id: recipe
    for recipe in (
        PruningRecipe(
            "bk-sdm-base", "BK-SDM-Base", "sd14", _BASE, _BK,
            published={"sd14": "bk-sdm-base", "sd21-base": "bk-sdm-v2-base"},
        ),
        PruningRecipe(
            "bk-sdm-small", "BK-SDM-Small", "sd14", (*_BASE, "mid"), _BK,
            published={"sd14": "bk-sdm-small", "sd21-base": "bk-sdm-v2-small"},
        ),
        PruningRecipe(
            "bk-sdm-tiny", "BK-SDM-Tiny", "sd14", (*_BASE, "mid", "level@last"), _BK,
            published={"sd14": "bk-sdm-tiny", "sd21-base": "bk-sdm-v2-tiny"},
        ),
        PruningRecipe(
            "small-sd", "Segmind Small SD", "sd15", _BASE, _SEGMIND, published={"sd15": "small-sd"},
            told="the network of BK-SDM-Base, despite its name",
        ),
        PruningRecipe(
            "tiny-sd", "Segmind Tiny SD", "sd15", (*_BASE, "mid", "level@last"), _SEGMIND,
            published={"sd15": "tiny-sd"}, told="the network of BK-SDM-Tiny",
        ),
        PruningRecipe(
            "ssd-1b", "Segmind SSD-1B", "sdxl", _SSD_1B, _COMFY, published={"sdxl": "ssd-1b"}, told=_FIRST
        ),
        PruningRecipe(
            "vega", "Segmind-Vega", "sdxl", _VEGA, _COMFY, published={"sdxl": "segmind-vega"}, told=_FIRST
        ),
        PruningRecipe(
            "koala-1b", "KOALA-1B", "sdxl", (*_BASE, "*.transformer_blocks.6-9"), _COMFY,
            published={"sdxl": "koala-1b"}, told=_FIRST,
        ),
        PruningRecipe(
            "koala-700m", "KOALA-700M", "sdxl", (*_BASE, "*.transformer_blocks.5-9", "mid"), _COMFY,
            published={"sdxl": "koala-700m"}, told=_FIRST,
        ),
        PruningRecipe(
            "flux1-lite", "FLUX.1-lite", "flux1-dev", ("transformer_blocks.4-14",),
            "Freepik/flux.1-lite-8B-alpha: 8 of 19 double blocks; its two files hold 16.33 GB of bfloat16, "
            "as these blocks do",
            told="which blocks went is not known: the outer ones are kept; no list of its tensors was seen",
        ),
        PruningRecipe(
            "flux-mini", "Flux-Mini", "flux1-dev",
            ("transformer_blocks.5-18", "single_transformer_blocks.10-37"),
            "TencentARC/flux-mini, README: depth 19 + 38 reduced to 5 + 10",
            told="which blocks went is not published: the first are kept; no list of its tensors was seen",
        ),
    )
}  # fmt: skip


def recipe(name: str) -> PruningRecipe:
    """A recipe by its id. Raises ConfigError for an unknown one."""
    if name not in RECIPES:
        known = f"recipes: {', '.join(RECIPES)}"
        raise ConfigError(f"no recipe is called {name!r}", hint=did_you_mean(name, RECIPES, otherwise=known))
    return RECIPES[name]
