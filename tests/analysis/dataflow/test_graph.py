"""The dataflow graph: what it holds at each depth, and that every format shows it safely."""

from __future__ import annotations

import random
import re
import struct
import time
from collections import Counter
from dataclasses import replace
from importlib import metadata
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from support.traces import bundled
from unetscope import api
from unetscope.cli.commands import unetscope
from unetscope.errors import OutputError
from unetscope.limits import ENGINE_SECONDS, MAX_EDGES, MAX_PIXELS
from unetscope.model import Architecture
from unetscope.paths import parent, within
from unetscope.render.dataflow import engine, formats
from unetscope.render.picture import png
from unetscope.vocabulary import CONTAINERS

NETWORKS = ("sd15", "sdxl", "bk-sdm-tiny", "ddpm-cifar10")
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = 'x"]<script>alert(1)</script>&amp;\\N|;%%{init}`$'


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("name", NETWORKS)
def test_edges_lead_from_earlier_to_later_vertices(name, depth):
    graph = api.dataflow(bundled(name), depth=depth)
    assert all(0 <= edge.source < edge.target < len(graph.vertices) for edge in graph.edges)


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_no_conditioning_lies_between_the_sample_and_the_output(name, depth):
    graph = api.dataflow(bundled(name), depth=depth)
    forward, backward = edges_by(graph, "source", "target"), edges_by(graph, "target", "source")
    (start,) = (i for i, vertex in enumerate(graph.vertices) if vertex.name == "sample")
    (end,) = (i for i, vertex in enumerate(graph.vertices) if vertex.sort == "output")
    assert end in reached(start, forward)
    for index, vertex in enumerate(graph.vertices):
        if vertex.role != "conditioning":
            assert end in reached(index, forward)
            # Inside a residual block the projected time embedding starts a path of its own.
            assert start in reached(index, backward) or badged(graph, reached(index, backward))


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_module_of_the_depth_that_ran_has_a_vertex(name, depth):
    architecture = bundled(name)
    shown = Counter()
    vertices = api.dataflow(architecture, depth=depth).vertices
    for vertex in vertices:
        if vertex.sort == "module":
            above, _, index = vertex.path.rpartition(".")
            names = (
                (f"{above}.{int(index) + n}" for n in range(vertex.repeats))
                if vertex.repeats > 1
                else [vertex.path]
            )
            shown.update(names)
    alike = {vertex.path for vertex in vertices if vertex.like}
    wanted = alike | {
        node.path
        for node in architecture.nodes[1:]
        if node.path in architecture.first_call
        and node.type not in CONTAINERS
        and (level(architecture, node.path) == depth or not architecture.children[node.path])
        and level(architecture, node.path) <= depth
        and within(parent(node.path), alike) is None
    }
    assert set(shown) == wanted
    assert bool(alike) == (depth > 2)


@pytest.mark.parametrize("name", NETWORKS)
def test_skip_edges_at_depth_2_are_the_skips_of_the_architecture(name):
    architecture = bundled(name)
    graph = api.dataflow(architecture, depth=2)
    follower = {edge.source: graph.vertices[edge.target].path for edge in graph.edges if not edge.skip}
    found = Counter(
        (graph.vertices[edge.source].path, follower[edge.target], edge.shapes)
        for edge in graph.edges
        if edge.skip
    )
    assert found == Counter((skip.source, skip.target, (skip.shape,)) for skip in architecture.skips)


@pytest.mark.parametrize("name", NETWORKS)
def test_skips_between_stages_carry_as_many_tensors_as_there_are_skips(name):
    architecture = bundled(name)
    graph = api.dataflow(architecture, depth=1)
    assert sum(len(edge.shapes) for edge in graph.edges if edge.skip) == len(architecture.skips)


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("name", NETWORKS)
def test_macs_and_parameters_of_the_vertices_add_up_to_the_network(name, depth):
    architecture = bundled(name)
    graph = api.dataflow(architecture, depth=depth)
    clusters = {cluster.path: cluster for cluster in graph.clusters}

    def times(path):
        return clusters[path].repeats * times(clusters[path].parent) if path else 1

    drawn = [(vertex.cost, vertex.repeats * times(vertex.cluster)) for vertex in graph.vertices]
    assert sum(cost.macs * count for cost, count in drawn) == architecture.cost.macs
    assert sum(cost.params * count for cost, count in drawn) == architecture.cost.params


