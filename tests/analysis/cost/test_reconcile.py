"""Published figures are explained: which count gives them, how far off the others are."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from click.testing import CliRunner, Result

from support.traces import bundled
from unetscope.analysis.cost.reconcile import parse, reconcile
from unetscope.cli.commands import unetscope
from unetscope.cost import Counting
from unetscope.errors import UnetscopeError
from unetscope.render import reconciliation
from unetscope.render.reconciliation.verdict import verdict as verdict_of
from unetscope.tracing.torchinfo_layers import count
from unetscope.words.conventions import CONVENTIONS


def run(*args: str) -> Result:
    return CliRunner().invoke(unetscope, ["reconcile", *args], catch_exceptions=False, env={"COLUMNS": "80"})


FIGURES = {
    # as printed: (value, half a unit of its last digit, unit)
    "339G": (339 * 10**9, 5 * 10**8, None),
    "338.7 GMACs": (3387 * 10**8, 5 * 10**7, "MACs"),
    "677e9": (677 * 10**9, 5 * 10**8, None),
    "6.77e11": (677 * 10**9, 5 * 10**8, None),
    "803 GFLOPs": (803 * 10**9, 5 * 10**8, "FLOPs"),
    "803gflops": (803 * 10**9, 5 * 10**8, "FLOPs"),
    "16.938T": (16_938 * 10**9, 5 * 10**8, None),
    "338,749,194,240": (338_749_194_240, Decimal("0.5"), None),
    "338_749_194_240 MACs": (338_749_194_240, Decimal("0.5"), "MACs"),
    "222.31 G mult-adds": (22231 * 10**7, 5 * 10**6, "MACs"),
    "0.34T": (34 * 10**10, 5 * 10**9, None),
    "400B": (400 * 10**9, 5 * 10**8, None),
}


@pytest.mark.parametrize("text", FIGURES)
def test_a_figure_is_read_as_it_is_printed(text: str) -> None:
    found = parse(text)
    assert (found.value, found.tolerance, found.unit) == FIGURES[text]


BAD = [
    "",
    "banana",
    "G",
    "-339G",
    "339GG",
    "339 watts",
    "0",
    "0.0G",
    "nan",
    "inf",
    "1e99",
    "338,7G",
    "9" * 40,
    "3\n9",
]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_figure_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UnetscopeError) as error:
        parse(text)
    assert "\n" not in str(error.value)
    assert error.value.hint


GIVEN_BY = {
    # (preset, figure, further options): ways that round to it, as (convention, unit, forwards)
    ("sd14", "339G"): [("thop", "MACs", 1), ("layers", "MACs", 1), ("calflops", "MACs", 1)],
    ("sd14", "338.7G"): [("thop", "MACs", 1)],
    ("sd14", "338,749,194,240"): [("thop", "MACs", 1)],
    ("sd14", "401.64 GMACs"): [("full", "MACs", 1), ("deepspeed", "MACs", 1)],
    ("sd14", "803,273,441,280 FLOPs"): [("full", "FLOPs", 1), ("full", "MACs", 2), ("deepspeed", "MACs", 2)],
    ("sd14", "677.221 GFLOPs"): [("layers", "FLOPs", 1), ("layers", "MACs", 2), ("calflops", "MACs", 2)],
    ("sd14", "677.762 GFLOPs"): [("calflops", "FLOPs", 1)],
    ("sd14", "803.817 GFLOPs"): [("deepspeed", "FLOPs", 1)],
    ("sd14", "859.5M"): [(None, "parameters", 1)],
    ("sdxl", "2567M params"): [(None, "parameters", 1)],
    ("bk-sdm-base", "223.8G"): [("thop", "MACs", 1)],
    ("bk-sdm-small", "217.7G"): [("thop", "MACs", 1)],
    ("bk-sdm-tiny", "205.0G"): [("thop", "MACs", 1), ("layers", "MACs", 1), ("calflops", "MACs", 1)],
    ("sd21", "760.8G"): [("thop", "MACs", 1)],
    ("sdxl", "3380.62G"): [("full", "MACs", 1), ("deepspeed", "MACs", 1)],
    ("sdxl", "2989.92G"): [("thop", "MACs", 1)],
    ("bk-sdm-base", "8.4T", "--steps", "8", "--cfg"): [("full", "FLOPs", 16), ("deepspeed", "FLOPs", 16)],
    ("sd14", "16.937T", "--steps", "25", "--cfg"): [("thop", "FLOPs", 25), ("thop", "MACs", 50)],
}


@pytest.mark.parametrize("given", GIVEN_BY, ids=" ".join)
def test_a_published_figure_is_given_by_the_conventions_that_made_it(given: tuple[str, ...]) -> None:
    found = json.loads(run(*given, "--no-torchinfo", "--json").output)
    ways = [(c["convention"], c["unit"], c["forwards"]) for c in found["candidates"] if c["within"]]
    assert sorted(ways, key=str) == sorted(GIVEN_BY[given], key=str)
    assert found["matches"] == len(ways)


def test_candidates_stand_from_the_nearest_on_and_cover_every_way() -> None:
    found = json.loads(run("sd15", "10T", "--steps", "25", "--no-torchinfo", "--json").output)["candidates"]
    assert len(found) == len(CONVENTIONS) * 2 * 2 * 2 + 1
    distances = [abs(one["off"]) for one in found]
    assert distances == sorted(distances)
    assert all(one["off"] == pytest.approx(one["value"] / 1e13 - 1) for one in found)


VERDICTS = {
    ("sd14", "338.7 GMACs"): (
        "338.7 GMACs (±0.05 G) is thop MACs of one forward. It leaves out the attention matmuls: "
        "63.03 G MACs a forward, 16 % of the work."
    ),
    ("sd14", "402 GFLOPs"): (
        "402 GFLOPs (±0.5 G) is full or deepspeed MACs of one forward, though it says FLOPs (fvcore and many "
        "papers call a MAC a FLOP)."
    ),
    ("sd14", "16.938T", "--steps", "25", "--cfg"): (
        "16.938T (±0.5 G) is closest to thop MACs of 50 forwards (25 steps × 2 for guidance): 0.0032 % below "
        "it, not equal to its last digit. It leaves out the attention matmuls: 63.03 G MACs a forward, "
        "16 % of the work."
    ),
    ("sd14", "500G"): (
        "500G (±0.5 G) is not one of these; the nearest, full or deepspeed MACs of one forward, is 19.7 % "
        "below it. Is it for this input (--size, --batch, --tokens)?"
    ),
}


@pytest.mark.parametrize("given", VERDICTS, ids=" ".join)
def test_the_verdict_says_what_a_figure_is(given: tuple[str, ...]) -> None:
    assert json.loads(run(*given, "--no-torchinfo", "--json").output)["verdict"] == VERDICTS[given]


ONE_PERCENT = [(0.9901, True), (1.0099, True), (0.9899, False), (1.0101, False)]


@pytest.mark.parametrize(("share", "near"), ONE_PERCENT)
def test_a_figure_is_put_down_to_a_count_within_one_percent_of_it(share: float, near: bool) -> None:
    figure = round(401_636_720_640 / share)
    verdict = verdict_of(reconcile(bundled("sd15"), parse(f"{figure:,} MACs")))
    assert (" is closest to full or deepspeed MACs of one forward: " in verdict) == near
    assert (" is not one of these; the nearest, full or deepspeed MACs" in verdict) != near


@pytest.mark.parametrize(("share", "near"), ONE_PERCENT)
def test_a_number_of_parameters_is_known_within_one_percent(share: float, near: bool) -> None:
    figure = round(859_520_964 / share)
    verdict = verdict_of(reconcile(bundled("sd15"), parse(f"{figure:,}")))
    assert (" is the number of parameters, 859,520,964: " in verdict) == near
    assert (" is not one of these; the nearest, the number of parameters, " in verdict) != near


def test_the_text_is_whole_at_eighty_columns() -> None:
    assert run("sd14", "339G", "--no-torchinfo").output == SD14


@pytest.mark.slow
def test_torchinfo_is_run_live_and_what_it_misses_is_told_apart() -> None:
    found = count(bundled("sd15"))
    assert f"{found.total / 1e9:.3f}" == "222.305"
    assert found.conv == bundled("sd15").cost.conv
    assert found.conv + found.linear + found.rest == found.total
    assert f"{count(bundled('sdxl')).total / 1e9:.2f}" == "813.94"


def test_a_figure_of_torchinfo_is_known_as_such() -> None:
    found = json.loads(run("sd15", "222.3G", "--json").output)
    assert found["verdict"] == "222.3G (±0.05 G) is what torchinfo prints for one forward, and none of these."
    assert found["torchinfo"]["mult_adds"] == 222_304_919_424


def test_without_torchinfo_the_text_says_why_its_figure_is_missing() -> None:
    made = reconcile(bundled("sd15"), parse("339G"), absent="not run: no torch here")
    assert "\ntorchinfo: not run: no torch here\n" in reconciliation.text(made)
    assert reconciliation.document(made)["torchinfo"] is None


def test_guidance_and_steps_asked_for_are_preferred_among_equals() -> None:
    made = reconcile(bundled("sd15"), parse("803.3G"), asked=Counting(cfg=True))
    assert made.candidates[0].counting == Counting("full", cfg=True)
    made = reconcile(bundled("sd15"), parse("803.3G"))
    assert (made.candidates[0].unit, made.candidates[0].counting) == ("FLOPs", Counting("full"))


@pytest.mark.parametrize(
    "args",
    [("sd15",), ("sd15", "banana"), ("sd15", "0G"), ("sd15", "1e99"), ("sd15", "339G", "--steps", "0")],
    ids=" ".join,
)
def test_an_impossible_figure_is_wrong_usage(args: tuple[str, ...]) -> None:
    done = CliRunner().invoke(unetscope, ["reconcile", *args])
    assert done.exit_code == 2
    assert "Error: " in done.stderr


SD14 = """\
Stable Diffusion 1.4 · UNet2DConditionModel
339G (±0.5 G) is thop, layers or calflops MACs of one forward. It leaves out the
attention matmuls: 63.03 G MACs a forward, 16 % of the work.

     counts                     forwards               gives        off
 ──────────────────────────────────────────────────────────────────────
 ✓   thop               MACs           1     338,749,194,240   −0.074 %
 ✓   layers, calflops   MACs           1     338,610,585,600    −0.11 %
     full, deepspeed    MACs           1     401,636,720,640    +18.5 %
     parameters                                  859,520,964    −99.7 %
     layers             FLOPs          1     677,221,171,200    +99.8 %
     layers, calflops   MACs           2     677,221,171,200    +99.8 %
     thop               FLOPs          1     677,498,388,480    +99.9 %
     thop               MACs           2     677,498,388,480    +99.9 %
     calflops           FLOPs          1     677,761,970,944    +99.9 %
     full               FLOPs          1     803,273,441,280     +137 %
     full, deepspeed    MACs           2     803,273,441,280     +137 %
     deepspeed          FLOPs          1     803,817,435,904     +137 %
     layers             FLOPs          2   1,354,442,342,400     +300 %
     thop               FLOPs          2   1,354,996,776,960     +300 %
     calflops           FLOPs          2   1,355,523,941,888     +300 %
     full               FLOPs          2   1,606,546,882,560     +374 %
     deepspeed          FLOPs          2   1,607,634,871,808     +374 %

full = conv + linear + attention matmuls
layers = conv + linear
thop = conv + linear + LayerNorm at 4 per element (2 without affine) and average
pooling at 1 per output, both under other, as thop 0.1.1 prints
calflops = conv + linear, as calflops 0.3.2 prints; its FLOPs add norms at 5 per
element (4 without affine), biases of convolutions, activations, pooling and
upsampling
deepspeed = conv + linear + attention matmuls, as DeepSpeed 0.19.8's profiler
prints; its FLOPs add norms at 5 per element (4 without affine), biases of
convolutions, activations, pooling and upsampling
torchinfo: not run (--no-torchinfo)
basis: 512×512 px, latent 4×64×64, batch 1, 77 text tokens, float32; 1 MAC = 2
FLOPs
"""
