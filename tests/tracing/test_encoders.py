"""Text and image encoders, built from their published configs and run: the figures that are kept as data."""

from __future__ import annotations

from typing import Any

import pytest

from support.encoders import known
from unetscope.errors import TraceError
from unetscope.zoo.companions import encoders

pytest.importorskip("torch", reason="torch is not installed: no trace can be made")
NAMES = tuple(encoders())


def tokens_of(name: str) -> int:
    """The fewest tokens that an encoder is kept at."""
    return min(encoders()[name].macs)


@pytest.mark.live
@pytest.mark.parametrize("name", NAMES)
def test_parameters_and_macs_are_those_of_torchs_own_counter(name: str) -> None:
    pytest.importorskip("transformers")
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from unetscope.tracing.encoders import built, inputs

    one, tokens = known()[name], tokens_of(name)
    network = built(one["class_name"], one["config"], torch.float32)
    counter = FlopCounterMode(display=False)
    with torch.device("meta"), torch.no_grad(), counter:
        network(**inputs(network, tokens, 1, torch.float32), **one["call"])
    assert sum(parameter.numel() for parameter in network.parameters()) == encoders()[name].params
    assert counter.get_total_flops() == 2 * encoders()[name].macs[tokens]


@pytest.mark.live
@pytest.mark.parametrize("name", NAMES)
def test_activations_are_those_of_a_run_and_grow_by_as_much_with_each_sample(name: str) -> None:
    pytest.importorskip("transformers")
    from unetscope.tracing.encoders import run_encoder

    one, tokens = known()[name], tokens_of(name)
    how: dict[str, Any] = {"tokens": tokens, "dtype": "float16", "call": one["call"]}
    peaks = [
        run_encoder(one["class_name"], one["config"], batch=batch, **how).activations for batch in (1, 2, 4)
    ]
    first, further = encoders()[name].activations[tokens]["float16"]
    assert peaks == [first, first + further, first + 3 * further]


def test_every_count_has_its_activations_in_every_type() -> None:
    for name, one in encoders().items():
        assert one.macs.keys() == one.activations.keys(), name
        for types in one.activations.values():
            assert set(types) == {"float32", "float16", "bfloat16"}
            assert types["float32"][0] >= types["float16"][0] > 0


def test_a_class_that_no_package_has_is_one_line() -> None:
    from unetscope.tracing.encoders import run_encoder

    with pytest.raises(TraceError, match="no class NoSuchEncoder at hand"):
        run_encoder("NoSuchEncoder", {}, tokens=77)
