"""`mute-audit baseline`: check a baseline without looking at any cloud."""

from __future__ import annotations

from pathlib import Path

import click

from mute_audit.cli.config import load_config
from mute_audit.cli.console import say
from mute_audit.cli.options import common_options, config_option
from mute_audit.errors import UsageError

__all__ = ["command"]


_ACRONYMS = {"vpcs": "VPCs", "nat gateways": "NAT gateways", "network acls": "network ACLs"}


def _counted(section: str, n: int) -> str:
    """`1 VPC`, `3 repositories`."""
    name = section.replace("_", " ")
    name = _ACRONYMS.get(name, name)
    if n == 1:
        name = f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")
    return f"{n} {name}"


@click.group("baseline")
def command() -> None:
    """Check a baseline."""


@command.command("check")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@config_option
@common_options
def check(file: Path | None, config: Path | None, quiet: bool, debug: bool) -> int:
    """Read FILE (default: the configuration's baseline) and name every problem with its line."""
    path = file or load_config(config, Path.cwd()).baseline
    if path is None:
        raise UsageError("no baseline is configured", hint="name the FILE")
    from mute_audit.intent.baseline import load_baseline

    found = load_baseline(path).file
    counts = {
        name: len(section)
        for name in type(found).model_fields
        if name not in ("values", "others") and hasattr(section := getattr(found, name), "items")
    }
    if not quiet:
        parts = ", ".join(_counted(name, n) for name, n in counts.items() if n)
        say(f"{path}: ok ({parts})")
    return 0
