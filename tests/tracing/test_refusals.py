"""A hint under a forward that failed says only what was tried."""

from __future__ import annotations

import pytest

from support.networks import SMALL
from support.traces import spec_of
from unetscope.calls import Call, Operation
from unetscope.errors import TraceError
from unetscope.limits import MAX_CALLS
from unetscope.sizes import Size
from unetscope.tracing import trace
from unetscope.tracing.build.packages import all_there
from unetscope.tracing.counterfactual import Built
from unetscope.tracing.record.in_progress import Recording


def refused(config, size):
    with pytest.raises(TraceError) as caught:
        trace(spec_of(config), size)
    return caught.value


def test_where_no_size_helps_the_hint_blames_the_parts():
    # a K block keeps fewer skips than the plain up block opposite wants
    mixed = SMALL | {"down_block_types": ["KDownBlock2D", "DownBlock2D"], "up_block_types": ["UpBlock2D"] * 2}
    found = refused(mixed | {"layers_per_block": 2}, Size.of(latent=(16, 16)))
    assert str(found).startswith("UNet2DConditionModel refuses an input of 1×4×16×16: ")
    assert found.hint == "another size does not help: it refuses 32x32 too"


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("batch", [1, 3])
def test_a_size_that_a_hint_names_was_run_at_the_same_batch_and_type(batch, dtype):
    asked = Size.of(latent=(15, 16), batch=batch, dtype=dtype)
    plain = {"_class_name": "UNet2DModel", "sample_size": 16, "block_out_channels": [32, 64]} | {
        "down_block_types": ["DownBlock2D"] * 2,
        "up_block_types": ["UpBlock2D"] * 2,
    }
    found = refused(plain, asked)
    assert found.hint == "it takes heights and widths divisible by 2; the nearest size is --latent 16x16"
    trace(spec_of(plain), Size.of(latent=(16, 16), batch=batch, dtype=dtype))


@pytest.mark.parametrize(
    ("class_name", "name", "package"),
    [
        ("CosmosTransformer3DModel", "transforms", "torchvision"),
        ("AutoencoderRAE", "Dinov2WithRegistersConfig", "transformers"),
    ],
)
def test_a_package_that_diffusers_took_no_name_from_is_named(class_name, name, package):
    with pytest.raises(TraceError, match=f"{class_name} needs {package}") as caught, all_there(class_name):
        raise NameError(f"name {name!r} is not defined", name=name)
    assert caught.value.hint == f"install it with: pip install {package}"


def test_a_name_that_no_package_has_is_not_guessed_at():
    with pytest.raises(TraceError, match="needs a package"), all_there("UNet2DModel"):
        raise ImportError("it requires another version")


def test_a_forward_that_goes_round_without_end_is_stopped():
    full = Recording({}, calls=[Call(0, 0, (), (), ())] * MAX_CALLS)
    with pytest.raises(TraceError, match="more than 50,000 operations"):
        full.add(Operation("aten.add", "none", 0, (), (), "float32"), (), ())


def test_only_so_many_networks_are_built_between_two():
    built = Built()
    for _ in range(89):
        built.begin(1680)  # SDXL
    with pytest.raises(TraceError, match="150,000 tensors") as caught:
        built.begin(1680)
    assert "fewer keys" in caught.value.hint
