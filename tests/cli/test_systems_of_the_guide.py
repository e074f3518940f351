"""Every system named in the field guide answers: its facts, its line, its picture, its table, its diff."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from unetscope import zoo
from unetscope.cli.commands import unetscope
from unetscope.errors import SourceError

NETWORKS = (
    "sd11 sd12 sd13 sd14 sd15 sd15-inpaint sd20 sd20-base sd21 sd21-base sdxl sdxl-refiner sdxl-inpaint "
    "sdxl-turbo cosxl cosxl-edit sdxl-lightning-1step sdxl-lightning-2step sdxl-lightning-4step "
    "sdxl-lightning-8step flux1-dev flux1-schnell sana-1600m-1024 bk-sdm-base bk-sdm-small bk-sdm-tiny"
).split()
FACTS_ALONE = ["sd3-turbo", "flux1-pro"]
PARENTLESS = {"sd11", "sd20-base", "sdxl-refiner", "sana-1600m-1024"}
"""Those that were trained from scratch, or whose parent nobody named."""

pytestmark = pytest.mark.slow


def run(*words: str) -> Result:
    return CliRunner().invoke(unetscope, list(words), env={"COLUMNS": "80"})


def refused(*words: str, because_of: str) -> None:
    done = run(*words)
    assert isinstance(done.exception, SourceError)
    assert f"has no network to look at: {zoo.preset(because_of).unpublished}" in str(done.exception)
    assert done.stdout == ""


def answer(*words: str) -> str:
    done = run(*words)
    assert done.exit_code == 0, done.output
    assert done.output
    return done.output


@pytest.mark.parametrize("id", [*NETWORKS, *FACTS_ALONE])
def test_facts_and_line_of_a_system_are_told(id: str) -> None:
    preset = zoo.preset(id)
    assert preset.title in answer("show", id)
    tree = answer("list", "--tree", id)
    assert f"{id} " in tree
    assert all(f"{parent.id} " in tree for parent in preset.parents)


@pytest.mark.parametrize("id", NETWORKS)
def test_a_system_with_a_network_is_drawn_and_counted(id: str) -> None:
    totals = zoo.totals(id)
    assert totals is not None
    assert answer("diagram", id, "-o", "-").startswith("<svg ")
    assert f"{totals.params:,}" in answer("table", id)


@pytest.mark.parametrize("id", NETWORKS)
def test_a_system_with_a_network_is_compared_to_its_parent(id: str) -> None:
    parents = [one.id for one in zoo.preset(id).parents]
    assert (not parents) == (id in PARENTLESS)
    for parent in parents:
        if zoo.totals(parent):
            told = answer("diff", parent, id).splitlines()[0]
            assert told == f"{zoo.preset(parent).title} → {zoo.preset(id).title}"
        else:
            refused("diff", parent, id, because_of=parent)


@pytest.mark.parametrize("id", FACTS_ALONE)
@pytest.mark.parametrize("verb", ["diagram", "table"])
def test_a_system_without_a_network_says_so_where_it_would_be_drawn(verb: str, id: str) -> None:
    refused(verb, id, because_of=id)
