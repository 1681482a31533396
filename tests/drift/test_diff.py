"""Each declared fact, changed alone, is named with its field; nothing else is."""

from collections.abc import Callable
from typing import Any

import pytest
from drift_estate import BASELINE, drift, told

Described = dict[str, Any]


def at(described: Described, key: str, id: str) -> Any:
    """The described resource whose id, name or bucket is `id`."""
    items = described[key]
    if key == "Reservations":
        items = items[0]["Instances"]
    return next(item for item in items if id in (v for v in item.values() if isinstance(v, str)))


def setting(key: str, id: str, field: str, value: Any) -> Callable[[Described], None]:
    return lambda described: at(described, key, id).__setitem__(field, value)


def test_the_estate_as_declared_has_no_drift() -> None:
    result = drift()
    assert result.items == ()
    assert [(one.type, one.count) for one in result.outside] == [
        ("ec2.subnet", 1),
        ("ec2.vpc", 1),
        ("iam.user", 1),
        ("s3.bucket", 1),
    ]


CHANGES: list[tuple[str, Callable[[Described], Any], tuple[Any, ...]]] = [
    (
        "a CIDR block more",
        lambda d: at(d, "Vpcs", "vpc-1")["CidrBlockAssociationSet"].append(
            {"CidrBlock": "10.9.0.0/16"}
        ),
        ("changed", "ec2.vpc", "net", ("cidrs", None, "10.9.0.0/16")),
    ),
    (
        "a CIDR block less",
        lambda d: at(d, "Vpcs", "vpc-1")["CidrBlockAssociationSet"].pop(),
        ("changed", "ec2.vpc", "net", ("cidrs", "100.64.0.0/16", None)),
    ),
    (
        "another network of a subnet",
        setting("Subnets", "subnet-web", "CidrBlock", "10.0.7.0/24"),
        ("changed", "ec2.subnet", "web", ("cidr", "10.0.1.0/24", "10.0.7.0/24")),
    ),
    (
        "another zone",
        setting("Subnets", "subnet-web", "AvailabilityZone", "eu-west-1c"),
        ("changed", "ec2.subnet", "web", ("zone", "eu-west-1a", "eu-west-1c")),
    ),
    (
        "public addresses on launch",
        setting("Subnets", "subnet-app", "MapPublicIpOnLaunch", True),
        ("changed", "ec2.subnet", "app", ("public_addresses", False, True)),
    ),
    (
        "a detached gateway",
        setting("InternetGateways", "igw-1", "Attachments", []),
        ("changed", "ec2.internet-gateway", "igw", ("vpc", "net", None)),
    ),
    (
        "the NAT gateway in another subnet",
        setting("NatGateways", "nat-1", "SubnetId", "subnet-app"),
        ("changed", "ec2.nat-gateway", "nat", ("subnet", "web", "app")),
    ),
    (
        "a private NAT gateway",
        setting("NatGateways", "nat-1", "ConnectivityType", "private"),
        ("changed", "ec2.nat-gateway", "nat", ("connectivity", "public", "private")),
    ),
    (
        "a route led elsewhere",
        lambda d: at(d, "RouteTables", "rtb-priv")["Routes"].__setitem__(
            1, {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}
        ),
        ("changed", "ec2.route-table", "private", ("routes[0.0.0.0/0]", "nat", "igw")),
    ),
    (
        "a dead route",
        lambda d: at(d, "RouteTables", "rtb-priv")["Routes"][1].update(State="blackhole"),
        (
            "changed",
            "ec2.route-table",
            "private",
            ("routes[0.0.0.0/0]", "nat", "nat (blackhole)"),
        ),
    ),
    (
        "a route more",
        lambda d: at(d, "RouteTables", "rtb-pub")["Routes"].append(
            {"DestinationCidrBlock": "10.50.0.0/16", "TransitGatewayId": "tgw-1"}
        ),
        ("changed", "ec2.route-table", "public", ("routes[10.50.0.0/16]", None, "tgw-1")),
    ),
    (
        "a local route led through an interface",
        lambda d: at(d, "RouteTables", "rtb-pub")["Routes"].__setitem__(
            0,
            {
                "DestinationCidrBlock": "10.0.0.0/16",
                "NetworkInterfaceId": "eni-x",
                "Origin": "CreateRouteTable",
            },
        ),
        ("changed", "ec2.route-table", "public", ("routes[10.0.0.0/16]", None, "eni-x")),
    ),
    (
        "a table associated with a gateway",
        lambda d: at(d, "RouteTables", "rtb-pub")["Associations"].append({"GatewayId": "igw-1"}),
        ("changed", "ec2.route-table", "public", ("subnets", None, "igw")),
    ),
    (
        "an ACL entry more",
        lambda d: at(d, "NetworkAcls", "acl-strict")["Entries"].append(
            {
                "RuleNumber": 50,
                "Protocol": "17",
                "RuleAction": "allow",
                "Egress": False,
                "CidrBlock": "0.0.0.0/0",
                "PortRange": {"From": 53, "To": 53},
            }
        ),
        (
            "changed",
            "ec2.network-acl",
            "strict",
            ("ingress[50]", None, "allow udp/53 0.0.0.0/0"),
        ),
    ),
    (
        "an ACL entry that denies now",
        lambda d: at(d, "NetworkAcls", "acl-strict")["Entries"][3].update(RuleAction="deny"),
        (
            "changed",
            "ec2.network-acl",
            "strict",
            ("egress[100]", "allow all 0.0.0.0/0", "deny all 0.0.0.0/0"),
        ),
    ),
    (
        "a subnet without the ACL",
        lambda d: at(d, "NetworkAcls", "acl-strict")["Associations"].pop(),
        ("changed", "ec2.network-acl", "strict", ("subnets", "app", None)),
    ),
    (
        "a rule of a group for a network",
        lambda d: at(d, "SecurityGroups", "sg-back")["IpPermissions"].append(
            {
                "IpProtocol": "tcp",
                "FromPort": 3000,
                "ToPort": 3000,
                "IpRanges": [{"CidrIp": "10.0.0.0/16"}],
            }
        ),
        (
            "changed",
            "ec2.security-group",
            "back",
            ("ingress", None, "tcp/3000 from 10.0.0.0/16"),
        ),
    ),
    (
        "a rule of a group for another group, and one gone",
        lambda d: at(d, "SecurityGroups", "sg-back")["IpPermissions"][0].update(
            UserIdGroupPairs=[{"GroupId": "sg-back"}, {"GroupId": "sg-default"}]
        ),
        (
            "changed",
            "ec2.security-group",
            "back",
            ("ingress", "tcp/3000 from front", None),
            ("ingress", None, "tcp/3000 from default (sg-default)"),
        ),
    ),
    (
        "a wider range of ports",
        lambda d: at(d, "SecurityGroups", "sg-front")["IpPermissions"][0].update(ToPort=500),
        (
            "changed",
            "ec2.security-group",
            "front",
            ("ingress", "tcp/443 from 0.0.0.0/0", None),
            ("ingress", None, "tcp/443-500 from 0.0.0.0/0"),
        ),
    ),
    (
        "the way out closed",
        setting("SecurityGroups", "sg-front", "IpPermissionsEgress", []),
        ("changed", "ec2.security-group", "front", ("egress", "all to 0.0.0.0/0", None)),
    ),
    (
        "another type",
        setting("Reservations", "i-1", "InstanceType", "t3.large"),
        ("changed", "ec2.instance", "web1", ("type", "t3.micro", "t3.large")),
    ),
    (
        "another group on an instance",
        setting("Reservations", "i-1", "SecurityGroups", [{"GroupId": "sg-default"}]),
        (
            "changed",
            "ec2.instance",
            "web1",
            ("security_groups", "front", None),
            ("security_groups", None, "default (sg-default)"),
        ),
    ),
    (
        "a stopped instance",
        setting("Reservations", "i-1", "State", {"Name": "stopped"}),
        ("changed", "ec2.instance", "web1", ("state", "running", "stopped")),
    ),
    (
        "no public address",
        lambda d: at(d, "Reservations", "i-1").pop("PublicIpAddress"),
        ("changed", "ec2.instance", "web1", ("public_address", True, False)),
    ),
    (
        "metadata without token",
        setting("Reservations", "i-1", "MetadataOptions", {"HttpTokens": "optional"}),
        ("changed", "ec2.instance", "web1", ("imdsv2", "required", "optional")),
    ),
    (
        "a host that forwards",
        setting("Reservations", "i-1", "SourceDestCheck", False),
        ("changed", "ec2.instance", "web1", ("source_dest_check", True, False)),
    ),
    (
        "an instance profile",
        setting(
            "Reservations",
            "i-1",
            "IamInstanceProfile",
            {"Arn": "arn:aws:iam::1:instance-profile/path/admin"},
        ),
        ("changed", "ec2.instance", "web1", ("profile", None, "admin")),
    ),
    (
        "another tag",
        lambda d: at(d, "Reservations", "i-1")["Tags"][1].update(Value="red"),
        ("changed", "ec2.instance", "web1", ("tags.team", "blue", "red")),
    ),
    (
        "an image of another name",
        setting("Images", "ami-1", "Name", "windows-1"),
        ("changed", "ec2.instance", "web1", ("image", "Linux", "windows-1 (ami-1)")),
    ),
    (
        "an image of another publisher",
        setting("Images", "ami-1", "OwnerId", "666666666666"),
        (
            "changed",
            "ec2.instance",
            "web1",
            ("image", "Linux", "linux-2024.1 (ami-1) of 666666666666"),
        ),
    ),
    (
        "a volume in the clear",
        setting("Volumes", "vol-1", "Encrypted", False),
        ("changed", "ec2.instance", "web1", ("root_volume.encrypted", True, False)),
    ),
    (
        "another version of the database",
        setting("DBInstances", "db", "EngineVersion", "16.4"),
        ("changed", "rds.instance", "db", ("engine_version", "16.3", "16.4")),
    ),
    (
        "a public database",
        setting("DBInstances", "db", "PubliclyAccessible", True),
        ("changed", "rds.instance", "db", ("publicly_accessible", False, True)),
    ),
    (
        "a password of one's own",
        lambda d: at(d, "DBInstances", "db").pop("MasterUserSecret"),
        ("changed", "rds.instance", "db", ("managed_secret", True, False)),
    ),
    (
        "the database in another subnet, too",
        lambda d: at(d, "DBInstances", "db")["DBSubnetGroup"]["Subnets"].append(
            {"SubnetIdentifier": "subnet-web"}
        ),
        ("changed", "rds.instance", "db", ("subnets", None, "web")),
    ),
    (
        "ACLs on again",
        lambda d: d["BucketOwnershipControls"][0].update(OwnershipControls=None),
        ("changed", "s3.bucket", "data-one", ("ownership", "BucketOwnerEnforced", None)),
    ),
    (
        "no public access block at all",
        lambda d: d["BucketPublicAccessBlocks"][0].update(PublicAccessBlockConfiguration=None),
        (
            "changed",
            "s3.bucket",
            "data-one",
            ("public_access_block.block_public_acls", True, False),
        ),
    ),
    (
        "no bucket policy",
        lambda d: d["BucketPolicies"][0].update(Policy=None),
        (
            "changed",
            "s3.bucket",
            "data-one",
            (
                "policy",
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Action": "s3:GetObject",
                            "Effect": "Allow",
                            "Principal": "*",
                            "Resource": "arn:aws:s3:::data-one/*",
                        }
                    ],
                },
                None,
            ),
        ),
    ),
    (
        "a wider bucket policy",
        lambda d: d["BucketPolicies"][0].update(
            Policy=d["BucketPolicies"][0]["Policy"].replace("s3:getobject", "s3:*Object")
        ),
        (
            "changed",
            "s3.bucket",
            "data-one",
            ("policy.Statement[Read].Action", "s3:GetObject", "s3:*Object"),
        ),
    ),
    (
        "no scan on push",
        lambda d: d["repositories"][0].pop("imageScanningConfiguration"),
        ("changed", "ecr.repository", "app", ("scan_on_push", True, False)),
    ),
    (
        "a repository policy",
        lambda d: d["RepositoryPolicies"][0].update(
            policyText='{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}}'
        ),
        (
            "changed",
            "ecr.repository",
            "app",
            (
                "policy",
                None,
                {
                    "Version": "2008-10-17",
                    "Statement": [{"Action": "ecr:*", "Effect": "Allow", "Principal": "*"}],
                },
            ),
        ),
    ),
    (
        "a policy more",
        lambda d: d["UserDetailList"][0]["AttachedManagedPolicies"].append(
            {"PolicyArn": "arn:aws:iam::111122223333:policy/AmazonS3FullAccess"}
        ),
        (
            "changed",
            "iam.user",
            "robot",
            ("policies", None, "arn:aws:iam::111122223333:policy/AmazonS3FullAccess"),
        ),
    ),
    (
        "an inline policy",
        lambda d: d["UserDetailList"][0].update(
            UserPolicyList=[{"PolicyName": "more", "PolicyDocument": {}}]
        ),
        ("changed", "iam.user", "robot", ("inline_policies", None, "more")),
    ),
    (
        "a group membership",
        lambda d: d["UserDetailList"][0].update(GroupList=["admins"]),
        ("changed", "iam.user", "robot", ("groups", None, "admins")),
    ),
    (
        "a boundary",
        lambda d: d["UserDetailList"][0].update(
            PermissionsBoundary={"PermissionsBoundaryArn": "arn:aws:iam::aws:policy/X"}
        ),
        ("changed", "iam.user", "robot", ("boundary", None, "arn:aws:iam::aws:policy/X")),
    ),
    (
        "a deleted database",
        lambda d: d["DBInstances"].clear(),
        ("missing", "rds.instance", "db"),
    ),
    (
        "a deleted NAT gateway that AWS still lists",
        setting("NatGateways", "nat-1", "State", "deleted"),
        ("missing", "ec2.nat-gateway", "nat"),
    ),
    (
        "a terminated instance that AWS still lists",
        setting("Reservations", "i-1", "State", {"Name": "terminated"}),
        ("missing", "ec2.instance", "web1"),
    ),
    (
        "a deleted user",
        lambda d: d["UserDetailList"].pop(0),
        ("missing", "iam.user", "robot"),
    ),
]


