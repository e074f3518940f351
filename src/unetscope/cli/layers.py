"""`unetscope layers`: torchinfo's listing of a network, with exact MACs."""

from __future__ import annotations

from typing import Any

import click

from unetscope.analysis.remarks import data, remarks
from unetscope.cli.counting import counting_options
from unetscope.cli.options import loaded, source_options
from unetscope.cli.output import print_json, say
from unetscope.model import Architecture

_SAID = "mult-adds are unetscope's MACs; parameters, shapes and sizes are torchinfo's own"


@click.command("layers", epilog="Example: unetscope layers sd15 --depth 4")
@click.argument("source")
@click.option(
    "--depth", type=click.IntRange(1, 64), default=3, show_default=True, help="Nesting as torchinfo counts."
)
@click.option("--json", "as_json", is_flag=True, help="Every layer with torchinfo's own counts, as JSON.")
@counting_options
@source_options
def command(source: str, depth: int, **options: Any) -> None:
    """List layers the way torchinfo does, its mult-adds replaced by our MACs (needs torch and torchinfo)."""
    architecture = loaded(source, options)
    if options["as_json"]:
        print_json(_document(architecture))
        return
    from unetscope.render.table import torchinfo_listing
    from unetscope.render.text import note, terminal_width
    from unetscope.tracing import torchinfo_layers
    from unetscope.words import basis

    width = terminal_width()
    say(
        torchinfo_listing.text(architecture, torchinfo_layers.listing(architecture), depth=depth, width=width)
    )
    say(note("; ".join((basis.statement(architecture), _SAID, *remarks(architecture))), width=width))


def _document(architecture: Architecture) -> dict[str, Any]:
    """Every layer: torchinfo's parameters and mult-adds, our MACs, both with all that is below."""
    from unetscope.tracing.torchinfo_layers import layers
    from unetscope.words import basis

    nodes, costs = architecture.by_path, architecture.costs
    rows = [
        {
            "path": layer.path,
            "type": layer.type,
            "depth": layer.depth,
            "input": nodes[layer.path].input,
            "output": nodes[layer.path].output,
            "params": layer.params,
            "macs": costs[layer.path].macs,
            "own_macs": nodes[layer.path].own.macs,
            "torchinfo_mult_adds": layer.theirs,
        }
        for layer in layers(architecture)
    ]
    return {
        "schema_version": 1,
        "source": architecture.source,
        "name": architecture.title,
        "class_name": architecture.class_name,
        "basis": {**basis.data(architecture), "flops_per_mac": 2},
        **data(architecture),
        "totals": {"params": architecture.cost.params, "macs": architecture.cost.macs},
        "rows": rows,
    }
