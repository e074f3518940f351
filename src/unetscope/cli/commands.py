"""The group `unetscope`; each command is a file of its own, imported when it is called."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    # name: (module, one line for --help, so that listing the commands loads none of them)
    "diagram": "Draw a network as a block diagram (SVG, PNG).",
    "table": "Count parameters and MACs by stage, block, kind or layer.",
    "graph": "Draw the dataflow between modules (SVG, PNG, DOT, Mermaid).",
    "diff": "Tell how two networks differ, and why.",
    "reconcile": "Tell which way of counting gives a published figure.",
    "layers": "List layers as torchinfo does, with exact MACs.",
    "chart": "Chart stages, memory, sizes or the zoo (SVG, PNG, PDF).",
    "compare": "Compare networks fact by fact (text, Markdown, HTML, CSV).",
    "memory": "Tell the memory of weights, activations and training.",
    "identify": "Tell what a file of weights is, by its header.",
    "check": "Tell whether a file of weights fits a network, and why not.",
    "show": "Describe a network: facts, config, stages.",
    "list": "List the bundled models.",
    "sweep": "Count MACs at many sizes, or as a formula of the size.",
    "trace": "Trace a network once and keep it as JSON.",
    "zoo": "Make the bundled traces again.",
}


class Commands(click.Group):
    """Commands by name, each loaded from the module of its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if name != "zoo"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"unetscope.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from unetscope.words.messages import nearest

            if near := nearest(args[0], COMMANDS):
                raise click.UsageError(f"{error.message} Did you mean {near[0]!r}?", ctx) from error
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: unetscope diagram sdxl",
)
@click.version_option(package_name="unetscope", prog_name="unetscope")
def unetscope() -> None:
    """See what is inside a diffusion network.

    SOURCE is a bundled model (unetscope list), a config.json, a diffusers model folder, a
    file of weights or an architecture saved by `unetscope trace`.
    """
