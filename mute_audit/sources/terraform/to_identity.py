"""Users, groups, roles and policies."""

from __future__ import annotations

import json
from typing import Any

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out
from mute_audit.sources.terraform.policies import document
from mute_audit.sources.terraform.values import Open, Ref

__all__ = [
    "arn_of",
    "attachment",
    "exclusive_attachments",
    "exclusive_inline",
    "group",
    "group_membership",
    "inline_policy",
    "policy",
    "policy_attachment",
    "role",
    "user",
]


def _boundary(item: Item) -> Doc:
    value = item.get("permissions_boundary")
    if not value:
        return {}
    arn = item.ref("permissions_boundary")
    return {
        "PermissionsBoundary": {
            "PermissionsBoundaryArn": arn,
            "PermissionsBoundaryType": "Policy",
        }
    }


def arn_of(item: Item, kind: str, account: str) -> str:
    """The ARN that a user, group, role or policy will have; its address without a name."""
    if item.id != item.address:
        return item.id
    name = item.text("name")
    path = item.text("path", "/")
    return f"arn:aws:iam::{account}:{kind}{path}{name}" if name and account else item.address


def _unique(item: Item) -> str:
    return item.text("name", item.address)


def user(item: Item, out: Out) -> None:
    name = _unique(item)
    doc = {
        "UserName": name,
        "Arn": arn_of(item, "user", out.account),
        "UserId": item.text("unique_id"),
        "Path": item.text("path", "/"),
        "GroupList": [],
        "UserPolicyList": [],
        "AttachedManagedPolicies": [],
        "Tags": item.tags,
        **_boundary(item),
    }
    out.put("UserDetailList", "", name, doc)


def group(item: Item, out: Out) -> None:
    name = _unique(item)
    doc = {
        "GroupName": name,
        "Arn": arn_of(item, "group", out.account),
        "GroupPolicyList": [],
        "AttachedManagedPolicies": [],
    }
    out.put("GroupDetailList", "", name, doc)


def role(item: Item, out: Out) -> None:
    name = _unique(item)
    trust = document(item, "assume_role_policy")
    if trust is None:
        what = f"assume_role_policy of {item.address}"
        out.gap(what, item.address, "unknown until apply", "RoleDetailList")
    doc: Doc = {
        "RoleName": name,
        "Arn": arn_of(item, "role", out.account),
        "Path": item.text("path", "/"),
        "AssumeRolePolicyDocument": trust or "",
        "RolePolicyList": [],
        "AttachedManagedPolicies": [],
        "InstanceProfileList": [],
        "Tags": item.tags,
        **_boundary(item),
    }
    out.put("RoleDetailList", "", name, doc)
    inline = item.get("inline_policy")
    if not isinstance(inline, (Ref, Open)):
        for block in item.blocks("inline_policy"):
            text = item.estate.text(block.get("policy"))
            if text:
                named = item.estate.text(block.get("name"))
                doc["RolePolicyList"].append({"PolicyName": named, "PolicyDocument": text})
    managed = item.get("managed_policy_arns")
    if isinstance(managed, list):
        for arn in item.refs("managed_policy_arns"):
            _attach(doc, arn)


def policy(item: Item, out: Out) -> None:
    text = document(item, "policy")
    arn = arn_of(item, "policy", out.account)
    doc: Doc = {
        "PolicyName": item.text("name", item.address),
        "Arn": arn,
        "DefaultVersionId": "v1",
        "PolicyVersionList": [],
    }
    if text is None:
        out.gap(f"policy of {item.address}", arn, "unknown until apply", "Policies")
    else:
        doc["PolicyVersionList"] = [
            {"VersionId": "v1", "IsDefaultVersion": True, "Document": _decoded(text)}
        ]
    out.put("Policies", "", arn, doc)


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _owner(item: Item, out: Out) -> tuple[Doc | None, str]:
    """The identity that an attachment or inline policy belongs to, and its kind."""
    kinds = (
        ("user", "UserDetailList", "UserPolicyList"),
        ("group", "GroupDetailList", "GroupPolicyList"),
        ("role", "RoleDetailList", "RolePolicyList"),
    )
    for field, key, inline in kinds:
        for name in (field, f"{field}_name"):
            value = item.get(name)
            if not value:
                continue
            doc = out.get(key, _named(item, value))
            if doc is None:
                what = f"{field} of {item.address}"
                out.gap(what, item.address, "not described", key)
            return doc, inline
    return None, ""


