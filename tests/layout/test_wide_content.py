"""What is wider than a page takes more lines, another row, or closer gaps; nothing is cut or leaves it."""

from __future__ import annotations

from support.pictures import texts
from unetscope import api
from unetscope.layout import diff, lay_out
from unetscope.layout.scene import Scene

_SHARE = {"start": 0.0, "middle": 0.5, "end": 1.0}


def _outside(scene: Scene) -> list[str]:
    """The words that are cut, or stand partly beyond the left or right side of the page."""
    level = [text for text in texts(scene) if not text.upright]
    starts = [text.x - _SHARE[text.anchor] * text.width for text in level]
    return [
        text.content
        for text, start in zip(level, starts, strict=True)
        if start < 0 or start + text.width > scene.width or text.content.endswith("…")
    ]


def test_an_autoencoder_of_many_stages_has_its_decoder_below_its_encoder():
    for paper in (False, True):
        scene = lay_out(api.load("vae-hunyuanimage"), layout="strip", detail="stage", paper=paper)
        heights = {text.content: text.y for text in texts(scene)}
        assert not _outside(scene)
        assert heights["Mid 1"] < heights["Mid 2"]


def test_a_table_of_layers_wraps_its_longest_column():
    scene = lay_out(api.load("vae-qwen-image"), layout="strip", detail="layer")
    assert not _outside(scene)


def test_the_legend_says_a_long_class_name_whole():
    scene = lay_out(api.load("vae-ltx-0.9.7"), layout="strip")
    assert "PixArtAlphaCombinedTimestepSizeEmbeddings" in {text.content for text in texts(scene)}


def test_a_size_without_room_beside_its_cells_stands_above_them():
    scene = lay_out(api.load("wan2.1-vace-1.3b"), layout="strip", detail="stage", width="column")
    size = next(text for text in texts(scene) if text.content == "21×60×104")
    assert not _outside(scene)
    assert size.y < next(text.y for text in texts(scene) if text.content == "Cv") - 30


def test_a_column_of_a_diff_breaks_lines_of_many_glyphs_and_long_names():
    scene = diff.lay_out(api.diff("flux1-schnell", "chroma"), width="column")
    assert not _outside(scene)


def test_the_channels_of_a_diff_are_wide_enough_for_the_words_below_them():
    found = api.diff("flux1-dev", "flux1-fill-dev")
    scene = diff.lay_out(found)
    said = {text.content: text.y for text in texts(scene)}
    assert not _outside(scene)
    assert said["masked-"] < said["by convention zero before training"] - 20
