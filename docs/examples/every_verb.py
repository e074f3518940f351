"""Every public verb once, with its types: `mypy docs/examples/every_verb.py` finds nothing to say.

Runs in a few seconds and needs no torch: all networks are bundled.
"""

from __future__ import annotations

import json
import math
import tempfile
from pathlib import Path

import unetscope


def main(folder: Path) -> None:
    """Look at networks, count them, compare them; write the pictures into a folder."""
    network: unetscope.Architecture = unetscope.load("sdxl", size=(768, 1024))
    print(network, network.cost.params, network.basis.input)
    print([stage.path for stage in network.stages])

    picture: unetscope.Picture = unetscope.draw("sdxl", layout="u", theme="dark", detail="stage")
    picture.save(folder / "sdxl.svg")
    print(unetscope.caption("sdxl", form="latex"))
    unetscope.graph(network, depth=2, format="mermaid").save(folder / "sdxl.mmd")
    unetscope.chart("sd15", "bk-sdm-small", kind="memory", dtype="bfloat16").save(folder / "memory.svg")

    table = unetscope.table(network, by="block", columns=["params", "macs"], sort="macs", top=5)
    print([(record["name"], record["macs"]) for record in table.records()])
    stage = network.stage("up_blocks.0")
    print(stage.name, stage.cost.macs, len(stage.skips), len(unetscope.table(stage, by="layer").rows))

    change = unetscope.diff("sd15", "bk-sdm-small", latent=64)
    print(change.identical, change.verdict.kind, len(change.changes))
    unetscope.draw_diff(change, format="html").save(folder / "pruned.html")
    versions = unetscope.compare("sd15", "sd21", network, differing=True)
    print([record["network"] for record in versions.records()])

    training = unetscope.memory(network, train=True, optimizer="adamw8bit", mixed="bf16", fits="24GB")
    around = unetscope.pipeline("flux1-dev", quant="q4_k", steps=28)
    print(around.params, around.macs, around.held()[1].bytes)
    unetscope.family_tree("sdxl").save(folder / "sdxl-line.svg")
    unetscope.draw_pipeline(around, theme="dark").save(folder / "flux-pipeline.svg")
    print(training.held, training.training, training.fit)
    costs = unetscope.sweep("sd15", latent=range(32, 129, 32), batch=[1, 4])
    print([record["macs"] for record in costs.records()])
    (folder / "cost.py").write_text(unetscope.formula("sd15", format="python"))
    print(unetscope.reconcile("sd14", "339G").matches)

    layers = unetscope.counted(network, convention="layers", cfg=True, steps=25)
    unetscope.save(layers, folder / "sdxl.json.gz")
    print(unetscope.load(folder / "sdxl.json.gz").cost == network.cost, unetscope.presets()[:3])
    print(unetscope.dataflow(network, depth=2).edges[0])
    weights = header_of(network, folder / "denoiser.safetensors")
    print(unetscope.identify(weights).title, unetscope.check(weights, network).fits)
    print(unetscope.keys(network, find="IN04").records()[0])
    print(unetscope.overlay(lora_of(folder / "lora.safetensors"), network).records()[:1])
    student = unetscope.plan("sd15", recipe="bk-sdm-small").student
    print(unetscope.plan_report(unetscope.plan("sd15", drop=["mid"])).plan.student.cost.params)
    print(student.cost.params, len(unetscope.students("sd15", params="500M").found))
    values = unetscope.weight_diff(one_tensor(folder / "a.safetensors"), folder / "a.safetensors")
    print(values.equal, [block.path for block in values.blocks])
    files = unetscope.survey(weights, folder / "lora.safetensors", output=folder / "files.csv")
    print(files, [family for family, *_ in files.summary.families])
    for refused in (lambda: unetscope.load("sdlx"), lambda: unetscope.draw_weights(values)):
        try:
            refused()
        except unetscope.UnetscopeError as error:
            print(error.message, "|", error.hint)


def header_of(network: unetscope.Architecture, path: Path) -> Path:
    """The header of a safetensors file with a network's tensors, without their data."""
    entries, end = {}, 0
    for tensor in network.tensors:
        start, end = end, end + 4 * math.prod(tensor.shape)
        entries[tensor.name] = {"dtype": "F32", "shape": tensor.shape, "data_offsets": [start, end]}
    data = json.dumps(entries).encode()
    path.write_bytes(len(data).to_bytes(8, "little") + data)
    return path


def lora_of(path: Path) -> Path:
    """The header of a LoRA of rank 4 on one layer of SDXL, by kohya's names."""
    layer = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"
    shapes, entries, end = {"lora_up": [640, 4], "lora_down": [4, 2048]}, {}, 0
    for name, shape in shapes.items():
        start, end = end, end + 4 * math.prod(shape)
        entries[f"{layer}.{name}.weight"] = {"dtype": "F32", "shape": shape, "data_offsets": [start, end]}
    data = json.dumps(entries).encode()
    path.write_bytes(len(data).to_bytes(8, "little") + data + bytes(end))
    return path


def one_tensor(path: Path) -> Path:
    """A safetensors file of one tensor of four values."""
    data = json.dumps({"weight": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}).encode()
    path.write_bytes(len(data).to_bytes(8, "little") + data + bytes(16))
    return path


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        main(Path(name))
