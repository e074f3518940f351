"""Weights set against a network of another package, whose names of tensors are nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.files.checkpoint_files import written
from unetscope import api

NETWORK = api.load("unet-3d")
SHAPES = {tensor.name: tensor.shape for tensor in NETWORK.tensors}


@pytest.mark.parametrize("prefix", ["", "model.", "module.net."])
def test_weights_under_its_own_names_fit_with_a_prefix_or_without(tmp_path: Path, prefix: str) -> None:
    file = written(tmp_path / "w.safetensors", {prefix + name: shape for name, shape in SHAPES.items()})
    fit = api.check(file, NETWORK)
    assert (fit.fits, fit.why) == (True, f"all {len(SHAPES)} tensors fit")
    assert fit.remedies == ((f"cut the prefix {prefix!r} from the names",) if prefix else ())
    taken = api.weight_map(file, NETWORK)
    assert (taken["map"], taken["missing"]) == ({name: prefix + name for name in SHAPES}, [])


def test_a_tensor_of_another_shape_or_too_few_of_them_do_not_fit(tmp_path: Path) -> None:
    first, *others = SHAPES
    shapes = {first: (1, *SHAPES[first]), **{name: SHAPES[name] for name in others[1:]}, "extra": (3,)}
    fit = api.check(written(tmp_path / "w.safetensors", shapes), NETWORK)
    assert not fit.fits
    assert fit.why == f"1 missing, 1 unexpected, 1 of another shape; {len(SHAPES) - 2} fit"
