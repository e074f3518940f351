"""Plans a smaller network: finds what goes, builds the student or cuts it out of its teacher, and traces
it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unetscope import zoo
from unetscope.analysis.cost import conventions
from unetscope.api.loading import Fresh, Source, load
from unetscope.api.loading.asked_sizes import Extent
from unetscope.checkpoint import Facts
from unetscope.cost import ONCE, Counting
from unetscope.errors import ConfigError, TraceError, UnetscopeError
from unetscope.files import slug
from unetscope.model import Architecture
from unetscope.plans import Dropped, Plan, PruningRecipe
from unetscope.sizes import Size
from unetscope.spec import Spec

if TYPE_CHECKING:
    from unetscope.analysis.plan.agreement import StudentAgreement
    from unetscope.analysis.plan.renumbering import Renumbering

_TITLE = "{} student"


def plan(
    source: Source,
    *,
    drop: Sequence[str] | str = (),
    keep: Sequence[str] | str = (),
    recipe: str | None = None,
    overrides: Mapping[str, Any] | None = None,
    title: str | None = None,
    size: Extent | None = None,
    latent: Extent | None = None,
    batch: int | None = None,
    fresh: Fresh = "cached",
    cache_folder: Path | None = None,
    warn: Callable[[str], None] | None = None,
) -> Plan:
    """A student of a teacher: what goes, what follows, its config or the edits that make it, its cost.

    `drop` and `keep` are words: paths of modules with `*`, `?` or `5-15` for numbers, BK-SDM's labels
    ("R1,2 A1,2"), the names of merging (IN04, M00, OUT03), mid, level@last, attention@0, residual@1. What
    both name stays; where `keep` is given alone, all else goes of the lists that it names. `recipe` is a
    published student's. `overrides` sets config fields of the student. Skips are joined again, and keys
    renumbered, as diffusers' forward needs it. Where no config says the student it is cut out of the teacher
    and traced all the same.

    Raises ConfigError for a word that means nothing, for what cannot be built, and as `load`.
    """
    from unetscope.analysis.plan.recipes import recipe as recipe_of

    again = partial(load, fresh=fresh, cache_folder=cache_folder, warn=warn)
    teacher = again(source, size=size, latent=latent, batch=batch)
    teacher = conventions.counted(teacher, ONCE)
    _check(teacher)
    drop, keep = ([words] if isinstance(words, str) else list(words) for words in (drop, keep))
    known = recipe_of(recipe) if recipe else None
    if not (drop or keep or known or overrides):
        raise ConfigError("nothing is to change", hint="drop='R1,2', keep=…, recipe=… or overrides=…")
    named = _named(teacher, known, title)
    if not (drop or keep or known):
        return _by_settings(teacher, named, overrides or {}, again)
    return _by_dropping(teacher, named, drop, keep, known, overrides or {}, again)


def counted(plan: Plan, counting: Counting) -> Plan:
    """The same plan with the work of both networks counted another way."""
    teacher, student = (conventions.counted(network, counting) for network in (plan.teacher, plan.student))
    return replace(plan, teacher=teacher, student=student)


def _check(teacher: Architecture) -> None:
    if not teacher.described and not teacher.config:
        raise ConfigError(
            f"no config of diffusers describes {teacher.title}", hint="plan cuts networks by their config"
        )
    if not teacher.described or teacher.part:
        raise ConfigError(
            f"{teacher.title} is not the whole network that its config describes",
            hint="plan takes a teacher as diffusers builds it",
        )


def _named(teacher: Architecture, recipe: PruningRecipe | None, title: str | None) -> Spec:
    """The student's spec, still with its teacher's config; facts of how it is sampled are its teacher's."""
    known = teacher.facts
    facts = Facts(
        input_channels=known.input_channels, prediction_type=known.prediction_type, vae=known.vae,
        vae_factor=known.vae_factor, latent=known.latent, tokens=known.tokens,
        text_encoders=known.text_encoders, encoder_tokens=known.encoder_tokens, scheduler=known.scheduler,
        steps=known.steps, guidance=known.guidance,
    )  # fmt: skip
    name = title or (f"{recipe.title} of {teacher.title}" if recipe else _TITLE.format(teacher.title))
    id = slug(f"{teacher.id}-{recipe.id if recipe else 'student'}")
    return Spec(id, name, "plan", teacher.class_name, dict(teacher.config), facts)


def _by_settings(
    teacher: Architecture, named: Spec, settings: Mapping[str, Any], again: Callable[..., Architecture]
) -> Plan:
    """A student that config fields alone make; a diff says which weights it takes."""
    from unetscope.analysis.diff import report

    student = again(named, size=Size.at(teacher.basis), overrides=settings)
    carried = report.compare(teacher, student, trials=None, common=True).transfer
    changed = tuple(tensor for tensor in student.tensors if tensor.name not in carried.loads)
    asked = tuple(f"{key}={value}" for key, value in settings.items())
    return Plan(
        teacher, student, asked, dict(settings), (), dict(student.config), "", (), carried.loads, changed
    )


