"""The embedded AWS as a whole: built from a baseline, scanned like any account, changed, broken."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from mute_audit.drift.diff import DriftResult, compare
from mute_audit.errors import UsageError
from mute_audit.finding import DriftKind
from mute_audit.intent.baseline import load_baseline, parse_baseline
from mute_audit.inventory import Inventory
from mute_audit.resources import data_dir
from mute_audit.sources.aws_json import load
from mute_audit.sources.demo import FAULT_VARIABLE, Demo, running
from mute_audit.sources.demo.changes import CHANGES
from mute_audit.sources.live.collect import collect

pytestmark = pytest.mark.slow


def scanned(demo: Demo) -> Inventory:
    return load(collect(demo.options(), collected_at="2030-01-01T00:00:00Z"))


def drift_of(demo: Demo) -> DriftResult:
    return compare(load_baseline(data_dir("baseline") / "mute.yaml"), scanned(demo))


@pytest.fixture(scope="module")
def plain() -> Inventory:
    """A scan of the estate; the demo itself has ended, since only one runs at a time."""
    with running() as demo:
        return scanned(demo)


@pytest.mark.sample
def test_the_estate_is_the_baseline_and_nothing_is_left_unseen(plain: Inventory) -> None:
    inventory = plain
    assert inventory.gaps == ()
    result = compare(load_baseline(data_dir("baseline") / "mute.yaml"), inventory)
    assert result.items == ()
    # What moto makes with every account: the default VPC and all that comes with it.
    assert {one.type: one.count for one in result.outside} == {
        "ec2.network-acl": 1,
        "ec2.route-table": 1,
        "ec2.security-group": 1,
        "ec2.subnet": 4,
        "ec2.vpc": 1,
    }


def test_instances_and_gateways_look_as_aws_shows_them(plain: Inventory) -> None:
    """Where moto alone would show something else."""
    inventory = plain
    (nat,) = inventory.nat_gateways.values()
    interface = inventory.network_interfaces[nat.nat_gateway_addresses[0].network_interface_id]
    assert interface.interface_type == "nat_gateway"
    assert interface.private_ip_address.startswith("192.168.2.")
    assert nat.nat_gateway_addresses[0].private_ip == interface.private_ip_address
    assert interface.groups == ()
    for instance in inventory.instances.values():
        assert len(instance.security_groups) == 1
        mine = inventory.network_interfaces[instance.network_interfaces[0].network_interface_id]
        assert [group.group_id for group in mine.groups] == [instance.security_groups[0].group_id]


def test_only_one_estate_at_a_time() -> None:
    with running() as demo:
        with pytest.raises(UsageError, match="runs already"), running():
            pass
        # The first one is not disturbed.
        assert demo.client("sts").get_caller_identity()["Account"] == demo.account
        assert demo.changes == ()


def test_s3_control_is_reached_although_its_host_carries_the_account() -> None:
    with running() as demo:
        control = demo.client("s3control")
        with pytest.raises(ClientError) as caught:
            control.get_public_access_block(AccountId=demo.account)
        block = {"BlockPublicAcls": True, "IgnorePublicAcls": False}
        control.put_public_access_block(
            AccountId=demo.account, PublicAccessBlockConfiguration=block
        )
        answer = control.get_public_access_block(AccountId=demo.account)
    assert caught.value.response["Error"]["Code"] == "NoSuchPublicAccessBlockConfiguration"
    assert answer["PublicAccessBlockConfiguration"]["BlockPublicAcls"] is True


FAULTS = {
    "ec2:DescribeVpcBlockPublicAccessOptions": 500,
    "iam:GetAccountAuthorizationDetails": 403,
    "s3:GetBucketPolicy": 403,
    "s3:GetAccountPublicAccessBlock": 403,
    "ecr:GetRepositoryPolicy": 403,
    "lambda:ListFunctions": 403,
    "rds:DescribeDBInstances": 403,
}


@pytest.mark.sample
def test_faults_become_gaps_and_the_drift_they_hide_is_unknown() -> None:
    with running(faults=FAULTS) as demo:
        result = drift_of(demo)
        inventory = scanned(demo)
    assert {gap.what for gap in inventory.gaps} >= FAULTS.keys()
    assert {item.kind for item in result.items} == {DriftKind.UNKNOWN}
    assert {item.resource.label for item in result.items} == {
        "hackathon-mute-backend",
        "hackathon-mute-rds",
        "hackathon_s3_ai",
        "hackathon_vpc_infra",
        "mute-ai",
        "mute-backend",
        "mute-frontend",
    }


def test_faults_can_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FAULT_VARIABLE, "ec2:DescribeVolumes=403")
    with running() as demo:
        gaps = scanned(demo).gaps
    assert [gap.what for gap in gaps] == ["ec2:DescribeVolumes"]


@pytest.mark.sample
def test_every_change_is_found_and_nothing_else() -> None:
    with running(drift=True) as demo:
        assert demo.changes == tuple(change.title.en for change in CHANGES)
        items = drift_of(demo).items
    expected: dict[tuple[DriftKind, str], set[str]] = {}
    for change in CHANGES:
        for one in change.drift:
            expected.setdefault((one.kind, one.resource), set()).update(one.fields)
    found = {
        (item.kind, item.resource.label): {field.path for field in item.fields} for item in items
    }
    assert found == expected


def test_changes_are_told_in_two_languages_and_apart() -> None:
    assert len({change.id for change in CHANGES}) == len(CHANGES)
    for change in CHANGES:
        assert change.title.en
        assert any("가" <= sign <= "힣" for sign in change.title.ko), change.id
        assert change.drift, change.id


OTHER = """
mute: baseline/v1
region: us-east-1
vpcs:
  blue: {cidrs: [10.0.0.0/16, 10.1.0.0/16]}
  green: {cidrs: 10.2.0.0/16}