@pytest.mark.parametrize(
    ("change", "item"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES]
)
def test_one_change_is_one_item(change: Callable[[Described], Any], item: tuple[Any, ...]) -> None:
    items = told(drift(change).items)
    # What stands in a deleted thing's place (its interface, a dead route) is told as well.
    assert item in items
    if item[0] == "changed":
        assert items == [item]


def test_a_field_that_is_not_stated_may_be_anything() -> None:
    text = BASELINE.replace("    type: t3.micro\n", "")
    change = setting("Reservations", "i-1", "InstanceType", "p5.48xlarge")
    assert drift(change, text=text).items == ()
    assert drift(change).items != ()


def test_items_say_where_the_resource_is_declared() -> None:
    (item,) = drift(setting("Volumes", "vol-1", "Encrypted", False)).items
    assert item.location is not None
    line = BASELINE.splitlines()[item.location.line - 1]
    assert line.strip() == "web1:"


def test_the_order_of_what_aws_prints_changes_nothing() -> None:
    def reverse(described: Described) -> None:
        for items in described.values():
            items.reverse()
        for group in described["SecurityGroups"]:
            group["IpPermissions"].reverse()

    def reverse_and_break(described: Described) -> None:
        setting("Subnets", "subnet-web", "MapPublicIpOnLaunch", False)(described)
        described["VpcEndpoints"].append({"VpcEndpointId": "vpce-1", "VpcId": "vpc-1"})
        reverse(described)

    def only_break(described: Described) -> None:
        reverse_and_break(described)
        reverse(described)

    assert drift(reverse).items == ()
    assert drift(reverse_and_break) == drift(only_break)


