"""A VAE that runs in tiles: the tiles, work and bytes are those of diffusers' own tiling."""

from __future__ import annotations

import pytest

from support.traces import bundled
from unetscope import api, zoo
from unetscope.analysis.memory.tiling import tiles
from unetscope.errors import ConfigError
from unetscope.spec import Spec
from unetscope.words import basis
from unetscope.zoo.companions import companions

torch = pytest.importorskip("torch", reason="torch is not installed: no tile can be decoded")

SLOW = [("sdxl", 1536), ("flux1-dev", 2048), ("sana-1600m-1024", 1024), ("qwen-image", 1024)]
CASES = [("sd15", 768), *(pytest.param(*case, marks=pytest.mark.slow) for case in SLOW)]
LATENTS = {
    "sd15": (1, 4, 96, 96),
    "sdxl": (1, 4, 192, 192),
    "flux1-dev": (1, 16, 256, 256),
    "sana-1600m-1024": (1, 32, 32, 32),
    "qwen-image": (1, 16, 1, 128, 128),
}


@pytest.mark.parametrize(("id", "side"), CASES)
def test_work_is_that_of_torchs_counter_over_diffusers_tiled_decode(id: str, side: int) -> None:
    import diffusers
    from torch.utils.flop_counter import FlopCounterMode

    found = api.pipeline(id, size=side, tiling=True)
    [decoder] = [part for part in found.parts if part.role == "decoder"]
    spec = _vae(id)
    with torch.device("meta"):
        vae = getattr(diffusers, spec.class_name).from_config(spec.config)
        vae.enable_tiling()
        latent = torch.empty(LATENTS[id])
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            vae.decode(latent)
    assert counter.get_total_flops() == 2 * (decoder.macs or 0)


ENCODED = [("sd15-inpaint", 768), ("qwen-image-edit", 1024), ("wan2.1-i2v-14b-480p", None)]


@pytest.mark.parametrize(
    ("id", "side"), [ENCODED[0], *(pytest.param(*c, marks=pytest.mark.slow) for c in ENCODED[1:])]
)
def test_an_image_is_encoded_in_diffusers_own_tiles(id: str, side: int | None) -> None:
    import diffusers
    from torch.utils.flop_counter import FlopCounterMode

    found = api.pipeline(id, size=side, tiling=True)
    [encoder] = [part for part in found.parts if part.role == "image"]
    assert encoder.name.endswith("tiles")
    pixels, spec = basis.pixels(found.denoiser), _vae(id)
    frames = () if spec.class_name == "AutoencoderKL" else (found.frames or 1,)
    with torch.device("meta"):
        vae = getattr(diffusers, spec.class_name).from_config(spec.config).half()
        vae.enable_tiling()
        image = torch.empty((1, 3, *frames, *pixels), dtype=torch.float16)
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            vae.encode(image)
    assert counter.get_total_flops() == 2 * (encoder.macs or 0)


def test_bytes_are_those_of_a_recorded_tiled_encode_within_a_thousandth() -> None:
    import diffusers

    from unetscope.tracing.encoders import peak, watching
    from unetscope.tracing.record import recording

    [encoder] = [
        part for part in api.pipeline("sd15-inpaint", size=768, tiling=True).parts if part.role == "image"
    ]
    spec = _vae("sd15-inpaint")
    with torch.device("meta"):
        vae = diffusers.AutoencoderKL.from_config(spec.config).half()
        vae.enable_tiling()
        image, state = torch.empty((1, 3, 768, 768), dtype=torch.float16), watching(vae)
        with torch.no_grad(), recording(state):
            held = vae.encode(image)
    assert held.latent_dist
    # the recording takes the first view of the image for the image
    assert encoder.activations == pytest.approx(peak(state.calls), rel=1e-3)


def _vae(id: str) -> Spec:
    [vae] = [one.vae for one in companions(zoo.spec(id).facts) if one.vae]
    return zoo.spec(vae)


@pytest.mark.parametrize(("id", "side"), [("sd15", 768), pytest.param("sdxl", 1536, marks=pytest.mark.slow)])
def test_bytes_are_those_of_a_recorded_tiled_decode_within_a_thousandth(id: str, side: int) -> None:
    import diffusers

    from unetscope.tracing.encoders import peak, watching
    from unetscope.tracing.record import recording

    found = api.pipeline(id, size=side, tiling=True)
    spec, dtype = _vae(id), getattr(torch, found.decoded_in)
    with torch.device("meta"):
        vae = getattr(diffusers, spec.class_name).from_config(spec.config).to(dtype=dtype)
        vae.enable_tiling()
        latent, state = torch.empty(LATENTS[id], dtype=dtype), watching(vae)
        with torch.no_grad(), recording(state):
            held = vae.decode(latent)
    assert held.sample.shape[-1] == side
    assert found.parts[-1].activations == pytest.approx(peak(state.calls) + latent.nbytes, rel=1e-3)


def test_an_image_no_larger_than_a_tile_is_decoded_at_once() -> None:
    assert tiles(bundled("vae-sd15")) == [(512, 512)]
    plain, tiled = (api.pipeline("sdxl", tiling=tiling) for tiling in (False, True))
    assert plain.parts == tiled.parts


def test_tiles_hold_less_and_work_more() -> None:
    plain, tiled = (api.pipeline("sd15", size=1024, tiling=tiling).parts[-1] for tiling in (False, True))
    assert (tiled.activations or 0) < (plain.activations or 0) / 3
    assert (tiled.macs or 0) > (plain.macs or 0)
    assert (tiled.params, tiled.weights) == (plain.params, plain.weights)
    assert tiled.name == "AutoencoderKL, decoder in 9 tiles"


def test_a_batch_holds_as_many_tiles_at_once() -> None:
    one, two = (api.pipeline("sd15", size=1024, batch=batch, tiling=True).parts[-1] for batch in (1, 2))
    assert (two.macs, two.activations) == (2 * (one.macs or 0), 2 * (one.activations or 0))


def test_a_class_whose_tiling_is_not_known_is_refused() -> None:
    with pytest.raises(ConfigError, match="no tiling is known for AutoencoderKLTemporalDecoder"):
        api.pipeline("svd-xt", tiling=True)
