"""Costs as formulas of the size: exact where they hold, silent where they do not."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from functools import cache, partial
from math import lcm
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from support.networks import SMALL
from support.networks.strategies import any_unet
from support.traces import bundled, spec_of, tiny
from unetscope import codec, zoo
from unetscope.analysis.scaling import formulas, learning, resize
from unetscope.analysis.scaling.polynomials import SizePoint, fit, monomials, telling, value, weighted
from unetscope.cost import Cost
from unetscope.errors import SourceError, TraceError, UnetscopeError
from unetscope.families import grids
from unetscope.model import Architecture
from unetscope.render.sweep import written
from unetscope.sizes import Axes, Polynomial, Size, Term
from unetscope.tracing import build, trace

AXES = ("height", "width", "tokens")
MONOMIALS = monomials(AXES)
NATIVE: SizePoint = (64, 64, 77)
SIZES = telling([NATIVE, *((2 + 2 * n % 7, 2 + 3 * n % 5, 2 + 4 * n % 11) for n in range(64))], MONOMIALS)
UNSEEN = ((3, 4, 77), (6, 2, 8))
"""Height and width in strides, tokens: none of them was used to find or to check a rule."""

TOTALS = {
    "sd15": "29205/8·S² + 5640·S·T + 82301440·S + 19169280·T + 27852800",
    "sd21": "29205/8·S² + 5640·S·T + 82301440·S + 25559040·T + 27852800",
    "sdxl": "1400·S² + 12800·S·T + 180810240·S + 340787200·T + 24903680",
    "bk-sdm-base": "17525/8·S² + 3400·S·T + 54371840·S + 12288000·T + 18841600",
    "bk-sdm-small": "2190·S² + 3360·S·T + 52938240·S + 10321920·T + 15564800",
    "bk-sdm-tiny": "2190·S² + 3360·S·T + 49840640·S + 10321920·T + 10649600",
    "ddpm-cifar10": "1281/8·S² + 5909248·S + 2883584",
    "ddpm-church": "81/1024·S² + 3786752·S + 5439488",
}

fractions = st.fractions(-(10**6), 10**6, max_denominator=4096)
rules = st.dictionaries(st.sampled_from(MONOMIALS), fractions.filter(bool)).map(
    lambda sums: tuple(Term(*sums[one].as_integer_ratio(), one) for one in MONOMIALS if one in sums)
)
rules_without_text = rules.map(
    lambda rule: tuple(replace(term, powers=term.powers[:2]) for term in rule if not term.powers[2])
)
points = st.tuples(*[st.integers(1, 10**4)] * 3)


@cache
def alike() -> dict[str, list[str]]:
    """Presets by the first that has the same network, the size it is made for aside.

    PixArt reads from its sample_size whether sizes condition it: there the parameters differ.
    """
    found: dict[str, list[str]] = {}
    for name in zoo.ids():
        spec = zoo.spec(name)
        config = {key: one for key, one in spec.config.items() if key != "sample_size"}
        found.setdefault(
            json.dumps([spec.class_name, config, bundled(name).cost.params], sort_keys=True), []
        ).append(name)
    return {names[0]: names for names in found.values()}


def size_of(architecture: Architecture, one: tuple[int, int, int], *, batch: int = 1) -> Size:
    steps = grids(architecture.class_name, architecture.config)
    sizes = {grid.axis: times * grid.step for grid, times in zip(steps, one, strict=False)}
    return Size.of(batch=batch).with_axes(sizes)


def axes(height: int, width: int, tokens: int | None = None) -> Axes:
    return {"height": height, "width": width} | ({} if tokens is None else {"tokens": tokens})


def grids_of(architecture: Architecture) -> Any:
    return grids(architecture.class_name, architecture.config)


def stage_costs(architecture: Architecture) -> dict[str, Cost]:
    """MACs of each stage that has any, without the parameters."""
    costs = {stage.path: replace(architecture.costs[stage.path], params=0) for stage in architecture.stages}
    return {path: cost for path, cost in costs.items() if cost.macs}


UNETS = [name for name in alike() if zoo.spec(name).class_name.startswith("UNet2D")]
"""Networks of the three axes of UNSEEN; those of other families have sizes of their own in
test_formulas_of_families.py."""


@pytest.mark.slow
@pytest.mark.parametrize("name", UNETS)
def test_formulas_and_resized_traces_equal_fresh_ones_at_unseen_sizes_and_batches(name: str) -> None:
    known, spec = bundled(name), zoo.spec(name)
    tracer = partial(trace, spec, network=build.build(spec.class_name, spec.config, "float32"))
    stages = formulas.by_stage(known)
    for one in UNSEEN:
        size = size_of(known, one)
        resized = resize.at(known, size.named)
        assert resized is not None
        assert replace(resized, scaling=None) == tracer(size)
        for batch in (1, 2):
            expected = stage_costs(resized if batch == 1 else tracer(replace(size, batch=batch)))
            assert {s.path: formulas.cost(s, size.named, batch=batch) for s in stages} == expected


@pytest.mark.parametrize("name", alike())
def test_presets_of_one_network_have_one_set_of_formulas(name: str) -> None:
    assert {formulas.by_stage(bundled(other)) for other in alike()[name]} == {
        formulas.by_stage(bundled(name))
    }
    assert bool(formulas.by_stage(bundled(name))) == has_rules(name)


def has_rules(name: str, *, whole: bool = False) -> bool:
    """Whether a preset's trace has rules of its MACs, or of all its numbers."""
    scaling = bundled(name).scaling
    return scaling is not None and not (whole and () in scaling.rows)