def test_a_missing_vpc_takes_all_that_is_in_it_along() -> None:
    def gone(described: Described) -> None:
        described["Vpcs"].pop(0)

    items = drift(gone).items
    assert {item.kind.value for item in items} == {"missing", "changed"}
    missing = {item.resource.label for item in items if item.kind.value == "missing"}
    assert {"net", "web", "app", "igw", "nat", "public", "front", "web1"} <= missing


# --- names -----------------------------------------------------------------------------------


def rename(described: Described) -> None:
    at(described, "RouteTables", "rtb-priv")["Tags"][0]["Value"] = "old"


def test_a_renamed_resource_is_known_by_its_likeness() -> None:
    assert told(drift(rename).items) == [
        ("changed", "ec2.route-table", "private", ("tags.Name", "private", "old"))
    ]


def test_a_renamed_subnet_does_not_disturb_what_is_in_it() -> None:
    def change(described: Described) -> None:
        at(described, "Subnets", "subnet-web")["Tags"] = []

    assert told(drift(change).items) == [
        ("changed", "ec2.subnet", "web", ("tags.Name", "web", None))
    ]


def test_a_renamed_vpc_is_still_the_vpc() -> None:
    def change(described: Described) -> None:
        at(described, "Vpcs", "vpc-1")["Tags"][0]["Value"] = "other"

    assert told(drift(change).items) == [
        ("changed", "ec2.vpc", "net", ("tags.Name", "net", "other"))
    ]


