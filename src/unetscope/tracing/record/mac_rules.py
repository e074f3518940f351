"""Which operations multiply and accumulate, and how often; knows shapes, not tensors.

A MAC is one multiply-add. Convolution: each output element takes (input channels / groups) × kernel
of them; a transposed one the same for each input element. Matmul (n,k)×(k,m): n·k·m. Attention:
both matmuls, QKᵀ and PV. By convention norms, activations, biases, sums, resampling by repetition
and softmax count nothing; an operation in neither list is reported as uncounted.
"""

from __future__ import annotations

from math import prod

from unetscope.sizes import Shape

ATTENTION = "scaled_dot_product_attention"

CONVOLUTIONS = frozenset({"convolution", "_convolution", "mkldnn_convolution"})
MATMULS = {
    # name: index of the left operand; the right one follows it
    "mm": 0,
    "bmm": 0,
    "mv": 0,
    "dot": 0,
    "vdot": 0,
    "addmm": 1,
    "baddbmm": 1,
    "addbmm": 1,
    "addmv": 1,
}

_FREE = """
abs adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d add add_ addcmul alias all amax amin any
arange argmax argmin as_strided asin atan atan2 avg_pool1d avg_pool2d avg_pool3d bernoulli bincount
bitwise_and bitwise_not bitwise_or cat ceil chunk clamp clamp_max clamp_min clone constant_pad_nd copy
copy_ cos cumsum deg2rad detach diag_embed div div_ dropout elu embedding empty empty_like empty_strided
eq exp expand expm1 eye fill fill_ flip floor floor_divide full full_like gather ge gelu glu gt
hann_window hardtanh index index_copy index_put index_select isinf isnan le leaky_relu lerp lift_fresh
lift_fresh_copy linalg_cross linalg_vector_norm linspace log log1p logical_and logical_not logical_or
logsumexp lt masked_fill masked_fill_ max max_pool1d_with_indices max_pool2d_with_indices
max_pool3d_with_indices maximum mean min minimum mish mul mul_ native_batch_norm native_dropout
native_group_norm native_layer_norm ne neg new_empty new_empty_strided new_full new_ones new_zeros
nonzero normal ones ones_like permute pixel_shuffle pixel_unshuffle polar pow prelu rad2deg rand rand_like
randn randn_like reciprocal reflection_pad1d reflection_pad2d reflection_pad3d relu relu_ remainder
repeat repeat_interleave replication_pad1d replication_pad2d replication_pad3d reshape rms_norm roll
round rsqrt rsub scalar_tensor scatter scatter_add scatter_reduce select sigmoid sign silu silu_ sin
slice slice_scatter softmax softplus sort split split_with_sizes sqrt squeeze stack std sub sub_ sum t
tan tanh to topk transpose tril triu trunc unbind unfold uniform unsqueeze upsample_bicubic2d
upsample_bilinear2d upsample_linear1d upsample_nearest1d upsample_nearest2d upsample_nearest3d
upsample_trilinear3d var var_mean view where zero_ zeros zeros_like _adaptive_avg_pool2d
_adaptive_avg_pool3d _assert_async _fused_rms_norm _local_scalar_dense
_native_batch_norm_legit_no_training _prelu_kernel _reshape_alias _safe_softmax _softmax _to_copy
_unsafe_view _upsample_bicubic2d_aa _upsample_bilinear2d_aa _upsample_nearest_exact1d
_upsample_nearest_exact2d _upsample_nearest_exact3d _weight_norm_interface
"""
FREE = frozenset(_FREE.split())


def convolution_macs(input_shape: Shape, weight: Shape, output: Shape, *, transposed: bool) -> int:
    """MACs of a convolution. `weight` is (out, in / groups, *kernel); (in, out / groups, …) transposed."""
    positions = input_shape if transposed else output
    return prod(positions) * prod(weight[1:])


def matmul_macs(left: Shape, right: Shape) -> int:
    """MACs of (batch,) n,k × (batch,) k,m; also of a matrix with a vector and of two vectors."""
    columns = right[-1] if len(right) >= 2 else 1
    return prod(left) * columns


def attention_macs(query: Shape, key: Shape, value: Shape) -> int:
    """MACs of QKᵀ and PV. Shapes end in tokens, head width; what stands before is heads and batch."""
    return prod(query) * key[-2] + prod(query[:-1]) * value[-2] * value[-1]