def _by_dropping(
    teacher: Architecture,
    named: Spec,
    drop: Sequence[str],
    keep: Sequence[str],
    recipe: PruningRecipe | None,
    settings: Mapping[str, Any],
    again: Callable[..., Architecture],
) -> Plan:
    from unetscope.analysis.diff.blocks import labels
    from unetscope.analysis.plan import following, selecting
    from unetscope.analysis.plan.renumbering import Renumbering
    from unetscope.analysis.plan.skeleton import Skeleton

    skeleton = Skeleton(teacher)
    selecting.check(skeleton)
    asked, keeping = selecting.words(drop), selecting.words(keep)
    stays = selecting.chosen(skeleton, keeping)
    goes = selecting.chosen(skeleton, asked)
    if recipe:
        goes += selecting.chosen(skeleton, recipe.drop, lenient=True)
    if not (asked or recipe):
        goes = selecting.kept_alone(skeleton, stays)
    goes = [path for path in skeleton.droppable if path in {*goes} - {*stays}]
    if not goes:
        hint = "see its blocks: unetscope table ID --by block"
        raise ConfigError(f"nothing of {teacher.title} would be dropped", hint=hint)
    reasons = following.closed(skeleton, goes, stays)
    way = Renumbering(skeleton, frozenset(reasons))
    bundled = published(recipe, teacher) if recipe and not (asked or keeping or settings) else None
    student, agreed, hole = _student(way, named, settings, bundled, again)
    names = labels(teacher)
    order = {node.path: at for at, node in enumerate(teacher.nodes)}
    return Plan(
        teacher=teacher,
        student=student,
        asked=(*([f"recipe {recipe.id}"] if recipe else []), *asked, *(f"keep {word}" for word in keeping)),
        settings=dict(settings),
        dropped=tuple(
            Dropped(path, names.get(path, ""), reasons[path])
            for path in sorted(reasons, key=order.__getitem__)
        ),
        config=None if hole else dict(student.config),
        hole=hole,
        edits=way.edits(),
        keys=agreed.keys,
        changed=agreed.changed,
        recipe=recipe,
    )


def published(recipe: PruningRecipe, teacher: Architecture) -> str | None:
    """The bundled student that a recipe makes of a bundled teacher, or of its very network."""
    if teacher.id not in zoo.ids():
        return None
    network = zoo.network(teacher.id)
    return next((id for of, id in recipe.published.items() if zoo.network(of) == network), None)


def _student(
    way: Renumbering,
    named: Spec,
    settings: Mapping[str, Any],
    bundled: str | None,
    again: Callable[..., Architecture],
) -> tuple[Architecture, StudentAgreement, str]:
    """The student as a config builds it, else cut out of its teacher; how it agrees; why no config does.

    A `bundled` student, whose trace needs no torch, is tried first.
    """
    from unetscope.analysis.plan.agreement import agreement

    nearest = "no key of its config says it"
    size = Size.at(way.skeleton.network.basis)
    for built in _built(way, named, settings, size, bundled, again):
        if isinstance(built, str):
            nearest = built
            continue
        student_agreement = agreement(way, built)
        if student_agreement.is_student and (
            settings or way.skeleton.rungs or student_agreement.spares(way.skeleton.stacks)
        ):
            return built, student_agreement, ""
        nearest = student_agreement.shortfall
    if settings:
        raise ConfigError(
            f"--set needs a config that says the student: {nearest}", hint="set nothing, or drop otherwise"
        )
    network = _cut(way, named, size)
    return network, agreement(way, network), nearest


def _built(
    way: Renumbering,
    named: Spec,
    settings: Mapping[str, Any],
    size: Size,
    bundled: str | None,
    again: Callable[..., Architecture],
) -> Iterator[Architecture | str]:
    """The networks of all configs that may be the student's; a line for one that diffusers refuses."""
    from unetscope.analysis.plan.configs import candidates

    if bundled:
        network = again(bundled, size=size)
        yield replace(network, id=named.id, title=named.title, source=named.source, facts=named.facts)
    for config in candidates(way.skeleton, way.gone):
        try:
            yield again(replace(named, config=config), size=size, overrides=dict(settings) or None)
        except (ConfigError, TraceError) as error:
            yield error.message


def _cut(way: Renumbering, named: Spec, size: Size) -> Architecture:
    from unetscope.tracing.build import require_torch
    from unetscope.tracing.edited import trace_edited

    require_torch()
    note = f"cut out of {way.skeleton.network.title}: no config of diffusers' says it"
    try:
        return trace_edited(named, size, way.edits(), note)
    except UnetscopeError as error:
        raise ConfigError(
            f"what is left of {way.skeleton.network.title} does not run: {error.message}",
            hint="blocks depend on those around them: drop others, or what they are joined with as well",
        ) from error
