"""Buckets and who may use them: ACLs, ownership, policies, Block Public Access."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mute_audit.sources.terraform.arns import arn_of, bucket_name, partition_of
from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out
from mute_audit.sources.terraform.policies import document
from mute_audit.sources.terraform.values import Open, is_known

__all__ = [
    "account_block",
    "bucket",
    "bucket_acl",
    "bucket_block",
    "bucket_names",
    "bucket_ownership",
    "bucket_policy",
    "switches",
]

_UNKNOWN = "unknown until apply"
_ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
_AUTHENTICATED = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
_LOGS = "http://acs.amazonaws.com/groups/s3/LogDelivery"
_CANNED: dict[str, list[tuple[str, str]]] = {
    "public-read": [(_ALL_USERS, "READ")],
    "public-read-write": [(_ALL_USERS, "READ"), (_ALL_USERS, "WRITE")],
    "authenticated-read": [(_AUTHENTICATED, "READ")],
    "log-delivery-write": [(_LOGS, "WRITE"), (_LOGS, "READ_ACP")],
}


def bucket_names(item: Item, key: str, out: Out) -> list[str]:
    """The name of the bucket that a resource is about.

    Where it is not known which one that is, each that it may be is one of which not all is known.
    """
    value = item.get("bucket")
    owner = item.estate.found(value, "bucket")
    if owner is not None and owner.type == "aws_s3_bucket":
        return [bucket_name(owner)]
    if isinstance(value, str) and value:
        return [value.rpartition(":::")[2]]
    for candidate in item.estate.candidates(value, "bucket"):
        out.gap(f"bucket of {item.address}", arn_of(candidate), _UNKNOWN, key)
    return []


def bucket(item: Item, out: Out) -> None:
    name = bucket_name(item)
    home, arn = item.home, arn_of(item)
    out.put("Buckets", home, name, {"Name": name, "BucketRegion": item.region})
    new = item.id == item.address
    ended = {one.type for one in item.estate.former if one.ended and _about(one.values, item)}
    _switches(item, new, "aws_s3_bucket_public_access_block" in ended, out)
    _ownership(item, new, "aws_s3_bucket_ownership_controls" in ended, out)
    text = document(item, "policy") if not item.computed(item.get("policy")) else ""
    if text is None:
        out.gap(f"policy of {item.address}", arn, _UNKNOWN, "BucketPolicies")
    separate = any(_about(before, item) for before in item.estate.before("aws_s3_bucket_policy"))
    # What a policy of its own had put there is listed here as well, as it was before.
    written = None if separate else text
    out.put("BucketPolicies", home, name, {"Bucket": name, "Policy": written or None})
    acl = _acl(name, item.text_given("acl") or "private")
    grants = item.known("grant")
    if isinstance(grants, list) and grants and not item.text_given("acl"):
        acl["Grants"] = [made for grant in grants for made in _grants(grant)]
    out.put("BucketAcls", home, name, acl)


def _about(values: Mapping[str, Any], item: Item) -> bool:
    return values.get("bucket") in (item.id, bucket_name(item))


def _switches(item: Item, new: bool, ended: bool, out: Out) -> None:
    """All four are on in a bucket that is made now (since April 2023); in others, who knows."""
    name, key = bucket_name(item), "BucketPublicAccessBlocks"
    if new or ended:
        on = dict.fromkeys(_SWITCHES.values(), True) if new else None
        doc = {"Bucket": name, "PublicAccessBlockConfiguration": on}
        out.put(key, item.home, name, doc)
    elif out.get(key, name) is None:
        why = "the bucket is there already, and nothing here says how it is set"
        out.gap(f"Block Public Access of {name}", arn_of(item), why, key)


def _ownership(item: Item, new: bool, ended: bool, out: Out) -> None:
    name, key = bucket_name(item), "BucketOwnershipControls"
    if new or ended:
        rules = [{"ObjectOwnership": "BucketOwnerEnforced"}] if new else []
        controls = {"Rules": rules} if rules else None
        out.put(key, item.home, name, {"Bucket": name, "OwnershipControls": controls})
    elif out.get(key, name) is None:
        why = "the bucket is there already, and nothing here says how it is set"
        out.gap(f"object ownership of {name}", arn_of(item), why, key)


def _grants(grant: Mapping[str, Any]) -> Iterator[Doc]:
    """A `grant` block inside a bucket: one grantee, several permissions."""
    who = {"Type": grant.get("type"), "ID": grant.get("id"), "URI": grant.get("uri")}
    grantee = {name: value for name, value in who.items() if value}
    for permission in grant.get("permissions") or ():
        yield {"Grantee": grantee, "Permission": permission}


def _acl(name: str, canned: str) -> Doc:
    owner = {"ID": "owner", "DisplayName": ""}
    grants: list[Doc] = [
        {"Grantee": {"Type": "CanonicalUser", "ID": "owner"}, "Permission": "FULL_CONTROL"}
    ]
    for uri, permission in _CANNED.get(canned, ()):
        grants.append({"Grantee": {"Type": "Group", "URI": uri}, "Permission": permission})
    return {"Bucket": name, "Owner": owner, "Grants": grants}


def bucket_acl(item: Item, out: Out) -> None:
    for name in bucket_names(item, "BucketAcls", out):
        doc = _acl(name, item.text_given("acl") or "private")
        value = item.given("access_control_policy")
        if isinstance(value, Open):
            out.gap(f"grants of {item.address}", _arn(item, name), _UNKNOWN, "BucketAcls")
        blocks = item.blocks("access_control_policy") if isinstance(value, list) else []
        listed = [grant for block in blocks for grant in block.get("grant") or ()]
        if listed:
            doc["Grants"] = [_grant(item, grant) for grant in listed if isinstance(grant, dict)]
        out.put("BucketAcls", item.home, name, doc)


def _grant(item: Item, grant: Mapping[str, Any]) -> Doc:
    text = item.estate.text
    who = (grant.get("grantee") or [{}])[0]
    grantee = {
        "Type": text(who.get("type")),
        "ID": text(who.get("id")),
        "URI": text(who.get("uri")),
        "EmailAddress": text(who.get("email_address")),
    }
    return {
        "Grantee": {name: value for name, value in grantee.items() if value},
        "Permission": text(grant.get("permission")),
    }


def _arn(item: Item, name: str) -> str:
    return f"arn:{partition_of(item.region)}:s3:::{name}"


def bucket_ownership(item: Item, out: Out) -> None:
    key = "BucketOwnershipControls"
    for name in bucket_names(item, key, out):
        rules = [
            {"ObjectOwnership": item.estate.text(block.get("object_ownership"))}
            for block in item.blocks("rule")
        ]
        out.gaps = [gap for gap in out.gaps if (gap.key, gap.where) != (key, _arn(item, name))]
        out.put(key, item.home, name, {"Bucket": name, "OwnershipControls": {"Rules": rules}})


_SWITCHES = {
    "block_public_acls": "BlockPublicAcls",
    "ignore_public_acls": "IgnorePublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "restrict_public_buckets": "RestrictPublicBuckets",
}


def switches() -> Mapping[str, str]:
    """The switches of Block Public Access: Terraform's name → AWS's."""
    return _SWITCHES


def _block(item: Item, out: Out, key: str, where: str) -> Doc:
    for name in _SWITCHES:
        if not is_known(item.get(name)):
            out.gap(f"{name} of {item.address}", where, _UNKNOWN, key)
    return {field: item.flag(name) for name, field in _SWITCHES.items()}


def bucket_block(item: Item, out: Out) -> None:
    key = "BucketPublicAccessBlocks"
    for name in bucket_names(item, key, out):
        where = _arn(item, name)
        out.gaps = [gap for gap in out.gaps if (gap.key, gap.where) != (key, where)]
        doc = {"Bucket": name, "PublicAccessBlockConfiguration": _block(item, out, key, where)}
        out.put(key, item.home, name, doc)


def account_block(item: Item, out: Out) -> None:
    key = "AccountPublicAccessBlocks"
    account = item.text_given("account_id") or item.account
    doc = {
        "AccountId": account,
        "PublicAccessBlockConfiguration": _block(item, out, key, item.address),
    }
    out.put(key, item.home._replace(account=account), account, doc)


def bucket_policy(item: Item, out: Out) -> None:
    text = document(item, "policy")
    for name in bucket_names(item, "BucketPolicies", out):
        if text is None:
            where = _arn(item, name)
            out.gap(f"policy of {item.address}", where, _UNKNOWN, "BucketPolicies")
        else:
            out.put("BucketPolicies", item.home, name, {"Bucket": name, "Policy": text or None})