def test_sdxl_at_depth_2_has_the_blocks_of_its_paper():
    graph = api.dataflow(bundled("sdxl"), depth=2)
    sorts = Counter(vertex.sort for vertex in graph.vertices)
    assert sorts == {"input": 5, "module": 44, "operation": 11, "badge": 2, "output": 1}
    assert Counter(edge.skip for edge in graph.edges) == {False: 60, True: 9}
    kinds = Counter(v.kind for v in graph.vertices if v.sort == "module" and v.role in ("down", "mid", "up"))
    assert kinds == {"resnet block": 17, "transformer": 11, "downsample": 2, "upsample": 2}
    layers = [vertex.layers for vertex in graph.vertices if vertex.kind == "transformer"]
    assert layers == [2, 2, 10, 10, 10, 10, 10, 10, 2, 2, 2]
    assert [cluster.name for cluster in graph.clusters] == [
        "Conditioning", "Down 1", "Down 2", "Down 3", "Mid", "Up 1", "Up 2", "Up 3",
    ]  # fmt: skip
    badges = {v.kind: v.badges for v in graph.vertices if v.kind in ("resnet block", "transformer")}
    assert badges == {"resnet block": ("t",), "transformer": ("c",)}


def test_equal_transformer_blocks_in_a_row_are_drawn_once():
    graph = api.dataflow(bundled("sdxl"), depth=3)
    blocks = [vertex for vertex in graph.vertices if vertex.kind == "transformer block"]
    assert [block.repeats for block in blocks] == [2]
    closed = [vertex for vertex in graph.vertices if vertex.kind == "transformer"]
    assert [vertex.layers for vertex in closed] == [2, 10, 10, 10, 10, 10, 10, 2, 2, 2]
    assert {vertex.like for vertex in closed} == {"down_blocks.1.attentions.0"}
    opened = [
        c.repeats for c in api.dataflow(bundled("sdxl"), depth=4).clusters if c.kind == "transformer block"
    ]
    assert opened == [2]


def test_blocks_are_alike_whatever_kernels_their_layers_run_on():
    graph = api.dataflow(bundled("sana-1600m-1024"), depth=2)
    alike = [(vertex.path, vertex.repeats, vertex.like) for vertex in graph.vertices if vertex.like]
    assert alike == [("transformer_blocks.1", 19, "transformer_blocks.0")]


def test_a_module_that_runs_three_times_has_three_vertices():
    graph = api.dataflow(bundled("sd15"), depth=3)
    runs = [v for v in graph.vertices if v.path == "down_blocks.0.resnets.0.nonlinearity"]
    assert [run.badges for run in runs] == [(), ("t",), ()]


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_svg_is_well_formed_named_and_self_contained(depth, theme):
    architecture = bundled("bk-sdm-tiny")
    svg = api.graph(architecture, depth=depth, theme=theme)
    root = ET.fromstring(svg)
    assert [child.tag for child in root[:2]] == [SVG + "title", SVG + "desc"]
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == " ".join(child.attrib["id"] for child in root[:2])
    assert not any("href" in name for element in root.iter() for name in element.attrib)
    assert {element.tag for element in root.iter()} <= {
        SVG + tag for tag in ("svg", "title", "desc", "g", "text", "path", "polygon", "polyline", "ellipse")
    }
    tooltips = {element.text for element in root.iter(SVG + "title")}
    for path in ("down_blocks.0", "conv_in", "up_blocks.2"):
        assert any(re.search(rf"\b{path}\b", tooltip) for tooltip in tooltips)


@pytest.mark.slow
def test_two_drawings_of_one_architecture_have_the_same_bytes():
    for format in ("svg", "dot", "mermaid", "png"):
        first, second = (api.graph(bundled("bk-sdm-tiny"), depth=2, format=format) for _ in range(2))
        assert first == second


@pytest.mark.parametrize(("width", "page"), [("readme", 900), ("column", 460)])
def test_a_page_is_as_wide_as_asked_and_no_picture_of_sdxl_takes_more_than_two_screens(width, page):
    for name in NETWORKS:
        for depth in (1, 2, 3) if width == "readme" else (1, 2):
            root = ET.fromstring(api.graph(bundled(name), depth=depth, width=width))
            assert float(root.attrib["width"]) == page
            if width == "readme" and name == "sdxl":
                assert float(root.attrib["height"]) < 2 * 1200


def test_letters_of_a_graph_in_a_column_are_read_at_6_5_pt():
    root = ET.fromstring(api.graph(bundled("sdxl"), depth=2, width="column"))
    scale = 460 / float(root.attrib["viewBox"].split()[2])
    sizes = {float(text.attrib["font-size"]) * scale for text in root.iter(SVG + "text")}
    assert min(sizes) * 3.3 * 72 / 460 > 6.49


def test_a_graph_too_wide_for_a_column_is_refused():
    with pytest.raises(OutputError, match="too wide for one column") as error:
        api.graph(bundled("sdxl"), depth=3, width="column")
    assert "--depth" in error.value.hint


