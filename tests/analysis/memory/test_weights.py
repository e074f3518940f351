"""`unetscope memory`: bytes of weights by format, what fits, and the command as a user meets it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from support.command_line import traced_here
from support.networks import SMALL
from support.networks.real_networks import with_weights
from support.traces import bundled, spec_of
from unetscope import api
from unetscope.analysis.memory.batch import at_batch
from unetscope.analysis.memory.budget import Use, needed
from unetscope.analysis.memory.training import TrainingPlan, training
from unetscope.analysis.memory.weights import weights
from unetscope.sizes import Size
from unetscope.tracing import trace


def test_sixteen_bit_weights_are_those_of_a_real_network() -> None:
    found, network = trace(spec_of(SMALL), Size()), with_weights(SMALL)
    sizes = {one.format: one.bytes for one in weights(found)}
    assert sizes["fp32"] == sum(tensor.nbytes for tensor in network.state_dict().values())
    assert (
        sizes["fp16"]
        == sizes["bf16"]
        == sum(tensor.nbytes for tensor in network.half().state_dict().values())
    )


def test_fp8_weights_are_those_of_diffusers_layerwise_casting() -> None:
    import torch

    network = with_weights(SMALL).half()
    network.enable_layerwise_casting(torch.float8_e4m3fn, torch.float16)
    biases = sum(
        m.bias.nbytes
        for m in network.modules()
        if getattr(m, "bias", None) is not None and m.bias.dtype == torch.float8_e4m3fn
    )
    # diffusers casts biases too; they are counted at 16 bit here, as kernels in fp8 want them.
    expected = sum(tensor.nbytes for tensor in network.state_dict().values()) + biases
    found = {one.format: one.bytes for one in weights(trace(spec_of(SMALL), Size()))}
    assert found["fp8"] == expected


def test_quantized_weights_are_linear_ones_with_their_scales() -> None:
    import torch

    network = with_weights(SMALL)
    linear = [m.weight for m in network.modules() if isinstance(m, torch.nn.Linear)]
    rest = sum(2 * p.numel() for p in network.parameters()) - sum(2 * w.numel() for w in linear)
    found = {one.format: one for one in weights(trace(spec_of(SMALL), Size()))}
    assert found["int8"].bytes == rest + sum(w.numel() + 4 * w.shape[0] for w in linear)
    assert found["nf4"].bytes == rest + sum(-(-w.numel() // 2) + 4 * -(-w.numel() // 64) for w in linear)
    assert found["nf4"].scales == sum(4 * -(-w.numel() // 64) for w in linear)


@pytest.mark.parametrize(
    "use",
    [Use(), Use(attention="eager"), Use(training=TrainingPlan(checkpointing=True))],
    ids=["infer", "eager", "train"],
)
def test_the_largest_that_fits_fits_and_the_next_does_not(use: Use) -> None:
    record, limit = bundled("sd15"), 24 * 10**9
    fit = api.memory_of(record, use, limit=limit).fit
    assert fit is not None
    assert fit.size is not None
    assert fit.fits
    assert needed(at_batch(record, fit.batch), use) <= limit < needed(at_batch(record, fit.batch + 1), use)
    side = fit.size[0]
    for larger, holds in ((side, True), (side + 8, False)):
        resized = api.load("sd15", size=Size.of(latent=(larger, larger)))
        assert (needed(resized, use) <= limit) is holds


def test_nothing_fits_where_the_weights_do_not() -> None:
    fit = api.memory_of(bundled("sdxl"), limit=10**9).fit
    assert fit is not None
    assert (fit.fits, fit.batch, fit.size) == (False, 0, None)


@pytest.mark.slow
def test_sizes_of_a_network_without_formulas_are_traced() -> None:
    record = trace(spec_of(SMALL), Size())
    use, limit = Use(), 20 * 2**20
    fit = api.memory_of(record, use, limit=limit).fit
    assert fit is not None
    assert fit.size is not None
    for side, holds in ((fit.size[0], True), (fit.size[0] + 2, False)):
        assert (needed(trace(spec_of(SMALL), Size.of(latent=(side, side))), use) <= limit) is holds


def unetscope(*args: str) -> subprocess.CompletedProcess[str]:
    """Run the command on 80 columns."""
    return traced_here("memory", *args, COLUMNS="80")


SD15 = """\
Stable Diffusion 1.5 · UNet2DConditionModel

 weights              bytes                scales   in this type
 ──────────────────────────────────────────────────────────────────────────────
 fp32         3,438,083,856    3.2 GiB              all tensors
 fp16, bf16   1,719,041,928    1.6 GiB              all tensors
 fp8            859,964,808    820 MiB              conv and linear weights, no
                                                    scales
 int8         1,449,932,168   1.35 GiB    918 KiB   linear weights, a float32
                                                    scale a row
 nf4          1,330,846,088   1.24 GiB   16.1 MiB   linear weights, a float32
                                                    scale per 64


 one forward             bytes
 ──────────────────────────────────────────────────────────────────────────────
 weights         1,719,041,928    1.6 GiB   at float16
 activations        68,311,688   65.1 MiB   most in Up 4, feed-forward of
                                            attentions.0
   skips alone      13,271,040   12.7 MiB   most, after the down path

 total           1,787,353,616   1.66 GiB


 weights in   a forward takes              fits
 ──────────────────────────────────────────────
 float16        1,787,353,616   1.66 GiB   yes
 q8_0           1,534,182,416   1.43 GiB   yes
 int8           1,518,243,856   1.41 GiB   yes
 q6_k           1,511,543,056   1.41 GiB   yes
 q5_k           1,480,491,536   1.38 GiB   yes
 q4_k           1,451,266,576   1.35 GiB   yes
 q3_k           1,420,215,056   1.32 GiB   yes
 nf4            1,399,157,776    1.3 GiB   yes
 q2_k           1,396,469,776    1.3 GiB   yes
 fp8              928,276,496    885 MiB   yes

