"""Top-level keys that are not the inventory's own: what plain `aws` output looks like."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from mute_audit.errors import SnapshotError
from mute_audit.inventory import CALLS, GLOBAL, RegionInventory
from mute_audit.sources.aws_json import load
from mute_audit.sources.joining import _COMPLEMENTED, _ID, _PAGED
from mute_audit.sources.keys import FIELDS, GLOBAL_KEYS, WRAPPED, command_of
from mute_audit.sources.raw import RawDocument, RawSnapshot

REGION = "eu-west-1"
BALANCER = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/front/abc"
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/front/abc/def"
RULE = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/front/abc/def/123"


def snapshot(*files: dict[str, Any]) -> RawSnapshot:
    return RawSnapshot(
        tuple(
            RawDocument("111122223333", REGION, f"file-{number}.json", json.dumps(file).encode())
            for number, file in enumerate(files, 1)
        )
    )


def region(*files: dict[str, Any], name: str = REGION) -> RegionInventory:
    return next(r for r in load(snapshot(*files)).regions if r.region == name)


def test_every_key_of_the_inventory_has_a_field_a_call_and_an_id() -> None:
    described = {
        field.encode_name
        for field in msgspec.structs.fields(RegionInventory)
        if field.name not in ("account", "region", "held", "failed")
    }
    assert set(FIELDS) == set(CALLS) == set(_ID) == described
    assert GLOBAL_KEYS | set(_PAGED) | _COMPLEMENTED <= set(FIELDS)
    assert {key for wrapper in WRAPPED.values() for key in wrapper.owners.values()} <= set(FIELDS)


@pytest.mark.parametrize(
    ("key", "command"),
    [
        ("Vpcs", "aws ec2 describe-vpcs"),
        ("DBInstances", "aws rds describe-db-instances"),
        ("LoadBalancers", "aws elbv2 describe-load-balancers"),
        ("Buckets", "aws s3api list-buckets"),
        ("AccountPublicAccessBlocks", "aws s3control get-public-access-block"),
        ("UserDetailList", "aws iam get-account-authorization-details"),
        ("services", "aws ecs describe-services"),
    ],
)
def test_messages_name_the_command_that_prints_a_key(key: str, command: str) -> None:
    assert command_of(key) == command


def test_plain_listeners_are_grouped_by_their_balancer() -> None:
    listener = {"ListenerArn": LISTENER, "LoadBalancerArn": BALANCER, "Port": 80}
    other = {"ListenerArn": LISTENER + "2", "LoadBalancerArn": BALANCER + "2", "Port": 81}
    here = region({"Listeners": [listener, other]})
    assert [
        (x.load_balancer_arn, [y.port for y in x.listeners]) for x in here.load_balancer_listeners
    ] == [
        (BALANCER, [80]),
        (BALANCER + "2", [81]),
    ]
    assert "LoadBalancerListeners" in here.held


def test_plain_rules_are_grouped_by_the_listener_in_their_arn() -> None:
    here = region({"Rules": [{"RuleArn": RULE, "Priority": "1"}, {"RuleArn": RULE + "4"}]})
    (rules,) = here.listener_rules
    assert rules.listener_arn == LISTENER
    assert len(rules.rules) == 2


def test_rules_of_another_service_are_a_note() -> None:
    inventory = load(
        snapshot({"Vpcs": []}, {"Rules": [{"Name": "nightly", "Arn": "arn:aws:events"}]})
    )
    assert inventory.notes == ("file-2.json: `Rules` was not recognised",)


def test_listeners_of_one_balancer_in_two_pages_are_joined() -> None:
    first = {"ListenerArn": LISTENER, "LoadBalancerArn": BALANCER, "Port": 80}
    second = {"ListenerArn": LISTENER + "2", "LoadBalancerArn": BALANCER, "Port": 81}
    here = region({"Listeners": [first], "NextMarker": "x"}, {"Listeners": [second]})
    (joined,) = here.load_balancer_listeners
    assert [listener.port for listener in joined.listeners] == [80, 81]


def test_listeners_of_one_balancer_that_differ_without_pages_are_two_snapshots() -> None:
    first = {"ListenerArn": LISTENER, "LoadBalancerArn": BALANCER, "Port": 80}
    second = {"ListenerArn": LISTENER + "2", "LoadBalancerArn": BALANCER, "Port": 81}
    with pytest.raises(SnapshotError, match="described twice"):
        region({"Listeners": [first]}, {"Listeners": [second]})


def test_block_public_access_is_an_object_as_printed_or_a_list() -> None:
    mode = {"InternetGatewayBlockMode": "block-ingress", "State": "update-complete"}
    plain = region({"VpcBlockPublicAccessOptions": mode})
    listed = region({"VpcBlockPublicAccessOptions": [mode]})
    assert plain.vpc_block_public_access_options == listed.vpc_block_public_access_options
    assert plain.vpc_block_public_access_options[0].internet_gateway_block_mode == "block-ingress"


def test_two_modes_of_block_public_access_are_two_snapshots() -> None:
    with pytest.raises(SnapshotError, match="described twice"):
        region(
            {"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "off"}},
            {"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "block-ingress"}},
        )


def test_the_attributes_of_one_snapshot_are_an_object() -> None:
    result = {
        "DBSnapshotIdentifier": "s",
        "DBSnapshotAttributes": [{"AttributeName": "restore", "AttributeValues": ["all"]}],
    }
    here = region({"DBSnapshotAttributesResult": result})
    assert here.db_snapshot_attributes[0].db_snapshot_attributes[0].attribute_values == ("all",)


def test_a_repository_policy_as_printed_names_its_repository() -> None:
    here = region({"registryId": "111122223333", "repositoryName": "r", "policyText": "{}"})
    assert [(p.repository_name, p.policy_text) for p in here.repository_policies] == [("r", "{}")]


BARE: list[tuple[dict[str, Any], str]] = [
    ({"Entries": [{"Cidr": "10.0.0.0/8"}]}, "prefix list"),
    ({"Routes": [{"State": "active"}]}, "transit gateway route table"),
    (
        {"TransitGatewayRouteTablePropagations": [{"TransitGatewayAttachmentId": "a"}]},
        "transit gateway route table",
    ),
    ({"TargetHealthDescriptions": [{"Target": {"Id": "i"}}]}, "target group"),
    ({"Attributes": [{"Key": "k", "Value": "v"}]}, "load balancer or target group"),
    ({"Policy": "{}"}, "bucket"),
    ({"Owner": {"ID": "x"}, "Grants": [{"Grantee": {}}]}, "bucket"),
    ({"OwnershipControls": {"Rules": []}}, "bucket"),
    ({"PublicAccessBlockConfiguration": {}}, "bucket"),
]


@pytest.mark.parametrize(("content", "owner"), BARE)
def test_a_list_that_does_not_say_whose_it_is_is_refused_with_the_way_to_write_it(
    content: dict[str, Any], owner: str
) -> None:
    with pytest.raises(SnapshotError) as caught:
        load(snapshot({"Vpcs": []}, content))
    error = caught.value
    assert error.message.endswith(f"does not say which {owner} it belongs to")
    assert error.where == "file-2.json"
    assert str(error.hint).startswith("`aws ")


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ({"PrefixListId": "pl-1", "Entries": [{"Cidr": "10.0.0.0/8"}]}, "PrefixListEntries"),
        ({"TransitGatewayRouteTableId": "t", "Routes": []}, "TransitGatewayStaticRoutes"),
        ({"LoadBalancerArn": BALANCER, "Attributes": []}, "LoadBalancerAttributes"),
        ({"TargetGroupArn": "t", "Attributes": []}, "TargetGroupAttributes"),
        ({"TargetGroupArn": "t", "TargetHealthDescriptions": []}, "LoadBalancerTargetHealth"),
    ],
)
def test_the_same_list_with_the_owner_beside_it_is_read(content: dict[str, Any], key: str) -> None:
    assert region(content).held == {key}


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ({"Bucket": "b", "Policy": "{}"}, "BucketPolicies"),
        ({"Bucket": "b", "Owner": {}, "Grants": []}, "BucketAcls"),
        ({"Bucket": "b", "PublicAccessBlockConfiguration": {}}, "BucketPublicAccessBlocks"),
        ({"AccountId": "1", "PublicAccessBlockConfiguration": {}}, "AccountPublicAccessBlocks"),
    ],
)
def test_what_belongs_to_a_bucket_or_the_account_is_global(
    content: dict[str, Any], key: str
) -> None:
    assert region(content, name=GLOBAL).held == {key}


@pytest.mark.parametrize(
    "content",
    [
        {"Policy": {"PolicyName": "P"}},  # aws iam get-policy
        {"Policy": "{}", "RevisionId": "1"},  # aws lambda get-policy
        {"Attributes": {"QueueArn": "arn:aws:sqs"}},  # aws sqs get-queue-attributes
        {"Grants": [{"KeyId": "k"}]},  # aws kms list-grants
        {"Users": []},
        {"LoadBalancerDescriptions": []},
    ],
)
def test_namesakes_and_unhelpful_outputs_are_notes(content: dict[str, Any]) -> None:
    inventory = load(snapshot({"Vpcs": []}, content))
    assert inventory.notes
    assert all(note.startswith("file-2.json: `") for note in inventory.notes)
    assert not {"BucketPolicies", "BucketAcls"} & {k for r in inventory.regions for k in r.held}


def test_policies_of_an_organization_are_not_taken_for_those_of_iam() -> None:
    organization = {"Policies": [{"Id": "p-1", "Name": "Deny", "Type": "SERVICE_CONTROL_POLICY"}]}
    inventory = load(snapshot({"Vpcs": []}, organization))
    assert [r.region for r in inventory.regions] == [REGION]
    assert inventory.notes == ("file-2.json: `Policies` of AWS Organizations are not read",)


def test_two_calls_that_complement_each_other_give_one_policy() -> None:
    """list-policies knows no documents, get-account-authorization-details does."""
    arn = "arn:aws:iam::111122223333:policy/P"
    short = {"PolicyName": "P", "Arn": arn, "DefaultVersionId": "v1"}
    full = short | {
        "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": True, "Document": "{}"}]
    }
    for files in ((short, full), (full, short)):
        everywhere = region(*({"Policies": [item]} for item in files), name=GLOBAL)
        assert [p.document for p in everywhere.managed_policies] == ["{}"]


def test_two_calls_that_complement_each_other_give_one_prefix_list() -> None:
    managed = {"PrefixListId": "pl-1", "PrefixListName": "s3", "OwnerId": "AWS"}
    plain = {"PrefixListId": "pl-1", "PrefixListName": "s3", "Cidrs": ["3.5.0.0/19"]}
    inventory = load(snapshot({"PrefixLists": [managed]}, {"PrefixLists": [plain]}))
    assert inventory.prefix_list_cidrs == {"pl-1": ("3.5.0.0/19",)}
    assert inventory.regions[0].prefix_lists[0].owner_id == "AWS"


def test_prefix_lists_that_contradict_each_other_are_two_snapshots() -> None:
    one = {"PrefixListId": "pl-1", "Cidrs": ["3.5.0.0/19"]}
    other = {"PrefixListId": "pl-1", "Cidrs": ["3.6.0.0/19"]}
    with pytest.raises(SnapshotError, match="`pl-1`"):
        load(snapshot({"PrefixLists": [one]}, {"PrefixLists": [other]}))
