"""`mute-audit policy`: what is judged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mute_audit.cli.config import load_config
from mute_audit.cli.console import json_text, plain, say
from mute_audit.cli.options import common_options, config_option
from mute_audit.errors import UsageError
from mute_audit.resources import data_dir

if TYPE_CHECKING:
    from mute_audit.policy.loader import PolicySet

__all__ = ["command"]


@click.group("policy")
def command() -> None:
    """List, show and check policies."""


def _load(names: tuple[str, ...], config: Path | None) -> PolicySet:
    from mute_audit.policy.loader import load_policies

    settings = load_config(config, Path.cwd())
    packs = names or settings.policies
    values: dict[str, Any] = {}
    baseline = settings.baseline or _own_baseline(packs)
    if baseline is not None:
        from mute_audit.intent.baseline import load_baseline

        values = dict(load_baseline(baseline).file.values)
    return load_policies(packs, values)


def _own_baseline(packs: tuple[str, ...]) -> Path | None:
    """The shipped baseline of a shipped pack, of the same name: its policies use its values."""
    from mute_audit.policy.loader import PACKS

    files = (data_dir("baseline") / f"{name}.yaml" for name in packs if name in PACKS)
    return next((file for file in files if file.is_file()), None)


@command.command("list")
@click.argument("packs", nargs=-1)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--lang", type=click.Choice(["en", "ko"]), default="en")
@config_option
@common_options
def list_(
    packs: tuple[str, ...], form: str, lang: str, config: Path | None, quiet: bool, debug: bool
) -> int:
    """List the policies of PACKS (shipped names, files, folders; default: the configuration's)."""
    found = _load(packs, config)
    if form == "json":
        rows = [
            {"id": p.id, "kind": p.kind, "severity": p.severity, "title": p.title.in_language(lang)}
            for p in found
        ]
        say(json_text(rows))
        return 0
    width = max((len(p.id) for p in found), default=0)
    for p in found:
        say(plain(f"{p.severity:<9}{p.id:<{width}}  {p.title.in_language(lang)}"))
    return 0


@command.command("show")
@click.argument("policy_id")
@click.option("--pack", "packs", multiple=True)
@click.option("--lang", type=click.Choice(["en", "ko"]), default="en")
@config_option
@common_options
def show(
    policy_id: str, packs: tuple[str, ...], lang: str, config: Path | None, quiet: bool, debug: bool
) -> int:
    """Show one policy with its description and remedy."""
    import difflib

    found = _load(packs, config)
    policy = next((p for p in found if p.id == policy_id), None)
    if policy is None:
        near = difflib.get_close_matches(policy_id, [p.id for p in found], n=1)
        raise UsageError(
            f"`{policy_id}` is not a policy here",
            hint=f"did you mean `{near[0]}`?" if near else "`mute-audit policy list` shows them",
        )
    say(
        plain(
            "\n".join(
                [
                    f"{policy.id} ({policy.kind}, {policy.severity})",
                    policy.title.in_language(lang),
                    "",
                    policy.description.in_language(lang).strip(),
                    "",
                    policy.remediation.in_language(lang).strip(),
                ]
            ).rstrip()
        )
    )
    return 0


@command.command("lint")
@click.argument("packs", nargs=-1)
@config_option
@common_options
def lint(packs: tuple[str, ...], config: Path | None, quiet: bool, debug: bool) -> int:
    """Read PACKS and name the first file that is wrong, with line and column."""
    found = _load(packs, config)
    if not quiet:
        say(f"{len(found)} policies, no problem")
    return 0
