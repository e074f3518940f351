"""Charts: their numbers add up, their text stays on the page, their bytes do not change."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Any
from xml.etree import ElementTree

import coloraide
import pytest

import unetscope
from support.traces import bundled, tiny
from unetscope import api, zoo
from unetscope.analysis.cost.by_kind import STAGED
from unetscope.analysis.cost.chart_data import OUTSIDE, bars, by_class, family, spot
from unetscope.analysis.memory.activations import activation_peak, skip_bytes
from unetscope.analysis.memory.timeline import live
from unetscope.errors import OutputError
from unetscope.render.charts.colours import LOOKS
from unetscope.render.charts.labels import Rect, placed, spread
from unetscope.render.charts.scales import byte_ticks, decades, ticks
from unetscope.sizes import Size

pytestmark = pytest.mark.slow  # together they take long

PRESETS = zoo.ids()
HOSTILE = '</text><script>alert(1)</script> $x^2$ & "q" \'\x00\x1b[31m\u202e ]]>'
SVG = "{http://www.w3.org/2000/svg}"

CASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "one": ("stages", ("sdxl",)),
    "many-levels": ("stages", ("ddpm-church",)),
    "three": ("stages", ("sd15", "bk-sdm-small", "sdxl")),
    "seven": ("stages", ("sd15", "sd21", "sdxl", "kolors", "koala-1b", "ssd-1b", "ddpm-cifar10")),
    "memory": ("memory", ("sdxl",)),
    "memories": ("memory", ("sd15", "ddpm-church", "bk-sdm-tiny")),
    "sweep": ("sweep", ("sd15",)),
    "sweeps": ("sweep", ("sd15", "sdxl", "kolors")),
    "zoo": ("zoo", ()),
    "zoo-with-own": ("zoo", ("sd15", "sdxl")),
    "hostile": ("stages", ("hostile",)),
    "hostiles": ("memory", ("hostile", "long")),
    "hostile-zoo": ("zoo", ("hostile", "long")),
    "no-stages": ("stages", ("tiny",)),
    "no-stages-memory": ("memory", ("tiny",)),
}
NARROW = [name for name, (kind, _) in CASES.items() if kind != "zoo"]
"""Charts that one column of a paper has room for."""


@cache
def network(name: str) -> Any:
    match name:
        case "hostile":
            return replace(bundled("bk-sdm-tiny"), id=HOSTILE, title=HOSTILE, class_name=HOSTILE)
        case "long":
            return replace(bundled("sd15"), id="long-" * 30, title="A very long title of a checkpoint " * 6)
        case "tiny":
            return tiny()
    return bundled(name)


@cache
def subjects(kind: str, names: tuple[str, ...]) -> tuple[Any, ...]:
    if kind != "sweep":
        return tuple(map(network, names))
    sizes = [Size.of(latent=(side, side)) for side in (32, 64, 96, 128)]
    return tuple(api.sweep(name, sizes) for name in names)


@cache
def chart(name: str, **look: Any) -> bytes:
    kind, names = CASES[name]
    return api.chart(*subjects(kind, names), kind=kind, **look)


def texts(svg: bytes) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(SVG + "text")]


@pytest.mark.parametrize("name", PRESETS)
def test_the_bars_add_up_to_the_network(name):
    shown, cost = bars(bundled(name)), bundled(name).cost
    assert sum(by_class(shown, "params").values()) == cost.params
    assert by_class(shown, "work") == cost.macs_by_op


@pytest.mark.parametrize("name", PRESETS)
def test_each_stage_has_one_bar_with_its_cost(name):
    architecture = bundled(name)
    found = {bar.name: (sum(bar.params.values()), sum(bar.work.values())) for bar in bars(architecture)}
    staged = [stage for stage in architecture.stages if stage.role in STAGED]
    assert list(found) == [stage.name for stage in staged] + [OUTSIDE]
    for stage in staged:
        cost = architecture.costs[stage.path]
        assert found[stage.name] == (cost.params, cost.macs)


@pytest.mark.parametrize("convention", ["calflops", "deepspeed"])
def test_flops_beside_macs_are_in_every_figure_of_a_chart(convention: str) -> None:
    network = unetscope.counted(bundled("bk-sdm-tiny"), convention=convention)
    assert network.cost.elementwise
    shown, cost = bars(network, unit="flops"), network.cost
    assert sum(by_class(shown, "work").values()) == cost.flops == cost.total("flops")
    assert spot(network, unit="flops").work == cost.flops
    for stage in network.stages:
        bar = next((bar for bar in shown if bar.name == stage.name), None)
        if bar:
            assert sum(bar.work.values()) == network.costs[stage.path].flops
    told = {"calflops": "33.9 G · 8 %", "deepspeed": "55.8 G · 11 %"}[convention]
    assert told in api.chart(network, unit="flops").decode()


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("name", ["sd15", "sdxl", "ddpm-church", "bk-sdm-tiny"])
def test_the_curve_of_memory_has_the_peaks_of_the_figures(name, dtype):
    architecture = bundled(name)
    curve = live(architecture, dtype=dtype)
    for attention in ("fused", "eager"):
        peak = activation_peak(architecture, attention=attention, dtype=dtype)
        most, at = curve.peak(attention)
        assert (most, curve.paths[at]) == (peak.bytes, peak.path)
    assert max(curve.skips) == skip_bytes(architecture, dtype=dtype)
    assert [span.start for span in curve.spans[1:]] == [span.stop for span in curve.spans[:-1]]
    assert curve.spans[-1].stop == len(architecture.calls)


def test_networks_are_marked_by_the_group_of_families_they_are_of():
    names = ("sd15", "sdxl-turbo", "kandinsky-2.2", "flux1-dev", "wan2.1-t2v-14b", "vae-sd15")
    assert [family(bundled(name)) for name in names] == [
        *("Stable Diffusion 1", "Stable Diffusion XL", "other UNets"),
        *("image transformers", "video", "autoencoders"),
    ]
    assert family(replace(bundled("sd15"), id="mine")) == "others"


def test_the_values_stand_on_the_chart_of_stages():
    shown = texts(chart("one"))
    for expected in ("Stable Diffusion XL Base 1.0", "1.21 B · 47 %", "1.21 T · 36 %", "conv 13 %", "Up 3"):
        assert expected in shown
    assert "2.43 T · 36 %" in texts(chart("one", unit="flops"))
    assert any("1 MAC = 2 FLOPs" in text for text in texts(chart("one", unit="flops")))


def test_every_bundled_model_is_named_in_the_zoo_once():
    def expanded(match: re.Match[str]) -> str:
        """What a shell makes of a word in braces: sd1{1,2} → sd11 sd12."""
        return " ".join(match[1] + part + match[3] for part in match[2].split(","))

    labels = re.sub(r"(\S*)\{([\d,]+)\}(\S*)", expanded, " ".join(texts(chart("zoo"))))
    words = labels.replace(",", " ").split()
    assert [words.count(id) for id in PRESETS] == [1] * len(PRESETS)


@pytest.mark.parametrize("format", ["svg", "png", pytest.param("pdf", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", ["one", "memory", "sweep", "zoo"])
def test_the_same_chart_has_the_same_bytes(name, format):
    kind, names = CASES[name]
    again = api.chart(*subjects(kind, names), kind=kind, format=format)
    assert again == chart(name, format=format)
    starts = {"svg": b"<svg ", "png": b"\x89PNG", "pdf": b"%PDF"}
    assert again.startswith(starts[format])
    for word in (b"CreationDate", b"Producer", b"Matplotlib v", b"dc:date"):
        assert word not in again


@pytest.mark.parametrize("theme", ["light", "dark", "paper"])
@pytest.mark.parametrize("name", CASES)
def test_an_svg_is_accessible_and_self_contained(name, theme):
    drawn = chart(name, theme=theme)
    root = ElementTree.fromstring(drawn)
    title, description = root[0], root[1]
    assert (root.get("role"), title.tag, description.tag) == ("img", SVG + "title", SVG + "desc")
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text
    assert description.text
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "path", "text", "defs", "g", "use", "pattern", "rect"}
    assert not any("style" in element.attrib for element in root.iter())
    assert b"http" not in drawn.replace(b"http://www.w3.org", b"")
    ids = [element.get("id", "") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert all(id.startswith(str(root.get("id"))) for id in ids)


def test_text_from_outside_is_shown_as_it_is_written():
    shown = [text for text in texts(chart("hostile")) if "script" in text]
    # The dollar signs of a formula stay dollar signs; what XML forbids is an escape.
    expected = r"""</text><script>alert(1)</script> $x^2$ & "q" '\x00\x1b[31m"""
    assert any(text.startswith(expected) for text in shown)
    assert b"<script" not in chart("hostile")
    for format in ("png", "pdf"):
        assert chart("hostile", format=format)


