"""The loader: from JSON texts to the inventory, with errors that name file and path."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mute_audit.errors import SnapshotError
from mute_audit.inventory import GLOBAL, Inventory
from mute_audit.sources.aws_json import load, read_directory
from mute_audit.sources.raw import RawDocument, RawSnapshot
from mute_audit.verdict import Gap

ACCOUNT = "111122223333"
OTHER = "444455556666"
CONFORMANCE = Path(__file__).parents[3] / "shared" / "conformance" / "snapshots"

VPC = {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "OwnerId": ACCOUNT}
SUBNET = {"SubnetId": "subnet-1", "VpcId": "vpc-1", "AvailabilityZone": "eu-west-1a"}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files (name → JSON value, or text as it is) into a folder."""

    def writing(files: dict[str, Any]) -> Path:
        for name, content in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                file.write_bytes(content)
            else:
                file.write_text(content if isinstance(content, str) else json.dumps(content))
        return tmp_path

    return writing


def read(folder: Path) -> Inventory:
    return load(read_directory(folder))


def error_of(folder: Path) -> SnapshotError:
    with pytest.raises(SnapshotError) as caught:
        read(folder)
    return caught.value


# --- real descriptions --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "interfaces", "peerings"),
    [
        ("test-public-subnet", 1, None),
        ("test-nat-gateway", 4, None),
        ("test-subnet", 2, None),
        ("test-vpc-peering", 3, 2),
    ],
)
def test_real_describe_output_loads(name: str, interfaces: int, peerings: int | None) -> None:
    """Flat folders of `aws` output: account and Region come from the data."""
    if not CONFORMANCE.is_dir():
        pytest.skip("the conformance snapshots are not on this machine")
    inventory = read(CONFORMANCE / name)
    (region,) = inventory.regions
    assert (region.account, region.region) == ("554773406868", "us-east-2")
    assert len(region.network_interfaces) == interfaces
    assert len(region.instances) == len(
        json.loads((CONFORMANCE / name / "Reservations.json").read_text())["Reservations"]
    )
    assert ("VpcPeeringConnections" in region.held) == (peerings is not None)
    assert len(region.vpc_peering_connections) == (peerings or 0)
    assert inventory.gaps == ()
    assert inventory.notes == ()


def test_an_empty_list_is_held_and_a_missing_one_is_not() -> None:
    if not CONFORMANCE.is_dir():
        pytest.skip("the conformance snapshots are not on this machine")
    (region,) = read(CONFORMANCE / "test-public-subnet").regions
    assert "NatGateways" in region.held
    assert region.nat_gateways == ()
    assert "VpcPeeringConnections" not in region.held


# --- layouts ------------------------------------------------------------------------------------


def test_files_are_recognised_by_key_under_any_name(write: Write) -> None:
    folder = write({"a.json": {"Subnets": [SUBNET]}, "what-i-saved": {"Vpcs": [VPC]}})
    (region,) = read(folder).regions
    assert region.held == {"Vpcs", "Subnets"}


def test_one_file_may_hold_many_keys_and_noise(write: Write) -> None:
    folder = write(
        {
            "all.json": {
                "ResponseMetadata": {"RequestId": "x"},
                "Vpcs": [VPC],
                "Subnets": [SUBNET],
                "NextToken": None,
            }
        }
    )
    inventory = read(folder)
    assert inventory.regions[0].held == {"Vpcs", "Subnets"}
    assert inventory.notes == ()
    assert inventory.gaps == ()


def test_accounts_and_regions_come_from_the_folders(write: Write) -> None:
    folder = write(
        {
            f"accounts/{ACCOUNT}/eu-west-1/x.json": {"Vpcs": [VPC]},
            f"accounts/{ACCOUNT}/us-east-1/x.json": {"Vpcs": [VPC | {"VpcId": "vpc-2"}]},
            f"accounts/{OTHER}/eu-west-1/x.json": {"Vpcs": [VPC | {"VpcId": "vpc-3"}]},
        }
    )
    assert [(r.account, r.region, r.vpcs[0].vpc_id) for r in read(folder).regions] == [
        (ACCOUNT, "eu-west-1", "vpc-1"),
        (ACCOUNT, "us-east-1", "vpc-2"),
        (OTHER, "eu-west-1", "vpc-3"),
    ]


