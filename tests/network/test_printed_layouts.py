"""The same estate in every form in which people save what `aws` prints."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asking import NO, YES, Asked
from printed import ANYWHERE, Folder, Host, Thing
from printed_balancers import Balancer
from printed_transit import Transit

OUT = "internet:8.8.8.8"


class Made:
    """A public balancer before a private host, and a transit gateway to a second VPC."""

    def __init__(self, path: Path) -> None:
        self.folder = Folder(path)
        region = self.folder.region("111111111111", "us-east-1")
        vpc = region.vpc("shop", "10.0.0.0/16")
        self.igw: Thing = vpc.internet_gateway()
        gateway = Transit("hub", region)
        front = vpc.group("front", [("tcp/443", ANYWHERE)])
        back = vpc.group("back", [("tcp/8080", front)])
        public = vpc.subnet("public", "10.0.0.0/24", {ANYWHERE: self.igw})
        private = vpc.subnet("private", "10.0.1.0/24", {"10.9.0.0/16": gateway})
        self.web: Host = private.instance("web", "10.0.1.10", [back])
        self.alb = Balancer(
            vpc, "shop", "application", {"10.0.0.50": public}, [front], {"10.0.0.50": "3.1.0.50"}
        )
        self.alb.listen(443, {self.web.id: 8080}, "HTTPS")
        far = region.vpc("far", "10.9.0.0/16")
        there = far.subnet("far", "10.9.1.0/24", {"10.0.0.0/16": gateway})
        self.far: Host = there.instance("far", "10.9.1.10")
        table = gateway.table("all")
        table.propagate(gateway.attach(vpc, private, table=table))
        table.add("10.9.0.0/16", gateway.attach(far, there, table=table))
        region.block_public_access("off")
        self.items = region.items
        self.into = path / "accounts" / "111111111111" / "us-east-1"

    def holds(self, path: Path | None = None, *, region: bool = True) -> None:
        """Nothing of the estate was lost on the way."""
        asked = Asked(path or self.folder.path)
        if region:
            assert {(r.account, r.region) for r in asked.inventory.regions} == {
                ("111111111111", "us-east-1")
            }
        assert asked.inventory.gaps == ()
        asked.expect(OUT, self.alb, "tcp/443", YES, [self.igw, self.alb, self.web])
        asked.expect(OUT, self.alb, "tcp/80", NO, [self.igw, self.alb], "security-group")
        asked.expect(self.web, self.far, "tcp/22", YES, [self.web, self.far])


@pytest.fixture
def made(tmp_path: Path) -> Made:
    found = Made(tmp_path / "snapshot")
    found.folder.write()
    return found


def test_account_and_region_folders(made: Made) -> None:
    made.holds()


def test_a_flat_folder(made: Made) -> None:
    """Account and Region are read off the data."""
    made.holds(made.into)


def test_a_folder_of_region_folders(made: Made) -> None:
    made.holds(made.into.parent)


def test_a_folder_of_account_folders(made: Made) -> None:
    made.holds(made.into.parent.parent)


def test_a_folder_that_holds_nothing_but_the_snapshot(made: Made, tmp_path: Path) -> None:
    outer = tmp_path / "outer" / "aws_configs"
    outer.parent.mkdir()
    shutil.move(made.folder.path, outer)
    (outer.parent / "README.md").write_text("what this is")
    made.holds(outer.parent)


def test_one_file_with_everything(made: Made, tmp_path: Path) -> None:
    one = tmp_path / "one"
    one.mkdir()
    (one / "everything.json").write_text(json.dumps(made.items))
    made.holds(one)


@pytest.mark.parametrize(
    "beside",
    [
        {"ResponseMetadata": {"RequestId": "8c2b", "HTTPStatusCode": 200, "RetryAttempts": 0}},
        {"NextToken": None},
        {"NextToken": ""},
        {"NextMarker": None, "Marker": ""},
        {"SomethingNew": [{"Id": 1}], "Count": 3},
    ],
)
def test_keys_beside_the_description(made: Made, beside: dict[str, Any]) -> None:
    made.folder.write(**beside)
    made.holds()


def test_pages_in_files_of_their_own(made: Made) -> None:
    """The first page announces the second, which has what is left."""
    for key in ("Subnets", "NetworkInterfaces", "SecurityGroups", "Reservations"):
        items = made.items[key]
        (file,) = (f for f in made.into.iterdir() if key in json.loads(f.read_text()))
        file.write_text(json.dumps({key: items[:1], "NextToken": "eyJ2IjoiMiJ9"}))
        (made.into / f"{key}-2.json").write_text(json.dumps({key: items[1:]}))
    made.holds()


def _with_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_nulls(item) for key, item in value.items()} | {"Operator": None}
    if isinstance(value, list):
        return [_with_nulls(item) for item in value]
    return value


def _nulled(items: dict[str, Any]) -> dict[str, Any]:
    """Absent values as null, where another tool has written them."""
    found = json.loads(json.dumps(items))
    for eni in found["NetworkInterfaces"]:
        eni.setdefault("Association", None)
        eni.setdefault("Attachment", None)
        eni["Ipv6Prefixes"] = None
        eni["TagSet"] = None
    for table in found["RouteTables"]:
        for one in table["Routes"]:
            one |= {
                key: one.get(key)
                for key in (
                    "GatewayId",
                    "InstanceId",
                    "NatGatewayId",
                    "TransitGatewayId",
                    "DestinationIpv6CidrBlock",
                    "DestinationPrefixListId",
                )
            }
        for one in table["Associations"]:
            one |= {"SubnetId": one.get("SubnetId"), "GatewayId": None}
    for group in found["SecurityGroups"]:
        for rule in group["IpPermissions"] + group["IpPermissionsEgress"]:
            rule |= {"FromPort": rule.get("FromPort"), "ToPort": rule.get("ToPort")}
            rule["PrefixListIds"] = None
    for acl in found["NetworkAcls"]:
        for entry in acl["Entries"]:
            entry |= {"PortRange": None, "IcmpTypeCode": None, "Ipv6CidrBlock": None}
    for subnet in found["Subnets"]:
        subnet |= {"Ipv6CidrBlockAssociationSet": None, "Tags": None, "OutpostArn": None}
    return _with_nulls(found)  # type: ignore[no-any-return]


def _bare(items: dict[str, Any]) -> dict[str, Any]:
    """Only what AWS cannot leave out: no tags, no empty lists, no descriptions."""

    def stripped(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: stripped(item)
                for key, item in value.items()
                if key not in ("Tags", "TagSet", "Operator", "SubnetArn") and item not in ([], "")
            }
        return [stripped(item) for item in value] if isinstance(value, list) else value

    return stripped(json.loads(json.dumps(items)))  # type: ignore[no-any-return]


def _unwrapped(items: dict[str, Any]) -> dict[str, Any]:
    """What the calls themselves print, where their answers say whose they are."""
    found = json.loads(json.dumps(items))
    listed = found.pop("LoadBalancerListeners")
    found["Listeners"] = [one for item in listed for one in item["Listeners"]]
    return found  # type: ignore[no-any-return]


def _listed(items: dict[str, Any]) -> dict[str, Any]:
    """The one object of Block Public Access as a list of one."""
    return items | {"VpcBlockPublicAccessOptions": [items["VpcBlockPublicAccessOptions"]]}


@pytest.mark.parametrize("change", [_nulled, _bare, _unwrapped, _listed])
def test_other_forms_of_the_same_answers(
    made: Made, tmp_path: Path, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    into = tmp_path / "changed" / "us-east-1"
    into.mkdir(parents=True)
    for key, value in change(made.items).items():
        (into / f"{key}.json").write_text(json.dumps({key: value}))
    made.holds(into.parent)


def test_wrapped_answers_with_the_owner_beside_them(made: Made) -> None:
    """One file an answer, the id of the table, balancer or target group beside the list."""
    for key, id_, inner in (
        ("TransitGatewayStaticRoutes", "TransitGatewayRouteTableId", "Routes"),
        (
            "TransitGatewayPropagations",
            "TransitGatewayRouteTableId",
            "TransitGatewayRouteTablePropagations",
        ),
        ("LoadBalancerTargetHealth", "TargetGroupArn", "TargetHealthDescriptions"),
        ("LoadBalancerAttributes", "LoadBalancerArn", "Attributes"),
    ):
        (made.into / f"{key}.json").unlink()
        for number, item in enumerate(made.items[key]):
            alone = {id_: item[id_], inner: item[inner]}
            (made.into / f"{key}-{number}.json").write_text(json.dumps(alone))
    made.holds()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_what_powershell_writes(made: Made, encoding: str) -> None:
    for file in made.into.iterdir():
        file.write_text(file.read_text(), encoding=encoding)
    made.holds()


def test_files_without_a_suffix_and_others_beside_them(made: Made) -> None:
    for file in list(made.into.iterdir()):
        file.rename(file.with_suffix("" if file.stem.startswith("d") else ".JSON"))
    (made.into / "notes.txt").write_text("collected by hand")
    (made.into / ".DS_Store").write_bytes(b"\0\1")
    made.holds()


def test_two_accounts_list_what_they_share(tmp_path: Path) -> None:
    """The second account sees the same attachments, with tags of its own."""
    found = Made(tmp_path)
    other = found.folder.region("222222222222", "us-east-1")
    for key in ("TransitGateways", "TransitGatewayVpcAttachments", "TransitGatewayAttachments"):
        other.items[key] = [
            item | {"Tags": [{"Key": "a", "Value": "b"}]} for item in found.items[key]
        ]
    found.folder.write()
    found.holds(region=False)
