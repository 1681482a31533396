"""Policy documents whose text is unknown because something in it is."""

from __future__ import annotations

import json
from typing import Any

from mute_audit.sources.terraform.estate import Estate, Item
from mute_audit.sources.terraform.syntax import Call
from mute_audit.sources.terraform.values import Joined, Open, Ref

__all__ = ["document"]


def document(item: Item, name: str) -> str | None:
    """The JSON text of a policy, with ARNs filled in; empty for none, None if it stays open."""
    value = item.get(name)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    estate = item.estate
    if isinstance(value, Ref):
        owner = estate.items.get(value.address)
        if owner is not None and owner.type == "aws_iam_policy_document":
            return _from_data(owner)
    expr = estate.follower.argument(item.address, name)
    if isinstance(expr, Call) and expr.name == "jsonencode" and len(expr.args) == 1:
        filled = _filled(estate.follower.evaluate(item.address, expr.args[0]), estate)
        return None if filled is None else json.dumps(filled)
    return None


class _StillOpen(Exception):
    pass


def _filled(value: Any, estate: Estate) -> Any:
    """The structure with the ARN or name that each reference will have; None if one is open."""
    try:
        return _walk(value, estate)
    except _StillOpen:
        return None


def _walk(value: Any, estate: Estate) -> Any:
    if isinstance(value, dict):
        return {key: _walk(item, estate) for key, item in value.items()}
    if isinstance(value, list):
        return [_walk(item, estate) for item in value]
    if isinstance(value, Joined):
        return "".join(
            part if isinstance(part, str) else _arn(part, estate) for part in value.parts
        )
    if isinstance(value, Ref):
        return _arn(value, estate)
    if isinstance(value, Open):
        raise _StillOpen
    return value


def _arn(ref: Ref, estate: Estate) -> str:
    """What AWS will put there, as far as the name alone tells."""
    item = estate.items.get(ref.address)
    if item is None:
        raise _StillOpen
    if item.type == "aws_s3_bucket" and ref.path[:1] in (("arn",), ("id",), ("bucket",)):
        name = item.text("bucket", item.id)
        return f"arn:aws:s3:::{name}" if ref.path[:1] == ("arn",) else name
    if ref.path[:1] in (("arn",), ("id",), ("name",), ()):
        # No real ARN, and none that a pattern could match by accident.
        return item.id
    raise _StillOpen


_FIELDS = {
    "effect": "Effect",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
    "sid": "Sid",
}


def _from_data(item: Item) -> str | None:
    """`aws_iam_policy_document`, whose text is unknown until apply."""
    known = item.known("json")
    if isinstance(known, str):
        return known
    if item.get("source_policy_documents") or item.get("override_policy_documents"):
        return None
    try:
        statements = [_statement(item, block) for block in item.blocks("statement")]
    except _StillOpen:
        return None
    return json.dumps({"Version": item.text("version", "2012-10-17"), "Statement": statements})


def _statement(item: Item, block: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": "Allow"}
    for name, field in _FIELDS.items():
        value = _walk(block.get(name), item.estate)
        if value:
            made[field] = value
    for name, field in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        found: dict[str, list[Any]] = {}
        for who in block.get(name) or []:
            ids = _walk(who.get("identifiers") or [], item.estate)
            found.setdefault(str(who.get("type")), []).extend(ids)
        if found:
            made[field] = "*" if found == {"*": ["*"]} else found
    conditions: dict[str, dict[str, Any]] = {}
    for one in block.get("condition") or []:
        values = _walk(one.get("values") or [], item.estate)
        conditions.setdefault(str(one.get("test")), {})[str(one.get("variable"))] = values
    if conditions:
        made["Condition"] = conditions
    return made
