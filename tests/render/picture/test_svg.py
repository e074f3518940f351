"""What holds for every SVG and PNG file: self-contained, harmless, the same bytes again."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from support.hostile import MARKUP
from support.pictures import CASES, scene, texts
from support.traces import bundled
from unetscope import api
from unetscope.errors import OutputError
from unetscope.layout.scene import flat
from unetscope.render.picture import png, svg
from unetscope.render.picture.grouping import gathered
from unetscope.render.picture.theme import DARK, LIGHT, PALETTES, PAPER

NAMESPACE = "{http://www.w3.org/2000/svg}"


def drawn(name: str, layout: str = "strip", theme: str = "light") -> str:
    return svg.render(scene(name, layout), theme=theme)


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize(("name", "layout"), CASES)
def test_every_picture_is_well_formed_and_says_what_it_shows_first(name, layout, theme):
    root = ElementTree.fromstring(drawn(name, layout, theme))
    title, desc = list(root)[:2]
    assert (root.tag, root.get("role")) == (NAMESPACE + "svg", "img")
    assert (title.tag, desc.tag) == (NAMESPACE + "title", NAMESPACE + "desc")
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert title.text
    assert "parameters" in (desc.text or "")


@pytest.mark.parametrize("theme", PALETTES)
def test_a_picture_holds_no_scripts_and_nothing_from_outside(theme):
    source = drawn("hostile-names", "strip", theme)
    assert "<script" not in source
    assert not re.search(r"\son\w+=|href|@import|<image|<foreignObject", source)
    assert re.findall(r"https?://[^\"]+", source) == ["http://www.w3.org/2000/svg"]
    assert re.findall(r"url\((?!#)", source) == []


def test_names_from_outside_arrive_as_text_without_control_characters():
    root = ElementTree.fromstring(drawn("hostile-names"))
    shown = [element.text or "" for element in root.iter(NAMESPACE + "text")]
    readable = MARKUP.replace("\x00", r"\x00").replace("\x1b", r"\x1b").replace("\u202e", r"\u202e")
    assert len(shown[0]) > 40
    assert readable.startswith(shown[0].removesuffix("…"))  # measured as it is written, cut at the edge
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", drawn("hostile-names"))


def test_text_stays_text():
    root = ElementTree.fromstring(drawn("sdxl"))
    shown = [element.text for element in root.iter(NAMESPACE + "text")]
    drawing = scene("sdxl", "strip")
    assert shown == [text.content for text in texts(replace(drawing, items=gathered(drawing.items)))]


@pytest.mark.parametrize("theme", PALETTES)
def test_every_shape_has_its_colour_as_an_attribute(theme):
    palettes = [palette for pair in PALETTES.values() for palette in pair if palette]
    colours = {colour for palette in palettes for colour in palette.values()}
    root = ElementTree.fromstring(drawn("sdxl", "u", theme))
    shapes = [element for element in root.iter() if element.tag.removeprefix(NAMESPACE) in
              ("rect", "text", "path", "circle")]  # fmt: skip
    assert shapes
    for shape in shapes:
        fill, stroke = shape.get("fill"), shape.get("stroke")
        assert fill in colours or stroke in colours or (fill or "").startswith("url(#")


def test_variables_of_the_auto_theme_stand_where_old_renderers_skip_them():
    source = drawn("sdxl", "strip", "auto")
    style = re.search(r"<style>(.*)</style>", source, re.DOTALL)
    assert style is not None
    assert style[1].startswith("@supports (color:var(--x)){")
    assert style[1].count("{") == style[1].count("}")
    assert "prefers-color-scheme:dark" in style[1]
    assert "var(" not in source.replace(style[0], "")


def test_light_and_dark_need_no_style_sheet():
    assert "<style" not in drawn("sdxl")
    assert "<style" not in drawn("sdxl", "u", "dark")


def test_pictures_in_one_page_share_no_ids_and_no_rules():
    pictures = [drawn(name, layout, "auto") for name, layout in CASES[:6]]
    # Those of modules are for editors; nothing refers to them.
    ids = [set(re.findall(r'<(?!g )\w[^>]* id="([^"]+)"', picture)) for picture in pictures]
    assert sum(map(len, ids)) == len(set().union(*ids))
    for picture, own in zip(pictures, ids, strict=True):
        root = next(iter(sorted(own, key=len)))
        style = re.search(r"<style>(.*)</style>", picture, re.DOTALL)
        assert style is not None
        selectors = re.findall(r"([^{}]+)\{(?:fill|stroke|--)", style[1])
        assert selectors
        assert all(selector.startswith(f"#{root}") for selector in selectors)
        assert set(re.findall(r"url\(#([^)]+)\)", picture)) <= own


def test_numbers_have_two_decimals_at_most():
    attributes = re.findall(r' (?:x|y|d|width|height|cx|cy|points)="([^"]*)"', drawn("sdxl"))
    assert not any(re.search(r"\.\d{3}|e-", value) for value in attributes)


def test_the_same_network_gives_the_same_bytes_in_another_process():
    program = (
        "from unetscope import codec, zoo, layout; from unetscope.render.picture import svg; import hashlib; "
        "drawn = svg.render(layout.lay_out(codec.loads(zoo.bundled(zoo.network('sdxl'))), "
        "command='unetscope diagram sdxl'), theme='auto'); "
        "print(hashlib.sha256(drawn.encode()).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True, check=True, text=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(runs) == 1


def test_modules_can_be_found_in_the_picture_by_their_path():
    source = drawn("sdxl", "u")
    for path in ("down_blocks.1", "down_blocks.1.attentions.0", "up_blocks.0.upsamplers.0", "conv_in"):
        assert f'data-path="{path}"' in source


def test_a_png_has_the_size_of_its_picture_times_the_scale():
    picture = drawn("bk-sdm-tiny")
    height = scene("bk-sdm-tiny", "strip").height
    for scale in (1.0, 2.0):
        made = png.render(picture, scale=scale)
        assert made[:8] == b"\x89PNG\r\n\x1a\n"
        size = (int.from_bytes(made[16:20], "big"), int.from_bytes(made[20:24], "big"))
        assert size == (round(900 * scale), round(height * scale))


def test_every_class_of_the_auto_theme_has_a_rule():
    for look in ({}, {"color_by": "params"}, {"detail": "layer", "color_by": "macs"}):
        source = api.draw(bundled("sdxl"), theme="auto", **look).decode()
        names = {name for words in re.findall(r'class="([^"]+)"', source) for name in words.split()}
        assert names <= set(re.findall(r"\.([fs]-[a-z0-9-]+)\{", source))
        assert " class-" not in source


def test_the_auto_theme_as_png_is_the_light_one():
    assert png.render(drawn("bk-sdm-tiny", "strip", "auto")) == png.render(drawn("bk-sdm-tiny"))


def test_an_unknown_theme_is_refused_with_the_known_ones():
    with pytest.raises(OutputError, match="sepia") as error:
        drawn("sd15", "strip", "sepia")
    assert "dark" in error.value.hint


def test_a_machine_without_fonts_makes_no_png_without_letters(tmp_path):
    with pytest.raises(OutputError, match="no font") as error:
        png.render(drawn("bk-sdm-tiny"), fonts=str(tmp_path))
    assert ".svg" in error.value.hint


def test_broken_svg_gives_no_png():
    with pytest.raises(OutputError, match="PNG"):
        png.render("<svg")


def test_every_colour_role_has_a_colour_in_every_theme():
    assert LIGHT.keys() == DARK.keys() == PAPER.keys()
    used = {
        role
        for name, layout in CASES
        for item in flat(scene(name, layout).items)
        for role in (getattr(item, "fill", None), getattr(item, "stroke", None), getattr(item, "role", None))
        if role is not None
    }
    assert used <= LIGHT.keys()
