"""Pictures of pipelines: every rule of pictures, and everything that runs is shown."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from support.pictures import texts
from support.pictures.product import all_rules
from support.rules import assert_words_fit
from support.traces import bundled
from unetscope import api, zoo
from unetscope.choices import Look
from unetscope.cli.commands import unetscope
from unetscope.errors import UnetscopeError
from unetscope.layout import pipeline as pictures
from unetscope.layout.scene import Scene
from unetscope.words import units

pytestmark = pytest.mark.slow  # together they take long

SHOWN = (
    "sd15",
    "sdxl",
    "flux1-dev",
    "wan2.2-t2v-a14b",
    "wan2.1-i2v-14b-480p",
    "sd15-inpaint",
    "dit-xl-2-256",
    "kandinsky-2.2",
)
"""One and two encoders, a distilled one, two networks in turn, an image encoder, a VAE that
encodes; none, and no VAE."""
WIDTHS = ("readme", "full", "column")


def drawn(id: str, **look: Any) -> Scene:
    found = api.pipeline_of(bundled(id))
    return pictures.draw(found, Look(command=f"unetscope diagram {id} --pipeline", **look))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("id", SHOWN)
def test_words_fit_and_stand_apart(id: str, width: Any) -> None:
    assert_words_fit(drawn(id, width=width))


@pytest.mark.parametrize(("id", "width"), [("wan2.1-i2v-14b-480p", "readme"), ("sdxl", "column")])
def test_all_rules_of_pictures_hold_in_the_browser(pages: Any, id: str, width: Any) -> None:
    wrong, _ = all_rules(pages, bare=drawn(id, width=width, paper=True), full=drawn(id, width=width))
    assert wrong == []


@pytest.mark.parametrize("id", SHOWN)
def test_every_part_and_the_exact_totals_are_shown(id: str) -> None:
    found = api.pipeline_of(bundled(id))
    said = " ".join(text.content for text in texts(drawn(id)))
    for part in found.parts:
        assert all(word in said for word in part.name.split())
    assert f"{units.exact(found.params)} parameters · {units.exact(found.macs)} MACs in all" in said
    for held in found.held():
        assert units.bytes_(held.bytes) in said


def test_a_picture_is_as_wide_as_a_page() -> None:
    assert {drawn(id).width for id in SHOWN} == {900}
    assert {drawn(id, width="column").width for id in SHOWN} == {460}


def test_two_networks_that_take_turns_meet_at_a_boundary() -> None:
    said = [text.content for text in texts(drawn("wan2.2-t2v-a14b"))]
    assert {"high noise: 25 of 50 steps", "boundary", "low noise: 25 of 50 steps"} <= set(said)


def test_flops_are_twice_the_macs() -> None:
    said = " ".join(text.content for text in texts(drawn("sd15", unit="flops")))
    assert f"{units.exact(2 * api.pipeline_of(bundled('sd15')).macs)} FLOPs in all" in said


def test_python_and_the_command_line_draw_the_same(tmp_path: Any) -> None:
    done = CliRunner().invoke(
        unetscope, ["diagram", "sd15", "--pipeline", "--steps", "20", "-o", str(tmp_path / "a.svg")]
    )
    assert done.exit_code == 0, done.output
    made = api.draw_pipeline(api.pipeline("sd15", steps=20))
    assert (tmp_path / "a.svg").read_bytes() == made
    assert "unetscope diagram sd15 --pipeline --steps 20" in made.text


def test_what_is_about_the_inside_of_a_network_is_refused() -> None:
    done = CliRunner().invoke(unetscope, ["diagram", "sd15", "--pipeline", "--detail", "layer"])
    assert done.exit_code == 2
    assert done.output.startswith("Error: --detail is about the inside of a network\n")


def test_an_unknown_word_is_one_line() -> None:
    with pytest.raises(UnetscopeError, match="no width 'wide'"):
        drawn("sd15", width="wide")


@pytest.mark.slow
@pytest.mark.parametrize("width", ["readme", "column"])
def test_the_pipeline_of_every_bundled_denoiser_fits_its_page(width: Any) -> None:
    for id in zoo.ids():
        network = bundled(id)
        if network is None or network.input_of("time") is None or "ControlNet" in network.class_name:
            continue
        scene = drawn(id, width=width)
        assert_words_fit(scene)
        assert scene.width == {"readme": 900, "column": 460}[width], id
        assert not [text.content for text in texts(scene) if text.content.endswith("…")], id