def test_an_unknown_choice_is_refused_in_one_line():
    for choice in ({"kind": "pie"}, {"format": "gif"}, {"theme": "neon"}):
        with pytest.raises(OutputError, match=next(iter(choice.values()))):
            api.chart(bundled("sd15"), **choice)
    with pytest.raises(OutputError, match="13 networks"):
        api.chart(*[bundled("sd15")] * 13)
    with pytest.raises(OutputError, match="stages"):
        api.chart(api.sweep("sd15", latent=[32]), kind="stages")


def test_a_source_named_for_a_sweep_is_swept_over_the_sides_that_its_formulas_reach():
    sizes = [Size.of(latent=(side, side)) for side in (32, 64)]
    swept = api.chart(api.sweep("sd15", sizes), kind="sweep")
    assert api.chart("sd15", kind="sweep", sides=[32, 64]) == swept
    assert swept != api.chart("sd15", kind="sweep")


def test_settings_of_matplotlib_are_left_as_they_were():
    import matplotlib

    matplotlib.rcParams["font.size"] = 31.0
    try:
        before = dict(matplotlib.rcParams)
        drawn = api.chart(bundled("sd15"))
        assert dict(matplotlib.rcParams) == before
    finally:
        matplotlib.rcdefaults()
    assert drawn == api.chart(bundled("sd15"))


