"""Buckets and who may use them: ACLs, ownership, policies, Block Public Access."""

from __future__ import annotations

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out
from mute_audit.sources.terraform.policies import document
from mute_audit.sources.terraform.values import Ref

__all__ = [
    "account_block",
    "bucket",
    "bucket_acl",
    "bucket_block",
    "bucket_ownership",
    "bucket_policy",
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