def test_the_same_resource_seen_from_two_accounts_is_no_contradiction(write: Write) -> None:
    """A participant does not see the owner's tags on a shared VPC."""
    tagged = VPC | {"Tags": [{"Key": "Name", "Value": "main"}]}
    folder = write(
        {
            f"accounts/{ACCOUNT}/eu-west-1/x.json": {"Vpcs": [tagged]},
            f"accounts/{OTHER}/eu-west-1/x.json": {"Vpcs": [VPC]},
        }
    )
    assert [r.vpcs[0].vpc_id for r in read(folder).regions] == ["vpc-1", "vpc-1"]


def test_folders_named_like_regions_are_regions(write: Write) -> None:
    folder = write(
        {"eu-west-1/v.json": {"Vpcs": [VPC]}, "us-east-1/v.json": {"Vpcs": [VPC | {"VpcId": "v2"}]}}
    )
    assert [(r.account, r.region) for r in read(folder).regions] == [
        (ACCOUNT, "eu-west-1"),
        (ACCOUNT, "us-east-1"),
    ]


def test_what_is_global_moves_out_of_the_region(write: Write) -> None:
    """Each Region's folder may repeat IAM; it is the account's, once."""
    iam = {"UserDetailList": [{"UserName": "a", "Arn": f"arn:aws:iam::{ACCOUNT}:user/a"}]}
    folder = write(
        {
            f"accounts/{ACCOUNT}/eu-west-1/x.json": {"Vpcs": [VPC], "Buckets": [{"Name": "b"}]},
            f"accounts/{ACCOUNT}/eu-west-1/iam.json": iam,
            f"accounts/{ACCOUNT}/us-east-1/iam.json": iam,
            f"accounts/{ACCOUNT}/us-east-1/ecr.json": {"repositories": []},
        }
    )
    regions = {r.region: r for r in read(folder).regions}
    assert set(regions) == {"eu-west-1", "us-east-1", GLOBAL}
    assert regions["eu-west-1"].held == {"Vpcs"}
    assert regions["us-east-1"].held == {"repositories"}
    assert regions[GLOBAL].held == {"UserDetailList", "Buckets"}
    assert len(regions[GLOBAL].users) == 1


# --- account and Region from the data -------------------------------------------------------------


def test_a_shared_vpc_leaves_the_account_open(write: Write) -> None:
    """Two owners: the data alone does not say who asked."""
    folder = write(
        {
            "v.json": {"Vpcs": [VPC | {"OwnerId": OTHER}]},
            "g.json": {"SecurityGroups": [{"GroupId": "sg-1", "OwnerId": ACCOUNT}]},
            "s.json": {"Subnets": [SUBNET]},
        }
    )
    inventory = read(folder)
    (region,) = inventory.regions
    assert (region.account, region.region) == ("", "eu-west-1")
    assert any("which account" in note for note in inventory.notes)


def test_the_answer_to_who_am_i_settles_the_account(write: Write) -> None:
    folder = write(
        {
            "v.json": {"Vpcs": [VPC | {"OwnerId": OTHER}]},
            "g.json": {"SecurityGroups": [{"GroupId": "sg-1", "OwnerId": ACCOUNT}]},
            "me.json": {"UserId": "x", "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:root"},
        }
    )
    assert [r.account for r in read(folder).regions] == [ACCOUNT]


@pytest.mark.parametrize(
    ("zone", "region"),
    [
        ("eu-west-1a", "eu-west-1"),
        ("us-west-2-lax-1a", "us-west-2"),
        ("us-gov-west-1b", "us-gov-west-1"),
    ],
)
def test_the_region_is_that_of_the_zones(write: Write, zone: str, region: str) -> None:
    folder = write({"s.json": {"Subnets": [SUBNET | {"AvailabilityZone": zone}]}})
    assert [r.region for r in read(folder).regions] == [region]


def test_zones_of_two_regions_leave_the_region_open(write: Write) -> None:
    second = SUBNET | {"SubnetId": "subnet-2", "AvailabilityZone": "us-east-1a"}
    inventory = read(write({"s.json": {"Subnets": [SUBNET, second]}}))
    assert [r.region for r in inventory.regions] == [""]
    assert any("which Region" in note for note in inventory.notes)


def test_arns_tell_where_zones_do_not(write: Write) -> None:
    arn = f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/r"
    inventory = read(write({"r.json": {"repositories": [{"repositoryArn": arn}]}}))
    assert [(r.account, r.region) for r in inventory.regions] == [(ACCOUNT, "eu-west-1")]