@pytest.mark.slow
def test_without_matplotlib_a_chart_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(OutputError) as caught:
        unetscope.chart("sd15")
    assert str(caught.value) == 'a chart needs matplotlib (hint: pip install "unetscope[chart]")'


def test_no_other_command_loads_matplotlib(tmp_path):
    commands = (
        "import unetscope, unetscope.api",
        "from unetscope.cli.commands import unetscope; unetscope(['diagram', 'sd15', '-o', 'x.svg'])",
        "from unetscope.cli.commands import unetscope; unetscope(['table', 'sd15'])",
        "from unetscope.cli.commands import unetscope; unetscope(['chart', '--help'])",
    )
    told = "'LOADED' if 'matplotlib' in sys.modules else 'free'"
    check = f"import sys, atexit; atexit.register(lambda: print({told}))"
    for command in (
        *commands,
        "from unetscope.cli.commands import unetscope; unetscope(['chart', 'sd15', '-o', 'y.svg'])",
    ):
        done = subprocess.run(
            [sys.executable, "-c", f"{check}\n{command}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.splitlines()[-1] == ("LOADED" if "y.svg" in command else "free"), command


@pytest.mark.slow
def test_the_command_writes_a_picture_and_says_nothing_else(tmp_path):
    (tmp_path / "file").write_text("no folder")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "unetscope", "chart", *words]
        # No place for matplotlib's files: it must keep quiet about it.
        extra = {"MPLCONFIGDIR": str(tmp_path / "file" / "below")}
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, env=os.environ | extra, check=False
        )

    done = run("sd15", "sdxl", "--theme", "dark")
    assert (done.returncode, done.stdout, done.stderr) == (0, "outputs/sd15-sdxl-chart-dark.svg\n", "")
    assert run("sd15", "--kind", "memory", "-o", "m.pdf").stdout == "m.pdf\n"
    assert run("sd15", "--kind", "sweep", "--sides", "16:64:16", "--format", "png").stdout == (
        "outputs/sd15-chart-sweep.png\n"
    )
    assert run("--kind", "zoo").stdout == "outputs/zoo-chart.svg\n"
    for wrong in (
        [],
        ["sd15", "-o", "x.gif"],
        ["sd15", "--sides", "64"],
        ["sd15", "--kind", "sweep", "--latent", "64"],
    ):
        assert run(*wrong).returncode == 2


