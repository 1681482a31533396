"""`mute-audit simulate`: one request against its policies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mute_audit.cli.batches import answer_lines, read_text, shown_name
from mute_audit.cli.console import json_text, plain, say
from mute_audit.cli.options import common_options
from mute_audit.errors import ExitCode, UsageError

__all__ = ["command"]

_FILE = click.Path(path_type=Path, allow_dash=True)
# A request with all its policies; AWS takes no document of a policy above 32 KB.
_MAX_BYTES = 4_194_304
_FAILED = {"result": "Unknown", "decidedBy": "input", "reason": "the request cannot be read"}


@click.command("simulate")
@click.argument("request", required=False, type=_FILE)
@click.option("--batch", type=_FILE, help="JSON lines of requests; `-` reads standard input.")
@click.option("--format", "form", type=click.Choice(["json", "text"]), default="json")
@common_options
def command(request: Path | None, batch: Path | None, form: str, quiet: bool, debug: bool) -> int:
    """Judge one request against its policies, without an account.

    REQUEST is a JSON file (`-`: standard input) with `request`, `identityPolicies`,
    `resourcePolicy`, `permissionBoundaries`, `serviceControlPolicies`,
    `resourceControlPolicies`, `sessionPolicy` and `endpointPolicies`; docs/identity.md has the
    details.

    Exit codes: 0 answered, 4 the answer is unknown, 2 error.
    """
    if (request is None) == (batch is None):
        raise UsageError("give one REQUEST, or `--batch FILE`")
    if batch is not None:
        if form != "json":
            raise UsageError("`--batch` answers in JSON lines")
        return answer_lines(batch, _judge, _FAILED, _open)
    if request is None:  # the check above
        raise UsageError("give one REQUEST")
    answer = _judge(read_text(request), shown_name(request))
    say(json_text(answer) if form == "json" else _text(answer))
    return ExitCode.INCOMPLETE if _open(answer) else ExitCode.CLEAN


def _judge(text: str, where: str) -> dict[str, Any]:
    from mute_audit.errors import InputError
    from mute_audit.identity.documents import decode
    from mute_audit.identity.request import simulate

    try:
        return simulate(decode(text, "", _MAX_BYTES, "a request"))
    except InputError as error:
        place = ": ".join(part for part in (where, error.where) if part)
        raise InputError(error.message, where=place, hint=error.hint) from error


def _open(answer: dict[str, Any]) -> bool:
    return bool(answer["result"] == "Unknown")


def _text(answer: dict[str, Any]) -> str:
    lines = [answer["result"], f"  by: {answer['decidedBy']}", f"  because: {answer['reason']}"]
    lines += [f"  not known, and left out: {name}" for name in answer.get("ignored", ())]
    return plain("\n".join(lines))
