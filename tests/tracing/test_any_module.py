"""Any U-Net in PyTorch: counted to the unit, its stages and skips observed, the module left as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import unetscope
from unetscope import codec, invariants
from unetscope.difference.changes import BlockChange
from unetscope.errors import ConfigError, OptionError, SourceError, TraceError


def double(given: int, made: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(given, made, 3, padding=1), nn.ReLU(), nn.Conv2d(made, made, 3, padding=1), nn.ReLU()
    )


class Textbook(nn.Module):
    """A U-Net as a newcomer writes it."""

    def __init__(self, widths: tuple[int, ...] = (4, 8, 16)) -> None:
        super().__init__()
        self.enc = nn.ModuleList(double(*pair) for pair in zip((3, *widths), widths, strict=False))
        back = list(zip(widths[:0:-1], widths[-2::-1], strict=True))
        self.up = nn.ModuleList(nn.ConvTranspose2d(*pair, 2, 2) for pair in back)
        self.dec = nn.ModuleList(double(*pair) for pair in back)
        self.pool = nn.MaxPool2d(2)
        self.out = nn.Conv2d(widths[0], 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        skips = []
        for block in self.enc[:-1]:
            x = block(x)
            skips.append(x)
            x = self.pool(x)
        x = self.enc[-1](x)
        for up, block in zip(self.up, self.dec, strict=True):
            x = block(self.joined(up(x), skips.pop()))
        return self.out(x)

    def joined(self, x: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        return torch.cat([skip, x], 1)


class Adding(Textbook):
    def __init__(self) -> None:
        super().__init__()
        self.dec = nn.ModuleList(double(width, width) for width in (8, 4))

    def joined(self, x: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        return skip + x


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inside = double(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.inside(x)


STAGES = ["down_1", "down_2", "mid", "up_1", "up_2", "head"]


def state(module: nn.Module) -> list[object]:
    """All that a module holds, with the bytes of its tensors."""
    return [
        (name, {key: type(value).__name__ for key, value in vars(one).items()}, one.training)
        for name, one in module.named_modules()
    ] + [
        (name, tensor.data_ptr(), tensor.device.type, tensor.numpy().tobytes())
        for name, tensor in module.state_dict().items()
    ]


def test_a_unet_of_thirty_lines_has_the_stages_and_skips_of_its_code() -> None:
    made = unetscope.load(Textbook())
    assert [stage.path for stage in made.stages] == STAGES
    assert [stage.level for stage in made.stages] == [0, 1, 2, 1, 0, None]
    assert [(skip.source, skip.target, skip.kind) for skip in made.skips] == [
        ("down_2.enc/1", "up_1.dec/0", "concat"),
        ("down_1.enc/0", "up_2.dec/1", "concat"),
    ]
    assert made.notes[0] == "called with x 1×3×64×64 float32 (guessed)"
    assert invariants.broken(made) is None


@pytest.mark.parametrize("kind", [Textbook, Adding, Residual])
def test_counts_are_those_of_the_module_and_of_torch(kind: type[nn.Module]) -> None:
    module = kind()
    given = torch.zeros(2, 4 if kind is Residual else 3, 32, 32)
    made = unetscope.load(module, inputs=given)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(given)
    assert made.cost.params == sum(one.numel() for one in module.parameters())
    assert 2 * made.cost.macs == counter.get_total_flops()


def test_added_skips_are_told_from_concatenated_ones_and_from_residual_sums() -> None:
    assert [skip.kind for skip in unetscope.load(Adding()).skips] == ["add", "add"]
    made = unetscope.load(nn.Sequential(Residual(), Residual(), Residual(), nn.Conv2d(4, 4, 1)))
    assert made.skips == ()
    assert made.notes[0] == "no U-Net: one resolution"


def test_inputs_are_given_in_any_of_the_ways_people_write_them() -> None:
    asked = [
        (1, 3, 32, 32), [(1, 3, 32, 32)], {"x": "1x3x32x32"}, "1x3x32x32:float32", torch.zeros(1, 3, 32, 32)
    ]  # fmt: skip
    found = [unetscope.load(Textbook(), inputs=one) for one in asked]
    assert {one.notes[0] for one in found} == {"called with x 1×3×32×32 float32"}
    assert len({one.cost for one in found}) == 1
    assert unetscope.load(Textbook(), inputs="1x3x32x32:float16").basis.dtype == "float16"


def test_inputs_that_cannot_be_are_refused() -> None:
    with pytest.raises(OptionError, match="not the shape of a tensor"):
        unetscope.load(Textbook(), inputs={"x": "large"})
    with pytest.raises(OptionError, match="takes no input 'y'"):
        unetscope.load(Textbook(), inputs={"y": (1, 3, 32, 32)})
    with pytest.raises(TraceError, match="refuses x 1×5×32×32"):
        unetscope.load(Textbook(), inputs=(1, 5, 32, 32))
    with pytest.raises(ConfigError, match=r"has no axis .frames."):
        unetscope.load(Textbook(), frames=32)
    with pytest.raises(SourceError, match="those of a live module"):
        unetscope.load("sd15", inputs=(1, 3, 32, 32))


def test_a_required_input_that_nothing_shows_is_named() -> None:
    class Asking(Textbook):
        def forward(self, x: torch.Tensor, hint: torch.Tensor) -> torch.Tensor:
            return super().forward(x) + hint

    with pytest.raises(TraceError, match="an input that nothing shows: hint"):
        unetscope.load(Asking())
    made = unetscope.load(Asking(), inputs={"x": (1, 3, 32, 32), "hint": (1, 2, 32, 32)})
    assert [one.name for one in made.inputs] == ["x", "hint"]


def test_a_transposed_convolution_checks_its_channels() -> None:
    with pytest.raises(TraceError, match="of 100 channels is given 3"):
        unetscope.load(nn.Sequential(nn.ConvTranspose2d(100, 8, 4)), inputs=(1, 3, 8, 8))


def test_a_module_is_as_before_also_after_errors_and_interrupts() -> None:
    class Failing(Textbook):
        error: BaseException = ValueError("not today")

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            super().forward(x)
            raise self.error

    module = Failing()
    before = state(module)
    with pytest.raises(TraceError, match="not today"):
        unetscope.load(module)
    assert state(module) == before
    Failing.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        unetscope.load(module)
    assert state(module) == before


def test_a_forward_over_modules_that_a_closure_holds_runs_in_place_and_is_restored() -> None:
    inner = Textbook()

    class Closed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = inner
            self.run = lambda x: inner(x)  # noqa: PLW0108 - a closure is the point
            self.seen: list[torch.Tensor] = []

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.seen.append(x)
            return self.run(x)

    module = Closed()
    before = state(module)
    made = unetscope.load(module)
    assert "run as in place, its weights lent to the meta device and put back" in made.notes
    assert made.cost == unetscope.load(inner).cost
    assert state(module) == before
    assert module.seen == []


def test_a_forward_that_decides_from_values_is_refused_by_its_line_or_runs_on_real_tensors() -> None:
    class Deciding(Textbook):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x if x.mean().item() > 0 else -x)

    with pytest.raises(TraceError, match=r"decides from values.*test_any_module\.py:\d+"):
        unetscope.load(Deciding())
    module = Deciding()
    before = state(module)
    made = unetscope.load(module, inputs=torch.ones(1, 3, 16, 16))
    assert made.cost == unetscope.load(Textbook(), inputs=(1, 3, 16, 16)).cost
    assert "run as real tensors, as nothing else runs" in made.notes
    assert state(module) == before


def test_a_saved_architecture_of_any_module_is_read_and_drawn_without_it(tmp_path: Path) -> None:
    saved = codec.loads(codec.dumps(unetscope.load(Textbook())))
    assert saved == unetscope.load(Textbook())
    for layout in ("strip", "u"):
        unetscope.draw(saved, layout=layout).save(tmp_path / f"{layout}.svg")
        assert "Down 2" in (tmp_path / f"{layout}.svg").read_text(encoding="utf-8")
    assert unetscope.memory(saved) is not None


def test_sizes_replace_the_sides_of_the_sample_and_what_has_its_sides() -> None:
    asked = unetscope.load(Textbook(), inputs=(1, 3, 16, 16), latent=(32, 64), batch=2)
    given = unetscope.load(Textbook(), inputs=(2, 3, 32, 64))
    assert (asked.inputs, asked.basis, asked.cost) == (given.inputs, given.basis, given.cost)


def test_a_sweep_learns_the_formula_of_any_module_over_its_sizes() -> None:
    swept = unetscope.sweep(Textbook(), inputs=(1, 3, 16, 16), latent=[16, (64, 32), 4])
    assert [row.traced for row in swept.rows] == [False, False, True]
    for row in swept.rows:
        assert row.cost == unetscope.load(Textbook(), inputs=(1, 3, *(row.latent or ()))).cost
    saved = codec.loads(codec.dumps(swept.architecture))
    assert unetscope.sweep(saved, latent=[(64, 32)]).rows == swept.rows[1:2]


def test_two_variants_differ_in_the_blocks_that_changed() -> None:
    found = unetscope.diff(Textbook(), Textbook((4, 8, 16, 32)), inputs=(1, 3, 32, 32))
    blocks = [change for change in found.changes if isinstance(change, BlockChange)]
    assert [change.after.path for change in blocks if change.after] == [
        "down_3",
        "mid.enc/3",
        "up_2.up/2",
        "up_3",
    ]
    assert [change.before.path for change in blocks if change.before] == ["mid.enc/2"]
    assert unetscope.diff(Textbook(), Textbook(), inputs=(1, 3, 32, 32)).identical
