"""How each checkpoint came to be: every fact names its source, and the parents make a tree."""

from __future__ import annotations

import shlex
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from support.outputs import printed
from support.traces import bundled
from unetscope import zoo
from unetscope.analysis import family_tree
from unetscope.api.lineage import family_tree as draw_family_tree
from unetscope.choices import ThemeName
from unetscope.cli.commands import unetscope
from unetscope.words import lineage
from unetscope.zoo import kinship
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


LINE = """\
sd20-base                                                     866 M  2022  A
├─ sd20                v-prediction, resumed at another       866 M  2022  A
│  │                   size
│  └─ sd21             fine-tune                              866 M  2022  A
│     └─ sd-turbo      adversarial diffusion distillation     866 M  2023  A
├─ sd21-base           fine-tune                              866 M  2022  A ◄
│  ├─ bk-sdm-v2-base   block removal with distillation        583 M  2023
│  ├─ bk-sdm-v2-small  block removal with distillation        486 M  2023
│  └─ bk-sdm-v2-tiny   block removal with distillation        327 M  2023
├─ sd2-depth           depth                                  866 M  2022
└─ sd20-inpaint        inpainting                             866 M  2022

A: one network, 865,910,724 parameters
"""


def test_a_line_in_a_terminal_shows_steps_and_shared_networks() -> None:
    done = CliRunner().invoke(unetscope, ["list", "--tree", "sd21-base"], env={"COLUMNS": "80"})
    assert done.output == LINE


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "dot", "mmd", "txt"])
def test_a_tree_of_all_models_is_written_in_every_format(suffix: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(unetscope, ["list", "--tree", "-o", str(tmp_path / f"tree.{suffix}")])
    assert done.exit_code == 0, done.output
    written = (tmp_path / f"tree.{suffix}").read_bytes()
    assert len(written) > 1000
    if suffix in ("svg", "dot", "mmd", "txt"):
        text = written.decode()
        assert all(name in text for name in ("sd15-inpaint", "flux1-pro", "sd3-turbo", "sana1.5-4800m-1024"))


def test_the_command_at_a_trees_foot_keeps_the_order_of_the_ids() -> None:
    asked = ["list", "--tree", "sd21", "flux1-dev", "sd15", "--theme", "dark"]
    drawn = CliRunner().invoke(unetscope, [*asked, "--format", "svg", "-o", "-"]).stdout_bytes
    words = shlex.split(printed(drawn))
    assert [word for word in words if zoo.find(word)] == ["sd21", "flux1-dev", "sd15"]
    assert CliRunner().invoke(unetscope, [*words[1:], "-o", "-"]).stdout_bytes == drawn


@pytest.mark.parametrize("theme", ["light", "auto"])
def test_the_command_of_a_tree_drawn_from_python_draws_it(theme: ThemeName) -> None:
    drawn = draw_family_tree("sd21", "flux1-dev", "sd15", theme=theme)
    words = shlex.split(printed(drawn))
    assert CliRunner().invoke(unetscope, [*words[1:], "-o", "-"]).stdout_bytes == drawn


def shapes(id: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(one.name, one.shape) for one in bundled(id).tensors]


def test_models_that_share_a_letter_have_the_same_tensors() -> None:
    shared = family_tree.tree((*zoo.ids(), *zoo.unpublished())).sharing()
    for first, *others in shared.values():
        assert all(shapes(one.id) == shapes(first.id) for one in others), first.id
    assert {one.id for one in next(iter(shared.values()))} >= {"sd11", "sd15"}


def test_relations_are_told_by_the_nearest_ancestor() -> None:
    def told(a: str, b: str) -> str:
        found = kinship.kinship(a, b)
        return lineage.related(found, a, b) if found else ""

    assert (
        told("sd15", "sd15-inpaint")
        == "both were made from sd12: sd15 by fine-tune, sd15-inpaint by inpainting"
    )
    assert told("sd12", "sd15") == told("sd15", "sd12") == "sd15 was made from sd12 by fine-tune"
    assert told("sd11", "sd15") == "sd15 comes from sd11: fine-tune (sd12), then fine-tune (sd15)"
    assert told("sd15", "sdxl") == ""
