"""What follows from a difference that is reported anyway is not reported a second time."""

from __future__ import annotations

from typing import Any

from drift_estate import BASELINE, drift, tag, told

Described = dict[str, Any]
NO_NAT = ("missing", "ec2.nat-gateway", "nat")


def found(described: Described, key: str, id: str) -> Any:
    return next(item for item in described[key] if id in item.values())


def default_route(described: Described) -> Any:
    return found(described, "RouteTables", "rtb-priv")["Routes"][1]


# --- routes whose target is gone ----------------------------------------------------------------


def nat_deleted(described: Described) -> None:
    """As AWS shows it in the first hour."""
    found(described, "NatGateways", "nat-1")["State"] = "deleted"


def test_a_route_to_a_deleted_gateway_is_the_gateways_affair() -> None:
    assert told(drift(nat_deleted).items) == [NO_NAT]


def test_so_is_one_that_aws_calls_a_black_hole() -> None:
    def change(described: Described) -> None:
        nat_deleted(described)
        default_route(described)["State"] = "blackhole"

    assert told(drift(change).items) == [NO_NAT]


def test_so_is_one_whose_gateway_is_no_longer_listed() -> None:
    def change(described: Described) -> None:
        described["NatGateways"].clear()
        described["NetworkInterfaces"][:] = [
            item for item in described["NetworkInterfaces"] if "nat" not in str(item)
        ]
        default_route(described)["State"] = "blackhole"

    assert told(drift(change).items) == [NO_NAT]


def test_a_route_that_now_leads_elsewhere_is_reported_with_the_gateway() -> None:
    def change(described: Described) -> None:
        nat_deleted(described)
        route = default_route(described)
        del route["NatGatewayId"]
        route["GatewayId"] = "igw-1"

    assert told(drift(change).items) == [
        NO_NAT,
        ("changed", "ec2.route-table", "private", ("routes[0.0.0.0/0]", "nat", "igw")),
    ]


def test_a_black_hole_is_reported_while_its_gateway_is_there() -> None:
    def change(described: Described) -> None:
        default_route(described)["State"] = "blackhole"

    assert told(drift(change).items) == [
        ("changed", "ec2.route-table", "private", ("routes[0.0.0.0/0]", "nat", "nat (blackhole)"))
    ]


# --- members that are gone ----------------------------------------------------------------------


def test_a_deleted_subnet_leaves_its_table_and_its_acl_unmentioned() -> None:
    """The database's subnet group goes on naming it."""

    def change(described: Described) -> None:
        described["Subnets"].remove(found(described, "Subnets", "subnet-app"))
        del found(described, "RouteTables", "rtb-priv")["Associations"][:]
        found(described, "NetworkAcls", "acl-strict")["Associations"].pop()

    items = [item for item in told(drift(change).items) if item[1] != "rds.instance"]
    assert items == [("missing", "ec2.subnet", "app")]


def test_a_subnet_that_was_taken_off_its_table_is_reported() -> None:
    def change(described: Described) -> None:
        del found(described, "RouteTables", "rtb-priv")["Associations"][:]

    assert told(drift(change).items) == [
        ("changed", "ec2.route-table", "private", ("subnets", "app", None))
    ]


# --- what AWS puts into the default ACL ---------------------------------------------------------

DEFAULT_ACL = BASELINE.replace("  strict:\n", "  strict:\n    default: true\n")


def new_subnet(described: Described) -> None:
    described["Subnets"].append(
        {
            "SubnetId": "subnet-new",
            "VpcId": "vpc-1",
            "CidrBlock": "10.0.9.0/24",
            "Tags": tag("new"),
        }
    )
    acl = found(described, "NetworkAcls", "acl-strict")
    acl["Associations"].append({"SubnetId": "subnet-new"})


def swap_default(described: Described) -> None:
    """The declared ACL is the default one, and there is no other."""
    described["NetworkAcls"].remove(found(described, "NetworkAcls", "acl-default"))
    found(described, "NetworkAcls", "acl-strict")["IsDefault"] = True


def test_a_new_subnet_in_the_default_acl_is_the_subnets_affair() -> None:
    def change(described: Described) -> None:
        swap_default(described)
        new_subnet(described)

    assert told(drift(change, text=DEFAULT_ACL).items) == [("unexpected", "ec2.subnet", "new")]


def test_a_new_subnet_in_an_acl_that_somebody_chose_is_reported_with_it() -> None:
    assert told(drift(new_subnet).items) == [
        ("changed", "ec2.network-acl", "strict", ("subnets", None, "new (subnet-new)")),
        ("unexpected", "ec2.subnet", "new"),
    ]


# --- a route into a host ------------------------------------------------------------------------

INTO_WEB = BASELINE.replace(
    "routes: {0.0.0.0/0: nat}", "routes: {0.0.0.0/0: nat, 198.18.0.0/15: web1}"
)


def route_into(interface: str) -> Any:
    """As AWS shows a route that was made to an instance: with its interface."""

    def change(described: Described) -> None:
        second = {
            "NetworkInterfaceId": "eni-2",
            "VpcId": "vpc-1",
            "SubnetId": "subnet-web",
            "Attachment": {"InstanceId": "i-1", "DeviceIndex": 1},
        }
        described["NetworkInterfaces"].append(second)
        found(described, "RouteTables", "rtb-priv")["Routes"].append(
            {
                "DestinationCidrBlock": "198.18.0.0/15",
                "InstanceId": "i-1",
                "NetworkInterfaceId": interface,
                "State": "active",
            }
        )

    return change


def test_a_route_to_the_interface_of_a_declared_instance_leads_to_the_instance() -> None:
    items = told(drift(route_into("eni-1"), text=INTO_WEB).items)
    assert [item for item in items if item[1] == "ec2.route-table"] == []


def test_a_route_to_another_interface_of_it_does_not() -> None:
    items = told(drift(route_into("eni-2"), text=INTO_WEB).items)
    assert [item for item in items if item[1] == "ec2.route-table"] == [
        ("changed", "ec2.route-table", "private", ("routes[198.18.0.0/15]", "web1", "eni-2"))
    ]
