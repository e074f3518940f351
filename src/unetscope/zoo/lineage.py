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
    # Stable Diffusion 3, FLUX and what was made of it
    "sd3-medium": "sd35-medium sd35-large",
    "sd35-medium": "sd35-large",
    "sd35-large": "sd35-large-turbo",
    "flux1-dev": "flux1-schnell flux1-krea-dev flux1-fill-dev flux1-canny-dev flux1-depth-dev chroma",
    "flux2-klein-4b": "flux2-klein-9b",
    "flux2-klein-9b": "flux2-dev",
    # other image transformers
    "sana-600m-512": "sana-1600m-1024 sana-sprint-600m-1024",
    "sana-1600m-1024": "sana-1600m-512 sana1.5-1600m-1024 sana-sprint-1600m-1024",
    "sana1.5-1600m-1024": "sana1.5-4800m-1024",
    "pixart-alpha-512": "pixart-alpha-1024",
    "pixart-alpha-1024": "pixart-sigma-1024",
    "pixart-sigma-1024": "pixart-sigma-2k pixart-900m-1024",
    "dit-xl-2-256": "dit-xl-2-512",
    "qwen-image": "qwen-image-edit",
    "z-image": "z-image-turbo",
    "cogview3-plus-3b": "cogview4-6b",
    "stable-cascade-c": "stable-cascade-c-lite",
    # video
    "cogvideox-2b": "cogvideox-5b",
    "cogvideox-5b": "cogvideox-5b-i2v",
    "ltx-0.9.0": "ltx-0.9.7",
    "hunyuanvideo": "hunyuanvideo-i2v",
    "wan2.1-t2v-1.3b": "wan2.1-t2v-14b",
    "wan2.1-t2v-14b": "wan2.1-i2v-14b-480p wan2.2-t2v-a14b",
    "wan2.1-i2v-14b-720p": "wan2.2-i2v-a14b",
    "wan2.2-t2v-a14b": "wan2.2-ti2v-5b",
    # beside a UNet
    "controlnet-sd15": "controlnet-v11-sd15",
    "vae-sd15": "vae-sdxl",
    "vae-sd3": "vae-flux1",
}
"""From each model to its later versions, and to models derived from it or like it."""


def pairs() -> Iterator[tuple[str, str]]:
    """Every two models that LINES joins, both ways."""
    for model, others in LINES.items():
        for other in others.split():
            yield model, other
            yield other, model
