"""The requests of a call, made up from what earlier calls said. Imports no boto3."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

__all__ = [
    "Answers",
    "Ask",
    "Item",
    "about_the_account",
    "access_point",
    "access_points",
    "described",
    "each",
    "images_in_use",
    "listeners_with_rules",
    "multi_region_access_point",
    "multi_region_access_points",
    "of_each_bucket",
    "of_each_cluster",
    "of_each_repository",
    "of_each_user",
    "of_the_account",
    "once",
    "prefix_list",
    "snapshot_attributes",
    "tgw_table",
    "unlocated_buckets",
    "with_regions",
]

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """One request (all its pages).

    beside  what is put beside the answer of a WRAPPED row
    about   ARN of the resource that the answer is about: when the request fails, only this
            resource is unknown; empty where a failure leaves the whole key unknown
    within  what a message about such a failure names beside the call (the cluster)
    region  where to send it, if not to the Region that is being described
    """

    params: Mapping[str, Any] = field(default_factory=dict)
    beside: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""
    within: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known of one account and Region when the next calls are made up."""

    account: str
    region: str
    partition: str
    # For the S3 calls of a bucket whose Region is unknown.
    default_region: str
    items: Mapping[str, list[msgspec.Raw]]

    def __getitem__(self, key: str) -> Iterator[Any]:
        """The items of a key, decoded one after the other."""
        for item in self.items.get(key, ()):
            yield msgspec.json.decode(item)

    def ec2_arn(self, kind: str, name: str) -> str:
        return f"arn:{self.partition}:ec2:{self.region}:{self.account}:{kind}/{name}"

    def bucket_arn(self, name: str) -> str:
        return f"arn:{self.partition}:s3:::{name}"

    def access_point_arn(self, name: str) -> str:
        return f"arn:{self.partition}:s3:{self.region}:{self.account}:accesspoint/{name}"

    def bucket_regions(self) -> dict[str, str]:
        """From ListBuckets where it says so, else from GetBucketLocation, else empty."""
        located = {
            item["Bucket"]: _location(item["LocationConstraint"])
            for item in self["BucketLocations"]
        }
        return {
            bucket["Name"]: bucket.get("BucketRegion") or located.get(bucket["Name"], "")
            for bucket in self["Buckets"]
        }


def _location(constraint: str | None) -> str:
    # GetBucketLocation: null is us-east-1, and buckets of old say `EU`.
    return {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}.get(constraint, constraint or "")


def once(answers: Answers) -> Iterable[Ask]:
    return (Ask(),)


def each(
    parent: str,
    owner: str,
    arn: Callable[[Answers, Item], str] | None = None,
    **params: Any,
) -> Callable[[Answers], Iterator[Ask]]:
    """One request per item of `parent`, with the item's `owner` (its ARN, or an id) beside it.

    `arn` makes the ARN where `owner` is only an id; `params` go into every request.
    """

    def asks(answers: Answers) -> Iterator[Ask]:
        for item in answers[parent]:
            about = item[owner] if arn is None else arn(answers, item)
            yield Ask({owner: item[owner], **params}, {owner: item[owner]}, about)

    return asks


def prefix_list(answers: Answers, item: Item) -> str:
    return str(item.get("PrefixListArn") or answers.ec2_arn("prefix-list", item["PrefixListId"]))


def tgw_table(answers: Answers, item: Item) -> str:
    table = item["TransitGatewayRouteTableId"]
    return answers.ec2_arn("transit-gateway-route-table", table)


def images_in_use(answers: Answers) -> Iterator[Ask]:
    """By filter, not by ImageIds: one image that is gone would fail the whole call."""
    names = sorted(
        {
            instance["ImageId"]
            for reservation in answers["Reservations"]
            for instance in reservation.get("Instances", ())
            if instance.get("ImageId")
        }
    )
    for batch in _batches(names, 200):
        yield Ask(
            {
                "Filters": [{"Name": "image-id", "Values": batch}],
                "IncludeDeprecated": True,
                "IncludeDisabled": True,
            }
        )


