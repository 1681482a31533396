"""`mute-audit init`: a configuration for another account."""

from __future__ import annotations

from pathlib import Path

import click

from mute_audit.cli.config import FILE_NAME
from mute_audit.cli.console import note, say
from mute_audit.cli.options import common_options
from mute_audit.errors import OutputError, UsageError

__all__ = ["command"]

_TEXT = """\
# What `mute-audit scan` uses in this folder and below.
# Check it with `mute-audit scan`; `mute-audit schema config` prints its JSON Schema.
mute: config/v1

# The live account, by boto3's usual credentials. A folder of describe output works as well.
source: aws
{regions}
# `aws` is the shipped pack for any account. Your own policies go beside it:
# `mute-audit policy list` shows what is judged, docs/policies.md how to write one.
policies:
  - aws
#  - policies/

# The intended state; with it, a scan also reports drift.
# baseline: baseline.yaml

# Terraform text for checkov (install it apart; MUTE_AUDIT_CHECKOV names its program).
# terraform: terraform

# Findings that somebody accepted, with owner, reason and expiry.
# waivers: waivers.yaml

# The lowest severity whose failure gives exit code 1.
fail_on: medium

# Calls that this account refuses and nobody minds; without it they make a scan incomplete.
# accept_gaps:
#   - what: ec2:DescribeVpnConnections
#     reason: there is no VPN in this account
"""


@click.command("init")
@click.option("--region", "regions", multiple=True, help="Region to scan, as in ap-northeast-2.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder for the file (default: here).",
)
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
@common_options
def command(regions: tuple[str, ...], out: Path, force: bool, quiet: bool, debug: bool) -> int:
    """Write a mute-audit.yaml with the general policy pack, for any account."""
    path = out / FILE_NAME
    block = ""
    if regions:
        _check(regions)
        block = "regions:\n" + "".join(f"  - {region}\n" for region in regions)
    if path.exists() and not force:
        raise OutputError(
            "the file is there already", where=str(path), hint="`--force` replaces it"
        )
    from mute_audit.render.write import write_text

    write_text(_TEXT.format(regions=block), path)
    # Unlike a report it is meant for everybody who has the repository.
    path.chmod(0o644)
    if not quiet:
        say(f"wrote {path}")
        note("next: `mute-audit iam-policy` prints what the scanning role needs, then")
        note("      `mute-audit scan`")
    return 0


def _check(regions: tuple[str, ...]) -> None:
    """Raises UsageError for what is no Region; a newer one than boto3 knows is told of."""
    from mute_audit.sources.live.regions import known_regions, looks_like_region, near_region

    known = known_regions()
    for region in regions:
        if region in known:
            continue
        near = near_region(region)
        if not looks_like_region(region):
            hint = f"did you mean `{near}`?" if near else "write it as ap-northeast-2"
            raise UsageError(f"`{region}` is not a Region", hint=hint)
        meant = f"; did you mean `{near}`?" if near else ""
        note(f"note: the installed boto3 does not know the Region `{region}`{meant}")
