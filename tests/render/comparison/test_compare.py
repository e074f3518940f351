"""`unetscope compare`: facts side by side, equal ones folded, unknown ones left so, in every format."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from support.command_line import heavy_after
from support.hostile import IN_EVERY_FORMAT
from support.outputs import cells, rendered
from support.traces import bundled
from unetscope import api, zoo
from unetscope.analysis.comparison import Comparison, Fact
from unetscope.checkpoint import ChannelGroup, Facts
from unetscope.cli.commands import unetscope
from unetscope.model import Architecture
from unetscope.render.comparison import as_text, formats
from unetscope.render.comparison.cells import cell

VERSIONS = ("sd15", "sd20", "sd21", "sd21-base", "sdxl", "sdxl-lightning")
FORMATS = tuple(formats.FORMATS)


def run(*args: str, columns: int = 80) -> Result:
    return CliRunner().invoke(
        unetscope, ["compare", *args], catch_exceptions=False, env={"COLUMNS": str(columns)}
    )


def compared(*names: str, differing: bool = False) -> Comparison:
    return api.compare(*(bundled(name) for name in names), differing=differing)


def fact(given: Comparison, name: str) -> Fact:
    return next(one for one in (*given.facts, *given.folded) if one.name == name)


def hostile() -> Comparison:
    """Networks whose every name came from a hostile file, one of them as a formula."""

    def renamed(found: Architecture, mark: str) -> Architecture:
        text = f"{mark}{IN_EVERY_FORMAT}"
        facts = Facts((ChannelGroup(text, 4),), text, text, 8, (text, text), text, text, text, (), text)
        inputs = tuple(replace(one, name=f"{text}{one.name}") for one in found.inputs)
        return replace(
            found, id=text, source=text, title=text, class_name=text, facts=facts, inputs=inputs,
            uncounted=(text,),
        )  # fmt: skip

    return api.compare(renamed(bundled("bk-sdm-tiny"), "="), renamed(bundled("sd15"), ":smile: [b]"))


# What is compared


def test_what_differs_between_the_stable_diffusion_versions_reads_as_reviewed() -> None:
    done = run(*VERSIONS, "--differing")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.output == DIFFERING


def test_two_networks_stand_side_by_side_where_they_fit() -> None:
    assert run("sd15", "sd15-inpaint", "--differing", columns=90).output == SIDE_BY_SIDE


def test_a_fact_that_all_share_is_folded_and_no_other_is() -> None:
    whole, folded = compared(*zoo.ids()[:6]), compared(*zoo.ids()[:6], differing=True)
    assert {one.name for one in whole.facts} == {one.name for one in (*folded.facts, *folded.folded)}
    assert all(one.equal is not True and not one.is_unknown for one in folded.facts)
    assert all(len(set(one.values)) == 1 for one in folded.folded)
    assert {one.name for one in compared("sdxl", "sdxl-inpaint", differing=True).facts} >= {
        "input_channels",
        "input_meaning",
        "params",
        "macs",
    }


def test_the_same_network_twice_differs_in_nothing_and_has_two_labels() -> None:
    made = compared("sd15", "sd15", differing=True)
    assert made.facts == ()
    assert [model.label for model in made.models] == ["sd15", "sd15 (2)"]


def test_labels_are_unique_whatever_ids_and_sources_are() -> None:
    one = bundled("sd15")
    given = [replace(one, id=id, source=source) for id, source in
             [("a", "x/a"), ("a", "y/a"), ("a", "y/a"), ("y/a", ""), ("y/a (2)", "q")]]  # fmt: skip
    labels = [model.label for model in api.compare(*given).models]
    assert len(set(labels)) == len(labels)
    assert labels[:2] == ["x/a", "y/a"]


def test_what_is_not_known_is_neither_equal_nor_different() -> None:
    known, unknown = bundled("sd15"), replace(bundled("sd15"), facts=Facts())
    names = ("prediction_type", "vae", "vae_factor", "text_encoders", "training", "licence", "native_image")
    for name in names:
        assert fact(api.compare(known, unknown), name).equal is None
        assert fact(api.compare(known, unknown), name).values[1] is None
        assert fact(api.compare(unknown, unknown), name).is_unknown
    folded = api.compare(unknown, unknown, differing=True)
    assert folded.facts == ()
    assert "known of none · input holds · native image, px · predicts" in as_text.table(folded, width=200)


def test_input_channels_that_do_not_add_up_have_no_meaning() -> None:
    wider = replace(bundled("sd15"), basis=replace(bundled("sd15").basis, input=(9, 64, 64)))
    assert fact(api.compare(bundled("sd15"), wider), "input_meaning").values == (
        (("noisy latent", 4),),
        None,
    )


KNOWN = {
    # network: facts as published
    "sd15-inpaint": {"input_meaning": (("noisy latent", 4), ("mask", 1), ("masked-image latent", 4))},
    "sdxl": {"level_widths": (320, 640, 1280), "depth_down": (0, 2, 10), "context_width": (2048,)},
    "ssd-1b": {"depth_up": (0, (2, 1, 1), (4, 4, 10)), "attentions_mid": (0,)},
    "bk-sdm-tiny": {"resnets_down": (1, 1, 1), "resnets_mid": (), "resnets_up": (2, 2, 2), "skips": 6},
    "kandinsky-2.2": {"context_width": (768,), "output_channels": 8, "attentions_down": (0, 3, 3, 3)},
    "kolors": {"context_width": (2048,)},
    "ddpm-cifar10": {"context_width": (), "vae": None, "text_encoders": None, "native_image": (32, 32)},
    "sd-x4-upscaler": {
        "vae": "AutoencoderKL, 4 channels, scale 0.08333",
        "vae_factor": 4,
        "native_image": (512, 512),
    },
}


@pytest.mark.parametrize("name", KNOWN)
def test_facts_are_those_published(name: str) -> None:
    made = compared("sd15", name)
    assert {known: fact(made, known).values[1] for known in KNOWN[name]} == KNOWN[name]


UNETS = [name for name in zoo.ids() if zoo.preset(name).class_name.startswith("UNet2D")]


@pytest.mark.parametrize("name", UNETS)
def test_every_unet_has_a_value_for_all_that_its_trace_tells(name: str) -> None:
    made = compared(name)
    traced = ("level_widths", "resnets_down", "attentions_up", "depth_up", "heads", "context_width",
              "input_channels", "output_channels", "conditioning", "params", "macs")  # fmt: skip
    assert all(fact(made, one).values[0] is not None for one in traced)
    levels = len(bundled(name).config["block_out_channels"])
    assert {len(fact(made, one).values[0]) for one in ("level_widths", "resnets_up", "heads")} == {levels}
    assert list(fact(made, "level_widths").values[0]) == bundled(name).config["block_out_channels"]
    assert fact(made, "params").values == (bundled(name).cost.params,)


def test_values_that_differ_never_read_the_same() -> None:
    # inputs by another name (temb, timestep) may mean the same
    facts = [one for one in compared(*zoo.ids()).facts if one.name != "conditioning"]
    facts.append(fact(compared(*UNETS), "conditioning"))
    read = {one.name: len({cell(one, value) for value in one.values}) for one in facts}
    assert read == {one.name: len(set(one.values)) for one in facts}
    assert max(read.values()) > 10


# The formats


def test_json_holds_every_fact_of_every_network() -> None:
    found = json.loads(run(*VERSIONS, "--json").output)
    assert list(found) == [
        "schema_version", "models", "convention", "counted", "not_counted", "cfg", "steps", "forwards",
        "flops_per_mac", "facts", "folded",
    ]  # fmt: skip
    assert [model["label"] for model in found["models"]] == [
        "sd15", "sd20", "sd21", "sd21-base", "sdxl", "sdxl-lightning-4step",
    ]  # fmt: skip
    assert found["folded"] == []
    facts = {one["name"]: one for one in found["facts"]}
    assert {len(one["values"]) for one in facts.values()} == {6}
    known = [one for one in facts.values() if None not in one["values"]]
    assert all(one["equal"] == (one["values"].count(one["values"][0]) == 6) for one in known)
    assert facts["params"]["values"][4] == 2_567_463_684
    assert facts["macs"]["values"][0] == 401_636_720_640
    assert facts["heads"]["values"][4] == [[], [{"heads": 10, "dim": 64}], [{"heads": 20, "dim": 64}]]
    assert facts["input_meaning"]["values"][0] == [{"name": "noisy latent", "count": 4}]
    assert facts["conditioning"]["values"][0] == [
        {"name": "timestep", "shape": [], "role": "time"},
        {"name": "encoder_hidden_states", "shape": [77, 768], "role": "text context"},
    ]


def test_json_parts_facts_in_those_that_differ_and_those_folded() -> None:
    whole = json.loads(run("sdxl", "sdxl-turbo", "--json").output)["facts"]
    parted = json.loads(run("sdxl", "sdxl-turbo", "--json", "--differing").output)
    same = [one for one in whole if one["equal"] or not any(one["values"])]
    assert [one for one in whole if one not in same] == parted["facts"]
    assert same == parted["folded"]


def test_json_says_null_for_what_is_not_known_and_an_empty_list_for_none() -> None:
    facts = {one["name"]: one for one in json.loads(run("ddpm-cifar10", "sd15", "--json").output)["facts"]}
    assert facts["training"]["values"][0] is None
    assert facts["training"]["equal"] is None
    assert facts["context_width"]["values"] == [[], [768]]


def test_csv_has_a_line_for_each_network_and_exact_integers() -> None:
    rows = list(csv.DictReader(StringIO(run(*VERSIONS, "--format", "csv").output)))
    assert [row["network"] for row in rows][:2] == ["sd15", "sd20"]
    assert [int(row["params"]) for row in rows] == [
        bundled(zoo.find(name) or "").cost.params for name in VERSIONS
    ]
    assert rows[4]["heads"] == "none, 10×64, 20×64"
    assert {(row["batch"], row["dtype"], row["flops_per_mac"]) for row in rows} == {("1", "float32", "2")}
    assert (
        next(csv.DictReader(StringIO(run("ddpm-cifar10", "sd15", "--format", "csv").output)))["training"]
        == ""
    )


@pytest.mark.parametrize("format_", ["markdown", "html"])
def test_markdown_and_html_render_to_the_same_table(format_: str) -> None:
    made = compared("sd15", "sdxl", "ddpm-cifar10")
    text = formats.comparison(made, format=format_)
    head, *body = cells(rendered(text) if format_ == "markdown" else text).rows
    assert head == ["fact", "sd15", "sdxl", "ddpm-cifar10"]
    assert body == [[one.heading, *(cell(one, value) for value in one.values)] for one in made.facts]


def test_html_is_one_file_without_scripts_or_outside_parts() -> None:
    text = run("sd15", "sdxl", "--format", "html").output
    assert text.startswith("<!doctype html>")
    assert not re.search(r"<script|src=|@import|url\(", text)
    assert '<tr data-fact="class_name" class="equal">' in text


@pytest.mark.parametrize("format_", ["markdown", "html"])
def test_names_from_a_file_are_text_in_markdown_and_html(format_: str) -> None:
    text = formats.comparison(hostile(), format=format_)
    found = cells(rendered(text) if format_ == "markdown" else text)
    assert not {"script", "code", "em", "a", "h2", "img", "b"} & set(found.tags)
    assert {len(row) for row in found.rows} == {3}
    assert not [c for c in text if not c.isprintable() and c != "\n"]


def test_csv_holds_no_formula_and_no_control_character() -> None:
    rows = list(csv.reader(StringIO(formats.comparison(hostile(), format="csv"))))
    assert {len(row) for row in rows} == {len(rows[0])}
    fields = [field for row in rows for field in row]
    assert not [f for f in fields if f.startswith(("=", "+", "-", "@")) or not f.isprintable()]


def test_json_keeps_names_as_they_are() -> None:
    found = json.loads(formats.comparison(hostile(), format="json"))
    assert found["models"][0]["label"] == f"={IN_EVERY_FORMAT}"


@pytest.mark.parametrize("width", [40, 80, 140, 1000])
def test_text_from_a_file_obeys_no_terminal_and_means_nothing(width: int) -> None:
    text = as_text.table(hostile(), width=width)
    assert all(line.isprintable() and line == line.rstrip() for line in text.split("\n"))
    assert ":smile:[b]" in re.sub(r"\s", "", text)


@pytest.mark.parametrize("columns", [60, 80, 140])
@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("sd15", "sdxl"), id="two"),
        pytest.param(VERSIONS, id="versions"),
        pytest.param(zoo.ids(), id="all", marks=pytest.mark.slow),
    ],
)
def test_text_fits_the_terminal_and_shows_every_value(names: tuple[str, ...], columns: int) -> None:
    text = run(*names, columns=columns).output
    assert max(map(len, text.splitlines())) <= columns
    shown = re.sub(r"\s", "", text)
    for one in api.compare(*(api.load(name) for name in names)).facts:
        if one.quantity in ("count", "size"):
            assert all(cell(one, value) in shown for value in one.values)


# The command


@pytest.mark.parametrize("suffix", formats.SUFFIXES)
def test_the_suffix_says_the_format_and_a_file_is_the_same_at_any_width(suffix: str, tmp_path: Path) -> None:
    path, made = tmp_path / f"versions.{suffix}", set()
    for columns in (60, 200):
        assert run("sd15", "sdxl", "-o", str(path), columns=columns).output == f"{path}\n"
        made.add(path.read_bytes())
    assert len(made) == 1
    expected = run("sd15", "sdxl", "--format", formats.SUFFIXES[suffix], columns=120).output
    assert path.read_text() == expected


def test_a_folder_takes_a_file_named_after_its_content(tmp_path: Path) -> None:
    assert (
        run("sd15", "sdxl", "--format", "csv", "-o", f"{tmp_path}/").output == f"{tmp_path}/comparison.csv\n"
    )


def test_sizes_hold_for_every_network_and_the_native_one_stays() -> None:
    facts = json.loads(run("sd15", "sdxl", "--size", "768x512", "--json").output)["facts"]
    found = {one["name"]: one["values"] for one in facts}
    assert found["counted_at"] == [[96, 64], [96, 64]]
    assert found["native_image"] == [[512, 512], [1024, 1024]]


USAGE = {
    ("sd15",): "one network has nothing to be compared with\nhint: give two or more",
    (
        "sd15",
        "sdxl",
        "--json",
        "--format",
        "csv",
    ): "--json and --format csv exclude each other\nhint: leave one of them out",
    (
        "sd15",
        "sdxl",
        "-o",
        "a.xls",
    ): "'a.xls' has no suffix that names a format here\nhint: known: .txt, .json, .csv",
    (
        "sd15",
        "sdxl",
        "-o",
        "a.md",
        "--format",
        "csv",
    ): "--format csv and the suffix .md disagree\nhint: leave --format out, or change one",
}


@pytest.mark.parametrize("args", USAGE, ids=" ".join)
def test_wrong_usage_is_one_line_and_exit_2(args: tuple[str, ...]) -> None:
    done = run(*args)
    assert done.exit_code == 2
    assert f"Error: {USAGE[args]}" in done.stderr


def test_comparing_bundled_models_needs_no_torch() -> None:
    assert heavy_after("compare", "sd15", "sdxl") == "[]"


DIFFERING = """\
6 networks compared

 fact               networks                       value
 ──────────────────────────────────────────────────────────────────────────────
 model              sd15                           Stable Diffusion 1.5
                    sd20                           Stable Diffusion 2.0 (768
                                                   px)
                    sd21                           Stable Diffusion 2.1 (768
                                                   px)
                    sd21-base                      Stable Diffusion 2.1 Base
                                                   (512 px)
                    sdxl                           Stable Diffusion XL Base 1.0
                    sdxl-lightning-4step           SDXL-Lightning (4 steps)
 level widths       sd15, sd20, sd21, sd21-base    320, 640, 1280, 1280
                    sdxl, sdxl-lightning-4step     320, 640, 1280
 resnets, down      sd15, sd20, sd21, sd21-base    2, 2, 2, 2
                    sdxl, sdxl-lightning-4step     2, 2, 2
 resnets, up        sd15, sd20, sd21, sd21-base    3, 3, 3, 3
                    sdxl, sdxl-lightning-4step     3, 3, 3
 attentions, down   sd15, sd20, sd21, sd21-base    2, 2, 2, 0
                    sdxl, sdxl-lightning-4step     0, 2, 2
 attentions, up     sd15, sd20, sd21, sd21-base    3, 3, 3, 0
                    sdxl, sdxl-lightning-4step     0, 3, 3
 depth, down        sd15, sd20, sd21, sd21-base    1, 1, 1, 0
                    sdxl, sdxl-lightning-4step     0, 2, 10
 depth, mid         sd15, sd20, sd21, sd21-base    1
                    sdxl, sdxl-lightning-4step     10
 depth, up          sd15, sd20, sd21, sd21-base    1, 1, 1, 0
                    sdxl, sdxl-lightning-4step     0, 2, 10
 heads × dim        sd15                           8×40, 8×80, 8×160, 8×160
                    sd20, sd21, sd21-base          5×64, 10×64, 20×64, 20×64
                    sdxl, sdxl-lightning-4step     none, 10×64, 20×64
 skip connections   sd15, sd20, sd21, sd21-base    12
                    sdxl, sdxl-lightning-4step     9
 context width      sd15                           768
                    sd20, sd21, sd21-base          1024
                    sdxl, sdxl-lightning-4step     2048
 conditioning       sd15                           time; text context 77×768
                    sd20, sd21, sd21-base          time; text context 77×1024
                    sdxl, sdxl-lightning-4step     time; text context 77×2048;
                                                   pooled text 1280; size ids 6
 parameters         sd15                           859,520,964
                    sd20, sd21, sd21-base          865,910,724
                    sdxl, sdxl-lightning-4step     2,567,463,684
 MACs               sd15                           401,636,720,640
                    sd20, sd21                     1,074,552,872,960
                    sd21-base                      402,128,732,160
                    sdxl, sdxl-lightning-4step     3,380,618,199,040
 MACs at input      sd15, sd21-base                64×64
                    sd20, sd21                     96×96
                    sdxl, sdxl-lightning-4step     128×128
 native input       sd15, sd21-base                64×64
                    sd20, sd21                     96×96
                    sdxl, sdxl-lightning-4step     128×128
 native image, px   sd15, sd21-base                512×512
                    sd20, sd21                     768×768
                    sdxl, sdxl-lightning-4step     1024×1024
 predicts           sd15, sd21-base, sdxl,         epsilon
                    sdxl-lightning-4step
                    sd20, sd21                     v_prediction
 scheduler          sd15, sd21-base                PNDMScheduler
                    sd20, sd21                     DDIMScheduler
                    sdxl, sdxl-lightning-4step     EulerDiscreteScheduler
 VAE                sd15, sd20, sd21, sd21-base    AutoencoderKL, 4 channels,
                                                   scale 0.18215
                    sdxl, sdxl-lightning-4step     AutoencoderKL, 4 channels,
                                                   scale 0.13025
 text encoders      sd15                           CLIP ViT-L/14
                    sd20, sd21, sd21-base          OpenCLIP ViT-H/14
                    sdxl, sdxl-lightning-4step     CLIP ViT-L/14, OpenCLIP
                                                   ViT-bigG/14
 steps              sd15, sd20, sd21, sd21-base,   50
                    sdxl
                    sdxl-lightning-4step           4
 guidance           sd15, sd20, sd21, sd21-base,   cfg
                    sdxl
                    sdxl-lightning-4step           none
 made from          sd15                           sd12 (fine-tune)
                    sd20                           sd20-base (v-prediction,
                                                   resumed at another size)
                    sd21                           sd20 (fine-tune)
                    sd21-base                      sd20-base (fine-tune)
                    sdxl                           sdxl-09 (improved version)
                    sdxl-lightning-4step           sdxl (progressive
                                                   adversarial distillation)
 data               sd15                           laion-aesthetics v2 5+
                    sd20, sd21, sd21-base          LAION-5B filtered for NSFW
                                                   (punsafe 0.1) and aesthetics
                                                   ≥ 4.5 (sd20-base)
                    sdxl, sdxl-lightning-4step     —
 trained            sd15                           595,000 steps at 512 px
                    sd20                           150,000 steps (v-objective),
                                                   then 140,000 steps at 768 px
                    sd21                           55,000 steps (punsafe 0.1),
                                                   then 155,000 steps (punsafe
                                                   0.98)
                    sd21-base                      220,000 steps (punsafe 0.98)
                    sdxl, sdxl-lightning-4step     —
 text dropout, %    sd15                           10
                    sd20, sd21, sd21-base, sdxl,   —
                    sdxl-lightning-4step
 training           sd15, sd20                     AdamW, batch 2048, 256 A100.
                    sd21                           Attention runs in full
                                                   precision by default: 2.1 is
                                                   unstable in float16.
                    sd21-base                      —
                    sdxl                           Its card gives neither data
                                                   nor steps.
                    sdxl-lightning-4step           Distilled from SDXL 1.0 base
                                                   by progressive adversarial
                                                   diffusion distillation; for
                                                   4 steps with trailing
                                                   timesteps.
 published          sd15, sd20, sd21, sd21-base    2022
                    sdxl                           2023
                    sdxl-lightning-4step           2024
 licence            sd15                           CreativeML OpenRAIL-M
                    sd20, sd21, sd21-base, sdxl,   CreativeML Open RAIL++-M
                    sdxl-lightning-4step

