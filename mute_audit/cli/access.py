"""`mute-audit access`: who may do what to a resource, and what a principal may do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mute_audit.cli.batches import answer_lines, read_text, shown_name
from mute_audit.cli.clock import clock
from mute_audit.cli.console import json_text, plain, say
from mute_audit.cli.options import aws_options, common_options, source_argument
from mute_audit.cli.sources import opened
from mute_audit.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from mute_audit.identity.access import Access, Finding
    from mute_audit.identity.targets import Target

__all__ = ["command"]

_FILE = click.Path(path_type=Path, allow_dash=True)
_FAILED: dict[str, Any] = {
    "anonymous": "unknown",
    "any_account": "unknown",
    "s3_public": "unknown",
    "outside_accounts": [],
    "witness": None,
    "reasons": ["the policy cannot be read"],
}


@click.command("access")
@source_argument(required=False)
@click.option("--to", "goal", help="Who may do what to this bucket, repository, role, …?")
@click.option("--action", default="", help="Only this action; may have wildcards.")
@click.option("--principal", default="", help="Only this user, role, account, `anonymous`, …")
@click.option(
    "--policy",
    is_flag=False,
    flag_value="",
    help="Classify one bucket policy (a JSON file), without an estate.",
)
@click.option("--batch", type=_FILE, help="With --policy: one policy document a line.")
@click.option("--account", default="", help="With --policy: the account that owns the bucket.")
@click.option("--format", "form", type=click.Choice(["text", "json"]))
@aws_options
@common_options
def command(
    source: str | None,
    goal: str | None,
    action: str,
    principal: str,
    policy: str | None,
    batch: Path | None,
    account: str,
    form: str | None,
    quiet: bool,
    debug: bool,
    **options: Any,
) -> int:
    """Show who may do what to a resource of SOURCE, with the request that proves it.

    With `--principal` and no `--to`: what that one may do. With `--policy` and no SOURCE: what
    a bucket policy says by itself.

    Exit codes: 0 answered, 4 an answer is unknown, 2 error.
    """
    if policy is not None:
        if source or goal or action or principal:
            raise UsageError("`--policy` asks about a document alone, without SOURCE")
        return _documents(policy, batch, account, form or "json")
    if batch is not None or account:
        raise UsageError("`--batch` and `--account` go with `--policy`")
    if not source:
        raise UsageError("give a SOURCE, or `--policy FILE`")
    if not goal and not principal:
        raise UsageError("say `--to RESOURCE`, `--principal NAME`, or both")
    from mute_audit.identity.access import Access

    access = Access(opened(source, options, quiet=quiet).inventory, clock())
    target = access.target(goal) if goal else None
    if target is not None:
        found = access.to(target, action, principal)
    else:
        found = access.by(principal, action)
    document = _document(access, target, action, principal, found)
    if form == "json":
        say(json_text(document))
    else:
        say(_as_text(document))
    unknown = any(item.truth.value == "unknown" for item in found)
    return ExitCode.INCOMPLETE if unknown else ExitCode.CLEAN


# --- a policy alone -----------------------------------------------------------------------------


def _documents(policy: str, batch: Path | None, account: str, form: str) -> int:
    if (policy == "") == (batch is None):
        raise UsageError("give `--policy FILE`, or `--policy --batch FILE`")

    def judge(text: str, where: str) -> dict[str, Any]:
        from mute_audit.identity.lone import classify_policy

        return classify_policy(text, account, where, clock())

    if batch is not None:
        if form != "json":
            raise UsageError("`--batch` answers in JSON lines")
        return answer_lines(batch, judge, _FAILED, _open)
    path = Path(policy)
    answer = judge(read_text(path), shown_name(path))
    say(json_text(answer) if form == "json" else _lone(answer))
    return ExitCode.INCOMPLETE if _open(answer) else ExitCode.CLEAN


def _open(answer: dict[str, Any]) -> bool:
    return "unknown" in (
        answer["anonymous"],
        answer["any_account"],
        answer["s3_public"],
    ) or bool(answer.get("undecided"))


def _lone(answer: dict[str, Any]) -> str:
    public = {True: "yes", False: "no"}.get(answer["s3_public"], "unknown")
    outside = [
        *answer["outside_accounts"],
        *answer.get("organizations", ()),
        *answer.get("canonical_users", ()),
    ]
    lines = [
        f"anonymous internet: {answer['anonymous']}",
        f"any AWS account:    {answer['any_account']}",
        f"public, says S3:    {public}",
        f"named outsiders:    {', '.join(outside) or 'none'}",
    ]
    if answer["witness"] is not None:
        lines.append(f"  request: {_request(answer['witness'])}")
    lines += [f"  {reason}" for reason in answer["reasons"]]
    return plain("\n".join(lines))


# --- an estate ----------------------------------------------------------------------------------


def _document(
    access: Access,
    target: Target | None,
    action: str,
    principal: str,
    found: tuple[Finding, ...],
) -> dict[str, Any]:
    grants = [item for item in found if item.truth.value != "no"]
    refused = [item for item in found if item.truth.value == "no"]
    return {
        "schema": "mute-audit/access/v1",
        "resource": None if target is None else _resource(target),
        "action": action,
        "principal": principal,
        "answers": _answers(target),
        "grants": [_as_json(item) for item in grants],
        "refused": [_as_json(item) for item in refused],
        "latent": _latent(target, action),
        "notes": list(access.notes),
    }


def _resource(target: Target) -> dict[str, str]:
    return {"type": target.kind, "id": target.arn, "name": target.name}


def _as_json(item: Finding) -> dict[str, Any]:
    subject = {"kind": item.subject.kind, "id": item.subject.id, "name": item.subject.name}
    return {
        "principal": subject,
        "resource": _resource(item.target),
        "verdict": item.truth.value,
        "actions": list(item.actions),
        "witness": None if item.witness is None else dict(item.witness),
        "path": list(item.path),
        "blocked": [{"grant": b.grant, "by": b.by, "why": b.why} for b in item.blocked],
        "reasons": list(item.reasons),
        "gaps": [{"what": g.what, "where": g.where, "why": g.why} for g in item.gaps],
    }


def _answers(target: Target | None) -> dict[str, Any] | None:
    """The four answers about a bucket, which are different questions."""
    bucket = None if target is None else target.bucket
    if bucket is None:
        return None
    outside = bucket.outside_accounts
    public = bucket.s3_public.truth.value
    return {
        "anonymous": bucket.anyone("anonymous").value,
        "any_account": bucket.anyone("any").value,
        "s3_public": "unknown" if public == "unknown" else public == "yes",
        "outside_accounts": [who for who, answer in outside.items() if answer.truth.value == "yes"],
    }


def _latent(target: Target | None, action: str) -> list[dict[str, Any]]:
    from mute_audit.identity.latent import latent_exposure

    bucket = None if target is None else target.bucket
    if bucket is None or target is None:
        return []
    asked = target.chosen(action) if action else ("s3:GetObject", "s3:PutObject", "s3:ListBucket")
    found = []
    for name in asked:
        for item in latent_exposure(bucket, name):
            found.append(
                {
                    "setting": item.setting,
                    "action": name,
                    "verdict": item.answer.truth.value,
                    "witness": None if item.answer.witness is None else dict(item.answer.witness),
                    "reasons": list(item.answer.reasons),
                }
            )
    return found


def _as_text(document: dict[str, Any]) -> str:
    lines: list[str] = []
    answers = document["answers"]
    if answers is not None:
        public = {True: "yes", False: "no"}.get(answers["s3_public"], "unknown")
        lines += [
            f"anonymous internet: {answers['anonymous']}",
            f"any AWS account:    {answers['any_account']}",
            f"public, says S3:    {public}",
            f"named outsiders:    {', '.join(answers['outside_accounts']) or 'none'}",
            "",
        ]
    several = document["resource"] is None
    for item in document["grants"]:
        mark = "may" if item["verdict"] == "yes" else "may perhaps"
        lines.append(f"{_who(item)} {mark}{_where(item, several)}: {_list(item['actions'])}")
        lines += [f"    by {step}" for step in item["path"]]
        if item["witness"] is not None:
            lines.append(f"    request: {_request(item['witness'])}")
        lines += [f"    unknown: {reason}" for reason in item["reasons"]]
        lines += [
            f"    unknown: {gap['what']} ({gap['where']}): {gap['why']}" for gap in item["gaps"]
        ]
    for item in document["refused"]:
        lines.append(f"{_who(item)} may not{_where(item, several)}: {_list(item['actions'])}")
        for blocked in item["blocked"]:
            lines.append(f"    {blocked['grant']} is blocked by {blocked['by']}: {blocked['why']}")
        if not item["blocked"]:
            lines += [f"    {reason}" for reason in item["reasons"]]
    for item in document["latent"]:
        would = "would open" if item["verdict"] == "yes" else "might open"
        lines.append(f"{item['setting']}, switched off, {would} {item['action']} to the public")
        lines += [f"    {reason}" for reason in item["reasons"]]
    lines += [f"note: {text}" for text in document["notes"]]
    return plain("\n".join(lines)) if lines else "nobody but the account's root user"


def _who(item: dict[str, Any]) -> str:
    subject = item["principal"]
    names = {
        "anonymous": "the anonymous internet",
        "any-account": "any AWS account",
        "condition": "whoever has what a condition asks for",
    }
    return names.get(subject["kind"]) or f"{subject['kind']} {subject['name'] or subject['id']}"


def _where(item: dict[str, Any], several: bool) -> str:
    return f" on {item['resource']['type']} {item['resource']['name']}" if several else ""


def _list(actions: list[str]) -> str:
    if len(actions) <= 6:
        return ", ".join(actions)
    return f"{', '.join(actions[:5])} and {len(actions) - 5} more"


def _request(witness: dict[str, Any]) -> str:
    principal = witness["principal"]
    who = principal["id"] if isinstance(principal, dict) else principal
    text = f"{who} {witness['action']} {witness['resource']['resource']}"
    context = ", ".join(f"{key}={value}" for key, value in witness["context"].items())
    return f"{text} with {context}" if context else text
