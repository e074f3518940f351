"""A module's name is asked about in `families/` alone: no other code holds names of diffusers' modules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.places import ROOT
from unetscope.families import module_names
from unetscope.families.roles import CONVENTIONAL

SOURCE = ROOT / "src" / "unetscope"
INNER = "resnets attentions downsamplers upsamplers attn1 attn2 to_q to_k to_v to_out proj_in proj_out"
NAMES = {part for path in CONVENTIONAL for part in path.split(".")} | set(INNER.split())
NAMES |= {*module_names.MEANINGS, *module_names.MEANING_KEYS, *module_names.PROJECTIONS}
WORDS = {"blocks", "layers", "encoder", "decoder", "down", "mid", "up", "image", "block", "embed", "clf"}
"""Names of modules that are words as well."""
ELSEWHERE = {
    "cli/options.py": "its help shows a path",
    "analysis/facts.py": "columns count resnets and attentions, by the kind of their class",
    "analysis/memory/frozen.py": "a hint shows a pattern of paths",
    "cli/commands/memory.py": "its help shows patterns of paths",
    "render/comparison/cells.py": "tells what the columns of resnets and attentions count",
    "analysis/plan/following.py": "a level without its neighbour loses the sampler between them",
    "analysis/plan/recipes.py": "published recipes name what they drop",
    "analysis/plan/renumbering.py": "which sampler a level keeps its number by",
    "analysis/plan/skeleton.py": "what a config of diffusers counts: resnets, attentions, transformer blocks",
    "cli/commands/files/keys.py": "its help shows a name",
    "plans.py": "a plan that moves a sampler says so",
    "tracing/any_module/guesses.py": "how wide a context is shows in the layers that read it",
    "tracing/edited.py": "a sampler that goes is replaced by None, as diffusers has it",
    "tracing/live/alterations.py": "counts fused attentions, and asks a class for its query layer",
}


def literals(tree: ast.Module) -> Iterator[str]:
    """Strings of a module that are no docstrings."""
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def names_in(path: Path) -> set[str]:
    parts = (re.findall(r"\w+", text) for text in literals(ast.parse(path.read_text(encoding="utf-8"))))
    return {part for words in parts for part in words} & (NAMES - WORDS)


FILES = sorted(
    path.relative_to(SOURCE).as_posix()
    for path in SOURCE.rglob("*.py")
    if not {"families", "checkpoints"} & set(path.parts)
)


@pytest.mark.parametrize("file", FILES)
def test_no_code_outside_families_and_files_of_weights_knows_the_name_of_a_module(file: str) -> None:
    found = names_in(SOURCE / file)
    assert bool(found) == (file in ELSEWHERE), found


def test_a_path_is_told_by_its_own_name():
    assert module_names.is_shortcut("down_blocks.1.resnets.0.conv_shortcut")
    assert not module_names.is_shortcut("shortcuts.0.conv1")
    assert module_names.is_lora_target("up_blocks.1.attentions.0.transformer_blocks.0.attn1.to_out.0")
    assert not module_names.is_lora_target("up_blocks.1.attentions.0.proj_out")
    assert module_names.is_around_blocks("mid_block.attentions.0.proj_in", "in")
    assert not module_names.is_around_blocks("mid_block.attentions.0.proj_in", "out")
    assert module_names.keys_of("blocks.0.attn") == "blocks.0.attn.to_k"
