"""ARNs that AWS will give, as far as account, Region and name tell them before apply."""

from __future__ import annotations

from mute_audit.sources.terraform.estate import Item

__all__ = ["arn_of", "bucket_name", "identity_name", "partition_of"]

# type → (service, what stands before the name, the attribute that is the name)
_SHAPES = {
    "aws_cloudwatch_log_group": ("logs", "log-group:", "name"),
    "aws_dynamodb_table": ("dynamodb", "table/", "name"),
    "aws_ecr_repository": ("ecr", "repository/", "name"),
    "aws_lambda_function": ("lambda", "function:", "function_name"),
    "aws_s3_access_point": ("s3", "accesspoint/", "name"),
    "aws_sns_topic": ("sns", "", "name"),
    "aws_sqs_queue": ("sqs", "", "name"),
}
_IDENTITIES = {
    "aws_iam_group": "group",
    "aws_iam_policy": "policy",
    "aws_iam_role": "role",
    "aws_iam_user": "user",
}


def partition_of(region: str) -> str:
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def arn_of(item: Item) -> str:
    """The ARN of a resource; its Terraform address where not even the shape of one is known."""
    known = item.known("arn")
    if isinstance(known, str) and known:
        return known
    partition = partition_of(item.region)
    if item.type == "aws_s3_bucket":
        return f"arn:{partition}:s3:::{bucket_name(item)}"
    if item.type in _IDENTITIES:
        path = item.text("path", "/")
        # What AWS adds to a prefix is not known; what stands here matches the same patterns.
        name = item.text("name") or item.text("name_prefix") + item.address
        return f"arn:{partition}:iam::{item.account}:{_IDENTITIES[item.type]}{path}{name}"
    service, kind, attribute = _SHAPES.get(item.type, ("", "", ""))
    name = item.text(attribute) if attribute else ""
    if name and item.account and item.region:
        return f"arn:{partition}:{service}:{item.region}:{item.account}:{kind}{name}"
    return item.address


def bucket_name(item: Item) -> str:
    """What documents call a bucket: its name, else its address."""
    return item.text("bucket") or item.id


def identity_name(item: Item) -> str:
    """What documents call a user, group, role or policy: its name, else its address."""
    return item.text("name") or item.address
