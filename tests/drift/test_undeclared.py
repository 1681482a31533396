"""Inside of the scope, what nobody declared is unexpected; AWS's own things are not."""

from collections.abc import Callable
from typing import Any

import pytest
from drift_estate import BASELINE, baseline, documents, drift, inventory, told

from mute_audit.drift.diff import compare
from mute_audit.drift.others import OTHERS
from mute_audit.intent.relations import OTHER_TYPES
from mute_audit.inventory import CALLS

Described = dict[str, Any]


def adding(key: str, *items: Any) -> Callable[[Described], None]:
    return lambda described: described[key].extend(items)


STRANGERS: list[tuple[str, Any, str, str]] = [
    ("Subnets", {"SubnetId": "subnet-x", "VpcId": "vpc-1"}, "ec2.subnet", "subnet-x"),
    (
        "InternetGateways",
        {"InternetGatewayId": "igw-x", "Attachments": [{"VpcId": "vpc-1"}]},
        "ec2.internet-gateway",
        "igw-x",
    ),
    (
        "NatGateways",
        {"NatGatewayId": "nat-x", "VpcId": "vpc-1", "State": "available"},
        "ec2.nat-gateway",
        "nat-x",
    ),
    ("RouteTables", {"RouteTableId": "rtb-x", "VpcId": "vpc-1"}, "ec2.route-table", "rtb-x"),
    ("NetworkAcls", {"NetworkAclId": "acl-x", "VpcId": "vpc-1"}, "ec2.network-acl", "acl-x"),
    (
        "SecurityGroups",
        {"GroupId": "sg-x", "GroupName": "x", "VpcId": "vpc-1"},
        "ec2.security-group",
        "x",
    ),
    (
        "Reservations",
        {"Instances": [{"InstanceId": "i-x", "VpcId": "vpc-1", "State": {"Name": "stopped"}}]},
        "ec2.instance",
        "i-x",
    ),
    (
        "NetworkInterfaces",
        {"NetworkInterfaceId": "eni-x", "VpcId": "vpc-1"},
        "ec2.network-interface",
        "eni-x",
    ),
    (
        "VpcEndpoints",
        {"VpcEndpointId": "vpce-x", "VpcId": "vpc-1", "ServiceName": "s3"},
        "ec2.vpc-endpoint",
        "s3",
    ),
    (
        "VpcPeeringConnections",
        {
            "VpcPeeringConnectionId": "pcx-x",
            "Status": {"Code": "pending-acceptance"},
            "RequesterVpcInfo": {"VpcId": "vpc-far"},
            "AccepterVpcInfo": {"VpcId": "vpc-1"},
        },
        "ec2.vpc-peering-connection",
        "pcx-x",
    ),
    (
        "EgressOnlyInternetGateways",
        {"EgressOnlyInternetGatewayId": "eigw-x", "Attachments": [{"VpcId": "vpc-1"}]},
        "ec2.egress-only-internet-gateway",
        "eigw-x",
    ),
    (
        "TransitGatewayVpcAttachments",
        {"TransitGatewayAttachmentId": "tgw-attach-x", "VpcId": "vpc-1", "State": "available"},
        "ec2.transit-gateway-attachment",
        "tgw-attach-x",
    ),
    (
        "VpnGateways",
        {"VpnGatewayId": "vgw-x", "VpcAttachments": [{"VpcId": "vpc-1", "State": "attached"}]},
        "ec2.vpn-gateway",
        "vgw-x",
    ),
    (
        "LoadBalancers",
        {"LoadBalancerArn": "arn:lb", "LoadBalancerName": "x", "VpcId": "vpc-1"},
        "elbv2.load-balancer",
        "x",
    ),
    (
        "Functions",
        {"FunctionName": "x", "FunctionArn": "arn:fn", "VpcConfig": {"VpcId": "vpc-1"}},
        "lambda.function",
        "x",
    ),
    (
        "services",
        {
            "serviceArn": "arn:svc",
            "serviceName": "x",
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-app"]}},
        },
        "ecs.service",
        "x",
    ),
    (
        "tasks",
        {
            "taskArn": "arn:task",
            "group": "family:x",
            "lastStatus": "RUNNING",
            "attachments": [{"details": [{"name": "subnetId", "value": "subnet-app"}]}],
        },
        "ecs.task",
        "family:x",
    ),
    (
        "DBInstances",
        {"DBInstanceIdentifier": "x", "DBSubnetGroup": {"VpcId": "vpc-1"}},
        "rds.instance",
        "x",
    ),
    ("Buckets", {"Name": "data-two"}, "s3.bucket", "data-two"),
    (
        "repositories",
        {"repositoryArn": "arn:repo", "repositoryName": "app-two"},
        "ecr.repository",
        "app-two",
    ),
]


