"""A plan laid over what lives already: what it adds, changes and takes away there."""

from __future__ import annotations

from typing import Any

import pytest
from plan_maker import Plan

from mute_audit.inventory import Inventory
from mute_audit.sources.aws_json import load
from mute_audit.sources.raw import RawDocument, RawSnapshot
from mute_audit.sources.terraform.overlay import ground
from mute_audit.sources.terraform.plan import read_plan

ACCOUNT, REGION = "111122223333", "eu-west-1"
VPC, SUBNET, GROUP, TABLE = "vpc-1111aaaa", "subnet-1111aaaa", "sg-1111aaaa", "rtb-1111aaaa"
EVERYONE = {
    "IpProtocol": "tcp",
    "FromPort": 22,
    "ToPort": 22,
    "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
}
INSIDE = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
ROUTE = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1111aaaa", "State": "active"}


def alive(**documents: Any) -> RawSnapshot:
    """A saved account; everything given is in its one Region, or in none."""
    import json

    everywhere = ("Buckets", "Bucket", "User", "Role", "Account", "LoginProfiles", "AccessKeys")
    made = []
    for key, items in documents.items():
        region = "global" if key.startswith(everywhere) else REGION
        made.append(RawDocument(ACCOUNT, region, key, json.dumps({key: items}).encode()))
    return RawSnapshot(documents=tuple(made), gaps=(), kind="snapshot")


def laid(plan: Plan, snapshot: RawSnapshot) -> Inventory:
    document = plan.document()
    aws = document["configuration"]["provider_config"]["aws"]["expressions"]
    aws["allowed_account_ids"] = {"constant_value": [ACCOUNT]}
    return load(read_plan(document, "plan.json", None, ground(snapshot)))


def changing(
    address: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    unknown: dict[str, Any] | None = None,
) -> Plan:
    actions = ("create",) if before is None else ("delete",) if after is None else ("update",)
    return Plan().add(address, after or {}, unknown, actions=actions, before=before)


def network() -> RawSnapshot:
    group = {"GroupId": GROUP, "GroupName": "g", "VpcId": VPC, "IpPermissionsEgress": []}
    table = {"RouteTableId": TABLE, "VpcId": VPC, "Routes": [ROUTE], "Associations": []}
    return alive(
        Vpcs=[{"VpcId": VPC, "CidrBlock": "10.0.0.0/16"}],
        SecurityGroups=[{**group, "IpPermissions": [EVERYONE, INSIDE]}],
        RouteTables=[table],
    )


def peers(found: Inventory) -> set[str]:
    rules = found.security_groups[GROUP].ip_permissions
    return {one.cidr_ip for rule in rules for one in rule.ip_ranges}


OLD = {
    "id": "sgrule-1",
    "type": "ingress",
    "security_group_id": GROUP,
    "protocol": "tcp",
    "from_port": 22,
    "to_port": 22,
    "cidr_blocks": ["0.0.0.0/0"],
}
NEW = {
    "id": "sgr-1",
    "security_group_rule_id": "sgr-1",
    "security_group_id": GROUP,
    "ip_protocol": "tcp",
    "from_port": 22,
    "to_port": 22,
    "cidr_ipv4": "0.0.0.0/0",
}


@pytest.mark.parametrize(
    ("address", "before"),
    [("aws_security_group_rule.r", OLD), ("aws_vpc_security_group_ingress_rule.r", NEW)],
)
def test_a_rule_that_is_deleted_is_not_there_any_more(address: str, before: dict[str, Any]) -> None:
    assert peers(laid(changing(address, before, None), network())) == {"10.0.0.0/8"}
    assert peers(laid(changing(address, before, before), network())) == {"0.0.0.0/0", "10.0.0.0/8"}


def test_a_rule_that_is_changed_is_there_as_it_will_be() -> None:
    after = {**NEW, "cidr_ipv4": "192.0.2.0/24"}
    plan = changing("aws_vpc_security_group_ingress_rule.r", NEW, after)
    assert peers(laid(plan, network())) == {"192.0.2.0/24", "10.0.0.0/8"}


def test_a_route_that_is_deleted_is_not_there_any_more() -> None:
    before = {
        "id": "r-1",
        "route_table_id": TABLE,
        "destination_cidr_block": "0.0.0.0/0",
        "gateway_id": "igw-1111aaaa",
    }
    gone = laid(changing("aws_route.r", before, None), network())
    assert gone.route_tables[TABLE].routes == ()
    other = laid(changing("aws_route.r", before, {**before, "gateway_id": "igw-2"}), network())
    assert [one.gateway_id for one in other.route_tables[TABLE].routes] == ["igw-2"]


def bucket() -> RawSnapshot:
    return alive(
        Buckets=[{"Name": "songs"}],
        BucketPolicies=[{"Bucket": "songs", "Policy": "{}"}],
        AccountPublicAccessBlocks=[
            {
                "AccountId": ACCOUNT,
                "PublicAccessBlockConfiguration": {"RestrictPublicBuckets": True},
            }
        ],
    )


def test_a_bucket_stays_when_its_policy_goes() -> None:
    """Both have the bucket's name for an id."""
    before = {"id": "songs", "bucket": "songs", "policy": "{}"}
    found = laid(changing("aws_s3_bucket_policy.p", before, None), bucket())
    regions = found.regions
    assert [one.name for region in regions for one in region.buckets] == ["songs"]
    assert [one.policy for region in regions for one in region.bucket_policies] == [None]


