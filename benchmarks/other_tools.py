"""What other tools print for the UNet of Stable Diffusion 1.5, and what asking takes: docs/other-tools.md.

    python benchmarks/other_tools.py             # all, each in its own environment; writes the page's table
    python benchmarks/other_tools.py torchinfo   # one, in this environment; prints JSON

Each runs in a process of its own, on torch's meta device where it can and on the CPU where it cannot; its
environment sees the packages of this one and adds the tool with pip. Memory is the most that it held,
seconds are those of the processor, which do not grow with what else runs.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import os
import re
import site
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

PAGE = Path(__file__).resolve().parent.parent / "docs" / "other-tools.md"
REGION = re.compile(r"(?<=<!-- measured -->\n\n).*?(?=\n\n<!-- /measured -->)", re.DOTALL)
MODEL = "sd15"


class Answer(NamedTuple):
    """What a tool told: parameters, a number and its word for it, and how many MACs one is; 0: none."""

    params: int | None = None
    word: str = ""
    figure: float | None = None
    macs_each: float = 1


def network(device: str) -> tuple[Any, tuple[Any, ...]]:
    """The UNet and the positional arguments of one forward: latent 64×64, batch 1, 77 tokens."""
    import diffusers
    import torch

    from unetscope import zoo

    spec = zoo.spec(MODEL)
    with torch.device(device):
        built = getattr(diffusers, spec.class_name).from_config(spec.config).eval()
        arguments = (torch.zeros(1, 4, 64, 64), torch.zeros((), dtype=torch.int64), torch.zeros(1, 77, 768))
    return built, arguments


def diffusers_(device: str) -> Answer:
    return Answer(network(device)[0].num_parameters())


def flop_counter(device: str) -> Answer:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    built, arguments = network(device)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        built(*arguments)
    return Answer(None, "FLOPs", counter.get_total_flops(), 0.5)


def torchinfo(device: str) -> Answer:
    from torchinfo import summary

    built, arguments = network(device)
    found = summary(built, input_data=list(arguments), device=device, verbose=0)
    return Answer(found.total_params, "mult-adds", found.total_mult_adds)


def thop(device: str) -> Answer:
    from thop import profile

    built, arguments = network(device)
    macs, params = profile(built, inputs=arguments, verbose=False)
    return Answer(int(params), "MACs", macs)


def calflops(device: str) -> Answer:
    from calflops import calculate_flops

    built, arguments = network(device)
    _, macs, params = calculate_flops(
        built, args=list(arguments), print_results=False, output_as_string=False, output_precision=6
    )
    return Answer(int(params), "MACs", macs)


def deepspeed(device: str) -> Answer:
    from deepspeed.profiling.flops_profiler import get_model_profile

    built, arguments = network(device)
    _, macs, params = get_model_profile(
        built, args=list(arguments), print_profile=False, as_string=False, warm_up=0
    )
    return Answer(int(params), "MACs", macs)


def ptflops(device: str) -> Answer:
    from ptflops import get_model_complexity_info

    built, arguments = network(device)
    names = list(inspect.signature(built.forward).parameters)
    macs, params = get_model_complexity_info(
        built, (1,), as_strings=False, print_per_layer_stat=False, verbose=False, backend="aten",
        input_constructor=lambda _: dict(zip(names, arguments, strict=False)),
    )  # fmt: skip
    return Answer(int(params), "MACs", macs)


def fvcore(device: str) -> Answer:
    import torch
    from fvcore.nn import FlopCountAnalysis, parameter_count

    class Answering(torch.nn.Module):
        """It follows tuples and dicts, not the class in which diffusers answers."""

        def __init__(self, inner: torch.nn.Module) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, *arguments: Any) -> Any:
            return self.inner(*arguments, return_dict=False)

    built, arguments = network(device)
    counted = FlopCountAnalysis(Answering(built), arguments)
    return Answer(parameter_count(built)[""], "flops", counted.total())


def torchprofile(device: str) -> Answer:
    from torchprofile import profile_macs

    built, arguments = network(device)
    return Answer(None, "MACs", profile_macs(built, arguments))


def torchlens(device: str) -> Answer:
    import torchlens
    from torchlens.options import CaptureOptions

    built, arguments = network(device)
    found = torchlens.trace(built, list(arguments), capture=CaptureOptions(structure_only=True))
    return Answer(found.num_params, "MACs", int(found.total_macs_forward))


def torchview(device: str) -> Answer:
    from torchview import draw_graph

    built, arguments = network(device)
    drawn = draw_graph(built, input_data=list(arguments), device=device, depth=3, expand_nested=True)
    boxes = len(re.findall(r"^\t+\d+ \[", drawn.visual_graph.source, re.MULTILINE))
    return Answer(None, "boxes, its default depth", boxes, 0)


def unetscope_(device: str) -> Answer:
    import unetscope

    found = unetscope.load(MODEL).cost
    return Answer(found.params, "MACs", found.macs)


class Tool(NamedTuple):
    """How to ask a tool: a package of pip (none: it is here), the device it takes, the function."""

    requirement: str
    device: str
    ask: Callable[[str], Answer]


TOOLS = {
    "unetscope": Tool("", "meta", unetscope_),
    "torch": Tool("", "meta", flop_counter),
    "diffusers": Tool("", "meta", diffusers_),
    "torchinfo": Tool("torchinfo", "meta", torchinfo),
    "thop": Tool("thop", "meta", thop),
    "ultralytics-thop": Tool("ultralytics-thop", "meta", thop),
    "calflops": Tool("calflops transformers", "meta", calflops),
    "ptflops": Tool("ptflops", "meta", ptflops),
    "torchlens": Tool("torchlens", "meta", torchlens),
    "torchview": Tool("torchview", "meta", torchview),
    "torch on the CPU": Tool("", "cpu", flop_counter),
    "deepspeed": Tool("deepspeed", "cpu", deepspeed),
    "fvcore": Tool("fvcore", "cpu", fvcore),
    "torchprofile": Tool("torchprofile", "cpu", torchprofile),
}


def one(name: str) -> None:
    """Ask a tool here; its own prints go nowhere."""
    with contextlib.redirect_stdout(io.StringIO()):
        answer = TOOLS[name].ask(TOOLS[name].device)
    print(json.dumps({"version": version(name.split(maxsplit=1)[0]), **answer._asdict()}))


def asked(name: str, folder: Path) -> dict[str, Any]:
    """Ask a tool in an environment of its own: answer, seconds of the processor, most memory in MB."""
    tool, python = TOOLS[name], sys.executable
    if tool.requirement:
        venv.create(folder / name, with_pip=True)
        python = str(folder / name / "bin" / "python")
        (site_packages,) = (folder / name).glob("lib/python*/site-packages")
        Path(site_packages, "here.pth").write_text("\n".join(site.getsitepackages()))
        subprocess.run(
            [python, "-m", "pip", "install", "-q", "--no-build-isolation", *tool.requirement.split()],
            check=True,
        )
    output = folder / f"{name}.json"
    with output.open("w") as file:
        running = subprocess.Popen([python, __file__, name], stdout=file, stderr=subprocess.PIPE)
        _, failed, usage = os.wait4(running.pid, 0)
    seconds = usage.ru_utime + usage.ru_stime
    told = (running.stderr.read().decode() if running.stderr else "").strip().splitlines()
    found = {"failed": told[-1:]} if failed else json.loads(output.read_text().splitlines()[-1])
    return found | {"seconds": seconds, "megabytes": usage.ru_maxrss / 1000}


def row(name: str, told: dict[str, Any], exact: dict[str, Any]) -> str:
    """A line of the page's table."""
    device, spent = TOOLS[name].device, f"{told['seconds']:.1f} s, {told['megabytes']:,.0f} MB"
    if "failed" in told:
        return f"| {name} | {device} | {' '.join(told['failed'])[:80]} | | {spent} |"
    package, _, rest = name.partition(" ")
    title = " ".join(filter(None, [package, release(told["version"]), rest]))
    params = _figure(told["params"], told["params"], exact["params"])
    macs = told["figure"] and told["figure"] * told["macs_each"]
    figure = _figure(told["figure"], macs if told["macs_each"] else exact["figure"], exact["figure"])
    return f"| {title} | {device} | {params} | {' '.join([figure, told['word']]).strip()} | {spent} |"


def release(version: str) -> str:
    """A version without the words that say how it was built."""
    found = re.match(r"\d+(?:\.\d+)*?(?=[+-]|\.post|$)", version)
    return found[0] if found else version


def _figure(value: float | None, counted: float | None, exact: float) -> str:
    """A figure in digits, and by how much it is off."""
    if value is None or counted is None:
        return "–"
    off = counted / exact - 1
    return f"{value:,.0f}" + (f" ({100 * off:+.2f} %)".replace("-", "−") if off else "")


def main() -> None:
    """Ask all, and write the page's table."""
    with tempfile.TemporaryDirectory() as folder:
        answers = {}
        for name in TOOLS:
            answers[name] = asked(name, Path(folder))
            print(name, answers[name], flush=True)
    head = "| tool | device | parameters | its figure | processor time, memory |\n|---|---|---:|---:|---:|"
    table = "\n".join([head, *(row(name, told, answers["unetscope"]) for name, told in answers.items())])
    PAGE.write_text(REGION.sub(lambda _: table, PAGE.read_text()))


if __name__ == "__main__":
    one(sys.argv[1]) if len(sys.argv) > 1 else main()
