"""docs/claims.md and docs/stable-diffusion.md say what the commands print today."""

from __future__ import annotations

from click.testing import CliRunner

import write_claims
from support.places import ROOT
from unetscope.cli.commands import unetscope

GUIDE = ("compare", "sd15", "sd20", "sd21", "sd21-base", "sdxl", "sdxl-lightning")


def test_every_claim_is_followed_by_what_its_command_prints() -> None:
    assert write_claims.PAGE.read_text(encoding="utf-8") == write_claims.page()


def test_the_page_of_stable_diffusions_versions_is_what_compare_writes() -> None:
    for format_, suffix in (("markdown", "md"), ("html", "html")):
        made = CliRunner().invoke(unetscope, [*GUIDE, "--format", format_], catch_exceptions=False).stdout
        assert (ROOT / "docs" / f"stable-diffusion.{suffix}").read_text(encoding="utf-8") == made