fits in 2,000,000,000 bytes (1.86 GiB): yes, a forward takes 1.66 GiB
largest batch at this size: 4
largest square input at this batch: 1024×1024 px (latent 128×128)

basis: 512×512 px, latent 4×64×64, batch 1, 77 text tokens, float16, fused
attention
GiB = 2³⁰ bytes; buffers count; what fp8, int8 and nf4 leave out is 16-bit
fp8 is layerwise casting; int8 and nf4 are bitsandbytes', no double quantization
q8_0 to q2_k are GGUF's: linear weights whose rows are whole blocks (q8_0: of
32, else 256)
the denoiser alone; with its text encoders and VAE: --pipeline
not counted: the device's context, kernels' workspaces, gaps between tensors
fits: the denoiser alone; its pipeline also holds, at float16, CLIP ViT-L/14
(123,060,480 parameters, 235 MiB), AutoencoderKL (83,653,863 parameters, 160
MiB); not counted: what else it loads, and activations of these
"""


def test_the_whole_of_the_text_at_eighty_columns() -> None:
    done = unetscope("sd15", "--fits", "2GB")
    assert (done.returncode, done.stdout, done.stderr) == (0, SD15, "")


def test_json_has_the_documented_keys_and_exact_integers() -> None:
    found = json.loads(unetscope("sd15", "--json", "--train", "--fits", "1.5GiB").stdout)
    told = training(bundled("sd15"), TrainingPlan())
    assert found == {
        "schema_version": 1, "notes": [], "unread_keys": [],
        "basis": {
            "batch": 1, "input": [4, 64, 64], "sample_is": "latent", "pixels": [512, 512], "tokens": 77,
            "axes": {"height": 64, "width": 64, "tokens": 77},
            "dtype": "float16", "attention": "fused", "quant": None, "offload": "none",
            "optimizer": "adamw", "ema": False,
            "checkpointing": False, "mixed": "fp16", "weights": "float32", "frozen": [], "lora": None,
        },
        "weights_bytes": {
            "fp32": 3_438_083_856, "fp16": 1_719_041_928, "bf16": 1_719_041_928,
            "fp8": 859_964_808, "int8": 1_449_932_168, "nf4": 1_330_846_088,
        },
        "held_bytes": 1_719_041_928,
        "activation_peak_bytes": 68_311_688,
        "activation_peak_at": "up_blocks.3.attentions.0.transformer_blocks.0.ff.net.0",
        "skip_bytes": 13_271_040,
        "training": {
            "weights": told.weights, "gradients": 3_438_083_856, "optimizer": 6_876_167_712, "ema": 0,
            "activations": told.activations, "total": told.total, "paged": 0, "trained": 859_520_964,
        },
        "fits": {
            "limit": 1_610_612_736, "needed": told.total, "fits": False,
            "largest_batch": 0, "largest_input": None, "covers": "the denoiser alone", "formats": [],
            "beside": [
                {"name": "CLIP ViT-L/14", "params": 123_060_480, "bytes": 246_120_960},
                {"name": "AutoencoderKL", "params": 83_653_863, "bytes": 167_307_726},
            ],
        },
    }  # fmt: skip


def test_training_is_null_and_nothing_is_said_to_fit_unless_asked() -> None:
    found = json.loads(unetscope("sd15", "--json").stdout)
    assert found["training"] is None
    assert "fits" not in found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--ema"], "error: --ema is about training\nhint: add --train\n"),
        (["--mixed", "no"], "error: --mixed is about training\nhint: add --train\n"),
        (["--frozen", "*"], "error: --frozen is about training\nhint: add --train\n"),
        (["--exit-code"], "error: --exit-code answers for --fits\nhint: add --fits AMOUNT\n"),
        (["--fits", "24"], "error: --fits: '24' is not an amount of memory\nhint: write 24GB or 24GiB"),
        (["--fits", "0GB"], "error: --fits: '0GB' is not an amount of memory\nhint: write 24GB or 24GiB"),
        (["--fits", "-1GB"], "error: --fits: '-1GB' is not an amount of memory\nhint: write 24GB or 24GiB"),
        (["--batch", "0"], "error: --batch: 0 is not in the range 1<=x<=16384\nhint: "),
        (["--train", "--optimizer", "adam"], "error: --optimizer: 'adam' is not one of adamw, "),
        (["--latent", "64", "--size", "512"], "error: --latent and --size exclude each other\nhint: "),
    ],
)
def test_options_that_cannot_be_are_a_usage_error(args: list[str], said: str) -> None:
    done = unetscope("sd15", *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(said)


@pytest.mark.slow
def test_the_memory_of_a_preset_needs_no_torch() -> None:
    code = (
        "import sys, json; from unetscope import api; from unetscope.analysis.memory.budget import Use;"
        "from unetscope.analysis.memory.training import TrainingPlan;"
        "api.memory_of(api.load('sdxl'), use=Use(training=TrainingPlan()), batch=2, limit=80 * 10**9);"
        "print([name for name in ('torch', 'diffusers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")
