"""`mute-audit schema`: the published JSON Schemas."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from mute_audit.cli import output_schemas
from mute_audit.cli.console import note, say
from mute_audit.errors import UsageError

__all__ = ["SCHEMAS", "command"]


def _report() -> Mapping[str, Any]:
    from mute_audit.render.json import schema

    return schema()


def _baseline() -> Mapping[str, Any]:
    from mute_audit.intent.baseline import schema

    return schema()


def _policy() -> Mapping[str, Any]:
    from mute_audit.policy.loader import schema

    return schema()


def _waivers() -> Mapping[str, Any]:
    from mute_audit.waivers import schema

    return schema()


def _config() -> Mapping[str, Any]:
    from mute_audit.cli.config import schema

    return schema()


SCHEMAS: dict[str, Callable[[], Mapping[str, Any]]] = {
    "report": _report,
    "baseline": _baseline,
    "policy": _policy,
    "waivers": _waivers,
    "config": _config,
    "trace": lambda: output_schemas.TRACE,
    "reach": lambda: output_schemas.REACH,
    "drift": lambda: output_schemas.DRIFT,
    "graph": lambda: output_schemas.GRAPH,
    "policies": lambda: output_schemas.POLICIES,
    "access": lambda: output_schemas.ACCESS,
    "access-policy": lambda: output_schemas.ACCESS_POLICY,
    "simulate": lambda: output_schemas.SIMULATE,
}


def text_of(name: str) -> str:
    return json.dumps(SCHEMAS[name](), ensure_ascii=False, indent=2, sort_keys=False) + "\n"


@click.command("schema")
@click.argument("name", required=False, type=click.Choice(sorted(SCHEMAS)))
@click.option("--all", "every", is_flag=True, help="Write all of them to the folder of --out.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False))
def command(name: str | None, every: bool, out: Path | None) -> int:
    """Print the JSON Schema NAME."""
    if every != (out is not None) or every == (name is not None):
        raise UsageError(
            "give one NAME, or `--all` with `--out FOLDER`",
            hint=f"the schemas are {', '.join(sorted(SCHEMAS))}",
        )
    if name is not None:
        say(text_of(name))
    elif out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for each in SCHEMAS:
            path = out / f"{each}.schema.json"
            path.write_text(text_of(each), "utf-8")
            note(f"wrote {path}")
    return 0
