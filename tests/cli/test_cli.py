"""The command line as a user meets it: output, errors and exit codes, of processes where that matters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from support.command_line import heavy_after, traced_here, unetscope
from support.networks import SMALL
from support.traces import bundled
from unetscope.cli import commands
from unetscope.cost import total


def complaint(done: subprocess.CompletedProcess[str]) -> tuple[int, list[str]]:
    return done.returncode, done.stderr.splitlines()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(SMALL))
    return path


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNETSCOPE_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("COLUMNS", "80")


def test_a_diagram_goes_to_outputs_and_its_path_is_printed(tmp_path: Path) -> None:
    done = unetscope("diagram", "sdxl", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "outputs/sdxl.svg\n", "")
    assert (tmp_path / "outputs/sdxl.svg").read_text().startswith("<svg ")


def test_the_suffix_says_the_format(tmp_path: Path) -> None:
    assert traced_here("diagram", "sd15", "-o", "a.png", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_a_dash_writes_the_picture_to_stdout_and_no_word_more() -> None:
    done = unetscope("diagram", "sd15", "-o", "-")
    assert done.stdout.startswith("<svg ")
    assert done.stdout.endswith("</svg>\n")


def test_several_sources_go_on_past_one_that_fails(tmp_path: Path) -> None:
    done = traced_here("diagram", "sd15", "nonsense", "sdxl", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == "outputs/sd15.svg\noutputs/sdxl.svg\n"
    assert done.stderr.splitlines()[0].startswith("error: nonsense: ")


@pytest.mark.slow
def test_the_same_picture_comes_out_twice() -> None:
    assert unetscope("diagram", "sdxl", "-o", "-").stdout == unetscope("diagram", "sdxl", "-o", "-").stdout


def test_a_table_as_json_holds_what_the_readme_says() -> None:
    table = json.loads(traced_here("table", "sdxl", "--json").stdout)
    expected = bundled("sdxl")
    assert list(table) == [
        "schema_version", "source", "name", "class_name", "basis", "totals", "notes",
        "macs_by_op", "uncounted", "idle", "unread_keys", "skips", "rows",
    ]  # fmt: skip
    assert table["basis"] == {
        "batch": 1, "input": [4, 128, 128], "sample_is": "latent", "pixels": [1024, 1024], "tokens": 77,
        "axes": {"height": 128, "width": 128, "tokens": 77}, "dtype": "float32",
    }  # fmt: skip
    assert table["totals"] == {"params": 2567463684, "macs": 3380618199040, "flops": 6761236398080}
    assert table["macs_by_op"] == expected.cost.macs_by_op
    assert list(table["rows"][0]) == [
        "path",
        "type",
        "kind",
        "role",
        "params",
        "macs",
        "macs_by_op",
        "input",
        "output",
    ]
    assert len(table["skips"]) == 9


@pytest.mark.parametrize("depth", range(1, 9))
@pytest.mark.parametrize("name", ["sdxl", "bk-sdm-tiny", "ddpm-cifar10"])
def test_the_rows_of_every_depth_add_up_to_the_total(name: str, depth: int) -> None:
    from unetscope import api

    found = bundled(name)
    assert total(row.cost for row in api.table(found, depth=depth).rows) == found.cost


@pytest.mark.slow
def test_a_table_fits_eighty_columns_without_colour_or_blanks() -> None:
    for name in ("sd15", "sdxl", "sdxl-inpaint", "ddpm-church"):
        lines = traced_here("table", name).stdout.splitlines()
        assert max(map(len, lines)) <= 80
        assert all(line == line.rstrip() and "\x1b" not in line for line in lines)


def test_a_table_reads_as_reviewed() -> None:
    assert unetscope("table", "bk-sdm-tiny").stdout == BK_SDM_TINY


@pytest.mark.slow
def test_a_saved_trace_is_a_source_and_gives_the_same_table(tmp_path: Path, config: Path) -> None:
    done = traced_here("trace", str(config), "-o", str(tmp_path / "saved.json"))
    assert done.returncode == 0
    saved = unetscope("table", str(tmp_path / "saved.json"))
    assert saved.stdout == unetscope("table", str(config)).stdout


def test_a_setting_changes_the_network() -> None:
    plain = json.loads(traced_here("table", "sd15", "--json").stdout)["totals"]["params"]
    wider = json.loads(traced_here("table", "sd15", "--json", "--set", "in_channels=9").stdout)["totals"][
        "params"
    ]
    assert wider - plain == 5 * 320 * 3 * 3


def test_pixels_are_turned_into_a_latent() -> None:
    by_pixels = json.loads(traced_here("table", "sd15", "--json", "--size", "768x512").stdout)
    by_latent = json.loads(traced_here("table", "sd15", "--json", "--latent", "96x64").stdout)
    assert by_pixels["basis"]["input"] == [4, 96, 64]
    assert by_pixels == by_latent


USAGE = [
    ("table",),
    ("tabel", "sd15"),
    ("table", "sd15", "--latent", "0x64"),
    ("table", "sd15", "--latent", "64x64x64"),
    ("table", "sd15", "--latent", "-64"),
    ("table", "sd15", "--latent", "99999999999x1"),
    ("table", "sd15", "--batch", "0"),
    ("table", "sd15", "--tokens", "many"),
    ("table", "sd15", "--dtype", "float3"),
    ("table", "sd15", "--depth", "0"),
    ("table", "sd15", "--latent", "64", "--size", "512"),
    ("table", "sd15", "--set", "nothing"),
    ("diagram", "sd15", "-o", "picture.bmp"),
    ("diagram", "sd15", "-o", "picture"),
    ("diagram", "sd15", "-o", "a.svg", "--format", "png"),
    ("diagram", "sd15", "sdxl", "-o", "a.svg"),
    ("diagram", "sd15", "--theme", "pink"),
    ("trace", "sd15", "-o", "saved.txt"),
]


@pytest.mark.parametrize("args", USAGE, ids=" ".join)
def test_wrong_usage_exits_2_and_writes_nothing(args: tuple[str, ...], tmp_path: Path) -> None:
    code, lines = complaint(traced_here(*args, cwd=tmp_path))
    assert code == 2
    assert [line.partition(": ")[0] for line in lines] == ["error", "hint"]
    assert list(tmp_path.iterdir()) == []


COULD_NOT = {
    # arguments: (error, hint)
    ("table", "instruct-pix2pixx"): (
        'no preset, file or folder is called "instruct-pix2pixx"',
        "did you mean instruct-pix2pix?",
    ),
    ("table", "./no.json"): ("no such file or folder: ./no.json", "see the presets with: unetscope list"),
    ("table", "sd15", "--set", "in_chanels=9"): (
        'UNet2DConditionModel has no config key "in_chanels"',
        "did you mean in_channels?",
    ),
    ("table", "sd15", "--size", "513x512"): (
        "513x512 pixels is not a multiple of the VAE factor 8",
        "the nearest size is 512x512",
    ),
    ("diagram", "sd15", "-o", "/dev/null/a.svg"): (
        "cannot write '/dev/null/a.svg': Not a directory",
        "choose another place with -o FILE",
    ),
}


@pytest.mark.parametrize("args", COULD_NOT, ids=" ".join)
def test_what_cannot_be_done_is_one_line_and_a_hint(args: tuple[str, ...], tmp_path: Path) -> None:
    error, hint = COULD_NOT[args]
    assert complaint(traced_here(*args, cwd=tmp_path)) == (2, [f"error: {error}", f"hint: {hint}"])
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_file_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "a.svg"
    target.write_text("old")
    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "from unetscope.cli import main; sys.argv[0] = 'unetscope'; main()"
    )
    command = [sys.executable, "-c", script, "diagram", "sd15", "-o", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert complaint(done)[0] == 2
    assert done.stderr.startswith(f"error: cannot write '{target}'")
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.svg"]


def test_a_reader_that_goes_away_is_no_error_message(tmp_path: Path) -> None:
    command = f"{sys.executable} -m unetscope table sdxl --depth 8 --json | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_ignored_keys_are_a_warning_and_with_strict_an_error(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(SMALL | {"colour": "red"}))
    warned = traced_here("table", str(path))
    assert (warned.returncode, warned.stderr) == (
        0,
        "warning: UNet2DConditionModel ignores 1 config key: colour\n",
    )
    assert traced_here("table", str(path), "--strict").returncode == 2


@pytest.mark.parametrize("command", commands.unetscope.list_commands(click.Context(commands.unetscope)))
def test_every_command_shows_an_example(command: str) -> None:
    shown = CliRunner().invoke(commands.unetscope, [command, "--help"], catch_exceptions=False).stdout
    assert "Example: unetscope " + command in shown


NO_TORCH = [
    ("--help",),
    ("list",),
    ("table", "sdxl"),
    ("show", "sd15"),
    ("diagram", "sdxl", "-o", "-"),
    ("diagram", "sd15", "--layout", "u", "-o", "-"),
]


@pytest.mark.parametrize("args", NO_TORCH, ids=" ".join)
def test_looking_at_what_is_bundled_loads_no_heavy_library(args: tuple[str, ...]) -> None:
    assert heavy_after(*args) == "[]"


@pytest.mark.slow
def test_a_cached_config_loads_no_heavy_library_and_a_fresh_one_does(config: Path) -> None:
    assert "torch" in heavy_after("table", str(config))
    assert heavy_after("table", str(config)) == "[]"
    assert "torch" in heavy_after("table", str(config), "--fresh")


def test_no_cache_writes_nothing(config: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert traced_here("table", str(config), "--no-cache", UNETSCOPE_CACHE=str(cache)).returncode == 0
    assert not cache.exists()
    assert traced_here("table", str(config), UNETSCOPE_CACHE=str(cache)).returncode == 0
    assert len(list(cache.iterdir())) == 1


def test_without_torch_a_new_config_says_which_extra_to_install(config: Path, tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('not here')")
    before = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    code, lines = complaint(unetscope("table", str(config), "--no-cache", PYTHONPATH=before))
    assert code == 2
    assert lines == [
        "error: torch is needed to trace a network that is not bundled or cached (not here)",
        "hint: install it with: pip install torch diffusers",
    ]


BK_SDM_TINY = """\
BK-SDM-Tiny · UNet2DConditionModel

 part                  params      %       MACs      %       output
 ──────────────────────────────────────────────────────────────────
 time_embedding     2,050,560    0.6    <0.01 G   <0.1         1280
 conv_in               11,840   <0.1     0.05 G   <0.1    320×64×64
 Down 1             5,723,200      2    27.86 G     11    320×32×32
 Down 2            19,433,600      6    16.72 G      7    640×16×16
 Down 3            59,345,920     18    14.63 G      6   1280×16×16
 Up 1             174,405,120     54    54.85 G     23   1280×32×32
 Up 2              49,520,640     15    61.34 G     25    640×64×64
 Up 3              12,881,920      4    67.25 G     28    320×64×64
 conv_norm_out            640   <0.1          0      0    320×64×64
 conv_out              11,524   <0.1     0.05 G   <0.1      4×64×64

 total            323,384,964    100   242.75 G    100

323,384,964 parameters, 242,754,519,040 MACs
MACs are conv 136.20 G + linear 68.75 G + attention 37.80 G
basis: 512×512 px, latent 4×64×64, batch 1, 77 text tokens, float32; convention
full: conv + linear + attention matmuls; one forward; 1 MAC = 2 FLOPs; not
counted: norms, activations, biases, softmax
"""
