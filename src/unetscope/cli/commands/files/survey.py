"""`unetscope survey`: what many files of weights are, as a table and a report."""

from __future__ import annotations

import click

from unetscope.cli.output import say
from unetscope.cli.targets import TargetPath
from unetscope.errors import OptionError
from unetscope.words import safe


@click.command("survey", epilog="Example: unetscope survey models/ -o survey.csv --report survey.html")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option("-o", "--output", type=TargetPath(), metavar="FILE",
              help="The table: .parquet, .csv or .jsonl; or .html, the report alone.")  # fmt: skip
@click.option("--report", type=TargetPath(), metavar="FILE", help="Also a report as a page: .html.")
@click.option("--workers", type=click.IntRange(1, 1024), metavar="N",
              help="Processes that read headers.  [default: one for each processor]")  # fmt: skip
@click.option(
    "--dask", metavar="ADDRESS", help="Have the workers of a Dask scheduler do it; local: a cluster here."
)
@click.option("--restart", is_flag=True, help="Forget what a run that ended early had done.")
def command(
    sources: tuple[str, ...], *, output: str | None, report: str | None, workers: int | None,
    dask: str | None, restart: bool,
) -> None:  # fmt: skip
    """Identify and measure many files of weights, by their headers alone, into one table.

    A SOURCE is a file, a folder with all inside it, a glob, a URL (s3://, https:// … as fsspec has them), a
    repository on the Hub (org/repo), or a .txt with one of these on each line. A file that cannot be read
    is a row with the reason. A survey that was interrupted goes on where it was when it is run again.
    """
    from unetscope import api

    if output and output.lower().endswith(".html"):
        if report:
            raise OptionError(
                "-o and --report both name a report", hint="give -o the table: .parquet, .csv, .jsonl"
            )
        output, report = None, output
    if report and not report.lower().endswith(".html"):
        raise OptionError("the report is a page", hint="give --report a name that ends in .html")
    surveyed = api.survey(
        *sources, output=output, report=report, workers=workers, dask=dask or "", restart=restart
    )
    for target in filter(None, (output, report)):
        say(safe.escaped(target) + "\n")
    say(f"{surveyed}\n")
