"""Values that a forward reads: kept where small, shapes alone elsewhere, never the one for the other."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some

from unetscope.tracing.forward.known_values import MAX_KEPT, UnknownValues, autocast_on_meta, values

META = torch.device("meta")


def _meta(*shape, dtype=torch.float32):
    return torch.empty(shape, dtype=dtype, device=META)


def _mask(*rows):
    return torch.tensor(rows, dtype=torch.bool)


MASK = _mask([1, 1, 1, 0], [1, 0, 0, 0])


@pytest.mark.parametrize(
    ("ask", "shape"),
    [
        (lambda x, m: x[m], (4, 8)),
        (lambda x, m: x[:, m[0]], (2, 3, 8)),
        (lambda x, m: x.masked_select(m[..., None]), (32,)),
        (lambda x, m: x.repeat_interleave(torch.tensor([1, 2]), dim=0), (3, 4, 8)),
        (lambda x, m: x[:, : int(m.sum(1).max())], (2, 3, 8)),
        (lambda x, m: torch.cat([x[i, : m[i].sum().item()] for i in range(2)]), (4, 8)),
        (lambda x, m: torch.where(m[..., None], x, 0.0), (2, 4, 8)),
        (lambda x, m: x * m[..., None], (2, 4, 8)),
        (lambda x, m: x.gather(1, m.long()[..., None]), (2, 4, 1)),
        (lambda x, m: torch.nn.functional.embedding(m.long(), x[0]), (2, 4, 8)),
        (lambda x, m: torch.cat([x, m[..., None].float()], dim=-1), (2, 4, 9)),
        (lambda x, m: x.index_put((m,), x.new_zeros(8)), (2, 4, 8)),
        (lambda x, m: x.masked_fill_(~m[..., None], 0), (2, 4, 8)),
        (lambda x, m: x.to("cpu").sum(-1), (2, 4)),
    ],
)
def test_what_values_tell_gives_a_meta_tensor_its_true_shape(ask, shape):
    with torch.no_grad(), values():
        found = ask(_meta(2, 4, 8), MASK)
    assert found.is_meta
    assert tuple(found.shape) == shape


@pytest.mark.parametrize(
    ("ask", "value"),
    [
        (lambda m: m.to(META).sum().item(), 4),
        (lambda m: m.to(META, torch.float32).sum(1).tolist(), [3.0, 1.0]),
        (lambda m: m.nonzero().shape[0], 4),
        (lambda m: torch.arange(5, device=META).max().item(), 4),
        (lambda m: torch.zeros(3, dtype=torch.long, device=META).tolist(), [0, 0, 0]),
        (lambda m: _meta(2, 2).new_ones(2, dtype=torch.bool).tolist(), [True, True]),
        (lambda m: torch.zeros_like(_meta(2), dtype=torch.long).tolist(), [0, 0]),
        (lambda m: torch.cumsum(m[0].long(), 0).tolist(), [1, 2, 3, 3]),
        (lambda m: torch.bincount(_meta(10, dtype=torch.long), minlength=4).tolist(), [3, 3, 2, 2]),
        (lambda m: _meta(10, dtype=torch.long).bincount().tolist(), [10]),
        (lambda m: torch.bincount(m.long().flatten()).tolist(), [4, 4]),
    ],
)
def test_values_that_are_kept_can_be_read(ask, value):
    with torch.no_grad(), values():
        assert ask(MASK) == value


@pytest.mark.parametrize(
    "ask",
    [
        lambda m: _meta(3).sum().item(),
        lambda m: _meta(3, 4)[_meta(3, dtype=torch.bool)],
        lambda m: torch.arange(3.0, device=META)[0].item(),
        lambda m: torch.empty(3, dtype=torch.long, device=META)[0].item(),
        lambda m: (m.long().sum() * _meta()).item(),
    ],
)
def test_what_is_not_known_is_never_made_up(ask):
    with torch.no_grad(), values(), pytest.raises((RuntimeError, NotImplementedError)):
        ask(MASK)


def test_unknown_values_are_not_written_where_values_are_read():
    with torch.no_grad(), values():
        kept = torch.zeros(4, dtype=torch.long, device=META)
        kept[:2] = 7
        assert kept.tolist() == [7, 7, 0, 0]
        with pytest.raises(UnknownValues, match="copy_ writes unknown values"):
            kept[:2] = _meta(2, dtype=torch.long)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: MASK.new_ones(1, n)[:, :, None] & MASK.new_ones(1, n)[:, None],
        lambda n: torch.ones(n, n),
        lambda n: torch.zeros(n, n, dtype=torch.bool, device=META),
        lambda n: torch.randn(n, n),
        lambda n: torch.ones(1, n, dtype=torch.bool).expand(n, n).contiguous(),
        lambda n: torch.eye(n, dtype=torch.long, device=META),
    ],
)
def test_nothing_large_is_made_on_the_cpu(make):
    with torch.no_grad(), values():
        assert make(2000).is_meta
        assert MAX_KEPT < 2000 * 2000


def test_autocast_of_meta_is_nothing_and_of_any_other_device_torchs_own():
    before = torch.autocast, torch.amp.autocast
    with autocast_on_meta():
        with torch.autocast("meta", enabled=False), torch.amp.autocast("meta", dtype=torch.float32):
            pass
        with torch.autocast(device_type="cpu", dtype=torch.bfloat16):
            assert torch.is_autocast_enabled("cpu")
        with pytest.raises(RuntimeError):
            torch.autocast("no such device")
    assert (torch.autocast, torch.amp.autocast) == before


def test_traces_that_overlap_leave_torchs_own_autocast_behind():
    before = torch.autocast, torch.amp.autocast
    first, second = autocast_on_meta(), autocast_on_meta()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert (torch.autocast, torch.amp.autocast) == before


SHAPES = some.lists(some.integers(1, 5), min_size=1, max_size=3)


@given(SHAPES, some.data())
def test_a_mask_on_meta_gives_the_shape_that_it_gives_on_the_cpu(shape, data):
    leading = data.draw(some.integers(1, len(shape)))
    count = int(torch.tensor(shape[:leading]).prod())
    flags = data.draw(some.lists(some.booleans(), min_size=count, max_size=count))
    mask = torch.tensor(flags, dtype=torch.bool).reshape(shape[:leading])
    real = torch.rand(shape)
    with torch.no_grad(), values():
        assert _meta(*shape)[mask].shape == real[mask].shape
        changed = _meta(*shape)
        changed[mask] = 0
        assert changed.shape == real.shape
