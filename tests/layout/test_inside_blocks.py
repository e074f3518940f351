"""What stands inside R and A in the order in which it acts, and what a dataflow edge carries."""

from __future__ import annotations

from functools import cache

import pytest

from support.networks import NETWORKS, PLAIN, K
from support.pictures import texts
from support.traces import bundled, spec_of
from unetscope import api
from unetscope.analysis.cost.insight import insight
from unetscope.cost import ONCE
from unetscope.layout import lay_out
from unetscope.layout.chain.blocks import Block, chain
from unetscope.layout.chain.layers import opened
from unetscope.layout.chain.modules import path_order
from unetscope.model import Architecture
from unetscope.render.dataflow import captions
from unetscope.sizes import Size
from unetscope.words.insight import of_network

SCALED = PLAIN | {"num_class_embeds": 10, "resnet_time_scale_shift": "scale_shift"}
"""Conditioned on classes, as ADM is: the time scales and shifts what the second norm made."""


@cache
def traced(name: str) -> Architecture:
    from unetscope.tracing import trace

    return trace(spec_of({"scaled": SCALED, "k": K}.get(name) or NETWORKS[name]), size=Size())


def first_residual(found: Architecture) -> Block:
    return next(block for block in opened(found, chain(found)).blocks() if block.kind == "residual")


@pytest.mark.parametrize("name", ["scaled", "kandinsky-2.2"])
def test_scale_and_shift_act_between_the_norm_and_its_activation(name: str) -> None:
    found = traced(name) if name == "scaled" else bundled(name)
    path = next(node.path for node in found.nodes if node.kind == "resnet block")
    assert [node.path.rpartition(".")[2] for node in path_order(found, path)] == [
        "norm1", "nonlinearity", "conv1", "norm2", "time_emb_proj", "nonlinearity", "conv2",
    ]  # fmt: skip
    layers = [(layer.kind, layer.letter) for layer in first_residual(found).layers]
    assert layers == [
        ("norm", "GroupNorm"),
        ("residual", "conv 3×3"),
        ("norm", "GroupNorm"),
        ("time", "scale, shift"),
        ("residual", "conv 3×3"),
    ]
    words = [text.content for text in texts(lay_out(found))]
    at = words.index("× (1 + scale) + shift")
    assert [word for word in words[at - 2 : at + 4] if word != "t"] == [
        "conv 3×3 · C in → C",
        "GroupNorm 32",
        "× (1 + scale) + shift",
        "SiLU",
        "conv 3×3 · C → C",
    ]


def test_a_time_embedding_that_is_added_comes_before_the_norm() -> None:
    layers = [layer.letter for layer in first_residual(bundled("sd15")).layers]
    assert layers == ["GroupNorm", "conv 3×3", "+ time", "GroupNorm", "conv 3×3"]


def test_an_adaptive_norm_holds_its_scale_and_shift() -> None:
    layers = [layer.letter for layer in first_residual(traced("k")).layers]
    assert layers[:4] == ["norm + t", "conv 3×3", "norm + t", "conv 3×3"]


def test_transformers_side_by_side_are_opened_once_and_drawn_beside_each_other() -> None:
    found = traced("dual attention")
    block = next(one for one in opened(found, chain(found)).blocks() if one.kind == "attention")
    words = ["1×1 conv", "self-attn", "cross-attn", "GEGLU", "1×1 conv"]
    assert [layer.letter for layer in block.layers if layer.kind != "norm"] == words
    assert sum(layer.cost.params for layer in block.layers) == block.cost.params
    shown = {text.content for text in texts(lay_out(found))}
    assert {"text 77×24 → C", "text 257×24", "mean of both"} <= shown


def test_an_edge_says_all_that_flows_of_each_sample() -> None:
    graph = api.dataflow(bundled("sdxl"))
    (target,) = [
        i for i, vertex in enumerate(graph.vertices) if vertex.name == "cat" and vertex.role == "conditioning"
    ]
    labels = [captions.edge_label(edge) for edge in graph.edges if edge.target == target]
    assert sorted(labels) == ["1280", "6×256"]
    (after,) = [captions.edge_label(edge) for edge in graph.edges if edge.source == target]
    assert int(after) == 1280 + 6 * 256


def test_an_edge_carries_the_same_of_each_sample_in_a_batch() -> None:
    from unetscope.tracing import trace

    config = NETWORKS["added text and sizes"]
    one, four = (api.dataflow(trace(spec_of(config), Size.of(batch=batch))) for batch in (1, 4))
    assert [captions.edge_label(edge) for edge in one.edges] == [
        captions.edge_label(edge) for edge in four.edges
    ]


@pytest.mark.parametrize(
    ("name", "by", "expected"),
    [
        ("segmind-vega", "kind", "transformers (A) hold 56 % of the parameters, GEGLU alone 30 %."),
        ("segmind-vega", "class", "linear layers hold 59 % of the parameters."),
        ("bk-sdm-tiny", "kind", "residual blocks (R) hold 49 % of the parameters."),
        ("bk-sdm-tiny", "class", "convolutions hold 58 % of the parameters."),
    ],
)
def test_an_insight_groups_as_the_figure_does_that_it_stands_under(name: str, by: str, expected: str) -> None:
    assert of_network(insight(bundled(name), by=by), ONCE).partition("; ")[2] == expected


def test_stages_with_less_than_a_tenth_of_the_work_are_not_called_busy() -> None:
    """Down 1 of Kandinsky works more for its parameters than Up 3, but takes 8 % of the MACs."""
    assert of_network(insight(bundled("kandinsky-2.2")), ONCE) == (
        "Up 1 and Up 2 hold 48 % of the parameters; Up 3 and Up 4 take 48 % of the MACs "
        "with 10 % of the parameters."
    )