@pytest.mark.parametrize("name", [name for name in zoo.ids() if has_rules(name)])
def test_at_its_own_size_a_preset_is_what_was_traced(name: str) -> None:
    known = bundled(name)
    own = known.basis.axes
    assert resize.at(known, own) == (known if has_rules(name, whole=True) else None)
    whole = formulas.total(formulas.by_stage(known))
    assert formulas.cost(whole, own, batch=1, params=known.cost.params) == known.cost


@pytest.mark.parametrize("name", TOTALS)
def test_totals_in_closed_form(name: str) -> None:
    whole = formulas.total(formulas.by_stage(bundled(name)))
    assert written(whole.macs, whole.axes) == TOTALS[name]


@pytest.mark.slow
@settings(
    max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(any_unet(), st.tuples(st.integers(2, 9), st.integers(2, 9), st.integers(2, 99)))
def test_what_is_learned_of_any_network_predicts_a_fresh_trace(
    config: Any, one: tuple[int, int, int]
) -> None:
    tracer = partial(trace, spec_of(config))
    try:
        first = tracer(Size.of(latent=(32, 48)))
    except UnetscopeError:
        reject()
    learned = learning.learn(first, grids_of(first), tracer)
    assume(learned.scaling is not None)
    size = size_of(learned, one)
    resized = resize.at(learned, size.named)
    assert resized is not None
    assert replace(resized, scaling=None) == tracer(size)


@pytest.mark.slow
@given(rules)
def test_a_rule_is_recovered_from_its_values(rule: Polynomial) -> None:
    whole = weighted({rule: lcm(*(term.denominator for term in rule))})
    column = tuple(int(value(whole, point)) for point in SIZES)
    found = fit(SIZES, [column], MONOMIALS)
    assert found is not None
    assert weighted({found[column]: 1}) == whole


@pytest.mark.slow
@given(rules, rules, st.integers(0, 99), points)
def test_a_sum_of_rules_has_the_sum_of_their_values(
    one: Polynomial, other: Polynomial, times: int, point: SizePoint
) -> None:
    summed = weighted(Counter({one: times}) + Counter({other: 1}))
    assert value(summed, point) == times * value(one, point) + value(other, point)
    assert all(term.numerator for term in summed)


@pytest.mark.slow
@given(rules, st.integers(0, len(SIZES) - 1), st.integers(1, 10**6))
def test_one_number_that_is_off_makes_a_column_follow_no_rule(
    rule: Polynomial, which: int, error: int
) -> None:
    whole = weighted({rule: lcm(*(term.denominator for term in rule))})
    column = [int(value(whole, point)) for point in SIZES]
    column[which] += error
    assert fit(SIZES, [tuple(column)], MONOMIALS) is None


@pytest.mark.slow
@given(rules_without_text)
def test_without_text_no_rule_speaks_of_tokens(rule: Polynomial) -> None:
    choices = monomials(AXES[:2])
    whole = weighted({rule: lcm(*(term.denominator for term in rule))})
    silent = [point[:2] for point in SIZES]
    column = tuple(int(value(whole, point)) for point in silent)
    found = fit(silent, [column], choices)
    assert found is not None
    assert weighted({found[column]: 1}) == whole


@pytest.mark.parametrize(
    "sizes",
    [
        SIZES[:8],  # as many as there are monomials: nothing left to predict
        [(8 * n, 8 * n, 77) for n in range(1, 12)],  # squares, one number of tokens
    ],
)
def test_sizes_that_cannot_tell_rules_apart_give_none(sizes: list[SizePoint]) -> None:
    assert fit(sizes, [tuple(point[0] for point in sizes)], MONOMIALS) is None


@pytest.mark.parametrize(
    "point",
    [
        (33, 64, 77),
        (64, 33, 77),
        (8, 64, 77),
        (0, 0, 77),
        (-16, 16, 77),
        (64, 64, 1),
    ],
    ids=str,
)
def test_nothing_is_predicted_off_the_grid_or_below_what_was_checked(point: SizePoint) -> None:
    assert resize.at(bundled("sd15"), axes(*point)) is None


def test_a_formula_gives_no_cost_that_is_not_whole() -> None:
    stages = formulas.by_stage(bundled("sd15"))
    with pytest.raises(ValueError, match="no whole number"):
        formulas.cost(formulas.total(stages), axes(33, 33, 77), batch=1)


def test_a_trace_without_rules_has_no_formulas_and_no_other_size() -> None:
    plain = replace(bundled("sd15"), scaling=None)
    assert formulas.by_stage(plain) == ()
    assert resize.at(plain, axes(32, 32, 77)) is None


def refuse(size: Size) -> Architecture:
    raise TraceError("no such size")


@pytest.mark.parametrize("tracer", [refuse, lambda size: tiny()], ids=["refuses", "never changes"])
def test_a_network_that_shows_no_rule_stays_as_it_was(tracer: Any) -> None:
    assert learning.learn(tiny(), grids_of(tiny()), tracer) == tiny()


def test_nothing_is_learned_at_another_batch_than_one() -> None:
    tracer = partial(trace, spec_of(SMALL))
    several = tracer(Size.of(batch=2))
    assert learning.learn(several, grids_of(several), tracer) == several


@pytest.mark.slow
def test_a_network_that_cheats_at_a_large_size_is_not_believed() -> None:
    tracer = partial(trace, spec_of(SMALL))

    def cheat(size: Size) -> Architecture:
        honest = tracer(size)
        return replace(honest, uncounted=("extra",)) if size.named["height"] > 200 else honest

    first = tracer(Size())
    assert learning.learn(first, grids_of(first), tracer).scaling is not None
    assert learning.learn(first, grids_of(first), cheat).scaling is None


def test_an_architecture_saved_without_rules_still_loads() -> None:
    plain = replace(bundled("ddpm-cifar10"), scaling=None)
    saved = json.loads(codec.dumps(plain))
    del saved["scaling"]
    assert codec.loads(json.dumps(saved).encode()) == plain


@pytest.mark.parametrize(
    "changes",
    [
        {"grids": []},
        {"grids": [{"axis": "height", "step": 0, "least": 8}, {"axis": "width", "step": 4, "least": 8}]},
        {"grids": [{"axis": "height", "step": 4, "least": 0}, {"axis": "width", "step": 4, "least": 8}]},
        {"rules": []},
        {"rows": []},
        {"sites": [10**6]},
        {"sites": [-1]},
        {"rules": [[{"numerator": 1, "denominator": 0, "powers": [0, 0]}]]},
        {"rules": [[{"numerator": 1, "denominator": 1, "powers": [9**9, 0]}]]},
        {"rules": [[{"numerator": 1, "denominator": 1, "powers": [0]}]]},
    ],
    ids=str,
)
def test_rules_that_do_not_hold_together_are_refused(changes: dict[str, Any]) -> None:
    saved = json.loads(codec.dumps(bundled("ddpm-cifar10")))
    saved["scaling"] |= changes
    with pytest.raises(SourceError):
        codec.loads(json.dumps(saved).encode())


def test_rules_of_too_few_places_resize_nothing() -> None:
    known = bundled("ddpm-cifar10")
    assert known.scaling is not None
    for cut in (
        replace(known.scaling, sites=known.scaling.sites[:-1]),
        replace(known.scaling, rows=((),) * 999),
    ):
        assert resize.at(replace(known, scaling=cut), axes(32, 32)) is None
