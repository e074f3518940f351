"""The sentence on where weight and work sit: its figures, and the shares from which on it says something."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from support.pictures import NAMES, architecture
from support.traces import bundled, tiny
from unetscope.analysis.cost.insight import insight
from unetscope.cost import ONCE, Cost, total
from unetscope.difference.insights import Insight
from unetscope.model import Architecture, Node, Stage
from unetscope.words.insight import of_network


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "sdxl",
            "Up 1 holds 47 % of the parameters and 36 % of the MACs; "
            "transformers (A) hold 86 % of the parameters, GEGLU alone 48 %.",
        ),
        (
            "sd15",
            "Up 1 and Up 2 hold 49 % of the parameters; "
            "Down 1 and Up 4 take 38 % of the MACs with 3 % of the parameters.",
        ),
        (
            "bk-sdm-tiny",
            "Up 1 holds 54 % of the parameters and 23 % of the MACs; "
            "residual blocks (R) hold 49 % of the parameters.",
        ),
        (
            "segmind-vega",
            "Up 1 holds 50 % of the parameters and 29 % of the MACs; "
            "transformers (A) hold 56 % of the parameters, GEGLU alone 30 %.",
        ),
    ],
)
def test_the_insight_says_where_weight_and_work_sit(name, words):
    assert of_network(insight(bundled(name)), ONCE) == words


def test_a_network_without_parameters_has_no_insight():
    assert insight(replace(tiny(), stages=())) is None


CLAIM = re.compile(
    r"(?P<largest>[^;]+?) holds? (?P<held>\d+) % of the parameters"
    r"(?: and (?:take )?(?P<took>\d+) % of the MACs; .+ hold (?P<kind>\d+) % of the parameters.*\."
    r"|; (?P<busiest>.+) take (?P<spent>\d+) % of the MACs with (?P<cheap>\d+) % of the parameters\.)"
)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "no-stages"])
def test_the_percentages_of_an_insight_are_those_of_its_stages(name):
    found, whole = architecture(name), architecture(name).cost
    by_name = {stage.name: found.costs[stage.path] for stage in found.stages}

    def share(names: str, what: str) -> int:
        cost = total(by_name[one] for one in names.split(" and "))
        return round(100 * getattr(cost, what) / getattr(whole, what))

    claim = CLAIM.fullmatch(of_network(insight(found), ONCE))
    assert claim
    assert int(claim["held"]) == share(claim["largest"], "params")
    if claim["busiest"]:
        assert int(claim["spent"]) == share(claim["busiest"], "macs")
        assert int(claim["cheap"]) == share(claim["busiest"], "params")
    else:
        assert int(claim["took"]) == share(claim["largest"], "macs")
        assert int(claim["kind"]) >= 25


def of_stages(*costs: tuple[int, int]) -> Architecture:
    """A network of stages A, B, … that have these parameters and MACs, and of nothing else."""
    network = tiny()
    stages = tuple(Stage(chr(ord("A") + index), chr(ord("A") + index), "down") for index in range(len(costs)))
    parts = [
        Node(stage.path, "Stage", "conv", Cost(params, conv=macs))
        for stage, (params, macs) in zip(stages, costs, strict=True)
    ]
    nodes = (network.nodes[0], *parts)
    return replace(network, stages=stages, nodes=nodes, calls=(), operations=(), tensors=())


def told(*costs: tuple[int, int]) -> Insight:
    made = insight(of_stages(*costs))
    assert made is not None
    return made


def busiest(*costs: tuple[int, int]) -> tuple[str, ...] | None:
    spent = told(*costs).busiest
    return spent and spent.stages


# Parameters are 1,000 and MACs 1,000 in all; A and B hold most parameters.
@pytest.mark.parametrize(("macs", "named"), [(100, ("C", "D")), (99, None)])
def test_a_stage_is_busy_from_a_tenth_of_the_macs_on(macs, named):
    assert busiest((340, 410 - macs), (330, 0), (30, 500), (30, macs), (270, 90)) == named


def test_the_busiest_stages_are_the_two_with_most_macs_for_a_parameter():
    assert busiest((340, 0), (330, 0), (150, 300), (100, 300), (40, 200), (40, 200)) == ("E", "F")


@pytest.mark.parametrize(("params", "named"), [(200, ("C", "D")), (201, None)])
def test_busy_stages_are_named_where_they_hold_at_most_half_their_share_of_the_macs(params, named):
    assert busiest((320, 350), (300, 250), (100, 200), (params - 100, 200), (380 - params, 0)) == named


@pytest.mark.parametrize(("params", "names"), [(350, ("A",)), (349, ("A", "B"))])
def test_one_stage_is_named_alone_from_35_percent_of_the_parameters_on(params, names):
    assert told((params, 250), (300, 250), (200, 250), (500 - params, 250)).largest.stages == names
