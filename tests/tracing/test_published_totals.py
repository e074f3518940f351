"""Totals equal the published golden numbers and an independent count, to the unit."""

from __future__ import annotations

from functools import cache

import pytest

from support import published
from support.independent import independent_count
from support.tables import data_rows
from support.traces import bundled, spec_of
from unetscope.cost import Cost
from unetscope.model import Architecture
from unetscope.sizes import Size
from unetscope.tracing import trace

TOTALS = {row["model"]: row for row in data_rows("totals.tsv")}
STAGES = data_rows("stages.tsv")

SKIPS = {"sd15": 12, "sdxl": 9, "bk-sdm-base": 8, "bk-sdm-small": 8, "bk-sdm-tiny": 6}


def size_of(row: dict[str, str]) -> Size:
    """The size of a row of totals.tsv."""
    tokens = {} if row["tokens"] == "-" else {"tokens": int(row["tokens"])}
    return Size.of(latent=(int(row["height"]), int(row["width"])), **tokens)


@cache
def fresh(model: str) -> Architecture:
    """The trace of a model's published config at the size of totals.tsv."""
    return trace(spec_of(published.fields(model), name=model), size_of(TOTALS[model]))


def test_the_table_of_totals_has_every_published_unet() -> None:
    assert sorted(TOTALS) == sorted(published.unets())


@pytest.mark.parametrize("model", TOTALS)
def test_totals_of_a_published_config_equal_those_counted_elsewhere_to_the_unit(model: str) -> None:
    record, row = fresh(model), TOTALS[model]
    assert record.uncounted == ()
    assert (record.cost.params, record.cost.macs) == (int(row["params"]), int(row["macs"]))


@pytest.mark.parametrize("row", STAGES, ids=lambda row: f"{row['model']} {row['path']}")
def test_each_part_costs_what_was_printed_of_it(row: dict[str, str]) -> None:
    cost = bundled(row["model"]).costs[row["path"]]
    digits = len(row["macs"].partition(".")[2])
    told = {"params": str(cost.params)} | {
        kind: f"{getattr(cost, kind) / 1e9:.{digits}f}" for kind in ("conv", "linear", "attention", "macs")
    }
    assert {kind: told[kind] for kind in told if row[kind] != "-"} == {
        kind: row[kind] for kind in told if row[kind] != "-"
    }


@pytest.mark.parametrize("name", SKIPS)
def test_as_many_skips_are_observed_as_the_architecture_has(name: str) -> None:
    assert len(bundled(name).skips) == SKIPS[name]


def test_the_skips_of_sd15_join_the_blocks_that_the_paper_draws() -> None:
    ends = [(skip.source, skip.target) for skip in bundled("sd15").skips]
    assert ends == [
        ("down_blocks.3.resnets.1", "up_blocks.0.resnets.0"),
        ("down_blocks.3.resnets.0", "up_blocks.0.resnets.1"),
        ("down_blocks.2.downsamplers.0", "up_blocks.0.resnets.2"),
        ("down_blocks.2.attentions.1", "up_blocks.1.resnets.0"),
        ("down_blocks.2.attentions.0", "up_blocks.1.resnets.1"),
        ("down_blocks.1.downsamplers.0", "up_blocks.1.resnets.2"),
        ("down_blocks.1.attentions.1", "up_blocks.2.resnets.0"),
        ("down_blocks.1.attentions.0", "up_blocks.2.resnets.1"),
        ("down_blocks.0.downsamplers.0", "up_blocks.2.resnets.2"),
        ("down_blocks.0.attentions.1", "up_blocks.3.resnets.0"),
        ("down_blocks.0.attentions.0", "up_blocks.3.resnets.1"),
        ("conv_in", "up_blocks.3.resnets.2"),
    ]


def test_bk_sdm_tiny_skips_from_the_tensor_that_is_also_the_running_path() -> None:
    ends = [(skip.source, skip.target) for skip in bundled("bk-sdm-tiny").skips]
    assert ends == [
        ("down_blocks.2.attentions.0", "up_blocks.0.resnets.0"),
        ("down_blocks.1.downsamplers.0", "up_blocks.0.resnets.1"),
        ("down_blocks.1.attentions.0", "up_blocks.1.resnets.0"),
        ("down_blocks.0.downsamplers.0", "up_blocks.1.resnets.1"),
        ("down_blocks.0.attentions.0", "up_blocks.2.resnets.0"),
        ("conv_in", "up_blocks.2.resnets.1"),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("model", published.unets())
def test_every_published_unet_equals_an_independent_count(model: str) -> None:
    cost = fresh(model).cost
    assert (cost.params, cost.macs) == independent_count(published.fields(model), size_of(TOTALS[model]))


@pytest.mark.parametrize(
    "size", [Size.of(latent=(33, 40)), Size.of(batch=3, tokens=5), Size.of(latent=(16, 24), dtype="float16")]
)
def test_other_sizes_equal_an_independent_count_too(size: Size) -> None:
    found = trace(spec_of(published.fields("bk-sdm-tiny")), size)
    assert (found.cost.params, found.cost.macs) == independent_count(published.fields("bk-sdm-tiny"), size)


def test_a_network_costs_the_sum_of_its_operations() -> None:
    found = bundled("sdxl")
    by_class = dict.fromkeys(("conv", "linear", "attention", "other"), 0)
    for call in found.calls:
        operation = found.operations[call.operation]
        if operation.op_class != "none":
            by_class[operation.op_class] += operation.macs
    assert found.cost == Cost(found.cost.params, **by_class)