def listeners_with_rules(answers: Answers) -> Iterator[Ask]:
    """Only application load balancers have rules beside the default actions."""
    for balancer in answers["LoadBalancerListeners"]:
        for listener in balancer["Listeners"]:
            if listener.get("Protocol") in ("HTTP", "HTTPS"):
                arn = listener["ListenerArn"]
                yield Ask({"ListenerArn": arn}, {"ListenerArn": arn}, arn)


def snapshot_attributes(answers: Answers) -> Iterator[Ask]:
    for snapshot in answers["DBSnapshots"]:
        name = snapshot["DBSnapshotIdentifier"]
        yield Ask({"DBSnapshotIdentifier": name}, about=snapshot.get("DBSnapshotArn", ""))


def of_each_cluster(answers: Answers) -> Iterator[Ask]:
    for arn in answers["clusterArns"]:
        yield Ask({"cluster": arn}, {"cluster": arn}, within=arn)


def described(parent: str, field_name: str, size: int) -> Callable[[Answers], Iterator[Ask]]:
    def asks(answers: Answers) -> Iterator[Ask]:
        for cluster in answers[parent]:
            for batch in _batches(cluster[parent], size):
                arn = cluster["cluster"]
                yield Ask({"cluster": arn, field_name: batch}, within=arn)

    return asks


def unlocated_buckets(answers: Answers) -> Iterator[Ask]:
    for bucket in answers["Buckets"]:
        if not bucket.get("BucketRegion"):
            name = bucket["Name"]
            yield Ask({"Bucket": name}, {"Bucket": name}, answers.bucket_arn(name))


def of_each_bucket(answers: Answers) -> Iterator[Ask]:
    for name, region in answers.bucket_regions().items():
        where = region or answers.default_region
        yield Ask({"Bucket": name}, {"Bucket": name}, answers.bucket_arn(name), region=where)


def access_point(answers: Answers) -> Iterator[Ask]:
    """One request for each access point, by its name and the account that it is of."""
    for item in answers["AccessPointList"]:
        arn = item.get("AccessPointArn") or answers.access_point_arn(item["Name"])
        named = {"AccountId": answers.account, "Name": item["Name"]}
        yield Ask(named, {"AccessPointArn": arn}, arn)


def access_points(answers: Answers) -> list[Item]:
    """The access points, each with its ARN."""
    return [
        {"AccessPointArn": answers.access_point_arn(item["Name"]), **item}
        for item in answers["AccessPointList"]
    ]


# Where S3 takes the calls about access points of several Regions, wherever their buckets are.
_MULTI_REGION = "us-west-2"


def multi_region_access_points(answers: Answers) -> Iterator[Ask]:
    """Asked for where a bucket's policy speaks of access points: without, none leads anywhere."""
    spoken = any(
        "dataaccesspoint" in str(item.get("Policy") or "").lower()
        for item in answers["BucketPolicies"]
    )
    if spoken and answers.partition == "aws":
        yield Ask({"AccountId": answers.account}, region=_MULTI_REGION)


def multi_region_access_point(answers: Answers) -> Iterator[Ask]:
    for item in answers["MultiRegionAccessPoints"]:
        name = item["Name"]
        asked = {"AccountId": answers.account, "Name": name}
        yield Ask(asked, {"MultiRegionAccessPoint": name}, name, region=_MULTI_REGION)


def of_the_account(answers: Answers) -> Iterator[Ask]:
    account = {"AccountId": answers.account}
    yield Ask(account, account)


def about_the_account(answers: Answers) -> Iterator[Ask]:
    """A request that names no account, whose answer does not name it either."""
    yield Ask({}, {"AccountId": answers.account})


def of_each_user(answers: Answers) -> Iterator[Ask]:
    for user in answers["UserDetailList"]:
        name = {"UserName": user["UserName"]}
        yield Ask(name, name, user.get("Arn", ""))


def with_regions(answers: Answers) -> list[Item]:
    """The buckets, each with its Region."""
    regions = answers.bucket_regions()
    return [{**item, "BucketRegion": regions[item["Name"]]} for item in answers["Buckets"]]


def of_each_repository(answers: Answers) -> Iterator[Ask]:
    for repository in answers["repositories"]:
        name = {
            "repositoryName": repository["repositoryName"],
            "registryId": repository["registryId"],
        }
        yield Ask(name, name, repository["repositoryArn"])


def _batches(names: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(names), size):
        yield names[start : start + size]
