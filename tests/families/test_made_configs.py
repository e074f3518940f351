"""Small networks of many classes with fields made up: our recorder counts what torch's own counter counts."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from support.by_recipe import Case, built, cases, counted_by_torch, defaults, recorded
from unetscope.errors import ConfigError
from unetscope.families.recipes import recipes
from unetscope.tracing.forward import FAILURES

FEW = st.integers(1, 3)
WIDTHS = st.sampled_from((16, 32, 48))
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(
        "num_layers num_single_layers num_mmdit_layers num_single_dit_layers n_layers".split(), FEW
    ),
    **dict.fromkeys("num_refiner_layers n_refiner_layers num_text_blocks num_visual_blocks".split(), FEW),
    **dict.fromkeys("num_attention_heads num_cross_attention_heads n_heads".split(), st.sampled_from((2, 4))),
    **dict.fromkeys(
        "joint_attention_dim text_embed_dim text_dim caption_channels cap_feat_dim".split(), WIDTHS
    ),
    **dict.fromkeys("pooled_projection_dim text_embed_2_dim image_dim".split(), WIDTHS),
    "ffn_dim": WIDTHS,
    "mlp_ratio": st.sampled_from((2.0, 4.0)),
    "guidance_embeds": st.booleans(),
    "layers_per_block": st.integers(1, 2),
    "out_channels": st.sampled_from((4, 8)),
}
"""What is made up of the fields that a class has; others are those of its pinned network."""
FIXED = {
    "HunyuanDiT2DModel": {"num_layers": 4},
    "StableAudioDiTModel": {"num_key_value_attention_heads": 1},
    "WanVACETransformer3DModel": {"vace_layers": [0]},
    "SD3Transformer2DModel": {"dual_attention_layers": [0]},
}
"""What must fit the depth, or the heads."""
DENOISERS = (
    "AllegroTransformer3DModel AuraFlowTransformer2DModel BriaTransformer2DModel ChromaTransformer2DModel "
    "CogVideoXTransformer3DModel CogView3PlusTransformer2DModel CogView4Transformer2DModel "
    "DiTTransformer2DModel ErnieImageTransformer2DModel Flux2Transformer2DModel FluxControlNetModel "
    "FluxTransformer2DModel HunyuanDiT2DModel HunyuanImageTransformer2DModel HunyuanVideoTransformer3DModel "
    "JoyImageEditTransformer3DModel LTXVideoTransformer3DModel LatteTransformer3DModel "
    "LongCatImageTransformer2DModel Lumina2Transformer2DModel MochiTransformer3DModel "
    "OvisImageTransformer2DModel PRXTransformer2DModel PixArtTransformer2DModel QwenImageTransformer2DModel "
    "SD3ControlNetModel SD3Transformer2DModel SanaTransformer2DModel SkyReelsV2Transformer3DModel "
    "StableAudioDiTModel UNet3DConditionModel UNetMotionModel WanTransformer3DModel "
    "WanVACETransformer3DModel ZImageTransformer2DModel AutoencoderKL AutoencoderDC VQModel"
).split()
CASES = {case.class_name: case for case in cases() if case.class_name in DENOISERS}


def test_there_are_at_least_thirty_classes() -> None:
    assert len(CASES) >= 30


def _fitting(config: dict[str, Any]) -> dict[str, Any]:
    """A config in which the widths that must be heads × head width are so."""
    heads, width = config.get("num_attention_heads"), config.get("attention_head_dim")
    made = dict(config)
    if isinstance(heads, int) and isinstance(width, int):
        for key in ("caption_projection_dim", "cross_attention_dim", "hidden_size"):
            if isinstance(config.get(key), int) and config[key] % width == 0:
                made[key] = heads * width
    crossing = config.get("num_cross_attention_heads"), config.get("cross_attention_head_dim")
    if all(isinstance(one, int) for one in crossing) and isinstance(heads, int) and isinstance(width, int):
        made["num_cross_attention_heads"], made["cross_attention_head_dim"] = heads, width
    return made


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CASES))
@settings(
    max_examples=2,
    derandomize=True,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_a_made_up_network_counts_what_torch_counts(name: str, data: st.DataObject) -> None:
    case, known = CASES[name], defaults(name)
    start, fixed = known | case.config, FIXED.get(name, {})
    drawn = {
        key: data.draw(FIELDS[key], label=key) for key in FIELDS if isinstance(known.get(key), int | float)
    }
    tokens = (
        {"tokens": data.draw(st.integers(2, 40), label="tokens")} if "tokens" in recipes()[name].axes else {}
    )
    made = Case(case.name, name, _fitting(start | drawn | fixed), case.count)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            network = built(made)
            count = counted_by_torch(made, network, **tokens)
        except (*FAILURES, ConfigError):
            made = replace(made, config=start | _depths(drawn) | fixed)  # widths that do not go together
            network = built(made)
            count = counted_by_torch(made, network, **tokens)
        ours, _ = recorded(made, network, **tokens)
        assert ours == count.macs
        assume(count.macs > 0)


def _depths(drawn: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in drawn.items() if FIELDS[key] is FEW}
