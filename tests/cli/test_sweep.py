"""`unetscope sweep` as a user meets it: exact rows, formulas, what is traced and said, wrong usage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.command_line import heavy_after, traced_here, unetscope
from support.independent import independent_count
from support.networks import SMALL
from unetscope import api, zoo
from unetscope.api.loading import trace_cache
from unetscope.cli.progress import watched
from unetscope.errors import ConfigError, TraceError
from unetscope.sizes import Size


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("UNETSCOPE_CACHE", str(folder))
    monkeypatch.setenv("COLUMNS", "80")
    return folder


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(SMALL))
    return path


TABLE = """\
Stable Diffusion 1.5 · UNet2DConditionModel

  pixels   latent   batch   tokens              MACs               FLOPs
 ───────────────────────────────────────────────────────────────────────
 256×256    32×32       1       77    90,053,222,400     180,106,444,800
 256×256    32×32       2       77   180,106,444,800     360,212,889,600
 512×512    64×64       1       77   401,636,720,640     803,273,441,280
 512×512    64×64       2       77   803,273,441,280   1,606,546,882,560

float32; convention full: conv + linear + attention matmuls; one forward; 1 MAC
= 2 FLOPs; not counted: norms, activations, biases, softmax
formulas hold for sides that are multiples of 8, 16 or more, and for 2 tokens or
more
"""

FORMULA = """\
DDPM CIFAR-10 (32 px) · UNet2DModel

 stage            MACs of one forward, per batch item
 ────────────────────────────────────────────────────
 time_embedding   327680
 conv_in          3456·S
 Down 1           626688·S + 131072
 Down 2           64·S² + 692224·S + 262144
 Down 3           156672·S + 262144
 Down 4           36864·S + 262144
 Mid              1/8·S² + 40960·S + 262144
 Up 1             125952·S + 393216
 Up 2             503808·S + 393216
 Up 3             96·S² + 2129920·S + 393216
 Up 4             1589248·S + 196608
 conv_out         3456·S

 total            1281/8·S² + 5909248·S + 2883584

