"""Buckets, image repositories, users, groups, roles and policies."""

from __future__ import annotations

import json
from typing import Any

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out, tags
from mute_audit.sources.terraform.policies import document
from mute_audit.sources.terraform.values import Open, Ref

__all__ = [
    "account_block",
    "attachment",
    "bucket",
    "bucket_acl",
    "bucket_block",
    "bucket_ownership",
    "bucket_policy",
    "exclusive_attachments",
    "exclusive_inline",
    "group",
    "group_membership",
    "inline_policy",
    "policy",
    "policy_attachment",
    "repository",
    "repository_policy",
    "role",
    "user",
]

_ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
_AUTHENTICATED = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
_LOGS = "http://acs.amazonaws.com/groups/s3/LogDelivery"
_CANNED: dict[str, list[tuple[str, str]]] = {
    "public-read": [(_ALL_USERS, "READ")],
    "public-read-write": [(_ALL_USERS, "READ"), (_ALL_USERS, "WRITE")],
    "authenticated-read": [(_AUTHENTICATED, "READ")],
    "log-delivery-write": [(_LOGS, "WRITE"), (_LOGS, "READ_ACP")],
}


# --- buckets ------------------------------------------------------------------------------------


def _name(item: Item, field: str = "bucket") -> str:
    """The name of the bucket that a resource is about; its address where it has none yet."""
    value = item.get(field)
    if isinstance(value, Ref):
        owner = item.estate.items.get(value.address)
        return owner.text("bucket", owner.id) if owner is not None else str(value)
    return str(value) if isinstance(value, str) and value else item.ref(field)


def bucket(item: Item, out: Out) -> None:
    name = item.text("bucket", item.id)
    out.put("Buckets", "", name, {"Name": name, "BucketRegion": item.region})
    out.put("BucketPolicies", "", name, {"Bucket": name, "Policy": None})
    # New buckets: all four on, ownership enforced, since April 2023; but Terraform writes
    # neither, so a state or a refreshed plan may know better.
    out.put(
        "BucketPublicAccessBlocks",
        "",
        name,
        {
            "Bucket": name,
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        },
    )
    out.put(
        "BucketOwnershipControls",
        "",
        name,
        {
            "Bucket": name,
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        },
    )
    out.put("BucketAcls", "", name, _acl(name, "private"))
    written = item.get("policy")
    if isinstance(written, str) and written:
        out.put("BucketPolicies", "", name, {"Bucket": name, "Policy": written})
    canned = item.text("acl")
    if canned and canned != "private":
        out.put("BucketAcls", "", name, _acl(name, canned))


def _acl(name: str, canned: str) -> Doc:
    owner = {"ID": "owner", "DisplayName": ""}
    grants: list[Doc] = [
        {"Grantee": {"Type": "CanonicalUser", "ID": "owner"}, "Permission": "FULL_CONTROL"}
    ]
    for uri, permission in _CANNED.get(canned, ()):
        grants.append({"Grantee": {"Type": "Group", "URI": uri}, "Permission": permission})
    return {"Bucket": name, "Owner": owner, "Grants": grants}


def bucket_acl(item: Item, out: Out) -> None:
    name = _name(item)
    doc = _acl(name, item.text("acl", "private"))
    value = item.get("access_control_policy")
    for block in [] if isinstance(value, Ref) else item.blocks("access_control_policy"):
        doc["Grants"] = []
        for grant in block.get("grant") or []:
            who = (grant.get("grantee") or [{}])[0]
            grantee = {
                "Type": item.estate.text(who.get("type")),
                "ID": item.estate.text(who.get("id")),
                "URI": item.estate.text(who.get("uri")),
                "EmailAddress": item.estate.text(who.get("email_address")),
            }
            doc["Grants"].append(
                {
                    "Grantee": {k: v for k, v in grantee.items() if v},
                    "Permission": item.estate.text(grant.get("permission")),
                }
            )
    out.put("BucketAcls", "", name, doc)


