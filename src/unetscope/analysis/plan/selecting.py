"""Which modules words mean: paths with wildcards, BK-SDM's labels, the names of merging, roles and levels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from unetscope.analysis.diff.blocks import labels
from unetscope.analysis.plan.skeleton import ATTENTIONS, RESNETS, Skeleton, list_of
from unetscope.errors import ConfigError
from unetscope.words.messages import did_you_mean, printable

_LABEL = re.compile(r"[RA]\d+,\d+")
_MERGE = re.compile(r"(IN|OUT)\d\d|M00|MID")
_ROLE = re.compile(r"(mid|level|residual|attention)(?:@(\d+|last))?")
_RANGE = re.compile(r"(?<![\w-])(\d{1,4})-(\d{1,4})(?![\w-])")
_FORMS = 'paths with *, ? or 5-15, "R1,2", "IN04", mid, level@last, attention@0, residual@1'


def words(texts: Iterable[str]) -> tuple[str, ...]:
    """Each word of what was asked for: "R1,2 A1,2" are two."""
    return tuple(word for text in texts for word in text.split())


def chosen(skeleton: Skeleton, asked: Iterable[str], *, lenient: bool = False) -> list[str]:
    """The modules that words mean, in the network's order; `lenient` lets a word mean nothing here.

    Raises ConfigError for a word that means none.
    """
    modules: set[str] = set()
    for word in asked:
        meant = set(_meant(skeleton, word))
        if not meant and not lenient:
            raise _nothing(skeleton, word)
        modules |= meant
    return [path for path in skeleton.droppable if path in modules]


def kept_alone(skeleton: Skeleton, staying: Iterable[str]) -> list[str]:
    """What goes where only these are kept of the lists that they are in. A UNet's blocks are no list."""
    staying = set(staying)
    lists = {list_of(path) for path in staying - set(skeleton.blocks)}
    return [
        path
        for parent in skeleton.lists
        if parent in lists
        for path in skeleton.entries(parent)
        if path not in staying
    ]


def _meant(skeleton: Skeleton, word: str) -> Iterable[str]:
    if _LABEL.fullmatch(word):
        return [path for path, label in labels(skeleton.network).items() if label == word]
    if _MERGE.fullmatch(word):
        return merge_labels(skeleton).get("M00" if word == "MID" else word, ())
    if match := _ROLE.fullmatch(word):
        return _of_role(skeleton, match[1], match[2])
    patterns = list(_spread(word))
    lists = {parent for parent in skeleton.lists if any(fnmatchcase(parent, pattern) for pattern in patterns)}
    return [
        path
        for path in skeleton.droppable
        if any(fnmatchcase(path, pattern) for pattern in patterns)
        or (list_of(path) in lists and path not in skeleton.blocks)
    ]


def _of_role(skeleton: Skeleton, role: str, level: str | None) -> Iterator[str]:
    """What a role means, at one level or at all; the level is that of its down block."""
    if role == "mid":
        yield from [skeleton.mid] if skeleton.mid else []
        return
    at = None if level is None else len(skeleton.rungs) - 1 if level == "last" else int(level)
    if role == "level":
        yield from (rung.down for rung in skeleton.rungs if rung.index == at)
        return
    name = {"residual": RESNETS, "attention": ATTENTIONS}[role]
    for block in skeleton.blocks:
        if block != skeleton.mid and at in (None, skeleton.level(block)):
            yield from skeleton.entries(f"{block}.{name}")


def _spread(word: str) -> Iterator[str]:
    """A pattern for each number of its first range: "blocks.5-7" gives three, a reversed range none."""
    match = _RANGE.search(word)
    if match is None:
        yield word
        return
    for number in range(int(match[1]), int(match[2]) + 1):
        yield from _spread(f"{word[: match.start()]}{number}{word[match.end() :]}")


def merge_labels(skeleton: Skeleton) -> dict[str, tuple[str, ...]]:
    """What tools that merge checkpoints block by block call the blocks: IN01, M00, OUT00, by the numbers of
    the original code, which counts the first convolution (IN00) and each downsampler."""
    names: dict[str, tuple[str, ...]] = {"M00": (skeleton.mid,)} if skeleton.mid else {}
    number = 1
    for rung in skeleton.rungs:
        for path in skeleton.entries(f"{rung.down}.{RESNETS}"):
            names[f"IN{number:02}"] = _with_partner(skeleton, path)
            number += 1
        number += 1
    ups = [path for rung in reversed(skeleton.rungs) for path in skeleton.entries(f"{rung.up}.{RESNETS}")]
    return names | {f"OUT{at:02}": _with_partner(skeleton, path) for at, path in enumerate(ups)}


def _with_partner(skeleton: Skeleton, path: str) -> tuple[str, ...]:
    other = skeleton.partner(path)
    return (path, other) if other else (path,)


def check(skeleton: Skeleton) -> None:
    """Raise ConfigError for a network without lists that can be shortened."""
    if not skeleton.droppable:
        raise ConfigError(
            f"{skeleton.network.title} has no blocks that plan knows how to drop",
            hint="plan takes UNets with residual blocks up and down, and stacks of transformer blocks",
        )


def _nothing(skeleton: Skeleton, word: str) -> ConfigError:
    """The error for a word that means nothing here, with what is near."""
    names = labels(skeleton.network).values()
    known = (*skeleton.droppable, *skeleton.lists, *names, *merge_labels(skeleton))
    hint = did_you_mean(word, known, otherwise=f"words: {_FORMS}")
    return ConfigError(f"nothing in {skeleton.network.title} is called {printable(word)!r}", hint=hint)