def test_policies_that_aws_manages_do_not_blur_the_account(write: Write) -> None:
    folder = write(
        {
            "iam.json": {
                "UserDetailList": [{"UserName": "a", "Arn": f"arn:aws:iam::{ACCOUNT}:user/a"}],
                "Policies": [{"PolicyName": "P", "Arn": "arn:aws:iam::aws:policy/P"}],
            }
        }
    )
    assert [(r.account, r.region) for r in read(folder).regions] == [(ACCOUNT, GLOBAL)]


# --- errors ---------------------------------------------------------------------------------------


def test_a_wrong_type_is_named_with_file_and_path(write: Write) -> None:
    folder = write(
        {"v.json": {"Vpcs": [VPC, VPC | {"VpcId": "vpc-2", "Tags": [{"Key": 7, "Value": ""}]}]}}
    )
    error = error_of(folder)
    assert error.message == "expected `str`, got `int`"
    assert error.where == f"{folder / 'v.json'}, $.Vpcs[1].Tags[0].Key"
    assert error.hint == "this is not what `aws ec2 describe-vpcs` prints"


def test_a_wrapper_of_the_wrong_shape_is_shown_the_right_one(write: Write) -> None:
    error = error_of(write({"p.json": {"PrefixListEntries": [{"Entries": []}]}}))
    assert error.message == "object missing required field `PrefixListId`"
    assert error.hint == 'expected {"PrefixListEntries": [{"PrefixListId": "…", "Entries": …}]}'


def test_a_missing_id_is_named_with_file_and_path(write: Write) -> None:
    error = error_of(write({"s.json": {"Subnets": [{"SubnetId": "s"}]}}))
    assert error.message == "object missing required field `VpcId`"
    assert str(error.where).endswith("s.json, $.Subnets[0]")


def test_an_object_where_a_list_belongs_is_named(write: Write) -> None:
    error = error_of(write({"v.json": {"Vpcs": {"VpcId": "vpc-1"}}}))
    assert error.message == "expected `array`, got `object`"
    assert str(error.where).endswith("v.json, $.Vpcs")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"Vpcs": [\n  {"VpcId": }\n]}', ":2:13"),
        ('{"Vpcs": [', ":1:11"),
        ('{"Vpcs": []}}', ":1:13"),
    ],
)
def test_broken_json_is_named_with_line_and_column(write: Write, text: str, place: str) -> None:
    folder = write({"v.json": text})
    error = error_of(folder)
    assert error.message.startswith("not valid JSON")
    assert error.where == f"{folder / 'v.json'}{place}"


def test_a_file_cut_inside_a_list_is_broken_json(write: Write) -> None:
    """The outer scan of a document passes over what is inside a value."""
    whole = json.dumps({"Vpcs": [VPC], "Subnets": [SUBNET]})
    for length in range(2, len(whole) - 1, 7):
        assert error_of(write({"v.json": whole[:length]})).message.startswith("not valid JSON")


def test_bytes_that_are_no_text_are_named(write: Write) -> None:
    error = error_of(write({"v.json": b'{"Vpcs": [{"VpcId": "\xff\xfe"}]}'}))
    assert str(error.where).endswith("v.json, $.Vpcs")
    assert error.message == "not valid UTF-8 at byte 12"


def test_an_empty_file_says_that_its_command_failed(write: Write) -> None:
    error = error_of(write({"v.json": "", "s.json": {"Subnets": [SUBNET]}}))
    assert error.message == "the file is empty"
    assert str(error.where).endswith("v.json")


def test_a_list_at_the_top_asks_for_the_whole_output(write: Write) -> None:
    error = error_of(write({"v.json": [VPC]}))
    assert "top-level key" in error.message
    assert error.hint == "call `aws` without --query"


def test_nothing_recognised_is_an_error_with_the_commands_to_run(write: Write) -> None:
    error = error_of(write({"v.json": {"hello": 1}}))
    assert error.message == "no file holds the output of an `aws` describe command"
    assert "describe-vpcs" in str(error.hint)


def test_an_unknown_key_beside_known_ones_is_a_note(write: Write) -> None:
    folder = write({"s.json": {"Subnets": [SUBNET], "Vpcs": [VPC]}, "x.json": {"Kittens": []}})
    assert read(folder).notes == (f"{folder / 'x.json'}: `Kittens` was not recognised",)


