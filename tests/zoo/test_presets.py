"""Presets: what files state, what they take along; their traces cost what was counted elsewhere."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from support.tables import data_rows
from support.traces import bundled
from unetscope import api, zoo
from unetscope.checkpoint import Facts
from unetscope.cli.commands import unetscope
from unetscope.zoo.preset import FAMILIES, OWN

FILES = Path(zoo.__file__).parent
ALL = (*zoo.ids(), *zoo.unpublished())


COUNTED = data_rows("presets.tsv")


def axes_of(row: dict[str, str]) -> dict[str, int]:
    """The size that a row was counted at."""
    return {name: int(size) for name, size in (part.split("=") for part in row["axes"].split())}


UNREACHED = "wan2.1-i2v-14b-720p"
"""A preset that no formula takes to the size at which it was counted elsewhere."""


@pytest.mark.parametrize("row", COUNTED, ids=lambda row: row["id"])
def test_a_preset_has_the_parameters_and_tensors_counted_outside_unetscope(row: dict[str, str]) -> None:
    record = bundled(row["id"])
    assert (record.cost.params, len(record.tensors)) == (int(row["params"]), int(row["tensors"]))


@pytest.mark.parametrize("row", [row for row in COUNTED if row["id"] != UNREACHED], ids=lambda row: row["id"])
def test_a_preset_costs_the_macs_counted_outside_unetscope(row: dict[str, str]) -> None:
    record, axes = bundled(row["id"]), axes_of(row)
    if record.basis.axes != axes:
        size = {name: size for name, size in axes.items() if name not in ("height", "width")}
        record = api.load(row["id"], size=size | {"latent": (axes["height"], axes["width"])})
    assert record.cost.macs == int(row["macs"])


def test_two_derived_presets_have_the_parameters_published_of_them() -> None:
    assert bundled("wan2.1-t2v-14b").cost.params == 14_288_491_584
    assert bundled("cogvideox-2b").cost.params == 1_693_783_872


@pytest.mark.parametrize("id", zoo.ids())
def test_a_preset_ships_with_a_trace_and_its_totals_agree_with_it(id: str) -> None:
    found, totals = bundled(id), zoo.totals(id)
    assert totals == zoo.Totals(found.cost.params, found.cost.macs, found.basis.axes)


def test_each_trace_is_stored_once_and_is_some_presets() -> None:
    stored = {path.name.removesuffix(".json.gz") for path in (FILES / "traces").glob("*.json.gz")}
    assert stored == {zoo.network(id) for id in zoo.ids()}


def test_a_stored_trace_bears_no_presets_name() -> None:
    trace = json.loads(api.loading.codec.unpacked(zoo.bundled(zoo.network("sdxl")) or b""))
    assert (trace["id"], trace["title"], trace["source"]) == ("", "", "")
    assert msgspec.convert(trace["facts"], Facts) == Facts()


def test_models_that_differ_in_facts_alone_share_a_network() -> None:
    steps = [f"sdxl-lightning-{count}step" for count in (1, 2, 4, 8)]
    assert len({zoo.network(id) for id in ("sdxl", "cosxl", "playground-v2.5", *steps)}) == 1
    assert zoo.network("flux1-krea-dev") == zoo.network("flux1-dev")
    assert zoo.network("z-image-turbo") == zoo.network("z-image")
    assert zoo.network("sdxl-turbo") != zoo.network("sdxl")


@pytest.mark.parametrize("id", ALL)
def test_a_file_restates_no_fact_that_it_takes_along(id: str) -> None:
    folder = "models" if id in zoo.ids() else "facts"
    stated = json.loads((FILES / folder / f"{id}.json").read_text(encoding="utf-8"))
    if "same_as" not in stated:
        return
    base = zoo.preset(stated["same_as"])
    plain = msgspec.to_builtins(base)
    again = {name for name in stated.keys() - OWN if stated[name] == plain.get(name)}
    assert not again
    overrides = stated.get("overrides", {})
    assert all(key not in base.config or base.config[key] != value for key, value in overrides.items())


def test_what_a_file_does_not_state_is_taken_from_the_model_it_is_the_same_as() -> None:
    base, taken = zoo.preset("sdxl"), zoo.preset("sdxl-lightning-4step")
    kept = {"vae", "vae_factor", "input_channels", "text_encoders", "encoder_tokens", "scheduler", "licence"}
    assert {name: getattr(taken, name) for name in kept} == {name: getattr(base, name) for name in kept}
    assert (taken.steps, taken.guidance, taken.config) == (4, "none", base.config)
    assert (base.steps, base.guidance) == (50, "cfg")


def test_null_says_that_a_fact_of_the_other_is_not_known_here() -> None:
    assert zoo.preset("sdxl").licence is not None
    assert zoo.preset("sdxl-inpaint").licence is None


@pytest.mark.parametrize("id", ALL)
def test_a_model_is_of_a_family_and_was_made_from_models_that_are_there(id: str) -> None:
    found = zoo.preset(id)
    assert found.family in FAMILIES
    assert {one.id for one in found.parents} <= set(ALL) - {id}
    assert found.year is None or 2020 <= found.year <= 2026
    assert len(found.encoder_tokens) in (0, len(found.text_encoders))


def test_every_fact_of_an_architecture_is_a_field_of_a_preset() -> None:
    known = {field.name for field in msgspec.structs.fields(zoo.Preset)}
    assert {field.name for field in fields(Facts)} - {"unread"} <= known


@pytest.mark.parametrize("id", zoo.unpublished())
def test_a_model_known_by_facts_alone_answers_show_and_is_refused_elsewhere_with_the_reason(id: str) -> None:
    run = CliRunner()
    shown = run.invoke(unetscope, ["show", id], env={"COLUMNS": "80"})
    assert shown.exit_code == 0
    assert zoo.preset(id).title in shown.output
    drawn = run.invoke(unetscope, ["table", zoo.preset(id).aliases[0]])
    assert isinstance(drawn.exception, api.loading.SourceError)
    assert str(zoo.preset(id).unpublished) in str(drawn.exception)
    assert f"unetscope show {id}" in (drawn.exception.hint or "")


def test_the_bundled_data_stays_under_eight_megabytes() -> None:
    assert sum(path.stat().st_size for path in FILES.rglob("*") if path.is_file()) < 8_000_000
