"""The encoders of pipelines, built from their published configs by transformers and counted."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, get_args

from unetscope.choices import DtypeName

ROOT = Path(__file__).parents[2]
PATH = ROOT / "src/unetscope/zoo/encoders.json"


@cache
def known() -> dict[str, dict[str, Any]]:
    """Class, config and call of every encoder, by name."""
    found = json.loads((ROOT / "tests/data/encoders.json").read_bytes())
    return {one["name"]: one for one in found["encoders"]}


def counted(encoder: dict[str, Any], tokens: Iterable[int]) -> dict[str, Any]:
    """Parameters, MACs by tokens, activations by tokens and type: of one sample, and of each further one."""
    from unetscope.tracing.encoders import run_encoder

    rows: dict[str, Any] = {"macs": {}, "activations": {}}
    for read in tokens:
        here = rows["activations"][str(read)] = {}
        for dtype in get_args(DtypeName):
            one, two, three = (
                run_encoder(
                    encoder["class_name"],
                    encoder["config"],
                    tokens=read,
                    batch=batch,
                    dtype=dtype,
                    call=encoder["call"],
                )
                for batch in (1, 2, 3)
            )
            assert three.activations - two.activations == two.activations - one.activations
            assert two.macs == 2 * one.macs
            here[dtype] = [one.activations, two.activations - one.activations]
        rows |= {"params": one.params, "largest": one.largest}
        rows["macs"][str(read)] = one.macs
    return rows
