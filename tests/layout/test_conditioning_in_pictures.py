"""What conditions a network, and what goes in and out, shows in every layout and theme and in the words."""

from __future__ import annotations

from typing import Any

import pytest

from support.pictures import UNET_LAYOUTS, looked, shown

EVERYWHERE: list[dict[str, Any]] = [
    {"width": width, "paper": paper} for width in ("readme", "full", "column") for paper in (False, True)
]


@pytest.mark.parametrize("layout", UNET_LAYOUTS)
@pytest.mark.parametrize("look", EVERYWHERE, ids=str)
def test_class_conditioning_shows_in_every_picture_and_its_description(layout, look):
    drawn = looked("sd-x4-upscaler", layout, look)
    assert any("time, class" in line for line in shown(drawn).splitlines())
    assert "Conditioned on time, class; text 77×1024." in drawn.description


@pytest.mark.parametrize("layout", UNET_LAYOUTS)
@pytest.mark.parametrize("look", EVERYWHERE, ids=str)
def test_an_inpainting_network_never_looks_like_the_one_it_was_made_from(layout, look):
    plain, masked = (looked(name, layout, look) for name in ("sd15", "sd15-inpaint"))
    assert "mask" in shown(masked)
    assert "mask" not in shown(plain)


@pytest.mark.parametrize("name", ["kandinsky-2.2", "ddpm-church", "sd15", "sdxl"])
@pytest.mark.parametrize("layout", UNET_LAYOUTS)
@pytest.mark.parametrize("look", EVERYWHERE, ids=str)
def test_both_ends_are_named(name, layout, look):
    words = " ".join(shown(looked(name, layout, look)).splitlines())
    output = "noise + variance" if name == "kandinsky-2.2" else "predicted noise"
    assert ("noisy image" if name == "ddpm-church" else "noisy latent") in words
    assert output in words
