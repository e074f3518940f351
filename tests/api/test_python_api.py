"""What Python and notebooks see: verbs take any source, results show themselves, errors give their hint."""

from __future__ import annotations

import base64
import copy
import json
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pandas
import pytest
import rich.console

import unetscope
from support.networks import SMALL
from support.places import ROOT
from support.traces import bundled
from unetscope import choices, layout
from unetscope.analysis.cost.rows import PARTITIONS
from unetscope.analysis.memory.optimizers import OPTIMIZERS
from unetscope.analysis.memory.training import MIXED
from unetscope.errors import ConfigError, OutputError, SourceError
from unetscope.render import PICTURES, charts, formula_code
from unetscope.render.caption import CAPTIONS
from unetscope.render.dataflow import formats as graphs
from unetscope.render.diff import formats as diffs
from unetscope.render.picture.theme import PALETTES
from unetscope.spec import DTYPES
from unetscope.words.conventions import CONVENTIONS

EXAMPLE = ROOT / "docs" / "examples" / "every_verb.py"

VERBS: dict[str, Callable[..., Any]] = {
    "load": unetscope.load,
    "draw": unetscope.draw,
    "table": unetscope.table,
    "diff": lambda source, **at: unetscope.diff(source, source, causes=False, **at),
    "compare": lambda source, **at: unetscope.compare(source, source, **at),
    "memory": unetscope.memory,
    "chart": unetscope.chart,
    "graph": unetscope.graph,
    "reconcile": lambda source, **at: unetscope.reconcile(source, "1G", **at),
}


