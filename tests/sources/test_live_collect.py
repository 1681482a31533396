"""The live source against a moto server over HTTP."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from moto_estate import (
    ACCOUNT,
    CANARIES,
    ELSEWHERE,
    PUBLIC_READ,
    REGION,
    SONGS_POINT,
    Estate,
    session,
)

from mute_audit.inventory import CALLS, GLOBAL, Inventory, RegionInventory
from mute_audit.sources.aws_json import load
from mute_audit.sources.live import LiveOptions
from mute_audit.sources.live.asks import Answers
from mute_audit.sources.live.collect import collect
from mute_audit.sources.live.organization import if_it_manages
from mute_audit.sources.raw import RawSnapshot

WHEN = "2026-01-02T03:04:05Z"


@pytest.fixture(scope="module")
def raw(moto: str, estate: Estate) -> RawSnapshot:
    return collect(
        LiveOptions(regions=(REGION,), endpoint_url=moto, session=session), collected_at=WHEN
    )


@pytest.fixture(scope="module")
def inventory(raw: RawSnapshot) -> Inventory:
    return load(raw)


@pytest.fixture(scope="module")
def region(inventory: Inventory) -> RegionInventory:
    return next(r for r in inventory.regions if r.region == REGION)


@pytest.fixture(scope="module")
def everywhere(inventory: Inventory) -> RegionInventory:
    return next(r for r in inventory.regions if r.region == GLOBAL)


def document(raw: RawSnapshot, key: str) -> list[Any]:
    for each in raw.documents:
        found = json.loads(each.read())
        if key in found:
            return found[key]
    raise AssertionError(f"no document holds {key}")


def test_a_scan_names_account_regions_time_and_tool(raw: RawSnapshot, inventory: Inventory) -> None:
    assert {(d.account, d.region) for d in raw.documents} == {
        (ACCOUNT, REGION),
        (ACCOUNT, GLOBAL),
    }
    assert [(r.account, r.region) for r in inventory.regions] == [
        (ACCOUNT, REGION),
        (ACCOUNT, GLOBAL),
    ]
    assert (raw.collected_at, raw.kind) == (WHEN, "aws")
    assert raw.tool_version
    assert inventory.notes == ()


def test_every_key_is_held_or_a_gap(inventory: Inventory) -> None:
    """Nothing falls through: what is not described has a failed call to its name.

    Access points of several Regions are asked for where a bucket's policy leaves it to access
    points; here none does.
    """
    described = {key for r in inventory.regions for key in r.held}
    failed = {gap.key for gap in inventory.gaps}
    not_asked = {"MultiRegionAccessPoints", "MultiRegionAccessPointPolicies"}
    assert described | failed == set(CALLS) - not_asked


def test_what_the_server_lacks_is_exactly_these_gaps(raw: RawSnapshot) -> None:
    place = f"{ACCOUNT}/{REGION}"
    assert [(gap.what, gap.where, gap.key) for gap in raw.gaps] == [
        (
            "ec2:DescribeSecurityGroupVpcAssociations",
            place,
            "SecurityGroupVpcAssociations",
        ),
        (
            "ec2:DescribeVpcBlockPublicAccessExclusions",
            place,
            "VpcBlockPublicAccessExclusions",
        ),
        (
            "ec2:DescribeVpcBlockPublicAccessOptions",
            place,
            "VpcBlockPublicAccessOptions",
        ),
    ]


def test_s3_control_is_asked_at_the_host_that_was_named(inventory: Inventory) -> None:
    """botocore would put the account id before the host: `123456789012.127.0.0.1` is nowhere."""
    everywhere = next(r for r in inventory.regions if r.region == GLOBAL)
    assert [b.account_id for b in everywhere.account_public_access_blocks] == [ACCOUNT]


def test_a_gap_is_neither_held_nor_defaulted(inventory: Inventory, region: RegionInventory) -> None:
    missing = inventory.missing("VpcBlockPublicAccessOptions", region)
    assert missing is not None
    assert missing.what == "ec2:DescribeVpcBlockPublicAccessOptions"
    assert "VpcBlockPublicAccessOptions" not in region.held
    assert inventory.missing("VpcPeeringConnections", region) is None


def test_the_network_arrives(region: RegionInventory, estate: Estate) -> None:
    ids = estate.ids
    assert ids["vpc"] in {vpc.vpc_id for vpc in region.vpcs}
    assert {ids["subnet"], ids["subnet2"]} <= {s.subnet_id for s in region.subnets}
    group = next(g for g in region.security_groups if g.group_id == ids["group"])
    assert group.ip_permissions[0].prefix_list_ids[0].prefix_list_id == ids["list"]
    assert ids["group"] in {rule.group_id for rule in region.security_group_rules}
    assert ids["igw"] in {g.internet_gateway_id for g in region.internet_gateways}
    assert ids["nat"] in {g.nat_gateway_id for g in region.nat_gateways}
    assert ids["eigw"] in {
        g.egress_only_internet_gateway_id for g in region.egress_only_internet_gateways
    }
    assert ids["eip"] in {a.allocation_id for a in region.addresses}
    assert ids["endpoint"] in {e.vpc_endpoint_id for e in region.vpc_endpoints}
    assert ids["instance"] in {i.instance_id for i in region.instances}
    assert region.network_acls
    assert region.route_tables
    assert region.network_interfaces


def test_prefix_lists_come_with_their_entries_also_those_that_aws_manages(
    inventory: Inventory, region: RegionInventory, estate: Estate
) -> None:
    assert inventory.prefix_list_cidrs[estate.ids["list"]] == (
        "198.51.100.0/24",
        "203.0.113.0/24",
    )
    managed = [item for item in region.prefix_lists if item.owner_id == "AWS"]
    assert managed
    assert all(inventory.prefix_list_cidrs[item.prefix_list_id] for item in managed)


def test_transit_gateway_tables_come_with_routes_and_propagations(
    region: RegionInventory, estate: Estate
) -> None:
    table = estate.ids["tgw table"]
    routes = {t.transit_gateway_route_table_id: t for t in region.transit_gateway_static_routes}
    assert [r.destination_cidr_block for r in routes[table].routes] == ["10.9.0.0/16"]
    assert not routes[table].additional_routes_available
    spread = {t.transit_gateway_route_table_id: t for t in region.transit_gateway_propagations}
    propagated = spread[table].transit_gateway_route_table_propagations
    assert [p.resource_id for p in propagated] == [estate.ids["vpc"]]
    assert [a.vpc_id for a in region.transit_gateway_vpc_attachments] == [estate.ids["vpc"]]


def test_vpn_connections_come_without_their_keys(
    raw: RawSnapshot, region: RegionInventory, estate: Estate
) -> None:
    assert [v.vpn_connection_id for v in region.vpn_connections] == [estate.ids["vpn"]]
    assert [v.vpn_gateway_id for v in region.vpn_gateways] == [estate.ids["vgw"]]
    assert [c.customer_gateway_id for c in region.customer_gateways] == [estate.ids["cgw"]]
    assert "CustomerGatewayConfiguration" not in document(raw, "VpnConnections")[0]


def test_volumes_and_images_in_use_come_with_the_instances(
    region: RegionInventory, estate: Estate
) -> None:
    used = {
        device.ebs.volume_id
        for instance in region.instances
        for device in instance.block_device_mappings
        if device.ebs
    }
    assert {volume.volume_id for volume in region.volumes} == used
    assert [image.image_id for image in region.images] == [estate.ids["image"]]


def test_balancers_come_with_listeners_rules_attributes_and_health(
    region: RegionInventory, estate: Estate
) -> None:
    ids = estate.ids
    assert [b.load_balancer_arn for b in region.load_balancers] == [ids["balancer"]]
    (listeners,) = region.load_balancer_listeners
    assert listeners.load_balancer_arn == ids["balancer"]
    assert [item.listener_arn for item in listeners.listeners] == [ids["listener"]]
    (rules,) = region.listener_rules
    assert rules.listener_arn == ids["listener"]
    assert ids["rule"] in {rule.rule_arn for rule in rules.rules}
    assert [a.load_balancer_arn for a in region.load_balancer_attributes] == [ids["balancer"]]
    assert [a.target_group_arn for a in region.target_group_attributes] == [ids["targets"]]
    (health,) = region.load_balancer_target_health
    assert [d.target.id for d in health.target_health_descriptions] == [ids["instance"]]


def test_databases_come_with_the_attributes_of_their_own_snapshots(
    region: RegionInventory,
) -> None:
    assert [d.db_instance_identifier for d in region.db_instances] == ["orders"]
    (shared,) = region.db_snapshot_attributes
    assert shared.db_snapshot_identifier == "orders-shared"
    assert shared.db_snapshot_attributes[0].attribute_values == ("all",)


def test_functions_services_and_tasks_arrive(region: RegionInventory, estate: Estate) -> None:
    assert [f.function_name for f in region.functions] == ["resize"]
    assert [s.service_name for s in region.ecs_services] == ["music"]
    (task,) = region.ecs_tasks
    assert task.cluster_arn == estate.ids["cluster"]
    assert any(detail.name == "networkInterfaceId" for detail in task.attachments[0].details)


def test_each_bucket_comes_from_its_own_region_with_none_told_apart_from_unasked(
    everywhere: RegionInventory,
) -> None:
    """songs-abroad has no policy, ownership or block: an entry says so, with null."""
    assert {b.name: b.bucket_region for b in everywhere.buckets} == {
        "songs-public": REGION,
        "songs-abroad": ELSEWHERE,
    }
    policies = {p.bucket: p.policy for p in everywhere.bucket_policies}
    assert json.loads(policies["songs-public"] or "") == json.loads(PUBLIC_READ)
    assert policies["songs-abroad"] is None
    blocks = {
        b.bucket: b.public_access_block_configuration
        for b in everywhere.bucket_public_access_blocks
    }
    assert blocks["songs-abroad"] is None
    assert blocks["songs-public"] is not None
    assert blocks["songs-public"].ignore_public_acls
    assert not blocks["songs-public"].restrict_public_buckets
    owners = {o.bucket: o.ownership_controls for o in everywhere.bucket_ownerships}
    assert owners["songs-abroad"] is None
    assert owners["songs-public"] is not None
    assert owners["songs-public"].rules[0].object_ownership == "BucketOwnerEnforced"
    assert all(acl.grants for acl in everywhere.bucket_acls)


def test_repositories_come_with_their_policies(region: RegionInventory) -> None:
    policies = {p.repository_name: p.policy_text for p in region.repository_policies}
    assert set(policies) == {"mute-ai", "mute-open"}
    assert policies["mute-ai"] is None
    assert "ecr:BatchGetImage" in (policies["mute-open"] or "")


def test_identities_are_asked_once_per_account(
    raw: RawSnapshot, everywhere: RegionInventory
) -> None:
    assert [u.user_name for u in everywhere.users] == ["singer"]
    assert [p.policy_name for p in everywhere.users[0].user_policy_list] == ["inline"]
    assert [r.role_name for r in everywhere.roles] == ["worker"]
    assert {"GroupDetailList", "Policies"} <= everywhere.held


def test_the_server_does_answer_with_secrets(moto: str, estate: Estate) -> None:
    """Else the next test would prove nothing."""
    made = session()
    functions = made.client("lambda", endpoint_url=moto).list_functions()["Functions"]
    assert functions[0]["Environment"]["Variables"]["TOKEN"] == CANARIES["lambda"]
    ecs = made.client("ecs", endpoint_url=moto)
    arns = ecs.list_tasks(cluster="mute")["taskArns"]
    overrides = ecs.describe_tasks(cluster="mute", tasks=arns)["tasks"][0]["overrides"]
    assert CANARIES["task"] in json.dumps(overrides)
    assert CANARIES["command"] in json.dumps(overrides)
    reservations = made.client("ec2", endpoint_url=moto).describe_instances()["Reservations"]
    assert CANARIES["tag"] in json.dumps(reservations, default=str)


def test_no_secret_reaches_a_document(raw: RawSnapshot) -> None:
    for each in raw.documents:
        for name, canary in CANARIES.items():
            assert canary.encode() not in each.read(), f"{name} in {each.origin}"


def test_two_scans_give_the_same_inventory_in_the_same_order(
    options: LiveOptions, raw: RawSnapshot, inventory: Inventory
) -> None:
    """Answers arrive in any order; documents do not."""
    again = collect(replace(options, session=session), collected_at=WHEN)
    assert [d.origin for d in again.documents] == [d.origin for d in raw.documents]
    first, second = load(again).regions[0], inventory.regions[0]
    differing = {
        name for name in first.__struct_fields__ if getattr(first, name) != getattr(second, name)
    }
    # moto's tasks change their state each time that they are described.
    assert differing <= {"ecs_tasks"}


def test_progress_ends_with_all_calls_done(options: LiveOptions) -> None:
    seen: list[tuple[int, int, str]] = []
    collect(options, collected_at=WHEN, progress=lambda *step: seen.append(step))
    done, known, _ = seen[-1]
    assert done == known == len(seen)
    assert "ec2:DescribeVpcs" in {what for _, _, what in seen}


def test_several_regions_are_kept_apart_and_global_calls_made_once(
    options: LiveOptions, estate: Estate
) -> None:
    raw = collect(replace(options, regions=(REGION, ELSEWHERE, REGION)), collected_at=WHEN)
    inventory = load(raw)
    assert [r.region for r in inventory.regions] == [REGION, ELSEWHERE, GLOBAL]
    by_region = {r.region: r for r in inventory.regions}
    assert estate.ids["vpc"] not in {v.vpc_id for v in by_region[ELSEWHERE].vpcs}
    assert sum("UserDetailList" in json.loads(d.read()) for d in raw.documents) == 1


def test_access_points_come_with_policy_status_and_switches(options: LiveOptions) -> None:
    here = load(collect(options, collected_at=WHEN)).regions[0]
    assert [(p.name, p.bucket, p.access_point_arn) for p in here.access_points] == [
        ("songs", "songs-public", SONGS_POINT)
    ]
    assert [(p.access_point_arn, p.policy) for p in here.access_point_policies] == [
        (SONGS_POINT, None)
    ]
    (status,) = here.access_point_policy_statuses
    assert status.policy_status is not None
    assert not status.policy_status.is_public
    (block,) = here.access_point_public_access_blocks
    assert block.public_access_block_configuration is not None
    assert block.public_access_block_configuration.restrict_public_buckets


def test_the_management_account_knows_the_policies_above_each_account(
    inventory: Inventory, estate: Estate
) -> None:
    (whole,) = [r for r in inventory.regions if r.account_control_policies]
    found = {item.account_id: item for item in whole.account_control_policies}
    assert set(found) == {ACCOUNT, estate.ids["member"]}
    member = found[estate.ids["member"]]
    assert set(member.policy_types or ()) == {"SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"}
    root, unit, own = member.levels
    assert (unit.target_id, unit.name, own.target_id) == (
        estate.ids["unit"],
        "prod",
        estate.ids["member"],
    )
    assert "FullAWSAccess" in {policy.name for policy in root.policies}
    assert {p.name for p in unit.policies if p.type == "SERVICE_CONTROL_POLICY"} == {
        "FullAWSAccess",
        "no-leaving",
    }
    assert any("LeaveOrganization" in str(policy.content) for policy in unit.policies)


def test_a_member_account_asks_for_no_policies_of_the_organisation() -> None:
    organization = {"Id": "o-1", "MasterAccountId": "999988887777", "FeatureSet": "ALL"}
    for changed, asked in (
        ({}, False),
        ({"MasterAccountId": ACCOUNT}, True),
        ({"MasterAccountId": ACCOUNT, "FeatureSet": "CONSOLIDATED_BILLING"}, False),
    ):
        item = {"AccountId": ACCOUNT, "Organization": {**organization, **changed}}
        answers = Answers(
            ACCOUNT, GLOBAL, "aws", REGION, {"Organizations": [msgspec.Raw(json.dumps(item))]}
        )
        assert bool(list(if_it_manages(answers))) is asked