def test_an_unreadable_file_is_named(write: Write) -> None:
    raw = RawSnapshot((RawDocument("", "", "gone.json", Path("/nowhere/gone.json")),))
    with pytest.raises(SnapshotError, match=r"gone\.json: cannot read the file"):
        load(raw)


def test_nulls_of_other_tools_count_as_absent(write: Write) -> None:
    folder = write({"v.json": {"Vpcs": [VPC | {"Tags": None, "CidrBlock": None}]}})
    (vpc,) = read(folder).regions[0].vpcs
    assert (vpc.tags, vpc.cidr_block) == ((), "")


def test_a_null_where_an_id_belongs_stays_an_error(write: Write) -> None:
    error = error_of(write({"v.json": {"Vpcs": [{"VpcId": None}]}}))
    assert "VpcId" in error.message


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_powershell_writes_is_read(write: Write, encoding: str) -> None:
    text = json.dumps({"Vpcs": [VPC | {"Tags": [{"Key": "Name", "Value": "메인"}]}]})
    folder = write({"v.json": text.encode(encoding)})
    assert read(folder).regions[0].vpcs[0].tags[0].value == "메인"


# --- gaps -----------------------------------------------------------------------------------------


def documents(**keys: Any) -> tuple[RawDocument, ...]:
    return (RawDocument(ACCOUNT, "eu-west-1", "test", json.dumps(keys).encode()),)


def test_a_gap_reaches_its_region_and_only_that() -> None:
    gap = Gap("ec2:DescribeSubnets", f"{ACCOUNT}/eu-west-1", "AccessDenied: no", "Subnets")
    elsewhere = RawDocument(ACCOUNT, "us-east-1", "test", b'{"Vpcs": []}')
    inventory = load(RawSnapshot((*documents(Vpcs=[VPC]), elsewhere), gaps=(gap,)))
    west, east = inventory.regions
    assert west.failure("Subnets") == gap
    assert inventory.missing("Subnets", west) == gap
    assert east.failure("Subnets") is None
    assert inventory.gaps == (gap,)


@pytest.mark.parametrize(("where", "both"), [(VPC["VpcId"], False), ("vpc-nowhere", True)])
def test_a_gap_of_a_resource_reaches_the_region_that_describes_it(where: str, both: bool) -> None:
    """Where nothing is described under that id, it may be of any Region."""
    gap = Gap("ec2:DescribeSubnets", where, "AccessDenied: no", "Subnets")
    elsewhere = RawDocument(ACCOUNT, "us-east-1", "test", b'{"Vpcs": []}')
    west, east = load(RawSnapshot((*documents(Vpcs=[VPC]), elsewhere), gaps=(gap,))).regions
    assert west.failure("Subnets") == gap
    assert (east.failure("Subnets") is not None) is both


def test_a_region_of_which_every_call_failed_is_still_there() -> None:
    gap = Gap("ec2:DescribeVpcs", f"{ACCOUNT}/us-east-1", "AuthFailure: off", "Vpcs")
    inventory = load(RawSnapshot(documents(Vpcs=[VPC]), gaps=(gap,)))
    assert [(r.region, r.failed) for r in inventory.regions] == [
        ("eu-west-1", ()),
        ("us-east-1", (gap,)),
    ]


def test_a_gap_of_one_bucket_reaches_the_account_that_owns_it() -> None:
    gap = Gap("s3:GetBucketPolicy", "arn:aws:s3:::mine", "AccessDenied: no", "BucketPolicies")
    mine = RawDocument(ACCOUNT, GLOBAL, "test", b'{"Buckets": [{"Name": "mine"}]}')
    theirs = RawDocument(OTHER, GLOBAL, "test", b'{"Buckets": [{"Name": "theirs"}]}')
    first, second = load(RawSnapshot((mine, theirs), gaps=(gap,))).regions
    assert first.failure("BucketPolicies", "mine") == gap
    assert first.failure("BucketPolicies", "other") is None
    assert first.failure("BucketPolicies") is None
    assert second.failed == ()