def contents(result: Any) -> dict[str, Any]:
    """What a notebook is shown of a result."""
    return result._repr_mimebundle_()


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_takes_a_name_a_path_a_config_and_an_architecture_alike(verb: str, tmp_path: Path) -> None:
    network = bundled("bk-sdm-tiny")
    path = tmp_path / "bk-sdm-tiny.json"
    unetscope.save(network, path)
    of_name, of_network = (contents(VERBS[verb](one)) for one in ("bk-sdm-tiny", network))
    assert of_name == of_network
    assert contents(VERBS[verb](path)).keys() == of_name.keys()


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_takes_a_live_module_and_its_config(verb: str) -> None:
    from diffusers import UNet2DConditionModel

    config = {key: value for key, value in SMALL.items() if key != "_class_name"}
    live, told = contents(VERBS[verb](UNet2DConditionModel(**config))), contents(VERBS[verb](SMALL))
    assert live.keys() == told.keys()


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_a_size_is_that_of_the_image_or_of_the_input_one_number_for_a_square(verb: str) -> None:
    shown = [
        contents(VERBS[verb]("sd15", **at))
        for at in ({"size": 768}, {"size": (768, 768)}, {"latent": 96}, {"latent": (96, 96)})
    ]
    # the command at the foot of a picture and nothing else may tell them apart
    assert all(one == shown[0] for one in shown)
    oblong, batched = VERBS[verb]("sd15", size=(512, 768)), VERBS[verb]("sd15", batch=2)
    assert contents(oblong) != shown[0]
    assert contents(batched) != contents(VERBS[verb]("sd15"))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"size": "768"}, "is not a size"),
        ({"size": 0}, "is not a size"),
        ({"latent": (64, 64, 64)}, "is not a size"),
        ({"latent": True}, "is not a size"),
        ({"size": 512, "latent": 64}, "exclude each other"),
        ({"size": unetscope.Size.of(latent=(64, 64)), "batch": 2}, "whole by itself"),
        ({"frames": 3}, 'has no axis "frames"'),
        ({"axes": {"hieght": 64}}, 'has no axis "hieght"'),
        ({"dtype": "int8"}, "no dtype 'int8'"),
    ],
)
def test_what_is_no_size_is_refused_with_a_hint(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(unetscope.UnetscopeError, match=re.escape(message)) as refused:
        unetscope.load("sd15", **asked)
    assert f"(hint: {refused.value.hint})" in str(refused.value)
    assert "hint" not in refused.value.message


def test_an_architecture_at_hand_keeps_its_counting_at_another_size() -> None:
    network = unetscope.counted(bundled("sd15"), convention="layers", cfg=True, steps=3)
    assert unetscope.load(network) is network
    larger = unetscope.load(network, size=768)
    assert larger.counting == network.counting
    assert larger == unetscope.counted(
        unetscope.load("sd15", size=768), convention="layers", cfg=True, steps=3
    )
    assert unetscope.diff(network, "sd15").a.counting == network.counting
    assert unetscope.sweep(network, latent=[64]).rows[0].cost == network.cost


RESULTS: dict[str, tuple[Callable[[], Any], set[str]]] = {
    "architecture": (lambda: unetscope.load("sdxl"), {"image/svg+xml"}),
    "section": (lambda: unetscope.load("sdxl").stage("Up 1"), {"text/html", "text/markdown"}),
    "table": (lambda: unetscope.table("sdxl", by="layer"), {"text/html", "text/markdown"}),
    "comparison": (lambda: unetscope.compare("sd15", "sd21"), {"text/html", "text/markdown"}),
    "diff": (lambda: unetscope.diff("sd15", "bk-sdm-small"), {"image/svg+xml"}),
    "sweep": (lambda: unetscope.sweep("sd15", latent=[32, (64, 96)]), {"text/html"}),
    "formulas": (lambda: unetscope.sweep("sd15"), {"text/html"}),
    "memory": (lambda: unetscope.memory("sd15", train=True, fits="24GB"), set()),
    "reconciliation": (lambda: unetscope.reconcile("sd14", "339G"), set()),
    "svg": (lambda: unetscope.draw("sd15"), {"image/svg+xml"}),
    "png": (lambda: unetscope.draw("sd15", format="png"), {"image/png"}),
    "scene": (lambda: unetscope.draw("sd15", format="json"), {"application/json"}),
    "pdf": (lambda: unetscope.chart("sd15", format="pdf"), {"application/pdf"}),
    "mermaid": (lambda: unetscope.graph("sd15", format="mermaid"), {"text/vnd.mermaid"}),
    "dot": (lambda: unetscope.graph("sd15", format="dot"), set()),
    "page": (lambda: unetscope.draw_diff(unetscope.diff("sd15", "sd21"), format="html"), {"text/html"}),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_shows_itself_and_its_repr_is_one_short_line(name: str) -> None:
    make, kinds = RESULTS[name]
    result = make()
    shown = contents(result)
    assert shown.keys() == {"text/plain", *kinds}
    assert len(repr(result)) < 200
    assert repr(result).isprintable()
    assert all(shown.values())


def test_the_drawing_of_an_architecture_is_what_draw_draws() -> None:
    network = bundled("sd15")
    assert contents(network)["image/svg+xml"].encode() == unetscope.draw("sd15")
    diff = unetscope.diff("sd15", "sd21")
    assert contents(diff)["image/svg+xml"].encode() == unetscope.draw_diff(diff)


@pytest.mark.slow
def test_tables_show_themselves_in_a_notebook_once_and_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [contents(RESULTS[name][0]())["text/plain"] for name in ("table", "memory", "sweep")]
    monkeypatch.setattr(rich.console, "_is_jupyter", lambda: True)
    monkeypatch.setitem(sys.modules, "IPython.display", None)  # what rich would show parts with
    assert [contents(RESULTS[name][0]())["text/plain"] for name in ("table", "memory", "sweep")] == before


@pytest.mark.parametrize("name", ["section", "table", "comparison", "sweep", "formulas"])
def test_a_fragment_leaves_the_page_around_it_alone(name: str) -> None:
    shown = contents(RESULTS[name][0]())["text/html"]
    assert re.findall(r"<(style|script|link|html|body|h\d)\b|\b(id|class|on\w+)=", shown) == []
    assert shown.count("<table>") == shown.count("</table>") == 1


def test_names_from_a_file_are_escaped_in_everything_that_is_shown() -> None:
    title = '<script>alert(1)</script> \x1b[31m\u202e` $x$ |"'
    network = replace(bundled("bk-sdm-tiny"), title=title, class_name=title)
    results = [
        network,
        network.stage("up_blocks.0"),
        unetscope.table(network),
        unetscope.compare(network, "sd15"),
        unetscope.diff(network, "sd15", causes=False),
        unetscope.sweep(network, latent=[64]),
        unetscope.memory(network),
        unetscope.reconcile(network, "1G"),
        unetscope.draw(network),
    ]
    for result in results:
        assert repr(result).isprintable()
        for kind, shown in contents(result).items():
            assert "\x1b" not in shown, kind
            assert "\u202e" not in shown, kind
            assert kind == "text/plain" or "<script" not in shown.replace("\\<", ""), kind


def test_a_page_stands_in_a_frame_of_its_own() -> None:
    page = unetscope.draw_diff(unetscope.diff("sd15", "sd21"), format="html")
    shown = contents(page)["text/html"]
    assert shown.startswith("<iframe srcdoc=")
    assert 'sandbox="allow-scripts"' in shown
    assert "<script" not in shown


def test_a_picture_is_bytes_that_know_their_format(tmp_path: Path) -> None:
    picture = unetscope.draw("sd15", format="png")
    assert (picture.format, picture[:4]) == ("png", b"\x89PNG")
    assert base64.b64decode(contents(picture)["image/png"]) == picture
    for again in (copy.copy(picture), copy.deepcopy(picture), pickle.loads(pickle.dumps(picture))):
        assert (again, again.format) == (picture, "png")
    picture.save(tmp_path / "sd15.PNG")
    assert (tmp_path / "sd15.PNG").read_bytes() == picture
    with pytest.raises(OutputError, match=r"its file ends in \.png"):
        picture.save(tmp_path / "sd15.svg")
    with pytest.raises(OutputError, match="a png holds no text"):
        assert picture.text
    assert unetscope.graph("sd15", format="mermaid").text.startswith("---\ntitle: ")
    unetscope.graph("sd15", format="mermaid").save(tmp_path / "sd15.mmd")


def test_records_make_a_data_frame_with_exact_numbers() -> None:
    network = bundled("sdxl")
    frame = pandas.DataFrame(unetscope.table(network, by="block").records())
    assert (frame["params"].sum(), frame["macs"].sum()) == (network.cost.params, network.cost.macs)
    assert frame["path"].is_unique
    costs = pandas.DataFrame(unetscope.sweep("sd15", latent=[32, 64], batch=[1, 4]).records())
    assert list(costs.columns) == ["height", "width", "tokens", "batch", "params", "macs", "flops", "traced"]
    assert (costs["macs"] // costs["batch"]).nunique() == 2
    facts = pandas.DataFrame(unetscope.compare("sd15", "sdxl").records()).set_index("network")
    assert facts.loc["sdxl", "params"] == network.cost.params


def test_a_stage_by_itself_has_its_cost_its_modules_and_its_skips() -> None:
    network = bundled("sdxl")
    assert network.stage("Up 1") == network.stage("up_blocks.0")
    sections = [network.stage(stage.path) for stage in network.stages]
    outside = network.cost.params - sum(one.cost.params for one in sections)
    assert outside == sum(node.own.params for node in network.nodes if not network.stage_of(node.path))
    assert {skip for one in sections for skip in one.skips} == set(network.skips)
    for one in sections:
        table = unetscope.table(one, by="layer")
        assert table.total.cost == one.cost
        assert one.module == one.modules[0]
    with pytest.raises(SourceError, match=r"has no stage 'up'.*hint: its stages: .*up_blocks\.0"):
        network.stage("up")


@pytest.mark.slow
def test_memory_takes_words_for_what_the_command_line_has_options_for() -> None:
    found = unetscope.memory(
        "sd15", batch=2, dtype="bfloat16", train=True, optimizer="sgd", lora=4, fits="24GB"
    )
    assert (found.use.dtype, found.architecture.basis.batch) == ("bfloat16", 2)
    assert found.use.training is not None
    assert (found.use.training.optimizer, found.use.training.lora) == ("sgd", 4)
    assert found.fit is not None
    assert found.fit.limit == 24 * 10**9 == unetscope.memory("sd15", fits=24 * 10**9).fit.limit
    with pytest.raises(ConfigError, match=r"ema is about training \(hint: add train=True\)"):
        unetscope.memory("sd15", ema=True)
    for fits in ("", "24", "GB", "0GB", "24 QB"):
        with pytest.raises(ConfigError, match="not an amount of memory"):
            unetscope.memory("sd15", fits=fits)
    for wrong in (
        {"attention": "egaer"},
        {"optimizer": "adam"},
        {"mixed": "fp8"},
    ):
        with pytest.raises(OutputError, match="hint"):
            unetscope.memory("sd15", train=True, **wrong)


def test_a_type_of_words_names_just_the_words_there_are() -> None:
    """A checker refuses what is no word; here both lists are held to be one."""
    known = {
        choices.LayoutName: layout.LAYOUTS,
        choices.ThemeName: PALETTES,
        choices.CaptionForm: CAPTIONS,
        choices.DiagramFormat: (*PICTURES, "html"),
        choices.DiffFormat: diffs.FORMATS,
        choices.GraphFormat: graphs.FORMATS,
        choices.ChartFormat: charts.FORMATS,
        choices.ChartKind: charts.KINDS,
        choices.CodeFormat: formula_code.CODES,
        choices.RowsBy: PARTITIONS,
        choices.ConventionName: CONVENTIONS,
        choices.DtypeName: DTYPES,
        choices.MixedName: MIXED,
        choices.OptimizerName: OPTIMIZERS,
    }
    for type_, words in known.items():
        assert get_args(type_) == tuple(words)


def test_an_unknown_word_is_refused_at_run_time_too() -> None:
    for call in (
        lambda: unetscope.draw("sd15", theme="drak"),  # type: ignore[arg-type]
        lambda: unetscope.graph("sd15", unit="mac"),  # type: ignore[arg-type]
        lambda: unetscope.chart("sd15", unit="mac"),  # type: ignore[arg-type]
        lambda: unetscope.table("sd15", by="blok"),  # type: ignore[arg-type]
        lambda: unetscope.table("sd15", by="block", depth=2),
        unetscope.compare,
    ):
        with pytest.raises(unetscope.UnetscopeError, match=r"\(hint: "):
            call()


def test_warnings_stand_at_the_line_that_called() -> None:
    config = dict(SMALL, nonsense=1)
    with pytest.warns(UserWarning, match="nonsense") as warned:
        unetscope.draw(config)
    assert warned[0].filename == __file__


def test_results_show_themselves_without_torch_and_the_import_loads_nothing_that_draws() -> None:
    code = (
        "import sys, unetscope; loaded = set(sys.modules);"
        "assert not {'torch', 'matplotlib', 'jinja2', 'rich', 'pandas', 'unetscope.api'} & loaded;"
        "unetscope.load('sdxl'); assert not {'jinja2', 'rich'} & set(sys.modules);"
        "unetscope.load('sdxl')._repr_mimebundle_(); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
def test_the_example_of_every_verb_runs(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, EXAMPLE], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    verbs = {name for name in unetscope.__all__ if name[0].islower()}
    used = set(re.findall(r"unetscope\.([a-z_]+)", EXAMPLE.read_text()))
    assert verbs <= used


WRONG = {
    'unetscope.draw("sdxl", theme="drak")': "theme",
    'unetscope.load("sdxl", size="768")': "size",
    'unetscope.table("sdxl", by="blok")': "by",
    'unetscope.chart("sd15", kind="pie")': "kind",
    'unetscope.memory("sdxl", optimizer="adam")': "optimizer",
    'unetscope.graph("sdxl", format="gif")': "format",
    'unetscope.draw("sdxl", colour_by="kind")': "colour_by",
    "unetscope.draw(3)": '"draw"',
    'unetscope.load("sdxl").stage("up_blocks.0").colour': "colour",
}


@pytest.mark.slow
def test_a_type_checker_passes_the_example_and_refuses_each_mistake(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("\n".join(["import unetscope", *WRONG]) + "\n")
    root = EXAMPLE.parents[2]
    command = [sys.executable, "-m", "mypy", "--config-file", root / "pyproject.toml", "--output", "json"]
    done = subprocess.run([*command, EXAMPLE, wrong], cwd=root, capture_output=True, text=True, check=False)
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert {Path(one["file"]).name for one in found} == {"wrong.py"}, done.stdout + done.stderr
    told = {one["line"]: one["message"] for one in found}
    for number, word in enumerate(WRONG.values(), start=2):
        assert word in told[number]