def test_a_renamed_and_changed_resource_is_missing_and_unexpected() -> None:
    """Two differences at once could be two different things."""

    def change(described: Described) -> None:
        rename(described)
        at(described, "RouteTables", "rtb-priv")["Routes"].pop()

    assert told(drift(change).items) == [
        ("unexpected", "ec2.route-table", "old"),
        ("missing", "ec2.route-table", "private"),
    ]


def test_of_two_of_one_name_the_better_one_is_meant_and_the_other_told() -> None:
    def change(described: Described) -> None:
        twin = {**at(described, "SecurityGroups", "sg-front"), "GroupId": "sg-a-twin"}
        twin["GroupName"] = "other"
        twin["IpPermissions"] = []
        twin["Tags"] = [{"Key": "Name", "Value": "front"}]
        described["SecurityGroups"].insert(0, twin)

    (item,) = drift(change).items
    assert item.kind.value == "unexpected"
    assert item.resource.id == "sg-a-twin"
    assert item.fields[0].path == "name"


def test_of_two_alike_the_one_is_meant_whose_own_name_it_is() -> None:
    """A copy with the same rules and the Name tag, but another group name, is the stranger."""

    def change(described: Described) -> None:
        twin = {**at(described, "SecurityGroups", "sg-front"), "GroupId": "sg-a-twin"}
        twin["GroupName"] = "other"
        twin["Tags"] = [{"Key": "Name", "Value": "front"}]
        described["SecurityGroups"].insert(0, twin)

    (item,) = drift(change).items
    assert (item.kind.value, item.resource.id) == ("unexpected", "sg-a-twin")


def test_an_entry_with_an_id_is_found_by_it_alone() -> None:
    text = BASELINE.replace("  igw: {}", "  igw: {id: igw-1}")

    def unnamed(described: Described) -> None:
        at(described, "InternetGateways", "igw-1")["Tags"] = []

    assert drift(unnamed, text=text).items == ()


def test_relations_written_as_ids_mean_the_declared_thing() -> None:
    text = BASELINE.replace("routes: {0.0.0.0/0: nat}", "routes: {0.0.0.0/0: nat-12345678}")

    def change(described: Described) -> None:
        text = str(described).replace("nat-1", "nat-12345678")
        described.clear()
        described.update(eval(text))  # noqa: S307 - our own data, written by repr

    assert drift(change, text=text).items == ()
