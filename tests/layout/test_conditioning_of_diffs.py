"""Conditioning that differs stands on rails with ≠, or in lines with it, in every picture of a diff."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from support.pictures import texts
from support.traces import bundled
from unetscope import api
from unetscope.difference import Diff
from unetscope.layout import diff
from unetscope.layout.diff.pairs import columns
from unetscope.layout.diff.rails import differing

LOOKS = [
    {"layout": layout, "width": width, "paper": paper}
    for layout in ("strip", "u")
    for width in ("readme", "column", "full")
    for paper in (False, True)
]
SAID = [
    ("sdxl", "kolors", 0, "time: add_embedding differs"),
    ("sdxl", "kolors", 1, "context: text 77×2048 → text 77×4096; encoder_hid_proj differs"),
    ("sd15", "sd21", 1, "context: text 77×768 → text 77×1024"),
    ("sd15", "sdxl", 0, "time: made of time → time, pooled CLIP, size ids; add_embedding differs"),
    ("sdxl", "sdxl-refiner", 0, "time: add_embedding, time_embedding differ"),
    ("sd15", "ddpm-church", 1, "context: text 77×768 → none"),
    ("sd15", "sd3-medium", 0, "time: made of time → time, pooled CLIP"),
]


@cache
def _diff(before: str, after: str) -> Diff:
    return api.diff(before, after)


def _words(before: str, after: str, **look: object) -> str:
    return " ".join(text.content for text in texts(diff.lay_out(_diff(before, after), **look)))


@pytest.mark.parametrize(("before", "after", "index", "said"), SAID)
def test_what_differs_is_said_of_each_rail(before, after, index, said):
    networks = _diff(before, after)
    assert differing(networks, columns(networks))[index] == said


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("pair", [("sdxl", "kolors"), ("sd15", "sdxl")], ids="-".join)
def test_every_picture_of_a_diff_says_what_conditioning_differs(pair, look):
    words = _words(*pair, **look)
    for before, after, _, said in SAID:
        if (before, after) == pair:
            assert said in words


def test_networks_without_a_stage_in_common_say_it_too():
    assert "context: text 77×768 → text 77×4096" in _words("sd15", "sd3-medium")


@pytest.mark.parametrize("after", ["sd15-inpaint", "sd14"])
def test_a_diff_of_equal_conditioning_has_no_rail(after):
    networks = _diff("sd15", after)
    assert not differing(networks, columns(networks))
    assert not {"t", "c"} & set(_words("sd15", after).split())


def test_a_network_of_unknown_text_encoders_is_conditioned_as_the_one_they_are_known_of():
    known = bundled("sdxl")
    unknown = replace(known, facts=replace(known.facts, text_encoders=()))
    networks = replace(_diff("sdxl", "sdxl"), b=unknown)
    assert not differing(networks, columns(networks))
