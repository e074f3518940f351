"""Captions: the facts of the picture's description, escaped in each form; pictures without name or ground."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape

import pytest
from click.testing import CliRunner

import unetscope
from unetscope.cli.commands import unetscope as program
from unetscope.errors import OutputError
from unetscope.model import Architecture
from unetscope.render.caption import CAPTIONS
from unetscope.words import basis

SD15 = (
    "Stable Diffusion 1.5 (UNet2DConditionModel): 859,520,964 parameters, 401,636,720,640 "
    "multiply-accumulates per forward, 12 skip connections. Basis: 512×512 px, latent 4×64×64, batch 1, "
    "77 text tokens, float32; convention full: conv + linear + attention matmuls; one forward; "
    "1 MAC = 2 FLOPs; not counted: norms, activations, biases, softmax."
)


def described(drawn: bytes) -> str:
    found = re.search("<desc[^>]*>(.*?)</desc>", drawn.decode())
    assert found
    return unescape(found[1])


def printed(*args: str) -> str:
    done = CliRunner().invoke(program, ["diagram", *args])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_caption_tells_what_the_figure_is_of_and_the_whole_basis() -> None:
    assert printed("sd15", "--caption", "markdown") == SD15 + "\n"
    in_latex = SD15.replace("×", r"$\times$")
    assert printed("sd15", "--caption", "latex") == f"\\caption{{{in_latex}}}\n\\label{{fig:sd15}}\n"


@pytest.mark.parametrize("name", ["sd15", "sdxl", "flux1-dev", "sana-1600m-1024", "ddpm-church"])
@pytest.mark.parametrize("form", CAPTIONS)
def test_every_form_has_the_exact_figures_and_what_is_not_counted(name: str, form: str) -> None:
    network = unetscope.load(name)
    told = unetscope.caption(network, form=form).replace(r"$\times$", "×")  # type: ignore[arg-type]
    assert f"{network.cost.params:,} parameters" in told
    assert f"{network.cost.macs:,} multiply-accumulates" in told
    assert basis.full(network) in told.replace("\\", "")
    assert all(one in told for one in basis.beside(network))


@pytest.mark.parametrize("name", ["sd15", "flux1-dev"])
def test_alt_is_the_description_of_the_picture(name: str) -> None:
    assert printed(name, "--caption", "alt").strip() == described(unetscope.draw(name))


def test_a_layout_is_described_as_it_is_drawn() -> None:
    assert unetscope.caption("sd15", form="alt", layout="u").startswith("U diagram of Stable Diffusion 1.5 (")


def test_a_caption_keeps_to_convention_and_title() -> None:
    told = printed(
        "sd15", "--caption", "markdown", "--convention", "layers", "--steps", "25", "--cfg", "--title", "Ours"
    )
    assert told.startswith("Ours (UNet2DConditionModel): ")
    assert "multiply-accumulates for 25 guided steps" in told
    assert "convention layers: conv + linear; 50 forwards (25 steps × 2 for guidance)" in told


def test_names_from_files_are_escaped() -> None:
    hostile = "A_1\\input{x}\x1b[31m|*<b>`$%\n# B"
    network = replace(unetscope.load("sd15"), title=hostile, id=hostile)
    latex, markdown, alt = (unetscope.caption(network, form=form) for form in CAPTIONS)  # type: ignore[arg-type]
    assert r"\input" not in latex
    assert "<b>" not in markdown
    assert all("\x1b" not in told for told in (latex, markdown, alt))
    assert (latex.count("\n"), markdown.count("\n"), alt.count("\n")) == (2, 1, 1)


def test_an_unknown_form_is_refused_and_a_caption_writes_no_file() -> None:
    with pytest.raises(OutputError, match="captions: latex, markdown, alt"):
        unetscope.caption("sd15", form="html")  # type: ignore[arg-type]
    done = CliRunner().invoke(program, ["diagram", "sd15", "--caption", "latex", "-o", "x.svg"])
    assert done.exit_code == 2


LOOKS: list[tuple[str, dict[str, str]]] = [
    ("sd15", {}), ("sd15", {"layout": "u"}), ("sd15", {"width": "column"}), ("flux1-dev", {}),
    ("flux1-dev", {"width": "column"}), ("sd15", {"layout": "u", "detail": "stage"}),
]  # fmt: skip


def texts(drawn: bytes) -> list[str]:
    return re.findall("<text[^>]*>(.*?)</text>", drawn.decode())


@pytest.mark.parametrize(("name", "look"), LOOKS)
def test_without_its_name_a_picture_says_all_the_rest_and_is_lower(name: str, look: dict[str, str]) -> None:
    network: Architecture = unetscope.load(name)
    whole, bare = (unetscope.draw(network, title=title, command="", **look) for title in (True, False))  # type: ignore[arg-type]
    assert [one for one in texts(whole) if one != network.title] == texts(bare)
    heights = [float(re.findall(r' height="([\d.]+)" role', one.decode())[0]) for one in (whole, bare)]
    assert heights[0] - 40 < heights[1] < heights[0] - 10
    tops = [float(y) for y in re.findall(r'<text x="[\d.]+" y="([\d.]+)"', bare.decode())]
    assert min(tops) >= 10


def test_a_transparent_picture_lacks_its_ground_and_nothing_else() -> None:
    first = '<rect x="0" y="0" width="900"'
    whole, bare = (
        unetscope.draw("sd15", background=one, command="").decode().splitlines()
        for one in ("theme", "transparent")
    )  # type: ignore[arg-type]
    ground = [line for line in whole if line.startswith(first)]
    assert len(ground) == 1
    assert len(bare) == len(whole) - 1
    assert not any(line.startswith(first) for line in bare)
    assert json.loads(unetscope.draw("sd15", background="transparent", format="json"))["ground"] is None


@pytest.mark.slow
def test_a_transparent_png_has_no_colour_in_its_corner() -> None:
    import io

    from PIL import Image

    corners = [
        Image.open(io.BytesIO(unetscope.draw("sd15", format="png", background=one)))
        .convert("RGBA")
        .getpixel((0, 0))  # type: ignore[arg-type]
        for one in ("theme", "transparent")
    ]
    assert corners == [(255, 255, 255, 255), (0, 0, 0, 0)]
