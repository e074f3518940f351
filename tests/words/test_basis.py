"""What numbers hold for is worded in one place: size, pixels or latent, batch, dtype, convention, unit."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

import unetscope
from support.networks import SMALL
from support.traces import bundled
from unetscope import api
from unetscope.analysis.cost.conventions import counted
from unetscope.checkpoint import Facts, pixel_factor
from unetscope.cli.commands import COMMANDS
from unetscope.cli.commands import unetscope as program
from unetscope.cost import ONCE, Counting
from unetscope.layout import lay_out
from unetscope.layout.scene import Group, Item, Text
from unetscope.model import Architecture
from unetscope.words import basis, units
from unetscope.words.conventions import CONVENTIONS, per, steps

ONE_LETTER: dict[str, Any] = {
    "_class_name": "UNet2DModel",
    "sample_size": 32,
    "in_channels": 1,
    "out_channels": 1,
    "layers_per_block": 2,
    "block_out_channels": [32, 64, 64],
    "down_block_types": ["DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"],
    "up_block_types": ["AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"],
    "num_class_embeds": 10,
    "norm_num_groups": 8,
}
"""Its stages cost so little that "61.1 M" of MACs stood below "219 k" of parameters."""

GREY = {
    "_class_name": "UNet2DModel",
    "sample_size": 96,
    "in_channels": 1,
    "out_channels": 1,
    "block_out_channels": [32, 64],
    "down_block_types": ["DownBlock2D", "DownBlock2D"],
    "up_block_types": ["UpBlock2D", "UpBlock2D"],
    "layers_per_block": 1,
}
"""An unconditional UNet of grey images of 96×96, with no VAE and no word of one."""


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNETSCOPE_CACHE", str(tmp_path_factory.mktemp("cache")))


def run(*args: str) -> Result:
    return CliRunner().invoke(program, args)


def changed(name: str, **basis: Any) -> Architecture:
    network = bundled(name)
    return replace(network, basis=replace(network.basis, **basis))


@pytest.mark.parametrize(
    ("network", "short", "full"),
    [
        (
            bundled("sdxl"),
            "1024² px, latent 4×128², batch 1, 77 text tokens",
            "1024×1024 px, latent 4×128×128, batch 1, 77 text tokens, float32",
        ),
        (bundled("ddpm-church"), "image 3×256², batch 1", "image 3×256×256, batch 1, float32"),
        (
            changed(
                "sd15",
                batch=8,
                input=(4, 64, 96),
                axes={"height": 64, "width": 96, "tokens": 20},
                dtype="float16",
            ),
            "512×768 px, latent 4×64×96, batch 8, 20 text tokens, float16",
            "512×768 px, latent 4×64×96, batch 8, 20 text tokens, float16",
        ),
        (
            replace(bundled("sd15"), facts=Facts()),
            "input 4×64², batch 1, 77 text tokens",
            "input 4×64×64, batch 1, 77 text tokens, float32",
        ),
        (
            counted(bundled("sd15"), Counting("layers", cfg=True, steps=25)),
            "512² px, latent 4×64², batch 1, 77 text tokens, convention layers, "
            "50 forwards (25 steps × 2 for guidance)",
            "512×512 px, latent 4×64×64, batch 1, 77 text tokens, float32",
        ),
    ],
)
def test_a_picture_says_the_basis_in_short_and_text_in_full(
    network: Architecture, short: str, full: str
) -> None:
    assert (basis.short(network), basis.full(network)) == (short, full)


def test_the_statement_holds_all_that_numbers_hold_for() -> None:
    network = replace(counted(bundled("sd15"), Counting("layers", cfg=True)), uncounted=("lu",))
    assert basis.statement(network) == (
        "basis: 512×512 px, latent 4×64×64, batch 1, 77 text tokens, float32; "
        "convention layers: conv + linear; 2 forwards (guidance); 1 MAC = 2 FLOPs; "
        "not counted: attention matmuls, norms, activations, biases, softmax; "
        "NOT COUNTED for want of a formula: lu"
    )


@pytest.mark.parametrize(
    ("counting", "said"),
    [
        (ONCE, ("one forward", "per forward")),
        (Counting(cfg=True), ("one guided step", "per guided step")),
        (Counting(steps=25), ("25 steps", "for 25 steps")),
        (Counting(cfg=True, steps=25), ("25 guided steps", "for 25 guided steps")),
    ],
)
def test_work_is_said_to_be_of_the_steps_that_are_added_up(counting: Counting, said: tuple[str, str]) -> None:
    assert (steps(counting), per(counting)) == said


def test_a_figure_for_a_paper_states_its_whole_basis() -> None:
    network = unetscope.load("sd15", size=unetscope.Size(batch=8))
    words = [one.content for one in texts(lay_out(network, paper=True).items)]
    assert words[-1] == "860 M params, 3.21 TMAC at 512² px, latent 4×64², batch 8, 77 text tokens"


# Pixels or latent


@pytest.mark.parametrize(
    ("facts", "channels", "factor", "word"),
    [
        (Facts(vae_factor=8), 4, 8, "latent"),
        (Facts(vae_factor=8), 3, 8, "latent"),
        (Facts(vae_factor=1), 6, 1, "image"),
        (Facts(), 1, 1, "image"),
        (Facts(), 3, 1, "image"),
        (Facts(), 4, None, "input"),
        (Facts(vae="VQModel"), 3, None, "input"),
    ],
)
def test_one_rule_tells_an_image_from_a_latent(
    facts: Facts, channels: int, factor: int | None, word: str
) -> None:
    assert pixel_factor(facts, channels) == factor
    network = bundled("sd15")
    side = replace(network.basis, input=(channels, 64, 64))
    config = network.config | {"in_channels": channels}
    assert basis.kind(replace(network, facts=facts, basis=side, config=config)) == word


@pytest.fixture
def grey(tmp_path: Path) -> str:
    (tmp_path / "grey.json").write_text(json.dumps(GREY))
    return str(tmp_path / "grey.json")


def test_a_network_of_grey_images_is_said_to_read_an_image_everywhere(grey: str) -> None:
    words = "image 1×96×96"
    network = unetscope.load(grey)
    for args in (("table",), ("show",), ("memory",), ("table", "--format", "markdown"), ("reconcile", "1G")):
        done = run(args[0], grey, *args[1:])
        assert words in " ".join(done.output.split()), args
        assert "latent" not in done.output, args
    for picture in (unetscope.draw(network), unetscope.draw(network, theme="paper"), api.graph(network)):
        assert "image 1×96²" in picture.decode()
        assert "latent" not in picture.decode()
    assert "image 1×96×96" in unetscope.draw(network, layout="u").decode(), "what goes in"
    found = json.loads(run("table", grey, "--json").output)["basis"]
    assert (found["sample_is"], found["pixels"]) == ("image", [96, 96])
    row = next(csv.DictReader(StringIO(run("table", grey, "--format", "csv").output)))
    assert (row["sample"], row["sample_is"]) == ("1x96x96", "image")
    assert "image" in run("sweep", grey, "--size", "32,64").output.splitlines()[2].split()


@pytest.mark.parametrize("size", ["96", "64"])
def test_pixels_are_a_size_for_a_network_that_reads_images(grey: str, size: str) -> None:
    by_pixels, by_input = (
        json.loads(run("table", grey, flag, size, "--json").output) for flag in ("--size", "--latent")
    )
    assert by_pixels == by_input
    assert by_pixels["basis"]["input"] == [1, int(size), int(size)]


def test_a_config_that_cannot_tell_is_told_to_read_pixels(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(SMALL))
    refused = run("table", str(path), "--size", "16")
    assert "--pixels" in str(getattr(refused.exception, "hint", ""))
    assert "input 4×16×16" in run("table", str(path)).output
    found = json.loads(run("table", str(path), "--size", "32", "--pixels", "--json").output)["basis"]
    assert (found["input"], found["sample_is"], found["pixels"]) == ([4, 32, 32], "image", [32, 32])
    assert json.loads(run("table", str(path), "--json").output)["basis"]["pixels"] is None, (
        "not from the cache"
    )


def test_a_network_that_is_known_to_read_latents_takes_no_pixels() -> None:
    done = run("table", "sd15", "--pixels")
    assert done.exception.message == "Stable Diffusion 1.5 works on latents of a VAE"


def test_the_folder_of_a_vae_goes_by_the_names_of_diffusers_pipelines(tmp_path: Path) -> None:
    three = GREY | {"in_channels": 3, "out_channels": 3, "sample_size": 16}
    for name in ("vae", "vqvae", "movq"):
        for folder, config in (
            (name, {"_class_name": "VQModel", "block_out_channels": [128, 256, 512]}),
            ("unet", three),
        ):
            (tmp_path / name / folder).mkdir(parents=True)
            (tmp_path / name / folder / "config.json").write_text(json.dumps(config))
        found = unetscope.load(tmp_path / name)
        assert basis.short(found) == "64² px, latent 3×16², batch 1"


# Counting, in every command that prints MACs

COUNTING = ("table", "show", "compare", "diff", "sweep", "diagram", "graph", "chart", "plan")
"""Commands that count; memory counts bytes, reconcile tries every way, list, trace and zoo print no work."""


def options_of(name: str) -> set[str]:
    command = program.get_command(click.Context(program), name)
    assert command is not None
    return {flag for option in command.params for flag in option.opts}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_prints_macs_takes_the_ways_of_counting(name: str) -> None:
    asked = {"--convention", "--cfg", "--steps"}
    expected = asked if name in COUNTING else asked - {"--convention"} if name == "reconcile" else set()
    assert options_of(name) & asked == expected


LAYERS = 4 * 338_610_585_600
"""Two guided steps of Stable Diffusion 1.5 by the convention layers: the figure of the papers, four times."""


@pytest.mark.parametrize(
    ("args", "macs"),
    [
        (("table", "sd15", "--json"), lambda found: found["totals"]["macs"]),
        (("show", "sd15", "--json"), lambda found: found["totals"]["macs"]),
        (("sweep", "sd15", "--latent", "64", "--json"), lambda found: found["rows"][0]["macs"]),
        (("diff", "sd15", "sd15-inpaint", "--json"), lambda found: found["totals"]["macs"]["before"]),
        (
            ("compare", "sd15", "sdxl", "--json"),
            lambda found: next(one["values"][0] for one in found["facts"] if one["name"] == "macs"),
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_figures_are_by_the_convention_and_forwards_asked_for(args: tuple[str, ...], macs: Any) -> None:
    found = json.loads(run(*args, "--convention", "layers", "--cfg", "--steps", "2").output)
    assert macs(found) == LAYERS
    assert '"convention": "layers"' in json.dumps(found)
    assert '"forwards": 4' in json.dumps(found)


@pytest.mark.parametrize("kind", ["diagram", "u", "paper", "graph", "chart", "sweep", "diff"])
def test_pictures_are_by_the_convention_and_forwards_asked_for_and_say_so(kind: str, tmp_path: Path) -> None:
    args = {
        "diagram": ("diagram", "sd15"), "u": ("diagram", "sd15", "--layout", "u"),
        "paper": ("diagram", "sd15", "--theme", "paper"),
        "graph": ("graph", "sd15"), "chart": ("chart", "sd15"),
        "sweep": ("chart", "sd15", "--kind", "sweep", "--sides", "16:64:8"), "diff": ("diff", "sd15", "sd14"),
    }[kind]  # fmt: skip
    target = tmp_path / "a.svg"
    assert run(*args, "--convention", "layers", "--cfg", "--steps", "2", "-o", str(target)).exit_code == 0
    picture = " ".join(re.sub(r"<[^>]*>|&#160;", " ", target.read_text()).split())
    assert "convention layers, 4 forwards (2 steps × 2 for guidance)" in picture
    assert "1.35 TMAC" in picture or f"{LAYERS:,}" in picture
    assert "attention matmuls" in picture or kind == "paper", "said to be left out"


def test_a_convention_leaves_out_what_fields_do_by_themselves_and_says_so() -> None:
    found = api.diff("sd15", "bk-sdm-small")
    twice, layers = unetscope.counted(found, cfg=True), unetscope.counted(found, convention="layers")
    for one, doubled, other in zip(found.groups or (), twice.groups or (), layers.groups or (), strict=True):
        first, second, third = (group.alone.macs if group.alone else None for group in (one, doubled, other))
        assert (second, third) == (2 * (first or 0), None)
    words = run("diff", "sd15", "bk-sdm-small", "--convention", "layers").output
    assert "does not run" not in words
    assert "only by the convention full" in " ".join(words.split())
    assert "only by the convention full" in unetscope.draw_diff(layers).decode()


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("depth", [1, 3])
def test_the_vertices_of_a_graph_add_up_to_the_count_by_any_convention(convention: str, depth: int) -> None:
    network = unetscope.counted(bundled("sd15"), convention=convention, cfg=True)
    vertices = api.dataflow(network, depth=depth).vertices
    assert sum(one.cost.macs * one.repeats for one in vertices) == network.cost.macs


def test_a_sweep_counts_each_size_as_a_trace_there_is_counted() -> None:
    for convention in ("full", "layers", "thop"):
        counting = Counting(convention, steps=3)
        sizes = [unetscope.Size.of(latent=(16, 24)), unetscope.Size.of(latent=(32, 32), batch=2)]
        made = api.sweep("sd15", sizes, counting=counting)
        there = counted(unetscope.load("sd15", size=sizes[0]), counting)
        assert made.rows[0].cost == there.cost
        square = counted(unetscope.load("sd15", size=unetscope.Size.of(latent=(32, 32))), counting)
        assert made.rows[1].cost.macs == 2 * square.cost.macs


def test_counting_another_way_and_back_is_the_same_network(tmp_path: Path) -> None:
    network = bundled("sd15")
    other = unetscope.counted(network, convention="thop", steps=2)
    again = unetscope.counted(other)
    assert (again.counting, again.cost) == (ONCE, network.cost)
    unetscope.save(other, tmp_path / "saved.json")
    kept = unetscope.load(tmp_path / "saved.json")
    assert (kept.counting, kept.cost) == (ONCE, network.cost), "a saved trace holds what was traced"
    with pytest.raises(unetscope.UnetscopeError, match="no convention 'mine'"):
        unetscope.counted(network, convention="mine")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("sweep", "sd15", "--formula", "--cfg"), "--formula covers one forward"),
        (("chart", "sd15", "--kind", "memory", "--steps", "2"), "--kind memory counts bytes"),
        (("chart", "--kind", "zoo", "--batch", "2"), "--kind zoo shows each network at its own size"),
        (("chart", "sd15", "--kind", "sweep", "--dtype", "float16"), "the same for any type"),
    ],
)
def test_an_option_that_would_change_nothing_is_refused(args: tuple[str, ...], said: str) -> None:
    done = run(*args)
    assert done.exit_code == 2
    assert said in done.output


def test_a_saved_trace_that_claims_another_counting_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "saved.json"
    unetscope.save(bundled("ddpm-cifar10"), path)
    path.write_text(path.read_text().replace('"convention":"full"', '"convention":"mine"'))
    with pytest.raises(unetscope.UnetscopeError, match="its MACs are those of one forward in full"):
        unetscope.load(path)


# Units


def texts(items: tuple[Item, ...]) -> Iterator[Text]:
    for item in items:
        if isinstance(item, Group):
            yield from texts(item.items)
        elif isinstance(item, Text):
            yield item


HEADINGS = frozenset({"MACs", "MAC", "FLOPs", "FLOP", "MACs each", "FLOPs each"})


def unnamed(network: Architecture, **look: Any) -> list[str]:
    """Amounts of work in a picture without their unit, and without a heading beside or above them."""
    unit = look.get("unit", "macs")
    works = {one.flops if unit == "flops" else one.macs for one in network.costs.values()}
    params = {units.params(one.params) for one in network.costs.values()}
    bare = {" ".join(units.short(work)).strip() for work in works if work} - params
    found = list(texts(lay_out(network, **look).items))
    heads = [one for one in found if one.content in HEADINGS]

    def stands_under(one: Text) -> bool:
        return any(abs(one.y - head.y) < 1 or (abs(one.x - head.x) < 1 and head.y < one.y) for head in heads)

    amounts = (one for one in found if one.content.split(" · ")[0] in bare)
    return [one.content for one in amounts if not stands_under(one)]


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["macs", "flops"])
@pytest.mark.parametrize("width", ["readme", "column"])
@pytest.mark.parametrize("detail", ["stage", "block", "layer"])
@pytest.mark.parametrize("layout", ["strip", "u"])
@pytest.mark.parametrize("name", ["sd15", "ddpm-cifar10", "one-letter"])
def test_every_amount_of_work_has_its_unit_or_a_heading(
    name: str, layout: str, detail: str, width: str, unit: str
) -> None:
    network = unetscope.load(ONE_LETTER) if name == "one-letter" else bundled(name)
    assert unnamed(network, layout=layout, detail=detail, width=width, unit=unit) == []


def test_a_narrow_gutter_drops_the_share_and_keeps_the_unit() -> None:
    words = [
        one.content for one in texts(lay_out(unetscope.load(ONE_LETTER), layout="u", detail="layer").items)
    ]
    assert "219 k · 13 %" in words
    assert "61.1 MMAC" in words
