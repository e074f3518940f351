"""benchmarks/latency.py without a GPU: what it runs there runs here in small, and its line divides right."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
import torch

import unetscope
from support.networks import SMALL
from unetscope.analysis.latency import floor, gpu
from unetscope.tracing.forward import called

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "latency.py"
DIT = {
    "_class_name": "DiTTransformer2DModel", "num_attention_heads": 2, "attention_head_dim": 8,
    "num_layers": 2, "sample_size": 8, "in_channels": 4,
}  # fmt: skip


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    found = importlib.util.spec_from_file_location("latency_benchmark", SCRIPT)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.mark.parametrize("config", [SMALL, DIT], ids=lambda config: config["_class_name"])
def test_the_network_that_is_timed_is_the_one_that_the_floor_is_of(
    benchmark: ModuleType, config: dict[str, object]
) -> None:
    architecture = unetscope.load(config)
    network = benchmark.network_of(architecture, "cpu", "float32")
    assert sum(parameter.numel() for parameter in network.parameters()) == architecture.cost.params
    given = benchmark.arguments_of(architecture, "cpu", "float32")
    with torch.inference_mode():
        made = called(network, given)
    first = made[0] if isinstance(made, tuple) else next(iter(made.values()))
    assert tuple(first.shape) == architecture.nodes[0].output


def test_a_line_holds_floor_measured_time_and_their_ratio(benchmark: ModuleType) -> None:
    architecture, card = unetscope.load("sd15"), gpu("a100")
    least = floor(architecture, card, "float16").nanoseconds / 1e6
    assert 2.5 < least < 3.0  # 401.6 GMAC at 312 TFLOP/s are 2.57 ms; what waits for weights comes on top
    words = benchmark.line(architecture, card, 3 * least).split()
    assert (words[0], words[-1]) == ("sd15", "3.00")
    assert float(words[2]) == pytest.approx(least, abs=5e-4)


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is there")
def test_without_a_gpu_it_says_so_and_prints_no_figure(
    benchmark: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="no GPU: nothing is measured"):
        benchmark.main()
    assert capsys.readouterr().out == ""