def bucket_ownership(item: Item, out: Out) -> None:
    name = _name(item)
    for block in item.blocks("rule"):
        kind = item.estate.text(block.get("object_ownership"))
        out.put(
            "BucketOwnershipControls",
            "",
            name,
            {"Bucket": name, "OwnershipControls": {"Rules": [{"ObjectOwnership": kind}]}},
        )


_SWITCHES = {
    "block_public_acls": "BlockPublicAcls",
    "ignore_public_acls": "IgnorePublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "restrict_public_buckets": "RestrictPublicBuckets",
}


def _block(item: Item, out: Out, key: str) -> Doc:
    found = {}
    for name, field in _SWITCHES.items():
        if item.open(name) is not None:
            out.gap(f"{name} of {item.address}", item.address, "unknown until apply", key)
        found[field] = item.flag(name)
    return found


def bucket_block(item: Item, out: Out) -> None:
    name = _name(item)
    key = "BucketPublicAccessBlocks"
    doc = {"Bucket": name, "PublicAccessBlockConfiguration": _block(item, out, key)}
    out.put(key, "", name, doc)


def account_block(item: Item, out: Out) -> None:
    key = "AccountPublicAccessBlocks"
    account = item.text("account_id") or out.account
    doc = {"AccountId": account, "PublicAccessBlockConfiguration": _block(item, out, key)}
    out.put(key, "", "account", doc)


def bucket_policy(item: Item, out: Out) -> None:
    name = _name(item)
    text = document(item, "policy")
    if text is None:
        arn = f"arn:aws:s3:::{name}"
        out.gap(f"policy of {item.address}", arn, "unknown until apply", "BucketPolicies")
        return
    out.put("BucketPolicies", "", name, {"Bucket": name, "Policy": text or None})


# --- images -------------------------------------------------------------------------------------


def repository(item: Item, out: Out) -> None:
    name = item.text("name", item.address)
    doc: Doc = {
        "repositoryArn": item.id,
        "repositoryName": name,
        "registryId": item.text("registry_id") or out.account,
        "repositoryUri": item.text("repository_url"),
        "imageTagMutability": item.text("image_tag_mutability", "MUTABLE"),
    }
    blocks = item.blocks("image_scanning_configuration")
    on = any(block.get("scan_on_push") is True for block in blocks)
    doc["imageScanningConfiguration"] = {"scanOnPush": on}
    out.put("repositories", item.region, item.id, doc)
    _repository_policy(out, item.region, name, doc["registryId"], None)


def _repository_policy(out: Out, region: str, name: str, registry: str, text: str | None) -> None:
    doc = {"repositoryName": name, "registryId": registry, "policyText": text}
    out.put("RepositoryPolicies", region, name, doc)


def repository_policy(item: Item, out: Out) -> None:
    value = item.get("repository")
    owner = item.estate.items.get(value.address) if isinstance(value, Ref) else None
    name = owner.text("name", owner.address) if owner is not None else item.ref("repository")
    text = document(item, "policy")
    if text is None:
        what = f"policy of {item.address}"
        out.gap(what, item.address, "unknown until apply", "RepositoryPolicies")
        return
    registry = item.text("registry_id") or out.account
    _repository_policy(out, item.region, name, registry, text or None)


# --- identities ---------------------------------------------------------------------------------


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
        "Tags": tags(item.get("tags_all") or item.get("tags")),
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
        "Tags": tags(item.get("tags_all") or item.get("tags")),
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
    return str(value) if isinstance(value, str) else item.estate.id_in(value, item.address)


def _policy_arn(item: Item, value: Any, out: Out) -> str:
    if isinstance(value, Ref):
        owner = item.estate.items.get(value.address)
        if owner is not None and owner.type == "aws_iam_policy":
            return arn_of(owner, "policy", out.account)
    return item.estate.id_in(value, f"policy_arn of {item.address}")


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