def test_ticks_are_round_and_reach_no_farther_than_the_scale():
    assert ticks(98.8, most=4) == [0, 25, 50, 75]
    assert ticks(1206.0, most=5) == [0, 250, 500, 750, 1000]
    assert byte_ticks(72e6, most=5) == [0, 2.0**24, 2.0**25, 3 * 2.0**24, 2.0**26]
    assert decades(30, 700) == [50, 100, 200, 500]


def test_labels_are_pushed_apart_and_keep_their_order():
    found = spread([10, 12, 100, 11], 15)
    assert [round(y) for y in found] == [-4, 26, 100, 11]


def test_labels_cover_neither_each_other_nor_a_mark():
    marks = [Rect(x, y, x + 10, y + 10) for x, y in ((100, 100), (104, 112), (160, 100), (390, 100))]
    within = Rect(0, 0, 400, 300)
    places = [rect for rect, _ in placed([(80, 13)] * 4, marks, within=within)]
    assert len(places) == 4
    for a, b in combinations(places, 2):
        assert a.overlap(b) == 0
    for place in places:
        assert all(place.overlap(mark) == 0 for mark in marks)
        assert within.left <= place.left
        assert place.right <= within.right


def contrast(first: str, second: str) -> float:
    return float(coloraide.Color(first).contrast(coloraide.Color(second), method="wcag21"))


@pytest.mark.parametrize("theme", LOOKS)
def test_text_and_marks_stand_out_from_the_page(theme):
    look = LOOKS[theme]
    for colour in (look.ink, look.dim, *(paint.ink for paint in look.kinds)):
        assert contrast(colour, look.background) >= 4.5, colour
    for paint in (*look.classes.values(), look.live, look.skips, look.eager):
        assert contrast(paint.ink, look.background) >= 3, paint
    assert contrast(look.axis, look.background) >= 3


@pytest.mark.parametrize("theme", LOOKS)
def test_classes_differ_in_lightness_or_by_a_hatch(theme):
    look = LOOKS[theme]
    for group in (tuple(look.classes.values()), (look.live, look.skips, look.eager)):
        for a, b in combinations(group, 2):
            apart = abs(
                coloraide.Color(a.fill).convert("lab")["lightness"]
                - coloraide.Color(b.fill).convert("lab")["lightness"]
            )
            assert apart >= 8 or a.hatch != b.hatch, (a, b)


@pytest.mark.parametrize("sight", ["protan", "deutan", "tritan"])
@pytest.mark.parametrize("theme", LOOKS)
def test_classes_stay_apart_under_colour_blindness(theme, sight):
    for a, b in combinations(LOOKS[theme].classes.values(), 2):
        first, second = (coloraide.Color(one.fill).filter(sight) for one in (a, b))
        assert first.delta_e(second, method="2000") >= 8 or a.hatch != b.hatch, (a, b)


