"""Columns of bundled networks: what comes out, how streams meet and part, and what fills stand for."""

from __future__ import annotations

import pytest

from support.pictures import flat, texts
from support.traces import bundled
from unetscope.layout import lay_out
from unetscope.layout.scene import Box

FILLED = [
    (name, color_by, detail)
    for name in ("sdxl", "sd15", "flux1-dev", "sana-1600m-1024", "hunyuan-dit-v1.1", "vae-sd15")
    for color_by in ("params", "macs")
    for detail in ("block", "layer")
]


def said(name: str, **look: str) -> list[str]:
    return [text.content for text in texts(lay_out(bundled(name), **look))]


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("sd35-medium", "16×128²"),
        ("dit-xl-2-256", "8×32²"),
        ("sana-1600m-1024", "32×32²"),
        ("flux1-dev", "4096×64"),
        ("wan2.1-t2v-1.3b", "16×21×60×104"),
        ("cogvideox-5b", "13×16×60×90"),
    ],
)
def test_what_comes_out_is_what_the_network_returns(name, size):
    words = said(name)
    made = ("output", "predicted noise", "predicted velocity", "predicted v", "noise + variance")
    end = next(word for word in made if word in words)
    assert words[words.index(end) + 1] == size


def test_streams_that_join_say_their_tokens_and_what_stays_of_them_leaves():
    words = said("flux1-dev")
    assert "4608 tokens, joined" in words
    assert words.count("4096 tokens") == 2  # into the first stack, and out of the last


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("sd3-medium", ["4096 tokens", "333 tokens", "4096 tokens", "333 tokens", "4096 tokens"]),
        ("z-image", ["4096 tokens", "512 tokens", "4608 tokens, joined", "4608 tokens"]),
        ("lumina-image-2.0", ["256 tokens", "4096 tokens", "4352 tokens, joined", "4352 tokens"]),
        ("ltx2-2.0", ["6144 + 126 tokens", "6144 tokens"]),
    ],
)
def test_every_arrow_between_stacks_says_how_many_tokens_flow_there(name, sizes):
    assert [word for word in said(name) if "tokens" in word and not word.startswith("basis")][
        : len(sizes)
    ] == sizes


@pytest.mark.parametrize(
    ("name", "made_of"),
    [
        ("sd3-medium", "time + pooled CLIP 2048 → t"),
        ("flux1-dev", "time + guidance + pooled CLIP 768 → t"),
        ("hunyuanvideo", "time + guidance + pooled CLIP 768 → t"),
        ("wan2.1-t2v-1.3b", "time → t"),
    ],
)
def test_the_head_of_the_rail_names_all_that_t_is_made_of(name, made_of):
    assert made_of in said(name)


def test_a_stream_that_is_gated_in_parts_is_one_stream():
    words = said("hunyuanvideo-i2v")
    assert {"Double-stream ×20", "video, 118800 × 3072", "text, 256 × 3072"} <= set(words)


def test_a_gate_beside_attention_is_no_mlp():
    words = said("krea2")
    assert "gate of attention" in words
    assert not [word for word in words if word.startswith("MLP sigmoid")]


def test_a_bracket_names_what_of_attention_is_too_narrow_for_a_name():
    assert "attention 48 %, of it QKᵀ, PV 2 %" in said("sana-1600m-1024")
    assert "attention 38 %, of it QKᵀ, PV 10 %" in said("flux2-dev")
    assert "attention 47 %" in said("flux1-dev")


def test_feed_forward_parts_have_one_name_in_boxes_bars_and_sentence():
    words = said("sana-1600m-1024")
    assert {"Mix-FFN", "Mix-FFN 47 %", "Mix-FFN 52 %"} <= set(words)
    assert not [word for word in words if "MLP " in word and "2304" not in word]


def test_modulation_counts_what_it_makes_and_not_what_it_is_made_of():
    assert "6 × 1152 from t · 10.7 M params" in said("dit-xl-2-256")


def test_factors_of_heads_are_no_table_of_scales():
    words = said("lumina-next")
    assert "32 learned factors" in words
    assert not [word for word in words if word.startswith("table")]


@pytest.mark.parametrize(("name", "color_by", "detail"), FILLED)
def test_every_class_of_the_legend_fills_something_in_the_hue_of_what_it_shows(name, color_by, detail):
    drawn = lay_out(bundled(name), color_by=color_by, detail=detail)
    hue, other = ("scale", "work") if color_by == "params" else ("work", "scale")
    fills = [item.fill for item in flat(drawn.items) if isinstance(item, Box) and item.fill]
    classes = {fill for fill in fills if fill.startswith(hue)}
    # once in the legend, and once at least in the picture
    assert len(classes) > 1
    assert all(fills.count(fill) > 1 for fill in classes)
    assert not [fill for fill in fills if fill.startswith(other)]