subnets:
  blue-a: {name: a, vpc: blue, cidr: 10.0.0.0/24, zone: us-east-1a, public_addresses: true}
  blue-b: {name: b, vpc: blue, cidr: 10.1.0.0/24, zone: us-east-1b, public_addresses: false}
  green-a: {name: a, vpc: green, cidr: 10.2.0.0/24}
internet_gateways: {gw: {vpc: blue}}
nat_gateways: {nat: {vpc: blue, subnet: blue-a, connectivity: public}}
route_tables:
  main: {vpc: blue, main: true, subnets: [], routes: {10.9.0.0/16: nat}}
  out: {vpc: blue, subnets: blue-a, routes: {0.0.0.0/0: gw, 10.8.0.0/16: router}}
network_acls:
  tight:
    vpc: blue
    subnets: blue-b
    ingress:
      - {rule: 10, action: allow, ports: tcp/0-1023, cidr: 10.0.0.0/8}
      - {rule: 20, action: deny, ports: icmp/8, cidr: 10.0.0.0/8}
    egress: [{rule: 10, action: allow, ports: all, cidr: 0.0.0.0/0}]
security_groups:
  web:
    vpc: blue
    ingress: [{ports: [tcp/80, udp/8000-8100, icmp/8], from: [10.0.0.0/8, web]}]
    egress: []
images: {any: {name: "img-?-*"}}
instances:
  router:
    vpc: blue
    subnet: blue-b
    type: t3.nano
    security_groups: web
    image: any
    public_address: true
    imdsv2: optional
    source_dest_check: false
    root_volume: {encrypted: false, type: gp2}
    tags: {team: net}
  spare: {vpc: blue, subnet: blue-a, security_groups: web, state: stopped}
databases:
  shop:
    vpc: blue
    engine: mysql
    subnets: [blue-a, blue-b]
    security_groups: web
    publicly_accessible: true
    multi_az: true
    managed_secret: false
    port: 3307
    backup_days: 3
buckets:
  own: {region: eu-west-1, ownership: ObjectWriter, policy: null, public_access_block: null}
repositories:
  app:
    tag_mutability: IMMUTABLE
    scan_on_push: false
    policy: {Statement: {Effect: Allow, Principal: {AWS: "111122223333"}, Action: "ecr:*"}}
users:
  robot: {policies: [ReadOnlyAccess], groups: [team], inline_policies: [extra]}
"""


def test_any_baseline_can_be_built_and_holds() -> None:
    """Nothing in the builder knows the shipped one."""
    baseline = parse_baseline(OTHER, Path("other.yaml"))
    with running(baseline=baseline) as demo:
        assert demo.region == "us-east-1"
        result = compare(baseline, scanned(demo))
    assert [
        (item.kind.value, item.resource.label, item.fields, item.gaps) for item in result.items
    ] == []


def test_a_baseline_that_points_to_real_ids_cannot_be_built() -> None:
    text = OTHER.replace("from: [10.0.0.0/8, web]", "from: sg-0123456789abcdef0")
    with (
        pytest.raises(UsageError, match="`sg-0123456789abcdef0`"),
        running(baseline=parse_baseline(text, Path("b.yaml"))),
    ):
        pass


def test_the_environment_is_as_before_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/my/config")
    before = dict(os.environ)
    with running():
        assert "AWS_PROFILE" not in os.environ
    assert dict(os.environ) == before


@pytest.mark.sample
def test_the_demo_ignores_a_hostile_environment(tmp_path: Path) -> None:
    """A profile that is not there, a broken configuration, proxies, endpoints, moto's switches."""
    config = tmp_path / "config"
    config.write_text("this is [no configuration\n")
    script = (
        "from mute_audit.sources.demo import running\n"
        "with running() as demo:\n"
        "    ids = demo.client('ec2').describe_instances()['Reservations']\n"
        "    print(len(ids), demo.client('sts').get_caller_identity()['Account'])\n"
    )
    hostile = {
        "AWS_PROFILE": "nowhere",
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(config),
        "AWS_ENDPOINT_URL": "http://192.0.2.1:9",
        "AWS_ACCESS_KEY_ID": "real",
        "AWS_MAX_ATTEMPTS": "many",
        "AWS_CA_BUNDLE": "/nowhere",
        "AWS_USE_FIPS_ENDPOINT": "perhaps",
        "AWS_DEFAULT_REGION": "mars-1",
        "HTTP_PROXY": "http://192.0.2.1:9",
        "http_proxy": "http://192.0.2.1:9",
        "ALL_PROXY": "http://192.0.2.1:9",
        "NO_PROXY": "",
        "INITIAL_NO_AUTH_ACTION_COUNT": "0",
        "MOTO_EC2_LOAD_DEFAULT_AMIS": "true",
        "MOTO_ENABLE_AMI_VALIDATION": "true",
        "TEST_SERVER_MODE": "true",
        "HOME": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **hostile},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.split() == ["8", "123456789012"]
