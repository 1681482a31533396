"""`mute-audit policy`: what is judged."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mute_audit.cli.config import load_config
from mute_audit.cli.console import json_text, plain, say
from mute_audit.cli.options import common_options, config_option
from mute_audit.errors import UsageError
from mute_audit.resources import data_dir

if TYPE_CHECKING:
    from mute_audit.policy.loader import LoadedPolicy, PolicySet

__all__ = ["command"]

# Columns of a field's value.
LINE = 78


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
        say(json_text(_document(found, lang)))
        return 0
    width = max((len(p.id) for p in found), default=0)
    for p in found:
        say(plain(f"{p.severity:<9}{p.id:<{width}}  {p.title.in_language(lang)}"))
    return 0


@command.command("show")
@click.argument("policy_id")
@click.option("--pack", "packs", multiple=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--lang", type=click.Choice(["en", "ko"]), default="en")
@config_option
@common_options
def show(
    policy_id: str,
    packs: tuple[str, ...],
    form: str,
    lang: str,
    config: Path | None,
    quiet: bool,
    debug: bool,
) -> int:
    """Show one policy: what it asks, of what, why, and what to do when it does not hold."""
    import difflib

    found = _load(packs, config)
    policy = next((p for p in found if p.id == policy_id), None)
    if policy is None:
        near = difflib.get_close_matches(policy_id, [p.id for p in found], n=1)
        raise UsageError(
            f"`{policy_id}` is not a policy here",
            hint=f"did you mean `{near[0]}`?" if near else "`mute-audit policy list` shows them",
        )
    say(json_text(_document([policy], lang)) if form == "json" else _text(policy, lang))
    return 0


@command.command("lint")
@click.argument("packs", nargs=-1)
@config_option
@common_options
def lint(packs: tuple[str, ...], config: Path | None, quiet: bool, debug: bool) -> int:
    """Read PACKS and name the first file that is wrong, with line and column."""
    found = _load(packs, config)
    if not quiet:
        say(f"{len(found)} {'policy' if len(found) == 1 else 'policies'}, no problem")
    return 0


def _document(policies: Iterable[LoadedPolicy], lang: str) -> dict[str, Any]:
    return {
        "schema": "mute-audit/policies/v1",
        "policies": [
            {
                "id": p.id,
                "kind": p.kind,
                "severity": p.severity,
                "title": p.title.in_language(lang),
                "asks": _asks(p),
                "description": p.description.in_language(lang),
                "remediation": p.remediation.in_language(lang),
                "references": list(p.policy.references),
                "location": f"{p.location.file}:{p.location.line}",
            }
            for p in policies
        ],
    }


def _asks(loaded: LoadedPolicy) -> dict[str, Any]:
    """The fields of the policy's own kind, as they are written; what is off is left out."""
    from mute_audit.policy.model import BasePolicy

    policy = loaded.policy
    written = policy.model_dump(mode="json", by_alias=True, exclude_unset=True)
    every = policy.model_dump(mode="json", by_alias=True)
    found: dict[str, Any] = {}
    for name, field in type(policy).model_fields.items():
        key = field.alias or name
        if name in BasePolicy.model_fields:
            continue
        if key in written:
            found[key] = written[key]
        elif every[key] not in (None, False, [], 1):
            found[key] = every[key]
    return found


def _text(loaded: LoadedPolicy, lang: str) -> str:
    from mute_audit.render.wording import Wording

    words = Wording(lang)
    lines = [
        f"{loaded.id} ({loaded.kind}, {words.severity(loaded.severity)})",
        loaded.title.in_language(lang),
        "",
    ]
    asks = {**_asks(loaded), **_left_out(loaded)}
    width = max(map(len, asks), default=0)
    for key, value in asks.items():
        for number, text in enumerate(_shown(value)):
            lines.append(f"  {'' if number else key:<{width}}  {text}")
    lines += [""] * bool(asks)
    lines += [f"{words('policy.description')}: {loaded.description.in_language(lang)}", ""]
    lines += [f"{words('policy.remediation')}: {loaded.remediation.in_language(lang)}", ""]
    lines += [*loaded.policy.references, f"{loaded.location.file}:{loaded.location.line}"]
    return plain("\n".join(lines))


def _left_out(loaded: LoadedPolicy) -> dict[str, str]:
    """What stands for a field that is left out, where it says so: `every place of the estate`."""
    found = {}
    for name, field in type(loaded.policy).model_fields.items():
        stands_for = (field.description or "").removeprefix("Left out: ")
        if stands_for != field.description and getattr(loaded.policy, name) is None:
            found[field.alias or name] = f"({stands_for.removesuffix('.')})"
    return found


def _shown(value: Any) -> list[str]:
    """A field's value in lines; each entry that has fields of its own on one of its own."""
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return [_word(item) for item in value]
    text = ", ".join(map(_word, value)) or "nothing" if isinstance(value, list) else _word(value)
    return textwrap.wrap(text, LINE, break_long_words=False, break_on_hyphens=False)


def _word(value: Any) -> str:
    if isinstance(value, dict) and "field" in value:
        ((operator, wanted),) = ((k, v) for k, v in value.items() if k != "field")
        return f"{value['field']} {operator} {_word(wanted)}"
    if isinstance(value, dict):
        return "  ".join(f"{key}: {_word(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(_word, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