the same for all · network class: UNet2DConditionModel · resnets, mid: 2 ·
attentions, mid: 1 · input channels: 4 · input holds: noisy latent 4 · output
channels: 4 · VAE factor: 8
lineage: sd21 was made from sd20 by fine-tune
lineage: both were made from sd20-base: sd20 by v-prediction, resumed at another
size, sd21-base by fine-tune
lineage: sdxl-lightning-4step was made from sdxl by progressive adversarial
distillation
— is not known; lists go from the finest level to the coarsest; resnets:
residual blocks that do not resample; depth: blocks stacked in each transformer
basis: 512×512 px, latent 4×64×64, batch 1, 77 text tokens, float32 (sd15,
sd21-base)
basis: 768×768 px, latent 4×96×96, batch 1, 77 text tokens, float32 (sd20, sd21)
basis: 1024×1024 px, latent 4×128×128, batch 1, 77 text tokens, float32 (sdxl,
sdxl-lightning-4step)
MACs: convention full: conv + linear + attention matmuls; one forward; 1 MAC = 2
FLOPs; not counted: norms, activations, biases, softmax
"""

SIDE_BY_SIDE = """\
2 networks compared

 fact             sd15                           sd15-inpaint
 ────────────────────────────────────────────────────────────────────────────────────────
 model            Stable Diffusion 1.5           Stable Diffusion 1.5 Inpainting
 input channels   4                              9
 input holds      noisy latent 4                 noisy latent 4 + mask 1 + masked-image
                                                 latent 4
 parameters       859,520,964                    859,535,364
 MACs             401,636,720,640                401,695,703,040
 scheduler        PNDMScheduler                  DDIMScheduler
 made from        sd12 (fine-tune)               sd12 (inpainting)
 data             laion-aesthetics v2 5+         laion-aesthetics v2 5+ (watermark
                                                 probability < 0.5) (sd12)
 trained          595,000 steps at 512 px        595,000 steps (regular), then 440,000
                                                 steps at 512 px (inpainting)
 training         AdamW, batch 2048, 256 A100.   The 5 extra input channels start at
                                                 zero; in 25 % of samples everything is
                                                 masked.

