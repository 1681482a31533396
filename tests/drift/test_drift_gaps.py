"""What could not be looked at is unknown: never missing, never passed over."""

from typing import Any

import pytest
from drift_estate import BASELINE, baseline, documents, drift, inventory, told

from mute_audit.drift.diff import compare
from mute_audit.finding import DriftKind
from mute_audit.inventory import CALLS
from mute_audit.verdict import Gap

Described = dict[str, Any]

PLACE = "111122223333/eu-west-1"


def refused(key: str, where: str = PLACE) -> Gap:
    return Gap(CALLS[key].action, where, "UnauthorizedOperation", key)


def without(*keys: str) -> Any:
    def change(described: Described) -> None:
        for key in keys:
            del described[key]

    return change


DECLARED = [
    ("Vpcs", "net"),
    ("Subnets", "web"),
    ("InternetGateways", "igw"),
    ("NatGateways", "nat"),
    ("RouteTables", "public"),
    ("NetworkAcls", "strict"),
    ("SecurityGroups", "front"),
    ("Reservations", "web1"),
    ("DBInstances", "db"),
    ("repositories", "app"),
]


@pytest.mark.parametrize(("key", "label"), DECLARED, ids=[row[0] for row in DECLARED])
def test_a_refused_call_makes_what_it_lists_unknown(key: str, label: str) -> None:
    gap = refused(key)
    items = drift(without(key), gaps=(gap,)).items
    told_of = [item for item in items if item.resource.label == label]
    assert [(item.kind, item.gaps) for item in told_of] == [(DriftKind.UNKNOWN, (gap,))]
    # Nor does what leads to it (a route, an association) look changed.
    assert {item.kind for item in items} == {DriftKind.UNKNOWN}


@pytest.mark.parametrize(("key", "label"), DECLARED, ids=[row[0] for row in DECLARED])
def test_a_description_that_the_snapshot_does_not_hold_makes_it_unknown(
    key: str, label: str
) -> None:
    """Also where AWS has a default: a declared thing is not gone because nobody described it."""
    items = drift(without(key)).items
    told_of = [item for item in items if item.resource.label == label]
    assert [item.kind for item in told_of] == [DriftKind.UNKNOWN]
    assert told_of[0].gaps[0].key == key
    assert {item.kind for item in items} == {DriftKind.UNKNOWN}


@pytest.mark.parametrize(("key", "label"), [("Buckets", "data-one"), ("UserDetailList", "robot")])
def test_a_refused_global_call_makes_what_it_lists_unknown(key: str, label: str) -> None:
    gap = refused(key, "111122223333/global")
    items = drift(without(key), gaps=(gap,)).items
    assert [(item.kind, item.resource.label, item.gaps) for item in items] == [
        (DriftKind.UNKNOWN, label, (gap,))
    ]


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("Volumes", "root_volume.encrypted"),
        ("Images", "image"),
    ],
)
def test_a_field_that_needs_another_description_is_unknown_without_it(key: str, field: str) -> None:
    gap = refused(key)
    (item,) = drift(without(key), gaps=(gap,)).items
    assert (item.kind, item.resource.label, item.gaps) == (DriftKind.UNKNOWN, "web1", (gap,))
    assert [one.path for one in item.fields] == [field]


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("BucketPolicies", "policy"),
        ("BucketOwnershipControls", "ownership"),
        ("BucketPublicAccessBlocks", "public_access_block"),
    ],
)
def test_a_call_refused_for_one_bucket_makes_its_field_unknown(key: str, field: str) -> None:
    gap = refused(key, "arn:aws:s3:::data-one")
    (item,) = drift(without(key), gaps=(gap,)).items
    assert (item.kind, item.resource.label) == (DriftKind.UNKNOWN, "data-one")
    assert [one.path for one in item.fields] == [field]
    assert item.gaps[0].what == CALLS[key].action


def test_a_refused_repository_policy_is_unknown() -> None:
    gap = refused("RepositoryPolicies", "arn:aws:ecr:eu-west-1:111122223333:repository/app")
    (item,) = drift(without("RepositoryPolicies"), gaps=(gap,)).items
    assert (item.kind, item.resource.label, item.gaps) == (DriftKind.UNKNOWN, "app", (gap,))


def test_an_image_that_aws_no_longer_describes_is_unknown() -> None:
    (item,) = drift(lambda described: described["Images"].clear()).items
    assert item.kind is DriftKind.UNKNOWN
    assert item.gaps[0].where == "ami-1"


def test_missing_metadata_options_are_unknown() -> None:
    def change(described: Described) -> None:
        del described["Reservations"][0]["Instances"][0]["MetadataOptions"]

    (item,) = drift(change).items
    assert (item.kind, item.fields[0].path) == (DriftKind.UNKNOWN, "imdsv2")