MACs = batch × formula; S = height × width of the network's input
float32; convention full: conv + linear + attention matmuls; one forward; 1 MAC
= 2 FLOPs; not counted: norms, activations, biases, softmax
formulas hold for sides that are multiples of 8, 16 or more
"""


def test_a_sweep_prints_a_line_for_every_size_and_batch() -> None:
    done = unetscope("sweep", "sd15", "--latent", "32:64:32", "--batch", "1,2")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == TABLE


def test_the_formula_of_each_stage_is_printed() -> None:
    done = traced_here("sweep", "ddpm-cifar10", "--formula")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", FORMULA)


def test_a_sweep_as_json_holds_what_the_readme_says() -> None:
    found = json.loads(traced_here("sweep", "sdxl", "--size", "1024x1024", "--tokens", "77", "--json").stdout)
    assert list(found) == ["schema_version", "basis", "rows"]
    assert found["schema_version"] == 1
    assert found["basis"] == {
        "source": "sdxl",
        "name": "Stable Diffusion XL Base 1.0",
        "class_name": "UNet2DConditionModel",
        "channels": 4,
        "sample_is": "latent",
        "params": 2567463684,
        "convention": "full",
        "counted": "conv + linear + attention matmuls",
        "not_counted": "norms, activations, biases, softmax",
        "uncounted": [],
        "notes": [],
        "unread_keys": [],
        "cfg": False,
        "steps": 1,
        "forwards": 1,
        "flops_per_mac": 2,
        "stride": 4,
        "least": 8,
        "grids": [
            {"axis": "height", "step": 4, "least": 8, "offset": 0},
            {"axis": "width", "step": 4, "least": 8, "offset": 0},
            {"axis": "tokens", "step": 1, "least": 2, "offset": 0},
        ],
    }
    axes = {"height": 128, "width": 128, "tokens": 77}
    row = {
        "latent": [128, 128],
        "batch": 1,
        "tokens": 77,
        "axes": axes,
        "macs": 3380618199040,
        "flops": 6761236398080,
    }
    assert found["rows"] == [row | {"traced": False}]


def test_formulas_as_json_add_up_to_the_total() -> None:
    found = json.loads(traced_here("sweep", "sd15", "--formula", "--json").stdout)
    *stages, whole = found["formulas"]
    squared = [
        term["numerator"] / term["denominator"]
        for stage in stages
        for term in stage["macs_by_op"]["attention"]
        if term["height"] == 2
    ]
    assert sum(squared) == 29205 / 8
    assert {"numerator": 29205, "denominator": 8, "height": 2, "width": 2, "tokens": 0} in whole[
        "macs_by_op"
    ]["attention"]


def test_without_a_range_the_networks_own_size_is_the_one_row() -> None:
    assert [row.cost for row in api.sweep("sd15", [Size()]).rows] == [api.load("sd15").cost]


def test_off_the_grid_a_size_is_traced_said_and_equals_an_independent_count() -> None:
    done = traced_here("sweep", "ddpm-cifar10", "--latent", "32,8,40x24", "--json")
    assert done.returncode == 0
    assert done.stderr == (
        "warning: traced at 8x8: formulas hold for sides that are multiples of 8, 16 or more\n"
    )
    rows = json.loads(done.stdout)["rows"]
    assert [row["traced"] for row in rows] == [False, True, False]
    spec = zoo.spec("ddpm-cifar10")
    config = {"_class_name": spec.class_name, **spec.config}
    assert [row["macs"] for row in rows] == [
        independent_count(config, Size.of(latent=latent))[1] for latent in ((32, 32), (8, 8), (40, 24))
    ]


@pytest.mark.slow
def test_a_padded_size_is_not_what_the_formula_would_say() -> None:
    spec = zoo.spec("sd15")
    row = api.sweep("sd15", [Size.of(latent=(33, 33), tokens=77)]).rows[0]
    assert row.traced
    assert (
        row.cost.macs
        == independent_count({"_class_name": spec.class_name, **spec.config}, Size.of(latent=(33, 33)))[1]
    )
    s, t = 33 * 33, 77
    extrapolated = (29205 * s * s) // 8 + 5640 * s * t + 82301440 * s + 19169280 * t + 27852800
    assert round(100 * (extrapolated / row.cost.macs - 1), 1) == -8.7


def test_a_traced_row_is_marked_among_those_from_formulas() -> None:
    done = traced_here("sweep", "ddpm-cifar10", "--latent", "8,16")
    assert [
        line.split()[-1] for line in done.stdout.splitlines() if line.endswith(("from", "trace", "formula"))
    ] == [
        "from",
        "trace",
        "formula",
    ]


def test_numbers_are_never_cut_however_narrow_the_terminal() -> None:
    done = traced_here("sweep", "sd15", "--latent", "16384", "--batch", "16384", COLUMNS="40")
    assert "4,310,261,160,950,829,007,503,360" in done.stdout


def test_a_preset_off_the_grid_needs_torch_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('not here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    done = unetscope("sweep", "sd15", "--latent", "64,33")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[0].startswith("error: torch is needed to trace a network")


@pytest.mark.slow
@pytest.mark.parametrize(
    "args",
    [
        ("sweep", "sdxl", "--latent", "64:256:64", "--batch", "1,8"),
        ("sweep", "sd15", "--formula"),
        ("table", "sdxl", "--latent", "96x64"),
        ("table", "sd15", "--tokens", "154"),
        ("diagram", "sd15", "--size", "768x512", "-o", "-"),
        ("trace", "sd15", "--latent", "24", "-o", "-"),
    ],
    ids=" ".join,
)
def test_a_preset_at_another_size_loads_no_heavy_library(args: tuple[str, ...]) -> None:
    assert heavy_after(*args) == "[]"


@pytest.mark.slow
def test_a_preset_at_another_size_is_what_a_fresh_trace_shows() -> None:
    for args in (["table", "sd15", "--latent", "48x80", "--json"], ["show", "sd15", "--latent", "48x80"]):
        assert unetscope(*args).stdout == traced_here(*args, "--no-cache").stdout


@pytest.mark.slow
def test_what_is_learned_of_a_config_is_kept(config: Path, own_cache: Path) -> None:
    first = traced_here("sweep", str(config), "--latent", "8:40:4", "--json")
    assert (first.returncode, first.stderr) == (0, "")
    assert not any(row["traced"] for row in json.loads(first.stdout)["rows"])
    assert len(list(own_cache.iterdir())) == 1
    assert heavy_after("sweep", str(config), "--latent", "8:40:4") == "[]"
    assert heavy_after("table", str(config), "--latent", "20x12") == "[]"
    assert traced_here("sweep", str(config), "--latent", "8:40:4", "--json", "--fresh").stdout == first.stdout


@pytest.mark.slow
def test_a_sweep_without_cache_writes_nothing(config: Path, own_cache: Path) -> None:
    assert traced_here("sweep", str(config), "--latent", "8,9", "--no-cache").returncode == 0
    assert list(own_cache.iterdir()) == []


def test_a_saved_preset_answers_at_other_sizes_from_its_own_rules(tmp_path: Path) -> None:
    api.save(api.load("ddpm-cifar10"), tmp_path / "saved.json")
    assert heavy_after("sweep", str(tmp_path / "saved.json"), "--latent", "16:64:8") == "[]"
    sizes = [Size.of(latent=(16, 24), batch=3)]
    costs = [api.sweep(source, sizes).rows for source in (str(tmp_path / "saved.json"), "ddpm-cifar10")]
    assert costs[0] == costs[1]


@pytest.mark.slow
def test_a_live_module_is_swept_like_its_config() -> None:
    from diffusers import UNet2DConditionModel

    sizes = [Size.of(latent=(8, 8)), Size.of(latent=(9, 9)), Size.of(latent=(12, 20), batch=2, tokens=5)]
    live = api.sweep(UNet2DConditionModel.from_config(SMALL), sizes)
    by_config = api.sweep(SMALL, sizes)
    assert live.rows == by_config.rows
    assert [row.traced for row in live.rows] == [False, True, False]
    assert live.formulas == by_config.formulas


@pytest.mark.slow
def test_warnings_about_a_config_are_said_once(config: Path) -> None:
    config.write_text(json.dumps(SMALL | {"surprise": 1}))
    done = traced_here("sweep", str(config), "--latent", "9,11")
    assert sum("surprise" in line for line in done.stderr.splitlines()) <= 1
    assert done.returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--latent", "64:32:8"), "is empty"),
        (("--latent", "32:64:0"), "out of range"),
        (("--latent", "0"), "out of range"),
        (("--latent", "99999"), "out of range"),
        (("--latent", "32:64"), "start:stop:step"),
        (("--latent", "64x"), "start:stop:step"),
        (("--latent", ""), "start:stop:step"),
        (("--latent", "-64"), "start:stop:step"),
        (("--latent", "1:16384:1"), "the most is 1000"),
        (("--latent", "1:999:1", "--batch", "1,2"), "the most is 1000"),
        (("--batch", "1,two"), "'two' is not a number"),
        (("--tokens", "77x77"), "is not a number"),
        (("--latent", "64", "--size", "512"), "exclude each other"),
        (("--formula", "--latent", "64"), "--formula covers all sizes"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_impossible_ranges_are_wrong_usage(args: tuple[str, ...], words: str) -> None:
    done = traced_here("sweep", "sd15", *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr.replace("\n", " ")


def test_pixels_that_no_latent_has_are_refused_in_one_line() -> None:
    done = traced_here("sweep", "sd15", "--size", "510")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: 510x510 pixels is not a multiple of the VAE factor 8\nhint: the nearest size is 512x512\n"
    )


def test_where_no_formula_holds_every_size_is_traced_and_asking_for_one_fails(config: Path) -> None:
    config.write_text(json.dumps(SMALL | {"sample_size": 17}))  # its own size is off the grid
    done = traced_here("sweep", str(config), "--latent", "8,12")
    assert done.stderr == "warning: traced at 8x8, 12x12: no formulas were found\n"
    asked = traced_here("sweep", str(config), "--formula")
    assert (asked.returncode, asked.stdout) == (2, "")
    assert asked.stderr.startswith("error: no formula holds for ")


@pytest.mark.slow
def test_overrides_are_swept_too() -> None:
    wide = api.sweep("ddpm-cifar10", [Size.of(latent=(16, 16))], overrides={"in_channels": 4}).rows[0]
    assert (
        wide.cost.conv - api.sweep("ddpm-cifar10", [Size.of(latent=(16, 16))]).rows[0].cost.conv
        == 16 * 16 * 128 * 9
    )


def test_no_bar_is_shown_where_stderr_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(watched([1, 2, 3])) == [1, 2, 3]
    assert capsys.readouterr() == ("", "")


def test_errors_of_a_notebook_are_ours() -> None:
    with pytest.raises(ConfigError, match="VAE factor"):
        api.sweep("sd15", [Size.of(pixels=(510, 510))])
    with pytest.raises(TraceError, match="refuses"):
        api.sweep("ddpm-cifar10", [Size.of(latent=(9, 9))])


@pytest.mark.slow
def test_only_a_spec_is_cached_under_its_own_key(config: Path, own_cache: Path) -> None:
    api.sweep(str(config), [Size.of(latent=(8, 8))])
    kept = [trace_cache.read(own_cache, path.name.removesuffix(".json.gz")) for path in own_cache.iterdir()]
    assert [one is not None and one.scaling is not None for one in kept] == [True]