@pytest.mark.parametrize(
    ("key", "stranger", "type", "label"), STRANGERS, ids=[row[2] for row in STRANGERS]
)
def test_a_stranger_in_scope_is_told(key: str, stranger: Any, type: str, label: str) -> None:
    assert told(drift(adding(key, stranger)).items) == [("unexpected", type, label)]


@pytest.mark.parametrize(
    ("key", "stranger", "type", "label"), STRANGERS, ids=[row[2] for row in STRANGERS]
)
def test_the_same_elsewhere_is_counted_and_not_judged(
    key: str, stranger: Any, type: str, label: str
) -> None:
    def elsewhere(described: Described) -> None:
        text = repr(stranger).replace("vpc-1", "vpc-0").replace("subnet-app", "subnet-0")
        text = text.replace("data-two", "logs").replace("app-two", "other")
        described[key].append(eval(text))  # noqa: S307 - our own data, written by repr

    before = {one.type: one.count for one in drift().outside}
    result = drift(elsewhere)
    assert result.items == ()
    after = {one.type: one.count for one in result.outside}
    assert after[type] == before.get(type, 0) + 1


@pytest.mark.parametrize(
    ("key", "gone"),
    [
        ("VpcEndpoints", {"VpcEndpointId": "vpce-x", "VpcId": "vpc-1", "State": "deleted"}),
        (
            "VpcPeeringConnections",
            {
                "VpcPeeringConnectionId": "pcx-x",
                "Status": {"Code": "rejected"},
                "RequesterVpcInfo": {"VpcId": "vpc-1"},
            },
        ),
        ("NatGateways", {"NatGatewayId": "nat-x", "VpcId": "vpc-1", "State": "deleted"}),
        (
            "TransitGatewayVpcAttachments",
            {"TransitGatewayAttachmentId": "t", "VpcId": "vpc-1", "State": "deleted"},
        ),
        (
            "VpnGateways",
            {"VpnGatewayId": "v", "VpcAttachments": [{"VpcId": "vpc-1", "State": "detached"}]},
        ),
        (
            "tasks",
            {
                "taskArn": "arn:task",
                "group": "service:web",
                "attachments": [{"details": [{"name": "subnetId", "value": "subnet-app"}]}],
            },
        ),
    ],
)
def test_what_is_gone_or_another_things_part_is_no_stranger(key: str, gone: Any) -> None:
    assert drift(adding(key, gone)).items == ()


def test_what_stands_under_others_is_expected_and_must_be_there() -> None:
    text = BASELINE + "others:\n  ec2.vpc-endpoint: [vpce-12345678]\n  lambda.function: worker\n"
    change = adding("VpcEndpoints", {"VpcEndpointId": "vpce-12345678", "VpcId": "vpc-1"})
    assert told(drift(change, text=text).items) == [("missing", "lambda.function", "worker")]


def test_the_tables_of_kinds_agree() -> None:
    assert tuple(OTHERS) == OTHER_TYPES
    assert {key for key, _ in OTHERS.values()} <= CALLS.keys()


# --- AWS's own -------------------------------------------------------------------------------


def own(described: Described, key: str, id: str) -> Any:
    return next(item for item in described[key] if id in item.values())


def test_a_default_group_without_rules_is_fine() -> None:
    def change(described: Described) -> None:
        own(described, "SecurityGroups", "sg-default").update(
            IpPermissions=[], IpPermissionsEgress=[]
        )

    assert drift(change).items == ()