def test_what_changed_and_what_is_unknown_are_told_apart() -> None:
    def change(described: Described) -> None:
        del described["Volumes"]
        described["Reservations"][0]["Instances"][0]["InstanceType"] = "t3.large"

    kinds = [(item.kind.value, item.fields[0].path) for item in drift(change).items]
    assert kinds == [("changed", "type"), ("unknown", "root_volume.encrypted")]


UNDECLARED = ["VpcEndpoints", "VpcPeeringConnections", "LoadBalancers", "Functions", "tasks"]


@pytest.mark.parametrize("key", UNDECLARED)
def test_a_refused_call_that_would_show_strangers_is_told_of_the_vpc(key: str) -> None:
    gap = refused(key)
    assert [
        (item.kind, item.resource.label, item.gaps)
        for item in drift(without(key), gaps=(gap,)).items
    ] == [(DriftKind.UNKNOWN, "net", (gap,))]


@pytest.mark.parametrize("key", UNDECLARED)
def test_what_a_saved_snapshot_leaves_out_takes_awss_default(key: str) -> None:
    """No endpoint, no peering, …: see `inventory.calls`."""
    assert drift(without(key)).items == ()


def test_interfaces_that_a_saved_snapshot_leaves_out_have_no_default() -> None:
    (item,) = drift(without("NetworkInterfaces")).items
    assert (item.kind, item.resource.label) == (DriftKind.UNKNOWN, "net")
    assert item.gaps[0].what == "ec2:DescribeNetworkInterfaces"


def test_interfaces_whose_owners_could_not_be_listed_are_no_strangers() -> None:
    gap = refused("Reservations")
    items = drift(without("Reservations"), gaps=(gap,)).items
    assert {item.kind for item in items} == {DriftKind.UNKNOWN}
    assert "ec2.network-interface" not in {item.resource.type for item in items}


def test_a_region_that_was_not_scanned_leaves_everything_unknown() -> None:
    text = BASELINE.replace("region: eu-west-1\n", "region: us-east-1\n", 1)
    items = drift(text=text).items
    here = [item for item in items if item.resource.type not in ("s3.bucket", "iam.user")]
    assert here
    assert {item.kind for item in here} == {DriftKind.UNKNOWN}
    assert {item.gaps[0].why for item in here} == {"not scanned"}


def test_without_the_vpcs_the_rest_is_found_by_name() -> None:
    items = drift(without("Vpcs"), gaps=(refused("Vpcs"),)).items
    assert "web" not in {item.resource.label for item in items if item.kind is DriftKind.MISSING}
    assert ("unknown", "ec2.vpc", "net") in told(items)


def test_another_account_is_not_compared() -> None:
    text = BASELINE.replace(
        "region: eu-west-1\n", "region: eu-west-1\naccount: '999999999999'\n", 1
    )
    items = compare(baseline(text), inventory(documents())).items
    assert {item.kind for item in items} == {DriftKind.UNKNOWN}


def test_a_relation_to_something_undescribed_is_open_and_one_to_nothing_is_not() -> None:
    """The gateways could not be listed: a route to some gateway may be right, none is wrong."""
    gap = refused("NatGateways")

    def no_route(described: Described) -> None:
        del described["NatGateways"]
        table = described["RouteTables"][2]
        table["Routes"].pop()

    def open_item(change: Any) -> list[tuple[Any, ...]]:
        items = drift(change, gaps=(gap,)).items
        return [item for item in told(items) if item[1] == "ec2.route-table"]

    assert open_item(without("NatGateways")) == [
        ("unknown", "ec2.route-table", "private", ("routes[0.0.0.0/0]", "nat", None))
    ]
    assert open_item(no_route) == [
        ("changed", "ec2.route-table", "private", ("routes[0.0.0.0/0]", "nat", None))
    ]


def test_a_relation_to_something_else_is_changed_whatever_could_not_be_listed() -> None:
    gap = refused("NatGateways")

    def change(described: Described) -> None:
        del described["NatGateways"]
        described["RouteTables"][2]["Routes"][1] = {
            "DestinationCidrBlock": "0.0.0.0/0",
            "GatewayId": "igw-1",
        }

    assert ("changed", "ec2.route-table", "private", ("routes[0.0.0.0/0]", "nat", "igw")) in told(
        drift(change, gaps=(gap,)).items
    )


def test_an_interface_shows_that_a_description_is_missing() -> None:
    """Nothing declared, nothing described, yet an interface of a NAT gateway is there."""
    text = BASELINE.replace("nat_gateways:\n  nat: {subnet: web, connectivity: public}\n", "")
    text = text.replace(", routes: {0.0.0.0/0: nat}", "")
    (item,) = drift(without("NatGateways"), text=text).items
    assert (item.kind, item.resource.label) == (DriftKind.UNKNOWN, "net")
    assert item.gaps[0].why == "not in the snapshot, and eni-nat belongs to one"
    assert drift(without("NatGateways", "NetworkInterfaces"), text=text).items[0].gaps[0].key == (
        "NetworkInterfaces"
    )
