"""`mute-audit iam-policy`: what a scan needs, and no more."""

from __future__ import annotations

import json

import click

from mute_audit.cli.console import say

__all__ = ["command"]


@click.command("iam-policy")
def command() -> int:
    """Print the IAM policy document that lets `mute-audit scan aws` read all it needs.

    It is made from the table of calls that the collector works through. Attach it to the
    user or role that scans.
    """
    from mute_audit.sources.least_privilege import iam_policy

    say(json.dumps(iam_policy(), indent=2))
    return 0