@pytest.mark.parametrize("kind", ["aws_dynamodb_table", "aws_ecr_repository"])
def test_a_bucket_stays_when_something_of_its_name_goes(kind: str) -> None:
    before = {"id": "songs", "name": "songs", "arn": f"arn:aws:x:{REGION}:{ACCOUNT}:table/songs"}
    found = laid(changing(f"{kind}.t", before, None), bucket())
    assert [one.name for region in found.regions for one in region.buckets] == ["songs"]
    gone = laid(changing("aws_s3_bucket.b", {"id": "songs", "bucket": "songs"}, None), bucket())
    assert [one.name for region in gone.regions for one in region.buckets] == []


def test_the_accounts_own_switches_stay() -> None:
    found = laid(changing("aws_s3_bucket.other", None, {"bucket": "other"}), bucket())
    blocks = [one for region in found.regions for one in region.account_public_access_blocks]
    assert [one.account_id for one in blocks] == [ACCOUNT]
    assert blocks[0].public_access_block_configuration is not None
    assert blocks[0].public_access_block_configuration.restrict_public_buckets


def users() -> RawSnapshot:
    arn = f"arn:aws:iam::{ACCOUNT}:user/anna"
    attached = [{"PolicyName": "P", "PolicyArn": "arn:aws:iam::aws:policy/P"}]
    user = {"UserName": "anna", "Arn": arn, "AttachedManagedPolicies": attached, "GroupList": []}
    return alive(UserDetailList=[{**user, "UserPolicyList": []}])


def policies(found: Inventory) -> list[list[str]]:
    every = [one for region in found.regions for one in region.users]
    return [[held.policy_arn for held in one.attached_managed_policies] for one in every]


def test_a_user_who_is_there_is_the_same_user() -> None:
    """The plan attaches something to one who is not managed by it."""
    after = {"user": "anna", "policy_arn": "arn:aws:iam::aws:policy/Q"}
    found = laid(changing("aws_iam_user_policy_attachment.a", None, after), users())
    assert policies(found) == [["arn:aws:iam::aws:policy/P", "arn:aws:iam::aws:policy/Q"]]


def test_what_is_detached_is_not_attached_any_more() -> None:
    before = {"id": "anna-1", "user": "anna", "policy_arn": "arn:aws:iam::aws:policy/P"}
    found = laid(changing("aws_iam_user_policy_attachment.a", before, None), users())
    assert policies(found) == [[]]


def test_a_user_who_is_deleted_is_gone() -> None:
    before = {"id": "anna", "name": "anna", "arn": f"arn:aws:iam::{ACCOUNT}:user/anna"}
    assert policies(laid(changing("aws_iam_user.u", before, None), users())) == []


def instance() -> RawSnapshot:
    eni = {
        "NetworkInterfaceId": "eni-1111aaaa",
        "SubnetId": SUBNET,
        "VpcId": VPC,
        "PrivateIpAddress": "10.0.0.9",
        "Attachment": {"InstanceId": "i-1111aaaa", "DeviceIndex": 0},
        "Groups": [],
    }
    return alive(
        Vpcs=[{"VpcId": VPC, "CidrBlock": "10.0.0.0/16"}],
        Subnets=[{"SubnetId": SUBNET, "VpcId": VPC, "CidrBlock": "10.0.0.0/24"}],
        Reservations=[{"Instances": [{"InstanceId": "i-1111aaaa", "SubnetId": SUBNET}]}],
        NetworkInterfaces=[eni],
    )


def test_an_instance_goes_with_its_interface() -> None:
    before = {"id": "i-1111aaaa", "subnet_id": SUBNET}
    found = laid(changing("aws_instance.i", before, None), instance())
    assert found.network_interfaces == {}
    assert [one for region in found.regions for one in region.instances] == []


def test_one_that_is_replaced_comes_back_as_another() -> None:
    before = {"id": "i-1111aaaa", "subnet_id": SUBNET}
    plan = Plan().add(
        "aws_instance.i",
        {"subnet_id": SUBNET, "vpc_security_group_ids": []},
        {"private_ip": True, "primary_network_interface_id": True},
        actions=("delete", "create"),
        before=before,
    )
    found = laid(plan, instance())
    assert [one.instance_id for region in found.regions for one in region.instances] == [
        "aws_instance.i"
    ]
    (interface,) = found.network_interfaces.values()
    assert interface.subnet_id == SUBNET


def test_block_public_access_is_one_setting_for_each_region() -> None:
    """That of one Region does not take the place of another's."""
    options = {"InternetGatewayBlockMode": "block-ingress", "State": "update-complete"}
    after = {"internet_gateway_block_mode": "off"}
    snapshot = alive(VpcBlockPublicAccessOptions=[options])
    elsewhere = snapshot.documents[0]
    both = RawSnapshot(
        documents=(elsewhere, RawDocument(ACCOUNT, "eu-west-2", "x", elsewhere.content)),
        gaps=(),
        kind="snapshot",
    )
    found = laid(changing("aws_vpc_block_public_access_options.o", None, after), both)
    modes = {
        region.region: [
            one.internet_gateway_block_mode for one in region.vpc_block_public_access_options
        ]
        for region in found.regions
    }
    assert modes["eu-west-1"] == ["off"]
    assert modes["eu-west-2"] == ["block-ingress"]