def test_an_output_that_announces_a_page_which_is_not_there_is_a_gap(write: Write) -> None:
    """`--max-items` leaves a NextToken: the list is only a part of what exists."""
    folder = write({"v.json": {"Vpcs": [VPC], "NextToken": "abc"}, "s.json": {"Subnets": [SUBNET]}})
    inventory = read(folder)
    (gap,) = inventory.gaps
    assert (gap.what, gap.where, gap.key) == (
        "ec2:DescribeVpcs",
        f"{ACCOUNT}/eu-west-1",
        "Vpcs",
    )
    assert "v.json announces another" in gap.why
    assert inventory.regions[0].failure("Vpcs") == gap
    assert inventory.regions[0].failure("Subnets") is None


def test_an_odd_answer_of_a_live_account_is_a_gap_and_leaves_the_rest() -> None:
    """The same text in a folder is an error: there a person can mend it."""
    odd = documents(Vpcs=[{"VpcId": 7}], Subnets=[SUBNET])
    inventory = load(RawSnapshot(odd, kind="aws"))
    (gap,) = inventory.gaps
    assert (gap.what, gap.where, gap.key) == ("ec2:DescribeVpcs", f"{ACCOUNT}/eu-west-1", "Vpcs")
    assert gap.why == ("the answer cannot be read: expected `str`, got `int` at $.Vpcs[0].VpcId")
    assert inventory.regions[0].failure("Vpcs") == gap
    assert inventory.regions[0].held == {"Subnets"}
    with pytest.raises(SnapshotError, match="expected `str`, got `int`"):
        load(RawSnapshot(odd, kind="directory"))


def test_what_ecs_could_not_describe_is_a_gap_unless_it_is_gone() -> None:
    def gaps(reason: str) -> list[str]:
        failures = [{"arn": "arn:task/1", "reason": reason}]
        return [gap.why for gap in load(RawSnapshot(documents(tasks=[], failures=failures))).gaps]

    assert gaps("ACCESS_DENIED") == ["arn:task/1: ACCESS_DENIED"]
    assert gaps("MISSING") == []


def test_pages_in_several_files_are_joined(write: Write) -> None:
    folder = write(
        {
            "v-1.json": {"Vpcs": [VPC], "NextToken": "abc"},
            "v-2.json": {"Vpcs": [VPC | {"VpcId": "vpc-2"}]},
        }
    )
    inventory = read(folder)
    assert [vpc.vpc_id for vpc in inventory.regions[0].vpcs] == ["vpc-1", "vpc-2"]
    assert inventory.gaps == ()


# --- duplicates -----------------------------------------------------------------------------------


def test_two_snapshots_in_one_folder_are_refused(write: Write) -> None:
    folder = write(
        {
            "before.json": {"Vpcs": [VPC]},
            "after.json": {"Vpcs": [VPC | {"CidrBlock": "10.1.0.0/16"}]},
        }
    )
    error = error_of(folder)
    assert error.message == "`vpc-1` (Vpcs) is described twice, and differently"
    assert error.where == f"{folder / 'after.json'} and {folder / 'before.json'}"
    assert "two snapshots are mixed" in str(error.hint)


def test_the_same_description_twice_counts_once(write: Write) -> None:
    folder = write({"a.json": {"Vpcs": [VPC]}, "b.json": {"Vpcs": [VPC | {"State": "available"}]}})
    assert len(read(folder).regions[0].vpcs) == 1


def test_fields_that_nobody_reads_do_not_contradict(write: Write) -> None:
    instance = {"InstanceId": "i-1", "LaunchTime": "1"}
    folder = write(
        {
            "a.json": {"Reservations": [{"ReservationId": "r", "Instances": [instance]}]},
            "b.json": {
                "Reservations": [
                    {"ReservationId": "r", "Instances": [instance | {"LaunchTime": "2"}]}
                ]
            },
        }
    )
    assert len(read(folder).regions[0].instances) == 1


def test_an_instance_in_two_reservations_is_refused(write: Write) -> None:
    one = {"Instances": [{"InstanceId": "i-1"}, {"InstanceId": "i-2"}]}
    folder = write(
        {
            "a.json": {"Reservations": [one]},
            "b.json": {"Reservations": [{"Instances": [{"InstanceId": "i-2"}]}]},
        }
    )
    assert "`i-2`" in error_of(folder).message


# --- size -----------------------------------------------------------------------------------------


def test_the_garbage_collector_is_on_again_afterwards() -> None:
    assert gc.isenabled()
    load(RawSnapshot(documents(Vpcs=[VPC])))
    assert gc.isenabled()
    with pytest.raises(SnapshotError):
        load(RawSnapshot(documents(Vpcs=[{}])))
    assert gc.isenabled()


