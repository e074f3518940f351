"""Adapters, offloading, quantization and patches by the real libraries: counted or left out, and said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import unetscope
from support.networks.live_networks import ATTENTION_LAYERS, MACS, PARAMS, counts, live_unet, loaded
from unetscope.analysis.cost.rows import by_block, by_kind, by_layer, by_stage, measured, rows
from unetscope.cost import total
from unetscope.errors import TraceError

pytestmark = [pytest.mark.live, pytest.mark.filterwarnings("ignore")]  # what they warn of is not ours

LORA = (9_984, 1_553_664)
"""Parameters and MACs of rank 4 beside q, k, v and out of every attention of LIVE_UNET."""
APART = "without adapters: 792,964 parameters, 99,518,464 MACs"
MOVED = "offloading left out: it moves weights and computes nothing"


def with_lora(**options: Any) -> Any:
    import peft

    network = live_unet()
    network.add_adapter(peft.LoraConfig(**{"r": 4, "target_modules": ATTENTION_LAYERS, **options}))
    return network


def test_lora_is_counted_apart_and_the_base_stays_as_it_is() -> None:
    architecture = loaded(with_lora())
    assert counts(architecture) == (PARAMS + LORA[0], MACS + LORA[1])
    assert architecture.notes == ("adapter 'default': 9,984 parameters, 1,553,664 MACs", APART)
    assert not architecture.described
    plain = unetscope.load(live_unet())
    for partition in (by_stage, by_block, lambda one: rows(one, depth=3)):
        *base, adapters = partition(architecture)
        assert (adapters.name, adapters.cost.params, adapters.cost.macs) == ("adapters", *LORA)
        assert total(row.cost for row in base) == plain.cost
    assert [(row.path, row.cost) for row in by_stage(architecture)[:-1]] == [
        (row.path, row.cost) for row in by_stage(plain)
    ]
    kinds = {row.name: row.cost for row in by_kind(architecture)}
    assert (kinds.pop("adapters").macs, total(kinds.values())) == (LORA[1], plain.cost)


def test_every_partition_adds_up_with_adapters() -> None:
    architecture = loaded(with_lora())
    for partition in (by_stage, by_block, by_kind, by_layer):
        assert total(row.cost for row in partition(architecture)) == architecture.cost
    moved = {
        sum(row.moved for row in measured(architecture, part(architecture)))
        for part in (by_stage, by_kind, by_layer)
    }
    assert len(moved) == 1


def test_two_adapters_have_a_line_each() -> None:
    import peft

    network = with_lora()
    network.add_adapter(peft.LoraConfig(r=8, target_modules=["to_q"]), adapter_name="second")
    network.set_adapter(["default", "second"])
    architecture = loaded(network)
    assert counts(architecture) == (PARAMS + 15_104, MACS + 2_471_168)
    assert architecture.notes == (
        "adapter 'default': 9,984 parameters, 1,553,664 MACs",
        "adapter 'second': 5,120 parameters, 917,504 MACs",
        APART,
    )


@pytest.mark.parametrize("how", ["fuse_lora", "disable_adapters"])
def test_an_adapter_that_is_fused_or_off_is_not_read(how: str) -> None:
    network = with_lora()
    getattr(network, how)()
    architecture = loaded(network)
    assert counts(architecture) == (PARAMS + LORA[0], MACS)
    assert architecture.notes == (
        "adapter 'default': 9,984 parameters that no operation reads: merged or not active", APART,
    )  # fmt: skip


def test_an_unloaded_adapter_leaves_no_trace() -> None:
    network = with_lora()
    network.fuse_lora()
    network.unload_lora()
    architecture = loaded(network)
    assert (counts(architecture), architecture.notes, architecture.described) == ((PARAMS, MACS), (), True)


def test_a_peft_model_is_unwrapped() -> None:
    import peft

    wrapped = peft.get_peft_model(live_unet(), peft.LoraConfig(r=4, target_modules=ATTENTION_LAYERS[:3]))
    architecture = loaded(wrapped)
    assert architecture.class_name == "UNet2DConditionModel"
    assert counts(architecture) == (PARAMS + 7_424, MACS + 1_094_912)
    assert "conv_in" in architecture.by_path


@pytest.mark.parametrize("options", [{"use_dora": True}, {"target_modules": ["conv1", "to_q"]}])
def test_what_other_lora_there_is_counts_as_torch_counts_it(options: dict[str, Any]) -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    network = with_lora(**options).eval()
    architecture = loaded(network)
    network.to("meta")  # on the CPU the counter does not see into attention
    inputs = [torch.zeros(shape, device="meta") for shape in ((1, 4, 16, 16), (), (1, 77, 32))]
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(*inputs)
    assert counts(architecture) == (
        sum(p.numel() for p in network.parameters()),
        counter.get_total_flops() // 2,
    )
    assert architecture.notes[-1] == APART


def by_hook(network: Any) -> Any:
    from accelerate import hooks

    return hooks.add_hook_to_module(network, hooks.AlignDevicesHook("cpu", io_same_device=True))


def by_cpu_offload(network: Any) -> Any:
    import accelerate

    accelerate.cpu_offload(network, execution_device="cpu")
    return network


@pytest.mark.parametrize("offload", [by_hook, by_cpu_offload])
def test_offloading_is_left_out_and_stays(offload: Callable[[Any], Any]) -> None:
    architecture = loaded(offload(live_unet()))
    assert architecture.nodes == unetscope.load(live_unet()).nodes
    assert (architecture.notes, architecture.described) == ((MOVED,), True)


def test_a_module_prepared_by_accelerate_is_itself() -> None:
    import accelerate

    architecture = loaded(accelerate.Accelerator(cpu=True, mixed_precision="bf16").prepare(live_unet()))
    assert (counts(architecture), architecture.notes) == ((PARAMS, MACS), ())


@pytest.mark.parametrize("config", ["Int8WeightOnlyConfig", "Int8DynamicActivationInt8WeightConfig"])
def test_torchao_is_counted_by_logical_shapes(config: str) -> None:
    from torchao import quantization

    network = live_unet()
    quantization.quantize_(network, getattr(quantization, config)())
    architecture = loaded(network)
    assert architecture.nodes == unetscope.load(live_unet()).nodes
    (note,) = architecture.notes
    assert note.startswith("50 weights quantized (torchao ")
    assert note.endswith("): counted as matmuls of the types they stand for")


def quantized(kind: str) -> Any:
    """LIVE_UNET with every linear layer in a type of bitsandbytes."""
    import torch
    from bitsandbytes import nn

    network = live_unet()
    for module in list(network.modules()):
        for name, layer in list(module.named_children()):
            if type(layer) is torch.nn.Linear:
                options = {"has_fp16_weights": False} if kind == "Linear8bitLt" else {"quant_type": "nf4"}
                made = getattr(nn, kind)(
                    layer.in_features, layer.out_features, layer.bias is not None, **options
                )
                made.load_state_dict(layer.state_dict())
                setattr(module, name, made.to("cpu"))  # moving it packs its weights
    return network


@pytest.mark.parametrize("kind", ["Linear8bitLt", "Linear4bit"])
def test_bitsandbytes_is_counted_by_logical_shapes(kind: str) -> None:
    architecture, plain = loaded(quantized(kind)), unetscope.load(live_unet())
    assert architecture.cost == plain.cost
    assert {t.name: t.shape for t in architecture.tensors} == {t.name: t.shape for t in plain.tensors}
    assert architecture.notes == (
        f"50 weights quantized (bitsandbytes {kind}): counted as matmuls of the types they stand for",
    )


def test_lora_beside_quantized_layers_is_counted() -> None:
    import peft

    network = quantized("Linear4bit")
    network.add_adapter(peft.LoraConfig(r=4, target_modules=ATTENTION_LAYERS))
    assert counts(loaded(network)) == (PARAMS + LORA[0], MACS + LORA[1])


def test_merged_tokens_are_counted_as_merged() -> None:
    import tomesd

    network = live_unet()
    tomesd.apply_patch(network, ratio=0.5)
    architecture = loaded(network)
    assert counts(architecture) == (PARAMS, MACS - 9_830_400)
    assert (architecture.uncounted, architecture.described) == ((), False)
    hook, patch = architecture.notes
    assert hook == "the network with a forward hook by tomesd: counted as it runs"
    assert patch.endswith("and 1 more patched by tomesd: counted as it runs")


def test_deepcache_is_refused_until_it_is_off() -> None:
    from types import SimpleNamespace

    from DeepCache import DeepCacheSDHelper

    helper = DeepCacheSDHelper(pipe=SimpleNamespace(unet=live_unet()))
    helper.set_params(cache_interval=3, cache_branch_id=0)
    helper.enable()
    with pytest.raises(TraceError, match="DeepCache is on") as caught:
        unetscope.load(helper.pipe.unet)
    assert "disable it" in caught.value.hint
    helper.disable()
    assert counts(unetscope.load(helper.pipe.unet)) == (PARAMS, MACS)


def ip_adapter(network: Any, width: int) -> dict[str, Any]:
    """The state dict of an IP-Adapter for a network, of four tokens from an embedding of a width."""
    import torch

    def zeros(*shape: int) -> Any:
        return torch.zeros(shape)

    projection = {"proj.weight": zeros(128, width), "proj.bias": zeros(128)}
    projection |= {"norm.weight": zeros(32), "norm.bias": zeros(32)}
    layers = [path for path in network.attn_processors if path.endswith("attn2.processor")]
    made = {}
    for index, path in enumerate(layers):
        out = network.get_submodule(path.removesuffix(".processor")).to_k.out_features
        made |= {f"{2 * index + 1}.to_{name}_ip.weight": zeros(out, 32) for name in "kv"}
    return {"image_proj": projection, "ip_adapter": made}


@pytest.mark.parametrize("number", [1, 2])
def test_an_ip_adapter_is_called_with_an_image_each(number: int) -> None:
    network = live_unet()
    network._load_ip_adapter_weights([ip_adapter(network, 64)] * number)
    architecture = loaded(network)
    assert counts(architecture) == (PARAMS + number * 18_624, MACS + number * 278_528)
    name = "IP-Adapter" if number == 1 else f"{number} IP-Adapters"
    assert architecture.notes == (f"{name}: {number * 18_624:,} parameters, called with one image each",)
    images = [one.shape for one in architecture.inputs if "image_embeds" in one.name]
    assert images == [(1, 1, 64)] * number


def test_an_ip_adapter_of_flux_is_called_through_its_own_argument() -> None:
    import torch
    from diffusers import FluxTransformer2DModel

    def zeros(*shape: int) -> Any:
        return torch.zeros(shape)

    network = FluxTransformer2DModel(
        in_channels=4,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        pooled_projection_dim=32,
        axes_dims_rope=[4, 4, 8],
    )
    plain = loaded(network)
    projection = {"proj.weight": zeros(128, 64), "proj.bias": zeros(128)}
    projection |= {"norm.weight": zeros(32), "norm.bias": zeros(32)}
    layer = {f"0.to_{name}_ip.weight": zeros(32, 32) for name in "kv"}
    layer |= {f"0.to_{name}_ip.bias": zeros(32) for name in "kv"}
    adapter = {"image_proj": projection, "ip_adapter": layer}
    network._load_ip_adapter_weights([adapter], low_cpu_mem_usage=False)
    architecture = loaded(network)
    # a projection of 64 to 4 tokens of 32, their keys and values, and 4,096 tokens that attend to these
    macs = 64 * 128 + 2 * 4 * 32 * 32 + 2 * 4096 * 4 * 32
    assert counts(architecture) == (plain.cost.params + 10_496, plain.cost.macs + macs)
    assert architecture.notes == ("IP-Adapter: 10,496 parameters, called with one image each",)
    (image,) = (one for one in architecture.inputs if one.role == "image context")
    assert (image.name, image.shape) == ("joint_attention_kwargs.ip_adapter_image_embeds[0]", (1, 1, 64))


def test_a_pipeline_takes_pixels_where_its_vae_tells() -> None:
    from diffusers import AutoencoderKL, DDPMScheduler, StableDiffusionPipeline

    vae = AutoencoderKL(
        block_out_channels=(32, 32),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
    )
    absent = dict.fromkeys(("text_encoder", "tokenizer", "safety_checker", "feature_extractor"))
    pipeline = StableDiffusionPipeline(
        vae=vae, unet=live_unet(), scheduler=DDPMScheduler(), requires_safety_checker=False, **absent
    )
    architecture = unetscope.load(pipeline, size=unetscope.Size(pixels=(64, 64)))
    assert architecture.basis.input == (4, 32, 32)
