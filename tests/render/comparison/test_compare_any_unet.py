"""Networks of other packages beside diffusers': their blocks are counted by what is in them."""

from __future__ import annotations

from unetscope import api


def told(*sources: str) -> dict[str, tuple[object, ...]]:
    return {row.name: row.values for row in api.compare(*sources).facts}


def test_blocks_of_another_package_are_counted_by_what_is_in_them() -> None:
    facts = told("ldm-unet", "sd15")
    for name in ("resnets_down", "resnets_mid", "resnets_up", "attentions_down", "attentions_up", "skips"):
        assert facts[name][0] == facts[name][1], name
    assert facts["depth_down"] == ((None, None, None, 0), (1, 1, 1, 0))
    assert not [name for name in facts if name.startswith("convs_")]


def test_blocks_of_plain_convolutions_have_rows_where_a_network_has_any() -> None:
    facts = told("unet-2015", "ddpm-cifar10")
    assert facts["convs_down"] == ((2, 2, 2, 2), (0, 0, 0, 0))
    assert (facts["resnets_up"][0], facts["convs_up"][0]) == ((0, 0, 0, 0), (2, 2, 2, 2))