def test_skips_at_depth_2_are_level():
    root = ET.fromstring(api.graph(bundled("sdxl"), depth=2))
    skips = [
        group for group in root.iter(SVG + "g") if (group.findtext(SVG + "title") or "").startswith("skip ")
    ]
    assert len(skips) == 9
    for group in skips:
        heights = [float(y) for y in re.findall(r",(-?[\d.]+)", group.find(SVG + "path").attrib["d"])]
        assert max(heights) - min(heights) < 1


def test_names_from_a_file_stay_text_in_every_format():
    architecture = hostile(bundled("bk-sdm-tiny"))
    for depth in (1, 2, 3):
        root = ET.fromstring(api.graph(architecture, depth=depth))
        assert not list(root.iter(SVG + "script"))
        words = "\n".join(text for element in root.iter() if (text := element.text))
        assert HOSTILE in words
        mermaid = api.graph(architecture, depth=depth, format="mermaid").decode()
        assert "<script" not in mermaid
        assert_is_a_flowchart(mermaid)


@pytest.mark.parametrize("name", NETWORKS)
def test_mermaid_declares_what_it_links_and_closes_what_it_opens(name):
    architecture = bundled(name)
    for depth in (1, 2, 3):
        text = api.graph(architecture, depth=depth, format="mermaid").decode()
        graph = api.dataflow(architecture, depth=depth)
        assert assert_is_a_flowchart(text) == (len(graph.vertices), len(graph.edges), len(graph.clusters))


def test_the_dot_bears_the_graph_once():
    architecture = bundled("sdxl")
    graph = api.dataflow(architecture, depth=2)
    dot = api.graph(architecture, depth=2, format="dot").decode()
    assert len(re.findall(r"\bid=v\d+\b", dot)) == len(graph.vertices)
    assert len(re.findall(r"\bid=e\d+\b", dot)) == len(graph.edges)
    assert dot.count("style=dotted") == len(architecture.skips)
    assert engine.run(dot).count(b'class="edge"') == len(graph.edges)


def test_without_an_engine_one_line_says_what_to_install(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "files", missing)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(OutputError, match="no Graphviz engine") as error:
        api.graph(bundled("ddpm-cifar10"))
    assert "pip install graphviz-pure" in error.value.hint
    assert api.graph(bundled("ddpm-cifar10"), format="dot").startswith(b"//")


@pytest.mark.parametrize(
    ("suffix", "start"),
    [("svg", b"<svg"), ("png", b"\x89PNG"), ("dot", b"//"), ("gv", b"//"), ("mmd", b"---")],
)
def test_the_suffix_of_the_target_chooses_the_format(suffix, start, tmp_path):
    target = tmp_path / f"graph.{suffix}"
    result = CliRunner().invoke(unetscope, ["graph", "ddpm-cifar10", "-o", str(target)])
    assert result.output.strip() == str(target)
    assert target.read_bytes().startswith(start)


def test_a_target_without_a_known_suffix_is_a_usage_error(tmp_path):
    result = CliRunner().invoke(unetscope, ["graph", "sd15", "-o", str(tmp_path / "graph.tiff")])
    assert result.exit_code == 2
    assert "known: .svg, .png, .pdf, .dot, .gv, .mmd, .mermaid" in result.output


def edges_by(graph, start, end):
    """Neighbours of each vertex in one direction."""
    found = {}
    for edge in graph.edges:
        found.setdefault(getattr(edge, start), []).append(getattr(edge, end))
    return found


def reached(start, neighbours):
    """All vertices that a way leads to, the start included."""
    seen, todo = {start}, [start]
    while todo:
        todo += [
            index for index in neighbours.get(todo.pop(), ()) if index not in seen and not seen.add(index)
        ]
    return seen


def badged(graph, indices):
    return any(graph.vertices[index].badges for index in indices)


def level(architecture, path):
    """How deep a module lies, lists not counted."""
    depth = 0
    while path:
        depth += architecture.by_path[path].type not in CONTAINERS
        path = parent(path)
    return depth


def hostile(architecture):
    """The architecture with markup of all kinds for a title, a stage, a class, a path and an input."""

    def path(old):
        return old.replace("conv_in", HOSTILE)

    return replace(
        architecture,
        title=HOSTILE,
        class_name=HOSTILE,
        nodes=tuple(
            replace(node, path=path(node.path), type=HOSTILE if node.type == "ResnetBlock2D" else node.type)
            for node in architecture.nodes
        ),
        stages=tuple(
            replace(stage, path=path(stage.path), name=HOSTILE if stage.role == "down" else stage.name)
            for stage in architecture.stages
        ),
        inputs=tuple(replace(given, name=given.name + "<b>") for given in architecture.inputs),
        operations=tuple(
            replace(op, name="<i>" if op.name == "cat" else op.name) for op in architecture.operations
        ),
        skips=tuple(
            replace(skip, source=path(skip.source), target=path(skip.target)) for skip in architecture.skips
        ),
    )


