"""Which bundled models people compare: successive versions, and models with those derived from them."""

from __future__ import annotations

from collections.abc import Iterator

LINES: dict[str, str] = {
    # Stable Diffusion 1: versions, then what was made of them
    "sd11": "sd12 sd13 sd14 sd15",
    "sd12": "sd13 sd14 sd15",
    "sd13": "sd14 sd15",
    "sd14": "sd15 bk-sdm-base bk-sdm-small bk-sdm-tiny",
    "sd15": "sd15-inpaint instruct-pix2pix lcm-dreamshaper small-sd tiny-sd bk-sdm-base bk-sdm-small "
    "bk-sdm-tiny sd20-base sd20 sd21-base sd21 sd-turbo sdxl",
    "sd15-inpaint": "instruct-pix2pix sd20-inpaint sdxl-inpaint",
    "bk-sdm-base": "bk-sdm-small bk-sdm-tiny small-sd bk-sdm-v2-base",
    "bk-sdm-small": "bk-sdm-tiny bk-sdm-v2-small",
    "bk-sdm-tiny": "tiny-sd bk-sdm-v2-tiny",
    # Stable Diffusion 2
    "sd20-base": "sd20 sd21-base sd20-inpaint sd2-depth sd-x4-upscaler",
    "sd20": "sd21 sd20-inpaint sd2-depth sd-x4-upscaler",
    "sd21-base": "sd21 sd-turbo bk-sdm-v2-base bk-sdm-v2-small bk-sdm-v2-tiny sdxl",
    "sd21": "sd-turbo sd2-depth sdxl",
    "bk-sdm-v2-base": "bk-sdm-v2-small bk-sdm-v2-tiny",
    "bk-sdm-v2-small": "bk-sdm-v2-tiny",
    # SDXL
    "sdxl": "sdxl-refiner sdxl-inpaint sdxl-turbo sdxl-lightning-1step sdxl-lightning-2step "
    "sdxl-lightning-4step sdxl-lightning-8step cosxl cosxl-edit playground-v2.5 kolors ssd-1b "
    "segmind-vega koala-1b koala-700m",
    "cosxl": "cosxl-edit",
    "ssd-1b": "segmind-vega",
    "koala-1b": "koala-700m",
}
"""From each model to its later versions, and to models derived from it or like it."""


def pairs() -> Iterator[tuple[str, str]]:
    """Every two models that LINES joins, both ways."""
    for model, others in LINES.items():
        for other in others.split():
            yield model, other
            yield other, model
