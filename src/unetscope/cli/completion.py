"""What a shell completes: commands, options and their choices by click, sources here."""

from __future__ import annotations

import os

import click
from click.shell_completion import CompletionItem, get_completion_class

SHELLS = ("bash", "zsh", "fish")
_SAVED = (".json", ".json.gz", ".safetensors")


class SourceParam(click.ParamType[str]):
    """A bundled model, or a file or folder; read by the command, completed here."""

    name = "source"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Ids that begin with this, and the files at hand; the shell's own paths if no id does."""
        from unetscope import zoo
        from unetscope.zoo import world_unets

        start = incomplete.casefold()
        ids = [CompletionItem(id, help=zoo.preset(id).title) for id in zoo.ids() if id.startswith(start)]
        ids += [
            CompletionItem(name, help=known.title)
            for name, known in world_unets.table().items()
            if name.startswith(start)
        ]
        aliases = (alias for id in zoo.ids() for alias in zoo.preset(id).aliases)
        if incomplete and not ids:
            ids = [CompletionItem(alias) for alias in aliases if alias.casefold().startswith(start)]
        if not ids:
            return [CompletionItem(incomplete, type="file")]
        return ids + [CompletionItem(name) for name in _files_here(incomplete)]


SOURCE = SourceParam()


def _files_here(start: str) -> list[str]:
    """Files of the current folder that may be sources and whose names begin with this."""
    try:
        return sorted(name for name in os.listdir() if name.startswith(start) and name.endswith(_SAVED))
    except OSError:
        return []


def _print(ctx: click.Context, option: click.Parameter, value: str | None) -> None:
    """Print the script that makes a shell complete, and end."""
    if value is None or ctx.resilient_parsing:
        return
    from unetscope.cli.output import say

    completion = get_completion_class(value)
    if completion is not None:
        say(completion(ctx.command, {}, "unetscope", "_UNETSCOPE_COMPLETE").source() + "\n")
    ctx.exit()


completion_option = click.option(
    "--completion",
    type=click.Choice(SHELLS),
    expose_value=False,
    is_eager=True,
    callback=_print,
    help='Print what makes a shell complete models, options, files: eval "$(unetscope --completion bash)".',
)
