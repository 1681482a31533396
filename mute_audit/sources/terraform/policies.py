"""Policy documents whose text is unknown because something in it is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from mute_audit.sources.terraform.arns import arn_of, bucket_name, identity_name
from mute_audit.sources.terraform.estate import Estate, Item
from mute_audit.sources.terraform.values import Encoded, Joined, Open, Ref

__all__ = ["document", "document_in"]


def document(item: Item, name: str) -> str | None:
    """The JSON text of a policy, with ARNs filled in; empty for none, None if it stays open."""
    return document_in(item.get(name), item.estate)


def document_in(value: Any, estate: Estate) -> str | None:
    """The same for a value of an attribute."""
    try:
        return _text(value, estate)
    except _StillOpen:
        return None


class _StillOpen(Exception):
    """Something in the document is unknown, and is not the name of anything planned."""


def _text(value: Any, estate: Estate) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Encoded):
        return json.dumps(_walk(value.value, estate))
    if isinstance(value, Joined):
        return str(_walk(value, estate))
    if isinstance(value, list) and len(value) == 1:
        return _text(value[0], estate)
    if isinstance(value, Ref):
        owner = estate.items.get(value.address)
        if owner is not None and owner.type == "aws_iam_policy_document":
            return _from_data(owner)
        if owner is not None and owner.type == "aws_iam_policy" and value.path == ("policy",):
            return _text(owner.get("policy"), estate)
    raise _StillOpen


def _walk(value: Any, estate: Estate) -> Any:
    """A structure with the ARN or name that each reference will have."""
    if isinstance(value, dict):
        return {key: _walk(item, estate) for key, item in value.items()}
    if isinstance(value, list):
        return [_walk(item, estate) for item in value]
    if isinstance(value, Joined):
        parts = (p if isinstance(p, str) else _named(p, estate) for p in value.parts)
        return "".join(parts)
    if isinstance(value, Encoded):
        return json.dumps(_walk(value.value, estate))
    if isinstance(value, Ref):
        return _named(value, estate)
    if isinstance(value, Open):
        raise _StillOpen
    return value


def _named(ref: Ref, estate: Estate) -> str:
    """What AWS will put there, as far as names tell; for other ids a text that nothing has."""
    item = estate.items.get(ref.address)
    step = ref.path[:1]
    if item is None or step not in ((), ("arn",), ("id",), ("name",), ("bucket",)):
        raise _StillOpen
    if step == ("arn",):
        return arn_of(item)
    if item.type == "aws_s3_bucket":
        return bucket_name(item)
    return identity_name(item) if item.type.startswith("aws_iam_") else item.id


# --- aws_iam_policy_document --------------------------------------------------------------------

_FIELDS = {
    "effect": "Effect",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
    "sid": "Sid",
}


def _from_data(item: Item) -> str:
    """The data source, which is read at apply because something in it is unknown."""
    known = item.known("json")
    if isinstance(known, str):
        return known
    estate = item.estate
    statements: list[dict[str, Any]] = []
    for name in ("source_policy_documents", "source_json"):
        _merge(statements, _statements(item.given(name), estate))
    own = item.get("statement")
    if not isinstance(own, list) and own is not None and not item.computed(own):
        raise _StillOpen
    _merge(statements, (_statement(item, block) for block in item.blocks("statement")))
    for name in ("override_policy_documents", "override_json"):
        _merge(statements, _statements(item.given(name), estate))
    return json.dumps({"Version": item.text("version", "2012-10-17"), "Statement": statements})


def _statements(value: Any, estate: Estate) -> Iterable[dict[str, Any]]:
    """The statements of other documents, one text or a list of them."""
    if isinstance(value, Open):
        raise _StillOpen
    for one in value if isinstance(value, list) else [value]:
        text = _text(one, estate)
        try:
            found = json.loads(text)["Statement"] if text else []
        except (ValueError, KeyError, TypeError) as error:
            raise _StillOpen from error
        yield from found if isinstance(found, list) else [found]


def _merge(statements: list[dict[str, Any]], more: Iterable[dict[str, Any]]) -> None:
    """A statement takes the place of one with the same Sid."""
    for one in more:
        sid = one.get("Sid")
        same = [n for n, other in enumerate(statements) if sid and other.get("Sid") == sid]
        if same:
            statements[same[0]] = one
        else:
            statements.append(one)


def _statement(item: Item, block: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": "Allow"}
    for name, field in _FIELDS.items():
        value = _walk(block.get(name), item.estate)
        if value:
            made[field] = value
    for name, field in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        found: dict[str, list[Any]] = {}
        for who in _blocks(block, name):
            ids = _walk(who.get("identifiers") or [], item.estate)
            found.setdefault(str(_walk(who.get("type"), item.estate)), []).extend(ids)
        if found:
            made[field] = "*" if found == {"*": ["*"]} else found
    conditions: dict[str, dict[str, Any]] = {}
    for one in _blocks(block, "condition"):
        values = _walk(one.get("values") or [], item.estate)
        test, variable = (str(_walk(one.get(n), item.estate)) for n in ("test", "variable"))
        conditions.setdefault(test, {}).setdefault(variable, []).extend(values)
    if conditions:
        made["Condition"] = conditions
    return made


def _blocks(block: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = block.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _StillOpen
    return found