def test_a_default_group_with_a_rule_more_is_told() -> None:
    def change(described: Described) -> None:
        own(described, "SecurityGroups", "sg-default")["IpPermissions"].append(
            {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
        )

    assert told(drift(change).items) == [
        ("changed", "ec2.security-group", "default", ("ingress", None, "all from 10.0.0.0/8"))
    ]


def test_a_default_acl_with_an_entry_more_or_less_is_told() -> None:
    def more(described: Described) -> None:
        own(described, "NetworkAcls", "acl-default")["Entries"].append(
            {"RuleNumber": 99, "Protocol": "-1", "RuleAction": "deny", "Egress": False,
             "CidrBlock": "192.0.2.0/24"}
        )  # fmt: skip

    def less(described: Described) -> None:
        acl = own(described, "NetworkAcls", "acl-default")
        acl["Entries"] = [one for one in acl["Entries"] if one["RuleNumber"] > 32766]

    assert told(drift(more).items) == [
        (
            "changed",
            "ec2.network-acl",
            "acl-default",
            ("ingress[99]", None, "deny all 192.0.2.0/24"),
        )
    ]
    assert [field[0] for field in told(drift(less).items)[0][3:]] == ["ingress[100]", "egress[100]"]


def test_a_default_acl_of_a_vpc_with_ipv6_is_as_aws_makes_it() -> None:
    def change(described: Described) -> None:
        acl = own(described, "NetworkAcls", "acl-default")
        acl["Entries"] += [
            {"RuleNumber": 101, "Protocol": "-1", "RuleAction": "allow", "Egress": egress,
             "Ipv6CidrBlock": "::/0"}
            for egress in (True, False)
        ]  # fmt: skip

    assert drift(change).items == ()


def test_a_main_table_with_a_route_is_told() -> None:
    def change(described: Described) -> None:
        own(described, "RouteTables", "rtb-main")["Routes"].append(
            {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}
        )

    assert told(drift(change).items) == [
        ("changed", "ec2.route-table", "rtb-main", ("routes[0.0.0.0/0]", None, "igw"))
    ]


# --- interfaces ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "interface",
    [
        {"Attachment": {"InstanceId": "i-1", "DeviceIndex": 1}},
        {"Attachment": {"InstanceId": "i-nowhere", "DeviceIndex": 0}},
        {"InterfaceType": "nat_gateway"},
        {"InterfaceType": "vpc_endpoint"},
        {"Description": "ELB app/web/123"},
        {"InterfaceType": "lambda"},
        {"InterfaceType": "transit_gateway"},
        {"Description": "arn:aws:ecs:eu-west-1:1:attachment/x"},
        {"Description": "ElastiCache cache-001", "RequesterManaged": True},
    ],
    ids=str,
)
def test_an_interface_that_belongs_to_nothing_described_is_told(interface: Any) -> None:
    item = {"NetworkInterfaceId": "eni-x", "VpcId": "vpc-1", "SubnetId": "subnet-web", **interface}
    items = drift(adding("NetworkInterfaces", item)).items
    assert [(one.kind.value, one.resource.id) for one in items] == [("unexpected", "eni-x")]


def test_interfaces_of_what_is_described_belong_to_it() -> None:
    """Each owner is a stranger here, and told; its interface is not told a second time."""

    def change(described: Described) -> None:
        place = {"VpcId": "vpc-1", "SubnetId": "subnet-app"}
        described["VpcEndpoints"].append(
            {"VpcEndpointId": "vpce-1", "VpcId": "vpc-1", "NetworkInterfaceIds": ["eni-e"]}
        )
        arn = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/web/123"
        described["LoadBalancers"].append({"LoadBalancerArn": arn, "VpcId": "vpc-1"})
        described["Functions"].append(
            {"FunctionName": "f", "VpcConfig": {"VpcId": "vpc-1", "SubnetIds": ["subnet-app"]}}
        )
        described["TransitGatewayVpcAttachments"].append(
            {"TransitGatewayAttachmentId": "tgw-attach-1", "VpcId": "vpc-1",
             "SubnetIds": ["subnet-app"]}
        )  # fmt: skip
        described["NetworkInterfaces"] += [
            {"NetworkInterfaceId": "eni-e", "InterfaceType": "vpc_endpoint", **place},
            {"NetworkInterfaceId": "eni-l", "Description": "ELB app/web/123", **place},
            {"NetworkInterfaceId": "eni-f", "InterfaceType": "lambda", **place},
            {"NetworkInterfaceId": "eni-t", "InterfaceType": "transit_gateway", **place},
        ]

    types = [item.resource.type for item in drift(change).items]
    assert types == [
        "ec2.transit-gateway-attachment",
        "ec2.vpc-endpoint",
        "elbv2.load-balancer",
        "lambda.function",
    ]


def test_a_scope_of_nothing_judges_nothing_undeclared() -> None:
    """Without VPCs in the file, everything lies outside."""
    result = compare(baseline("mute: baseline/v1\n"), inventory(documents()))
    assert result.items == ()
    assert ("ec2.vpc", 2) in [(one.type, one.count) for one in result.outside]
