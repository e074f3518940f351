"""The group `unetscope`; each command is a file of its own, imported when it is called."""

from __future__ import annotations

import importlib
from copy import copy
from typing import Any

import click

from unetscope.cli.completion import completion_option
from unetscope.errors import OptionError

GROUPS = {
    # what people come for: {name: one line for --help, so that listing the commands loads none of them}
    "Look": {
        "diagram": "Draw a network as a block diagram (SVG, PNG).",
        "graph": "Draw the dataflow between modules (SVG, PNG, DOT, Mermaid).",
        "show": "Describe a network: facts, config, stages.",
        "list": "List the bundled models, or draw who was made from whom.",
        "site": "Write a static site of the bundled models.",
    },
    "Count": {
        "table": "Count parameters and MACs by stage, block, kind or layer.",
        "sweep": "Count MACs at many sizes, or as a formula of the size.",
        "reconcile": "Find the way of counting behind a published figure.",
        "memory": "Predict the memory of weights, activations and training.",
        "chart": "Chart stages, memory, sizes or the zoo (SVG, PNG, PDF).",
    },
    "Compare": {
        "diff": "Show how two networks differ, and why.",
        "compare": "Compare networks fact by fact (text, Markdown, LaTeX …).",
    },
    "Plan": {
        "plan": "Plan a smaller network: config, picture, numbers, keys, a row for a paper.",
    },
    "Files": {
        "identify": "Identify a file of weights by its header.",
        "survey": "Identify many files of weights into one table.",
        "check": "Check whether a file of weights fits a network, and why not.",
        "keys": "Look up what tensors are called in every naming.",
    },
    "Publish": {
        "embed": "Make pictures and tables in documents again, or check them.",
    },
    "Keep": {
        "trace": "Trace a network once and keep it as JSON.",
    },
}
COMMANDS = tuple(name for group in GROUPS.values() for name in group)
HIDDEN = ("zoo",)
"""Upkeep of the bundled models, for those who work on unetscope."""
DOCUMENTATION = "https://unetscope.github.io/unetscope/"
"""Where docs/ is published; a test holds it to pyproject.toml's [project.urls]."""
GUIDES = {
    # command: the page for the job that it is mostly taken for; others lead to the contents
    "diagram": "tutorial.html",
    "site": "gallery.html",
    **dict.fromkeys(("graph", "chart"), "how-to/paper.html"),
    **dict.fromkeys(("show", "list", "compare"), "how-to/choose.html"),
    **dict.fromkeys(("table", "sweep"), "how-to/count.html"),
    "reconcile": "papers-macs.html",
    "memory": "how-to/fit.html",
    "diff": "how-to/compare.html",
    "plan": "how-to/plan.html",
    "survey": "how-to/survey.html",
    "keys": "how-to/names.html",
    "identify": "how-to/convert.html",
    "check": "how-to/load-error.html",
    "embed": "how-to/embed.html",
    "trace": "caching.html",
}


class Misuse(click.UsageError):
    """Wrong usage that a command detects itself, in the form that callers of click commands expect."""

    def __init__(self, error: OptionError) -> None:
        super().__init__(f"{error.message}\nhint: {error.hint}")
        self.error = error


def guided(command: click.Command, page: str = "") -> click.Command:
    """A command whose help ends with the address of a page of the documentation."""
    guided_command = copy(command)
    guided_command.epilog = "\n\n".join([*filter(None, [command.epilog]), f"Guide: {DOCUMENTATION}{page}"])
    return guided_command


class HelpfulGroup(click.Group):
    """A group that without a command shows its help, on stderr: nothing was done."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = super().get_command(ctx, cmd_name)
        return command and guided(command)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args:
            from unetscope.cli.output import on_stderr

            on_stderr(ctx.get_help())
            ctx.exit(2)
        return super().parse_args(ctx, args)


class Commands(HelpfulGroup):
    """Commands by name, each loaded from the module of its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS]  # `list` is a command of this package

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in (*COMMANDS, *HIDDEN):
            return None
        room = "files." if cmd_name in GROUPS["Files"] else ""
        module = importlib.import_module(f"unetscope.cli.commands.{room}{cmd_name}")
        return guided(module.command, GUIDES.get(cmd_name, ""))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OptionError as error:
            raise Misuse(error) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        wide = max(map(len, COMMANDS))
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(wide), text) for name, text in commands.items()])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, or yes; 1 the answer is no (with --exit-code); 2 could not, or wrong usage."
    f"\n\nExample: unetscope diagram sdxl\n\nGuide: {DOCUMENTATION}",
)
@click.version_option(package_name="unetscope", prog_name="unetscope")
@completion_option
def unetscope() -> None:
    """See what is inside a diffusion network.

    SOURCE is a bundled model (unetscope list), a config.json, a diffusers model folder, a file
    of weights, an architecture saved by `unetscope trace`, or a repository on the Hugging Face
    Hub (org/repo), of which configs and headers are read.
    """
