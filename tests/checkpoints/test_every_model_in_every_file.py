"""Every bundled model as people keep it: its maker's names, prefixes, half precision and fp8, shards, EMA."""

from __future__ import annotations

import json

import pytest

from support.files.checkpoint_files import of, written
from unetscope import zoo
from unetscope.checkpoints import identify_file, presets
from unetscope.checkpoints.identify import identify
from unetscope.checkpoints.names import crosswalks

SCHEMES = {
    "FluxTransformer2DModel": "flux",
    "ChromaTransformer2DModel": "flux",
    "Flux2Transformer2DModel": "flux2",
    "SD3Transformer2DModel": "sd3",
    "WanTransformer3DModel": "wan",
    "WanVACETransformer3DModel": "wan",
    "LTXVideoTransformer3DModel": "ltx",
    "ZImageTransformer2DModel": "z-image",
    "HunyuanVideoTransformer3DModel": "hunyuan",
    "UNet2DConditionModel": "ldm",
}
"""Classes whose makers have other names than diffusers."""
UNLIKE = ("kandinsky-2.2", "kolors")
"""UNets that were never under LDM's names."""
ONE_EACH = {zoo.network(id): id for id in reversed(zoo.ids())}
MAKERS = [id for id in ONE_EACH.values() if zoo.preset(id).class_name in SCHEMES and id not in UNLIKE]


def makers(id):
    return crosswalks.native(SCHEMES[zoo.preset(id).class_name], presets.tensors(id))


@pytest.mark.parametrize("prefix", ["", "model.diffusion_model.", "net.", "module.model."])
@pytest.mark.parametrize("id", MAKERS)
def test_a_bundled_model_under_its_makers_names_is_itself_under_any_prefix(id, prefix):
    found = identify(of({prefix + name: shape for name, shape in makers(id).items()}))
    one = found.components[0]
    assert (one.prefix, one.foreign) == (prefix, ())
    assert one.naming != "diffusers"
    assert id in found.near[0].alike
    assert found.against.fits


@pytest.mark.parametrize("id", MAKERS)
def test_a_makers_model_lacking_one_tensor_says_which(id):
    names = makers(id)
    lost = next(
        name for name in reversed(names) if name.endswith(".bias") or "scale" in name or "norm" in name
    )
    found = identify(of({name: shape for name, shape in names.items() if name != lost}))
    told = found.against
    assert told is None or (told.missing and not told.unexpected)
    assert told is not None or found.near[0].differences


@pytest.mark.slow
@pytest.mark.parametrize("id", ONE_EACH.values())
@pytest.mark.parametrize("dtype", ["F16", "F8_E4M3"])
def test_a_bundled_model_in_three_shards_is_itself(id, dtype, tmp_path):
    kept = {"bn.running_mean": (128,), "bn.running_var": (128,)} if id == "vae-flux2" else {}
    tensors = presets.tensors(id) | kept
    places = {name: f"m-0000{1 + at % 3}-of-00003.safetensors" for at, name in enumerate(tensors)}
    for file in sorted(set(places.values())):
        written(tmp_path / file, {name: tensors[name] for name in tensors if places[name] == file}, dtype)
    index = tmp_path / "m.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": places}))
    found = identify_file(index)
    assert found.near[0].differences == ()
    assert found.against.fits
    assert found.listing.notes == ()
    assert found.quantised == ("fp8" if dtype == "F8_E4M3" else "")


def test_tensors_of_the_file_are_counted_apart_from_those_they_become():
    (one,) = identify(of(makers("chroma"))).components
    assert (one.stored, len(one.names)) == (643, len(presets.tensors("chroma")))
