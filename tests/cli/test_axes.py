"""Sizes by named axes: --frames and --axis in every command, on grids and off, and at pictures' feet."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import unetscope
from support.by_recipe import Case, Count, built, counted_by_torch
from support.outputs import printed
from unetscope.cli.commands import unetscope as program
from unetscope.errors import ConfigError

VIDEO: dict[str, Any] = {
    "_class_name": "WanTransformer3DModel",
    "num_layers": 1,
    "num_attention_heads": 2,
    "ffn_dim": 32,
}
CAUSAL: dict[str, Any] = {"_class_name": "AutoencoderKLWan", "base_dim": 8, "num_res_blocks": 1}
AUDIO: dict[str, Any] = {"_class_name": "StableAudioDiTModel", "num_layers": 1, "num_attention_heads": 2}
AUDIO |= {"num_key_value_attention_heads": 1, "cross_attention_dim": 64, "cross_attention_input_dim": 64}
IMAGES: dict[str, Any] = {
    "_class_name": "AutoencoderKL",
    "block_out_channels": [32, 64],
    "down_block_types": ["DownEncoderBlock2D"] * 2,
    "up_block_types": ["UpDecoderBlock2D"] * 2,
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNETSCOPE_CACHE", str(tmp_path / "cache"))
    for name, config in (("video", VIDEO), ("causal", CAUSAL), ("audio", AUDIO), ("images", IMAGES)):
        Path(f"{name}.json").write_text(json.dumps(config))


def run(*args: str, columns: int = 100) -> Result:
    return CliRunner().invoke(program, args, env={"COLUMNS": str(columns)})


def said(*args: str) -> str:
    """What a command prints, on one line; it has to succeed."""
    done = run(*args)
    assert done.exit_code == 0, done.output
    return " ".join(done.stdout.split())


def basis(*args: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said(*args, "--json"))["basis"]
    return found


SMALLER = ("--latent", "16x24", "--frames", "5", "--tokens", "7")


def test_frames_and_axes_are_the_size_that_is_counted() -> None:
    found = basis("table", "video.json", *SMALLER)
    assert found["axes"] == {"frames": 5, "height": 16, "width": 24, "tokens": 7}
    assert found["input"] == [16, 5, 16, 24]
    named = [word for axis in ("frames=5", "height=16", "width=24", "tokens=7") for word in ("--axis", axis)]
    assert said("table", "video.json", *named) == said("table", "video.json", *SMALLER)
    assert "5 frames" in said("table", "video.json", *SMALLER)


@pytest.mark.parametrize("command", ["table", "memory", "show", "trace"])
def test_every_command_takes_frames_and_axes(command: str) -> None:
    at = [*SMALLER, *(("-o", "-") if command == "trace" else ())]
    assert said(command, "video.json", *at)
    assert said(command, "audio.json", "--axis", "length=64", *at[len(SMALLER) :])


@pytest.mark.parametrize("command", ["table", "memory", "show", "compare", "diff"])
def test_json_says_the_axes_of_its_basis(command: str) -> None:
    sources = ("sd15", "sd21-base") if command in ("compare", "diff") else ("sd15",)
    text = said(command, *sources, "--json")
    assert '"axes": { "height": 64, "width": 64, "tokens": 77 }' in text


def test_rows_of_a_sweep_say_their_axes() -> None:
    found = json.loads(said("sweep", "sd15", "--latent", "32,64", "--json"))
    assert [row["axes"] for row in found["rows"]] == [
        {"height": side, "width": side, "tokens": 77} for side in (32, 64)
    ]


@pytest.mark.slow
def test_a_sweep_goes_through_frames_and_axes() -> None:
    found = json.loads(
        said("sweep", "video.json", "--latent", "16", "--tokens", "8", "--frames", "2:6:2", "--json")
    )
    assert [row["axes"]["frames"] for row in found["rows"]] == [2, 4, 6]
    assert [row["traced"] for row in found["rows"]] == [False] * 3
    assert "frames" in said("sweep", "video.json", "--latent", "16", "--frames", "2,4")
    lengths = said("sweep", "audio.json", "--axis", "length=64,128")
    assert "length batch tokens MACs" in lengths
    assert (
        json.loads(said("sweep", "audio.json", "--axis", "length=64", "--json"))["rows"][0]["latent"] is None
    )


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("table", "video.json", "--axis", "foo=3"), 1, 'has no axis "foo"'),
        (("table", "sd15", "--frames", "3"), 1, 'has no axis "frames"'),
        (("table", "audio.json", "--latent", "32"), 1, 'has no axis "height"'),
        (("sweep", "audio.json", "--latent", "32"), 1, 'has no axis "height"'),
        (("sweep", "sd15", "--frames", "3"), 1, 'has no axis "frames"'),
        (("chart", "audio.json", "--kind", "sweep", "-o", "x.svg"), 1, 'has no axis "height"'),
        (("table", "video.json", "--axis", "frames"), 2, "NAME=N"),
        (("table", "video.json", "--axis", "frames=0"), 2, "NAME=N"),
        (("sweep", "video.json", "--axis", "frames"), 2, "not a number"),
        (("sweep", "video.json", "--axis", "=3"), 2, "is not an axis"),
    ],
)
def test_a_size_that_there_is_not_is_one_line(args: tuple[str, ...], code: int, words: str) -> None:
    done = run(*args)
    assert done.exit_code == code
    assert words in " ".join([*done.output.split(), str(done.exception)])
    assert not Path("x.svg").exists()


def test_frames_of_a_causal_autoencoder_are_one_more_than_a_multiple() -> None:
    assert basis("table", "causal.json", "--latent", "16", "--frames", "9")["axes"]["frames"] == 9
    done = run("table", "causal.json", "--latent", "16", "--frames", "8")
    assert isinstance(done.exception, ConfigError)
    assert done.exception.message == "frames 8 is not 1 more than a multiple of 4"
    assert done.exception.hint == "the nearest is 9"


@pytest.mark.slow
def test_sizes_off_the_grid_that_a_network_takes_are_traced_and_counted() -> None:
    config = {key: value for key, value in IMAGES.items() if key != "_class_name"}
    case = Case("odd", "AutoencoderKL", config, Count(0, 0, 0))
    network = unetscope.load(IMAGES, size={"pixels": (33, 50)}, fresh="uncached")
    assert network.cost.macs == counted_by_torch(case, built(case), height=33, width=50).macs
    rows = json.loads(said("sweep", "images.json", "--size", "32,33", "--json"))["rows"]
    assert [row["traced"] for row in rows] == [False, True]


def test_a_size_that_would_leave_out_a_part_of_the_sample_is_refused() -> None:
    done = run("table", "video.json", "--latent", "17x24")
    assert isinstance(done.exception, ConfigError)
    assert str(done.exception).startswith("height 17 is not a multiple of 2")


@pytest.mark.parametrize("verb", ["diagram", "graph", "chart"])
def test_pictures_at_other_frames_and_axes_are_drawn_again_by_their_commands(verb: str) -> None:
    for args in (("video.json", *SMALLER), ("audio.json", "--axis", "length=64")):
        assert run(verb, *args, "-o", "first.svg").exit_code == 0
        command = printed(Path("first.svg").read_bytes())
        assert {*args[1::2]} <= {*shlex.split(command)}
        assert run(*shlex.split(command)[1:], "-o", "again.svg").exit_code == 0
        assert Path("again.svg").read_bytes() == Path("first.svg").read_bytes()


def test_a_picture_from_python_says_its_frames_and_axes() -> None:
    video = unetscope.load("video.json", size={"latent": (16, 24), "frames": 5, "tokens": 7})
    assert "--frames 5 --latent 16x24 --tokens 7" in printed(unetscope.draw(video))
    audio = unetscope.load("audio.json", size={"length": 64})
    assert "--axis length=64" in printed(unetscope.draw(audio))


def test_a_saved_trace_keeps_its_frames() -> None:
    said("trace", "video.json", *SMALLER, "-o", "saved.json")
    assert basis("table", "saved.json") == basis("table", "video.json", *SMALLER)