# DejaVu Sans is the widest common sans-serif; textLength stretches its letters by a tenth more.
WIDER = """() => {
    for (const text of document.querySelectorAll("text")) {
        text.style.fontFamily = "DejaVu Sans";
        const length = text.getComputedTextLength();
        text.setAttribute("textLength", 1.1 * length);
        text.setAttribute("lengthAdjust", "spacingAndGlyphs");
    }
}"""
MEASURE = """() => {
    const page = document.querySelector("svg").getBoundingClientRect();
    return [...document.querySelectorAll("text")].map(text => {
        const box = text.getBoundingClientRect(), size = parseFloat(getComputedStyle(text).fontSize);
        return {content: text.textContent, size, page: [page.width, page.height],
                box: [box.x - page.x, box.y - page.y + 0.17 * size,
                      box.right - page.x, box.bottom - page.y - 0.03 * size]};
    });
}"""


@pytest.mark.parametrize("fonts", ["as they are", "a tenth wider"])
@pytest.mark.parametrize(
    ("name", "width"), [*((name, "readme") for name in CASES), *((name, "column") for name in NARROW)]
)
def test_text_stays_on_the_page_and_lies_on_no_other_text(pages, name, width, fonts):
    page = pages["light"]
    page.set_content(f"<body style='margin:0'>{chart(name, width=width).decode()}</body>")
    if fonts == "a tenth wider":
        page.evaluate(WIDER)
    seen = [(one["content"], Rect(*one["box"])) for one in page.evaluate(MEASURE)]
    assert len(seen) > 8
    for one in page.evaluate(MEASURE):
        left, top, right, bottom = one["box"]
        assert one["size"] >= 10, one
        assert min(left, top) >= -0.5, one
        assert right <= one["page"][0] + 0.5, one
        assert bottom <= one["page"][1] + 0.5, one
    for (a, first), (b, second) in combinations(seen, 2):
        wide = min(first.right, second.right) - max(first.left, second.left)
        high = min(first.bottom, second.bottom) - max(first.top, second.top)
        assert min(wide, high) <= 0.5, (a, b)


@pytest.mark.parametrize("name", NARROW)
def test_letters_of_a_chart_in_a_column_are_read_at_6_5_pt(name):
    root = ElementTree.fromstring(chart(name, width="column"))
    assert float(root.attrib["width"]) == 460
    scale = 460 / float(root.attrib["viewBox"].split()[2])
    sizes = {float(text.attrib["font-size"]) * scale for text in root.iter(SVG + "text")}
    assert min(sizes) * 3.3 * 72 / 460 > 6.49


def test_a_zoo_in_a_column_is_refused():
    with pytest.raises(OutputError, match="900 px"):
        api.chart(kind="zoo", width="column")


def test_a_network_far_from_all_others_stands_at_the_edge_of_a_zoo_with_its_figures():
    assert "35.7 M, 6.22 GMAC: beyond the axes" in texts(chart("zoo"))


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_the_auto_theme_is_the_light_chart_with_the_colours_of_the_dark_one(name):
    auto, light, dark = (chart(name, theme=theme, command="").decode() for theme in ("auto", "light", "dark"))
    rules = re.search(r"<style>@media \(prefers-color-scheme:dark\)\{(.*)\}</style>", auto)
    without = re.sub(r"\n<style>.*</style>|(?<=\") class=\"[^\"]*\"", "", auto)
    assert without == light
    by_name = dict(re.findall(r"\.(d\d+)\{(?:fill|stroke):(#[0-9a-f]+)\}", rules[1]))
    assert set(by_name.values()) <= set(re.findall("#[0-9a-f]{6}", dark))
    assert all(f"#{ElementTree.fromstring(auto).get('id')} .{name}{{" in rules[1] for name in by_name)


def test_the_auto_theme_of_a_chart_follows_the_reader(pages):
    seen = {}
    for scheme, page in pages.items():
        page.set_content(chart("one", theme="auto").decode())
        seen[scheme] = page.evaluate("getComputedStyle(document.querySelector('svg text')).fill")
    assert seen == {"light": "rgb(20, 24, 31)", "dark": "rgb(232, 236, 242)"}
