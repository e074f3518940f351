"""docs/classes.md: of each network class that diffusers exports, whether it runs, how drawn, how checked.

`python tests/write_classes_table.py` writes it, from the installed diffusers and a trace of each class.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from collections import Counter
from importlib import metadata
from pathlib import Path

import unetscope
from support.by_recipe import Case, cases
from support.places import DATA, ROOT
from unetscope.families import FAMILIES, unsupported

PAGE = ROOT / "docs" / "classes.md"
PUBLISHED = DATA / "published-families.tsv"
NEEDS = {"AutoencoderRAE": "transformers", "CosmosTransformer3DModel": "torchvision"}
NEEDS |= {"CosmosControlNetModel": "torchvision"}
NO_NETWORKS = frozenset(
    "AttentionBackendName AutoModel CacheMixin ContextParallelConfig ModelMixin ParallelConfig "
    "TensorParallelConfig attention_backend".split()
)
"""What diffusers exports beside its network classes."""

HEAD = """\
# Classes of diffusers

Made by `python tests/write_classes_table.py`; a test keeps it true. diffusers {version} exports {exported}
classes of networks: {running} run, by `config.json`, folder, dict or live module, and so does {more} that
it keeps in a pipeline.

- **Drawn as**: *levels* go down and up (strip and U), *stacks* are runs of blocks one after the other,
  *parts* stand side by side in the order they run.
- **Checked**: *published* configs were counted outside unetscope and come out to the unit
  (`tests/data/published-families.tsv`; how many); *FlopCounterMode*: so does a network of the class's
  defaults, or of the fields that `tests/data/families.tsv` gives, by torch's counter with the same inputs.
- torch's counter has no rotary positions, masks, norms, activations, biases or softmax, nor have we: the
  basis says so. Tokens routed to experts (HiDream) are spread evenly, since a meta tensor has no scores;
  the basis says that too.
- A network is taken at the size its config claims, but for CogVideoX-1.5, which claims 300×300 and is used
  at 96×170.

Works with torch 2.5 to 2.13 and diffusers 0.38 to 0.42. Both ends run over every published config of
`tests/data/published-families.tsv`: the high one in the slow tests, the low one in `.ci/oldest`, with the
first release of every other dependency too. diffusers 0.38 cannot import its attention under torch 2.4.
Classes that the installed diffusers lacks are refused by name, and figures are those of the networks it
builds (LTX-2.5 has 95 tensors more under 0.38).

| class | runs | drawn as | checked |
|---|---|---|---|
"""


def exported() -> list[str]:
    """Names of the network classes in diffusers' `models`, read and not run."""
    root = Path(importlib.util.find_spec("diffusers").submodule_search_locations[0])
    text = (root / "models" / "__init__.py").read_text(encoding="utf-8")
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("_import_structure["):
            names |= set(ast.literal_eval(node.value))
    known = {name for name in names if re.match("[A-Z]", name)}
    return sorted(known - NO_NETWORKS, key=str.lower)


def page() -> str:
    """The whole page."""
    names, published = exported(), _published()
    more = sorted(set(FAMILIES) - set(names))
    head = HEAD.format(
        version=metadata.version("diffusers"),
        exported=len(names),
        running=sum(name in FAMILIES for name in names),
        more=len(more),
    )
    there = [case for case in cases() if _there(NEEDS.get(case.class_name, "torch"))]
    drawn = {case.class_name: _drawn(case) for case in there}
    return head + "".join(_row(name, drawn.get(name, ""), published[name]) for name in (*names, *more))


def _there(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _row(name: str, drawn: str, published: int) -> str:
    if name not in FAMILIES:
        return f"| {name} | no: {unsupported.REASONS[name]} | | |\n"
    where = ", from its pipeline" if ".pipelines." in FAMILIES[name].module else ""
    runs = "yes" + (f", with {NEEDS[name]}" if name in NEEDS else "") + where
    checked = f"published ({published}), FlopCounterMode" if published else "FlopCounterMode"
    return f"| {name} | {runs} | {drawn or 'stacks'} | {checked} |\n"


def _drawn(case: Case) -> str:
    config = {"_class_name": case.class_name, **case.config}
    roles = {stage.role for stage in unetscope.load(config, warn=lambda _: None).stages}
    return "levels" if roles & {"down", "up"} else "stacks" if "body" in roles else "parts"


def _published() -> Counter[str]:
    """How many published configs of each class are counted."""
    found: Counter[str] = Counter()
    for line in PUBLISHED.read_text().splitlines()[5:]:
        named = re.search(r'"_class_name":"(\w+)"', line)
        found[named[1]] += len(line.partition("\t")[0].split())
    return found
