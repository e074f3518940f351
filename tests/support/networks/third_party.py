"""Networks of other packages, built as their own documentation builds them: a function each, by name.

Imports nothing of theirs until one is asked for. `NETWORKS` says of which package (with its version on PyPI)
each is and what makes it with its inputs; IN_CI are those that live tests count, of the extra `test-live`.
The others are measured by tests/measure_third_party.py; tests/data/third_party_networks.tsv has the figures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest.mock import MagicMock

IMAGE, LARGE = (1, 3, 64, 64), (1, 3, 256, 256)
VOLUME = (1, 1, 32, 32, 32)
Made = tuple[Any, Any]
"""A module and its inputs."""


@dataclass(frozen=True)
class Network:
    package: str
    make: Callable[[], Made]


def _unet() -> Made:
    from monai.networks.nets import UNet

    return UNet(2, 1, 2, (16, 32, 64, 128), (2, 2, 2), num_res_units=2), (1, 1, 128, 128)


def _unet_3d() -> Made:
    from monai.networks.nets import UNet

    return UNet(3, 1, 2, (16, 32, 64, 128), (2, 2, 2), num_res_units=2), VOLUME


def _monai(name: str, inputs: Any, *args: Any, **options: Any) -> Callable[[], Made]:
    def make() -> Made:
        from monai.networks import nets

        return getattr(nets, name)(*args, **options), inputs

    return make


def _smp(name: str, encoder: str, inputs: Any = LARGE) -> Callable[[], Made]:
    def make() -> Made:
        import segmentation_models_pytorch as smp

        return getattr(smp, name)(encoder, encoder_weights=None), inputs

    return make


def _timm(name: str) -> Callable[[], Made]:
    def make() -> Made:
        import timm

        return timm.create_model(name), (1, 3, 224, 224)

    return make


def _lucidrains() -> Made:
    from denoising_diffusion_pytorch import Unet

    return Unet(dim=64, dim_mults=(1, 2, 4, 8)), {"x": (1, 3, 128, 128), "time": (1,)}


def _lucidrains_1d() -> Made:
    from denoising_diffusion_pytorch import Unet1D

    return Unet1D(dim=64, dim_mults=(1, 2, 4, 8), channels=32), {"x": (1, 32, 128), "time": (1,)}


def _karras() -> Made:
    from denoising_diffusion_pytorch import KarrasUnet

    return KarrasUnet(image_size=64, dim=32), {"x": (1, 4, 64, 64), "time": "1:float32"}


def _uvit() -> Made:
    from denoising_diffusion_pytorch.simple_diffusion import UViT

    return UViT(dim=64), {"x": (1, 3, 128, 128), "time": (1,)}


def _x_unet() -> Made:
    from x_unet import XUnet

    nested = XUnet(
        dim=64,
        channels=3,
        dim_mults=(1, 2, 4, 8),
        nested_unet_depths=(7, 4, 2, 1),
        consolidate_upsample_fmaps=True,
    )
    return nested, LARGE


def _imagen() -> Made:
    import transformers

    # asked of the Hub when the package is imported, and not used
    transformers.T5Config.from_pretrained = lambda name: MagicMock(d_model=768)
    from imagen_pytorch import Unet

    network = Unet(
        dim=32, text_embed_dim=768, cond_dim=64, dim_mults=(1, 2, 4, 8), num_resnet_blocks=3,
        layer_attns=(False, True, True, True), layer_cross_attns=(False, True, True, True),
    )  # fmt: skip
    return network, {"x": IMAGE, "time": "1:float32", "text_embeds": (1, 16, 768)}


def _ldm() -> Made:
    from ldm.modules.diffusionmodules.openaimodel import UNetModel

    network = UNetModel(
        image_size=32, in_channels=4, out_channels=4, model_channels=320, attention_resolutions=[4, 2, 1],
        num_res_blocks=2, channel_mult=[1, 2, 4, 4], num_heads=8, use_spatial_transformer=True,
        transformer_depth=1, context_dim=768, use_checkpoint=False, legacy=False,
    )  # fmt: skip
    return network, {"x": (1, 4, 64, 64), "timesteps": (1,), "context": (1, 77, 768)}


def _adm() -> Made:
    from guided_diffusion.script_util import create_model

    network = create_model(
        256, 256, 2, learn_sigma=True, class_cond=False, attention_resolutions="32,16,8",
        num_head_channels=64, use_scale_shift_norm=True, resblock_updown=True,
    )  # fmt: skip
    return network, {"x": LARGE, "timesteps": (1,)}


def _ddpm() -> Made:
    from guided_diffusion.unet import UNetModel

    network = UNetModel(
        image_size=32, in_channels=3, model_channels=128, out_channels=3, num_res_blocks=2,
        attention_resolutions=(2,), channel_mult=(1, 2, 2, 2),
    )  # fmt: skip
    return network, {"x": (1, 3, 32, 32), "timesteps": (1,)}


def _pytorch3dunet(name: str) -> Callable[[], Made]:
    def make() -> Made:
        from pytorch3dunet.unet3d import model

        return getattr(model, name)(1, 2, f_maps=32, num_levels=4), (1, 1, 64, 64, 64)

    return make


def _nnunet(name: str, **options: Any) -> Callable[[], Made]:
    def make() -> Made:
        from dynamic_network_architectures.architectures import unet
        from torch import nn

        network = getattr(unet, name)(
            1, 6, (32, 64, 128, 256, 320, 320), nn.Conv3d, 3, (1, 2, 2, 2, 2, 2), num_classes=2,
            n_conv_per_stage_decoder=(2,) * 5 if name == "PlainConvUNet" else (1,) * 5, conv_bias=True,
            norm_op=nn.InstanceNorm3d, norm_op_kwargs={"eps": 1e-5, "affine": True},
            nonlin=nn.LeakyReLU, nonlin_kwargs={"inplace": True}, **options,
        )  # fmt: skip
        return network, (1, 1, 128, 128, 128)

    return make


def _fepegar(inputs: Any, **options: Any) -> Callable[[], Made]:
    def make() -> Made:
        from unet import UNet

        return UNet(**options), inputs

    return make


def _k_diffusion() -> Made:
    from k_diffusion.models import ImageDenoiserModelV1

    network = ImageDenoiserModelV1(3, 64, [1, 1, 1], [64, 128, 128], [False, True, True])
    return network, {"input": IMAGE, "sigma": "1:float32"}


def _a_unet() -> Made:
    from audio_diffusion_pytorch import UNetV0

    network = UNetV0(
        dim=1, in_channels=2, channels=[8, 32, 64, 128], factors=[1, 4, 4, 4], items=[1, 2, 2, 2],
        attentions=[0, 0, 1, 1], attention_heads=8, attention_features=16,
    )  # fmt: skip
    return network, {"x": (1, 2, 4096), "time": (1,)}


SMP, MONAI, LUCID = "segmentation-models-pytorch 0.6.0", "monai 1.6.1", "denoising-diffusion-pytorch 2.3.4"
TIMM, NNUNET, WOLNY = "timm 1.0.31", "dynamic_network_architectures 0.4.4", "pytorch3dunet 1.9.6"
VIT = "tu-vit_base_patch16_224.augreg_in21k"
ADM = "guided_diffusion_sdk 1.0.0"
IN_CI = (SMP, MONAI, LUCID, "x-unet 0.5.0")
NETWORKS = {
    "monai UNet": Network(MONAI, _unet),
    "monai UNet 3-D": Network(MONAI, _unet_3d),
    "monai BasicUNet": Network(MONAI, _monai("BasicUNet", (1, 1, 64, 64), 2)),
    "monai AttentionUnet": Network(
        MONAI, _monai("AttentionUnet", (1, 1, 128, 128), 2, 1, 2, (64, 128, 256, 512, 1024), (2, 2, 2, 2))
    ),
    "monai BasicUNet++": Network(MONAI, _monai("BasicUNetPlusPlus", (1, 1, 64, 64), 2)),
    "monai DynUNet": Network(
        MONAI, _monai("DynUNet", VOLUME, 3, 1, 2, [3, 3, 3, 3], [1, 2, 2, 2], [2, 2, 2])
    ),
    "monai VNet": Network(MONAI, _monai("VNet", (1, 1, 64, 64, 64))),
    "monai SegResNet": Network(MONAI, _monai("SegResNet", VOLUME)),
    "monai FlexibleUNet": Network(MONAI, _monai("FlexibleUNet", IMAGE, 3, 2, "efficientnet-b0")),
    "monai UNETR": Network(MONAI, _monai("UNETR", (1, 1, 96, 96, 96), 1, 14, (96, 96, 96))),
    "monai SwinUNETR": Network(MONAI, _monai("SwinUNETR", (1, 1, 96, 96, 96), 1, 14, feature_size=48)),
    "monai DiffusionModelUNet": Network(
        MONAI,
        _monai(
            "DiffusionModelUNet", {"x": (1, 1, 64, 64), "timesteps": "1:int64"}, 2, 1, 1, num_res_blocks=2,
            channels=(128, 256, 256), attention_levels=(False, True, True), num_head_channels=256,
        ),
    ),
    "smp Unet resnet34": Network(SMP, _smp("Unet", "resnet34")),
    "smp Unet efficientnet-b0": Network(SMP, _smp("Unet", "efficientnet-b0")),
    "smp Unet mit_b0": Network(SMP, _smp("Unet", "mit_b0")),
    "smp Unet tu-convnext_tiny": Network(SMP, _smp("Unet", "tu-convnext_tiny")),
    "smp Unet++ resnet34": Network(SMP, _smp("UnetPlusPlus", "resnet34")),
    "smp MAnet resnet34": Network(SMP, _smp("MAnet", "resnet34")),
    "smp Linknet resnet34": Network(SMP, _smp("Linknet", "resnet34")),
    "smp FPN resnet34": Network(SMP, _smp("FPN", "resnet34")),
    "smp PAN resnet34": Network(SMP, _smp("PAN", "resnet34")),
    "smp UPerNet resnet34": Network(SMP, _smp("UPerNet", "resnet34")),
    "smp Segformer mit_b0": Network(SMP, _smp("Segformer", "mit_b0")),
    "smp DeepLabV3+ resnet34": Network(SMP, _smp("DeepLabV3Plus", "resnet34")),
    "smp PSPNet resnet34": Network(SMP, _smp("PSPNet", "resnet34")),
    "smp DPT tu-vit_base": Network(SMP, _smp("DPT", VIT, (1, 3, 224, 224))),
    "timm resnet50": Network(TIMM, _timm("resnet50")),
    "timm convnext_tiny": Network(TIMM, _timm("convnext_tiny")),
    "timm swin_tiny": Network(TIMM, _timm("swin_tiny_patch4_window7_224")),
    "timm densenet121": Network(TIMM, _timm("densenet121")),
    "timm vit_small": Network(TIMM, _timm("vit_small_patch16_224")),
    "timm hrnet_w18": Network(TIMM, _timm("hrnet_w18")),
    "lucidrains Unet": Network(LUCID, _lucidrains),
    "lucidrains Unet1D": Network(LUCID, _lucidrains_1d),
    "lucidrains KarrasUnet": Network(LUCID, _karras),
    "lucidrains UViT": Network(LUCID, _uvit),
    "x-unet": Network("x-unet 0.5.0", _x_unet),
    "imagen Unet": Network("imagen-pytorch 2.1.0", _imagen),
    "LDM UNetModel (SD 1)": Network("stable-diffusion-sdkit 2.1.5", _ldm),
    "ADM 256×256": Network(ADM, _adm),
    "improved DDPM 32×32": Network(ADM, _ddpm),
    "pytorch3dunet UNet3D": Network(WOLNY, _pytorch3dunet("UNet3D")),
    "pytorch3dunet ResidualUNet3D": Network(WOLNY, _pytorch3dunet("ResidualUNet3D")),
    "nnU-Net PlainConvUNet": Network(NNUNET, _nnunet("PlainConvUNet", n_conv_per_stage=(2,) * 6)),
    "nnU-Net ResidualEncoderUNet": Network(
        NNUNET, _nnunet("ResidualEncoderUNet", n_blocks_per_stage=(1, 3, 4, 6, 6, 6))
    ),
    "fepegar UNet 2-D": Network("unet 0.8.1", _fepegar((1, 1, 128, 128), padding=1, num_encoding_blocks=4)),
    "fepegar UNet unpadded": Network("unet 0.8.1", _fepegar((1, 1, 572, 572), padding=0)),
    "fepegar UNet 3-D": Network(
        "unet 0.8.1", _fepegar(VOLUME, dimensions=3, padding=1, num_encoding_blocks=3, upsampling_type="conv")
    ),
    "k-diffusion v1": Network("k-diffusion 0.1.1", _k_diffusion),
    "a-unet UNetV0": Network("audio-diffusion-pytorch 0.1.3", _a_unet),
}  # fmt: skip
