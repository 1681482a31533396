"""Users, groups, roles and policies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mute_audit.sources.terraform.arns import arn_of, identity_name, partition_of
from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out
from mute_audit.sources.terraform.policies import document, document_in
from mute_audit.sources.terraform.values import Open, Ref

__all__ = [
    "access_key",
    "attachment",
    "exclusive_attachments",
    "exclusive_inline",
    "group",
    "group_membership",
    "inline_policy",
    "known_policies",
    "login_profile",
    "policy",
    "policy_attachment",
    "role",
    "user",
]

# attribute → (the list of such identities, the field with their inline policies)
_LISTS = {
    "user": ("UserDetailList", "UserPolicyList"),
    "group": ("GroupDetailList", "GroupPolicyList"),
    "role": ("RoleDetailList", "RolePolicyList"),
}
_UNKNOWN = "unknown until apply"


def _key(item: Item, name: str) -> str:
    """Names are unique in their account only."""
    return f"{item.account}:{name}"


def _boundary(item: Item) -> Doc:
    if not item.get("permissions_boundary"):
        return {}
    arn = _policy_arn(item, item.get("permissions_boundary"))
    boundary = {"PermissionsBoundaryArn": arn, "PermissionsBoundaryType": "Policy"}
    return {"PermissionsBoundary": boundary}


def _put(item: Item, out: Out, kind: str, more: Doc) -> Doc:
    key, inline = _LISTS[kind]
    name = identity_name(item)
    doc: Doc = {
        f"{kind.title()}Name": name,
        "Arn": arn_of(item),
        "Path": item.text("path", "/"),
        inline: [],
        "AttachedManagedPolicies": [],
        **more,
    }
    return out.put(key, item.home, _key(item, name), doc)


def user(item: Item, out: Out) -> None:
    more = {"UserId": item.text("unique_id"), "GroupList": [], "Tags": item.tags}
    doc = _put(item, out, "user", {**more, **_boundary(item)})
    if item.id != item.address:
        return
    # A new user has no key, password or device but those that the plan makes.
    name = doc["UserName"]
    for key, field, empty in (
        ("AccessKeys", "AccessKeyMetadata", []),
        ("UserMFADevices", "MFADevices", []),
        ("LoginProfiles", "LoginProfile", None),
    ):
        out.put(key, item.home, _key(item, name), {"UserName": name, field: empty})


def access_key(item: Item, out: Out) -> None:
    doc = out.get("AccessKeys", _key(item, _name_of(item, item.get("user"), "user")))
    if doc is not None:
        made = item.text("create_date") or item.estate.made_at
        listed = {"AccessKeyId": item.id, "Status": item.text("status", "Active")}
        doc["AccessKeyMetadata"].append({**listed, **({"CreateDate": made} if made else {})})


def login_profile(item: Item, out: Out) -> None:
    doc = out.get("LoginProfiles", _key(item, _name_of(item, item.get("user"), "user")))
    if doc is not None:
        doc["LoginProfile"] = {"PasswordResetRequired": item.flag("password_reset_required")}


def group(item: Item, out: Out) -> None:
    _put(item, out, "group", {})


def role(item: Item, out: Out) -> None:
    trust = document(item, "assume_role_policy")
    more = {"InstanceProfileList": [], "Tags": item.tags, **_boundary(item)}
    doc = _put(item, out, "role", {"AssumeRolePolicyDocument": trust or "", **more})
    if trust is None:
        _gap(item, out, doc, "assume_role_policy", "RoleDetailList")
    inline = item.get("inline_policy")
    if isinstance(inline, Open):
        _gap(item, out, doc, "inline_policy", "RoleDetailList")
    for block in [] if isinstance(inline, (Ref, Open)) else item.blocks("inline_policy"):
        text = document_in(block.get("policy"), item.estate)
        if text is None:
            _gap(item, out, doc, "inline_policy", "RoleDetailList")
        elif text:
            named = item.estate.text(block.get("name")) or item.address
            doc["RolePolicyList"].append({"PolicyName": named, "PolicyDocument": text})
    managed = item.get("managed_policy_arns")
    former = {
        str(before.get("policy_arn"))
        for before in item.estate.before("aws_iam_role_policy_attachment")
        if before.get("role") == doc["RoleName"]
    }
    if isinstance(managed, Open):
        _gap(item, out, doc, "managed_policy_arns", "RoleDetailList")
    for one in managed if isinstance(managed, list) else []:
        # What is attached by resources of its own is listed here as well, as it was before.
        if one not in former:
            _attach(doc, _policy_arn(item, one))


def _gap(item: Item, out: Out, doc: Doc, what: str, key: str) -> None:
    out.gap(f"{what} of {item.address}", str(doc["Arn"]), _UNKNOWN, key)


def policy(item: Item, out: Out) -> None:
    text = document(item, "policy")
    arn = arn_of(item)
    doc: Doc = {
        "PolicyName": identity_name(item),
        "Arn": arn,
        "DefaultVersionId": "v1",
        "PolicyVersionList": [],
    }
    if text is None:
        _gap(item, out, doc, "policy", "Policies")
    else:
        doc["PolicyVersionList"] = [_version(text)]
    out.put("Policies", item.home, arn, doc)


def known_policies(item: Item, out: Out) -> None:
    """`data.aws_iam_policy`: one that is there already."""
    arn, text = item.text("arn"), item.text("policy")
    if arn and text and out.get("Policies", arn) is None:
        doc = {"PolicyName": item.text("name"), "Arn": arn, "DefaultVersionId": "v1"}
        out.put("Policies", item.home, arn, {**doc, "PolicyVersionList": [_version(text)]})


def _version(text: str) -> Doc:
    try:
        decoded: Any = json.loads(text)
    except ValueError:
        decoded = text
    return {"VersionId": "v1", "IsDefaultVersion": True, "Document": decoded}


def _name_of(item: Item, value: Any, kind: str) -> str:
    """The name of a user, group or role; one that nobody has where it cannot be told."""
    owner = item.estate.found(value, kind)
    if owner is not None and owner.type == f"aws_iam_{kind}":
        return identity_name(owner)
    return value if isinstance(value, str) else item.estate.id_in(value, kind, item)


def _owners(item: Item, out: Out) -> Iterator[tuple[Doc, str]]:
    """The identity that a resource adds to, with the field of its inline policies.

    Where it is not known which one that is, each that it may be is one of which not all is known.
    """
    for kind, (key, inline) in _LISTS.items():
        for name in (kind, f"{kind}_name"):
            value = item.get(name)
            if value and not item.computed(value):
                doc = _identity(item, value, kind, out)
                if doc is not None:
                    yield doc, inline
                    return
                _doubt(item, value, kind, key, out)


def _identity(item: Item, value: Any, kind: str, out: Out) -> Doc | None:
    return out.get(_LISTS[kind][0], _key(item, _name_of(item, value, kind)))


def _doubt(item: Item, value: Any, kind: str, key: str, out: Out) -> None:
    what = f"{kind} of {item.address}"
    if isinstance(value, str):
        arn = f"arn:{partition_of(item.region)}:iam::{item.account}:{kind}/{value}"
        out.gap(what, arn, "not described", key)
        return
    for candidate in item.estate.candidates(value, kind):
        out.gap(what, arn_of(candidate), _UNKNOWN, key)


def _policy_arn(item: Item, value: Any) -> str:
    owner = item.estate.found(value, "policy_arn")
    if owner is not None and owner.type == "aws_iam_policy":
        return arn_of(owner)
    return item.estate.id_in(value, "policy_arn", item)


def _attach(doc: Doc, arn: str) -> None:
    entry = {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn}
    if entry not in doc["AttachedManagedPolicies"]:
        doc["AttachedManagedPolicies"].append(entry)


def attachment(item: Item, out: Out) -> None:
    for doc, _ in _owners(item, out):
        _attach(doc, _policy_arn(item, item.get("policy_arn")))


def policy_attachment(item: Item, out: Out) -> None:
    """`aws_iam_policy_attachment`: to many at once."""
    arn = _policy_arn(item, item.get("policy_arn"))
    for kind, (key, _) in _LISTS.items():
        value = item.get(f"{kind}s")
        for one in _each(value):
            doc = _identity(item, one, kind, out) if one else None
            if doc is not None:
                _attach(doc, arn)
            elif one and not item.computed(one):
                _doubt(item, one, kind, key, out)


def inline_policy(item: Item, out: Out) -> None:
    for doc, field in _owners(item, out):
        text = document(item, "policy")
        if text is None:
            key = next(key for key, inline in _LISTS.values() if inline == field)
            _gap(item, out, doc, "policy", key)
        else:
            name = identity_name(item)
            doc[field].append({"PolicyName": name, "PolicyDocument": text})


def exclusive_attachments(item: Item, out: Out) -> None:
    """`…_policy_attachments_exclusive`: whatever else is attached is taken off."""
    value = item.get("policy_arns")
    for doc, _ in _owners(item, out) if isinstance(value, list) else ():
        doc["AttachedManagedPolicies"] = []
        for one in value:
            _attach(doc, _policy_arn(item, one))


def exclusive_inline(item: Item, out: Out) -> None:
    """`…_policies_exclusive`: inline policies of other names are taken away."""
    names = item.known("policy_names")
    for doc, field in _owners(item, out) if isinstance(names, list) else ():
        doc[field] = [one for one in doc[field] if one["PolicyName"] in names]


def group_membership(item: Item, out: Out) -> None:
    """`aws_iam_group_membership` (users of a group) and `aws_iam_user_group_membership`."""
    if item.type == "aws_iam_group_membership":
        groups, users = [item.get("group")], item.get("users")
    else:
        groups, users = item.get("groups"), [item.get("user")]
    for who in _each(users):
        doc = _identity(item, who, "user", out)
        if doc is None:
            _doubt(item, who, "user", "UserDetailList", out)
            continue
        for one in _each(groups):
            name = _name_of(item, one, "group")
            if name not in doc["GroupList"]:
                doc["GroupList"].append(name)


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