@pytest.mark.bench
def test_a_hundred_thousand_interfaces_load_in_two_seconds(write: Write) -> None:
    """0.5 s where this was written; the limit leaves room for slower machines."""
    import time

    interface = {
        "Attachment": {"AttachmentId": "a", "DeviceIndex": 0, "InstanceId": "i-1"},
        "AvailabilityZone": "eu-west-1a",
        "Groups": [{"GroupId": "sg-1", "GroupName": "web"}],
        "OwnerId": ACCOUNT,
        "PrivateIpAddress": "10.0.0.1",
        "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": "10.0.0.1"}],
        "SubnetId": "subnet-1",
        "VpcId": "vpc-1",
    }
    folder = write(
        {
            "eni.json": {
                "NetworkInterfaces": [
                    interface | {"NetworkInterfaceId": f"eni-{number}"} for number in range(100_000)
                ]
            }
        }
    )
    started = time.process_time()
    inventory = read(folder)
    assert time.process_time() - started < 2
    assert len(inventory.regions[0].network_interfaces) == 100_000


# --- rules that mean nothing ------------------------------------------------------------------


def permission(**ports: Any) -> dict[str, Any]:
    return {"GroupId": "sg-1", "IpPermissions": [{"IpRanges": [{"CidrIp": "0.0.0.0/0"}], **ports}]}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"IpProtocol": "tcp", "FromPort": 22}, "a rule for `tcp` has no ToPort"),
        ({"IpProtocol": "17", "ToPort": 53}, "a rule for `17` has no FromPort"),
        ({"IpProtocol": "tcp"}, "a rule for `tcp` has no FromPort and no ToPort"),
        ({"IpProtocol": "udp", "FromPort": -1, "ToPort": -1}, "`-1` to `-1` is not a range"),
        ({"IpProtocol": "tcp", "FromPort": 90, "ToPort": 80}, "`90` to `80` is not a range"),
        ({"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65536}, "`0` to `65536` is not a range"),
        ({"IpProtocol": "icmp", "FromPort": 8}, "a rule for `icmp` has no ToPort"),
        ({"IpProtocol": "1", "FromPort": 256, "ToPort": -1}, "are not an ICMP type and code"),
    ],
)
def test_a_rule_without_its_ports_is_refused(
    write: Write, rule: dict[str, Any], words: str
) -> None:
    """AWS takes no such rule, and nobody can say what it lets in."""
    error = error_of(write({"g.json": {"SecurityGroups": [permission(**rule)]}}))
    assert words in error.message
    assert error.where == f"{write({}) / 'g.json'}, $.SecurityGroups[0].IpPermissions[0]"


@pytest.mark.parametrize(
    "rule",
    [
        {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535},
        {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1},
        {"IpProtocol": "icmpv6"},
        {"IpProtocol": "-1"},
        {"IpProtocol": "47", "FromPort": 0, "ToPort": 0},
    ],
)
def test_a_rule_with_the_ports_that_its_protocol_needs_is_read(
    write: Write, rule: dict[str, Any]
) -> None:
    """Protocols other than TCP, UDP and ICMP are matched by number alone (N12)."""
    inventory = read(write({"g.json": {"SecurityGroups": [permission(**rule)]}}))
    assert inventory.security_groups["sg-1"].ip_permissions[0].ip_protocol == rule["IpProtocol"]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"PortRange": {"From": -1, "To": -1}}, "expected `int` >= 0"),
        ({"PortRange": {"From": 0, "To": 70000}}, "expected `int` <= 65535"),
        ({"IcmpTypeCode": {"Type": 300, "Code": -1}}, "expected `int` <= 255"),
    ],
)
def test_an_acl_entry_with_a_port_that_is_none_is_refused(
    write: Write, entry: dict[str, Any], words: str
) -> None:
    given = {"RuleNumber": 1, "Protocol": "6", "RuleAction": "allow", "Egress": False, **entry}
    acl = {"NetworkAclId": "acl-1", "VpcId": "vpc-1", "Entries": [given]}
    error = error_of(write({"a.json": {"NetworkAcls": [acl]}}))
    assert error.message == words
    assert "$.NetworkAcls[0].Entries[0]" in error.where
