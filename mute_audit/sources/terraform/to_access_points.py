"""Access points of S3: a second way into a bucket, with a policy and switches of its own."""

from __future__ import annotations

from mute_audit.sources.terraform.arns import arn_of
from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out
from mute_audit.sources.terraform.policies import document
from mute_audit.sources.terraform.to_buckets import bucket_names, switches
from mute_audit.sources.terraform.values import is_known

__all__ = ["access_point", "access_point_policy"]

_UNKNOWN = "unknown until apply"
_POLICIES = "AccessPointPolicies"


def access_point(item: Item, out: Out) -> None:
    """It is closed to the public unless its own switches say otherwise.

    S3 turns all four on for an access point of which nothing else is said (S3 user guide,
    "Managing public access to access points").
    """
    arn, key = arn_of(item), "AccessPointList"
    network = _network(item)
    for bucket in bucket_names(item, key, out):
        doc: Doc = {
            "Name": item.text("name", item.address),
            "Bucket": bucket,
            "AccessPointArn": arn,
            "NetworkOrigin": "VPC" if network else "Internet",
            "BucketAccountId": item.text_given("bucket_account_id") or item.account,
            **({"VpcConfiguration": {"VpcId": network}} if network else {}),
        }
        out.put(key, item.home, arn, doc)
    _switches(item, arn, out)
    public = item.get("has_public_access_policy")
    if isinstance(public, bool):
        status = {"AccessPointArn": arn, "PolicyStatus": {"IsPublic": public}}
        out.put("AccessPointPolicyStatuses", item.home, arn, status)
    computed = item.computed(item.get("policy"))
    _policy(item, arn, "" if computed else document(item, "policy"), out)


def _network(item: Item) -> str:
    for block in item.blocks("vpc_configuration")[:1]:
        return item.estate.id_in(block.get("vpc_id"), "vpc_id", item)
    return ""


def _switches(item: Item, arn: str, out: Out) -> None:
    key = "AccessPointPublicAccessBlocks"
    blocks = item.blocks("public_access_block_configuration")[:1] or [{}]
    for name, value in blocks[0].items():
        if not is_known(value):
            out.gap(f"{name} of {item.address}", arn, _UNKNOWN, key)
            return
    on = {field: blocks[0].get(name) is not False for name, field in switches().items()}
    doc = {"AccessPointArn": arn, "PublicAccessBlockConfiguration": on}
    out.put(key, item.home, arn, doc)


def _policy(item: Item, arn: str, text: str | None, out: Out) -> None:
    if text is None:
        out.gap(f"policy of {item.address}", arn, _UNKNOWN, _POLICIES)
        return
    out.put(_POLICIES, item.home, arn, {"AccessPointArn": arn, "Policy": text or None})


def access_point_policy(item: Item, out: Out) -> None:
    """`aws_s3control_access_point_policy`: the policy of one, as a resource of its own."""
    value = item.get("access_point_arn")
    owner = item.estate.found(value, "access_point_arn")
    if owner is not None and owner.type == "aws_s3_access_point":
        _policy(item, arn_of(owner), document(item, "policy"), out)
    elif isinstance(value, str):
        _policy(item, value, document(item, "policy"), out)
    else:
        for candidate in item.estate.candidates(value, "access_point_arn"):
            out.gap(f"access point of {item.address}", arn_of(candidate), _UNKNOWN, _POLICIES)