the same for all · network class: UNet2DConditionModel · level widths: 320, 640, 1280,
1280 · resnets, down: 2, 2, 2, 2 · resnets, mid: 2 · resnets, up: 3, 3, 3, 3 · attentions,
down: 2, 2, 2, 0 · attentions, mid: 1 · attentions, up: 3, 3, 3, 0 · depth, down: 1, 1, 1,
0 · depth, mid: 1 · depth, up: 1, 1, 1, 0 · heads × dim: 8×40, 8×80, 8×160, 8×160 · skip
connections: 12 · context width: 768 · output channels: 4 · conditioning: time; text
context 77×768 · MACs at input: 64×64 · native input: 64×64 · native image, px: 512×512 ·
predicts: epsilon · VAE: AutoencoderKL, 4 channels, scale 0.18215 · VAE factor: 8 · text
encoders: CLIP ViT-L/14 · steps: 50 · guidance: cfg · text dropout, %: 10 · published:
2022 · licence: CreativeML OpenRAIL-M
lineage: both were made from sd12: sd15 by fine-tune, sd15-inpaint by inpainting
— is not known; lists go from the finest level to the coarsest; resnets: residual blocks
that do not resample; depth: blocks stacked in each transformer
basis: 512×512 px, latent 4×64×64, batch 1, 77 text tokens, float32 (sd15)
basis: 512×512 px, latent 9×64×64, batch 1, 77 text tokens, float32 (sd15-inpaint)
MACs: convention full: conv + linear + attention matmuls; one forward; 1 MAC = 2 FLOPs;
not counted: norms, activations, biases, softmax
"""