def _named(item: Item, value: Any) -> str:
    if isinstance(value, Ref):
        owner = item.estate.items.get(value.address)
        return _unique(owner) if owner is not None else str(value)
    return str(value) if isinstance(value, str) else item.estate.id_in(value, "name", item)


def _policy_arn(item: Item, value: Any, out: Out) -> str:
    if isinstance(value, Ref):
        owner = item.estate.items.get(value.address)
        if owner is not None and owner.type == "aws_iam_policy":
            return arn_of(owner, "policy", out.account)
    return item.estate.id_in(value, "policy_arn", item)


def _attach(doc: Doc, arn: str) -> None:
    entry = {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn}
    if entry not in doc["AttachedManagedPolicies"]:
        doc["AttachedManagedPolicies"].append(entry)


def attachment(item: Item, out: Out) -> None:
    doc, _ = _owner(item, out)
    if doc is not None:
        _attach(doc, _policy_arn(item, item.get("policy_arn"), out))


def policy_attachment(item: Item, out: Out) -> None:
    """`aws_iam_policy_attachment`: the policy's attachments, and no others, in all the account."""
    arn = _policy_arn(item, item.get("policy_arn"), out)
    for field, key in (
        ("users", "UserDetailList"),
        ("groups", "GroupDetailList"),
        ("roles", "RoleDetailList"),
    ):
        value = item.get(field)
        for one in value if isinstance(value, list) else []:
            doc = out.get(key, _named(item, one))
            if doc is not None:
                _attach(doc, arn)


def inline_policy(item: Item, out: Out) -> None:
    doc, field = _owner(item, out)
    if doc is None:
        return
    text = document(item, "policy")
    if text is None:
        what = f"policy of {item.address}"
        out.gap(what, str(doc["Arn"]), "unknown until apply", "UserDetailList")
        return
    doc[field].append({"PolicyName": item.text("name", item.address), "PolicyDocument": text})


def exclusive_attachments(item: Item, out: Out) -> None:
    """`…_policy_attachments_exclusive`: whatever else is attached is taken off."""
    doc, _ = _owner(item, out)
    value = item.get("policy_arns")
    if doc is None or not isinstance(value, list):
        return
    doc["AttachedManagedPolicies"] = []
    for one in value:
        _attach(doc, _policy_arn(item, one, out))


def exclusive_inline(item: Item, out: Out) -> None:
    """`…_policies_exclusive`: inline policies of other names are taken away."""
    doc, field = _owner(item, out)
    names = item.known("policy_names")
    if doc is not None and isinstance(names, list):
        doc[field] = [one for one in doc[field] if one["PolicyName"] in names]


def group_membership(item: Item, out: Out) -> None:
    """`aws_iam_group_membership` (users of a group) and `aws_iam_user_group_membership`."""
    if item.type == "aws_iam_group_membership":
        group_name = _named(item, item.get("group"))
        users = item.get("users")
        pairs = [(one, group_name) for one in (users if isinstance(users, list) else [])]
    else:
        groups = item.get("groups")
        listed = groups if isinstance(groups, list) else []
        pairs = [(item.get("user"), _named(item, one)) for one in listed]
    for who, group_name in pairs:
        doc = out.get("UserDetailList", _named(item, who))
        if doc is not None and group_name not in doc["GroupList"]:
            doc["GroupList"].append(group_name)