def assert_is_a_flowchart(text):
    """Check a Mermaid text line by line; the numbers of its vertices, links and subgraphs."""
    label = r'"(?:[^"<>`\\$%&|;{}]|<br>|#\d+;)*"'
    patterns = {
        "subgraph": rf"subgraph c\d+\[{label}\]",
        "end": "end",
        "vertex": rf"(v\d+)(?:\[{label}\]|\(\[{label}\]\)|\(\({label}\)\))",
        "link": rf"(v\d+) (?:-->|-\.->)(?:\|{label}\|)? (v\d+)",
        "style": r"(?:classDef|style) \w+ fill:#\w{6},color:#\w{6},stroke:#\w{6}|class v\d+(?:,v\d+)* \w+",
    }
    lines = text.splitlines()
    assert (lines[0], lines[2], lines[3]) == ("---", "---", "flowchart TB")
    assert re.fullmatch(r'title: "[^"\\<>`&#{}]*"', lines[1])
    counts, declared = Counter(), set()
    for line in lines[4:]:
        ((sort, match),) = ((s, m) for s, p in patterns.items() if (m := re.fullmatch(p, line.strip())))
        counts[sort] += 1
        if sort == "vertex":
            declared.add(match[1])
        assert sort != "link" or {match[1], match[2]} <= declared
    assert counts["subgraph"] == counts["end"]
    return counts["vertex"], counts["link"], counts["subgraph"]


def test_the_auto_theme_is_the_light_graph_with_the_colours_of_the_dark_one():
    auto, light, dark = (
        api.graph(bundled("bk-sdm-tiny"), depth=2, theme=theme, command="").decode()
        for theme in ("auto", "light", "dark")
    )
    rules = re.search(r"<style>@media \(prefers-color-scheme:dark\)\{(.*)\}</style>", auto)
    assert re.sub(r"\n<style>.*</style>|(?<=\") class=\"d[^\"]*\"", "", auto) == light
    colours = set(re.findall(r"\{(?:fill|stroke):(#[0-9a-f]+)\}", rules[1]))
    assert colours
    assert colours <= set(re.findall("#[0-9a-f]{6}", dark))


def test_on_paper_kinds_of_equal_grey_have_different_outlines():
    source = api.graph(bundled("bk-sdm-tiny"), depth=2, format="dot", theme="paper").decode()
    outlines = {
        kind: re.search(rf"label=<[^\n]*{kind}[^\n]*", source)[0]
        for kind in ("resnet", "transformer", "downsample")
    }
    assert "peripheries=2" in outlines["transformer"]
    assert "dashed" in outlines["downsample"]
    assert not any(mark in outlines["resnet"] for mark in ("peripheries", "dashed"))


def tangled(reads: int) -> Architecture:
    """A network whose operations read others at random, far more than any has."""
    found, chance = bundled("ddpm-cifar10"), random.Random(1)
    operations = tuple(replace(one, inputs=(*one.inputs, *[(1,)] * reads)) for one in found.operations)
    calls = tuple(
        replace(call, reads=tuple(chance.randrange(-1, index) for _ in range(reads)) if index else (-1,))
        for index, call in enumerate(found.calls)
    )
    return replace(found, operations=operations, calls=calls)


@pytest.mark.slow
def test_a_tangled_graph_is_given_up_in_time_and_written_as_text():
    network = tangled(8)
    begun = time.monotonic()
    with pytest.raises(OutputError, match=r"too tangled|cannot be laid out") as error:
        api.graph(network, depth=3)
    assert time.monotonic() - begun < 3 * ENGINE_SECONDS
    assert "--depth" in error.value.hint
    assert api.graph(network, depth=3, format="dot")


def test_a_graph_of_too_many_edges_is_refused_before_the_engine_is_asked():
    network = bundled("ddpm-cifar10")
    graph = api.dataflow(network, depth=8)
    many = replace(graph, edges=graph.edges * (MAX_EDGES // len(graph.edges) + 1))
    with pytest.raises(OutputError, match="edges is too large to draw"):
        formats.graph(network, many, format="svg")


@pytest.mark.slow
def test_a_large_picture_has_fewer_pixels_and_one_too_large_is_refused():
    def drawn(side: int) -> tuple[int, int]:
        data = png.render(f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}"/>')
        wide, high = struct.unpack(">II", data[16:24])
        return wide, high

    assert drawn(100) == (200, 200)
    wide, high = drawn(5000)
    assert 0.99 * MAX_PIXELS < wide * high < 1.01 * MAX_PIXELS
    with pytest.raises(OutputError, match="too large for a PNG"):
        drawn(8000)
