"""How each checkpoint came to be: every fact names its source, and the parents make a tree."""

from __future__ import annotations

import msgspec
import pytest

from unetscope import zoo
from unetscope.zoo.preset import NAMES

ALL = (*zoo.ids(), *zoo.unpublished())
NO_FACTS = NAMES | {"provenance", "sources"}


@pytest.mark.parametrize("id", ALL)
def test_every_fact_names_one_source_and_every_source_a_fact(id: str) -> None:
    plain = msgspec.to_builtins(zoo.preset(id))
    known = {name for name, value in plain.items() if value not in (None, (), []) and name not in NO_FACTS}
    named = [name for source in zoo.preset(id).sources for name in source.of]
    assert sorted(named) == sorted(known)
    assert all(source.where for source in zoo.preset(id).sources)


@pytest.mark.parametrize("id", ALL)
def test_no_model_is_its_own_ancestor(id: str) -> None:
    above, seen = [one.id for one in zoo.preset(id).parents], set[str]()
    while above:
        seen.add(above[-1])
        above += [one.id for one in zoo.preset(above.pop()).parents]
    assert id not in seen


@pytest.mark.parametrize("id", ALL)
def test_what_is_from_scratch_has_no_parents(id: str) -> None:
    assert not (zoo.preset(id).from_scratch and zoo.preset(id).parents)


def test_what_is_taken_along_names_the_preset_that_states_it() -> None:
    [taken] = [one for one in zoo.preset("sdxl-lightning-4step").sources if "input_channels" in one.of]
    assert taken.taken_from == "sdxl"
    [own] = [one for one in zoo.preset("sdxl-lightning-4step").sources if "licence" in one.of]
    assert own.second_hand


@pytest.mark.parametrize(
    ("id", "parents", "phases", "dropout"),
    [
        # restated from the model cards that the presets name
        ("sd11", (), [(237_000, 256), (194_000, 512)], None),
        ("sd12", ("sd11",), [(515_000, 512)], None),
        ("sd13", ("sd12",), [(195_000, 512)], 10),
        ("sd14", ("sd12",), [(225_000, 512)], 10),
        ("sd15", ("sd12",), [(595_000, 512)], 10),
        ("sd15-inpaint", ("sd12",), [(595_000, None), (440_000, 512)], 10),
        ("sd20-base", (), [(550_000, 256), (850_000, 512)], None),
        ("sd20", ("sd20-base",), [(150_000, None), (140_000, 768)], None),
        ("sd21-base", ("sd20-base",), [(220_000, None)], None),
        ("sd21", ("sd20",), [(55_000, None), (155_000, None)], None),
        ("sdxl-inpaint", ("sdxl",), [(40_000, 1024)], 5),
        ("bk-sdm-tiny", ("sd14",), [(50_000, 512)], None),
        ("bk-sdm-v2-tiny", ("sd21-base",), [(50_000, 512)], None),
    ],
)
def test_a_model_came_from_whom_and_by_as_many_steps_as_its_card_says(id, parents, phases, dropout) -> None:
    found = zoo.preset(id)
    assert tuple(one.id for one in found.parents) == parents
    assert [(phase.steps, phase.pixels) for phase in found.phases] == phases
    assert found.text_dropout == dropout
