"""Resources become AWS-shaped documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mute_audit.finding import Location
from mute_audit.inventory import CALLS
from mute_audit.sources.keys import GLOBAL_KEYS
from mute_audit.sources.raw import RawSnapshot
from mute_audit.sources.terraform.arns import arn_of, bucket_name
from mute_audit.sources.terraform.attached import find_vpcs
from mute_audit.sources.terraform.aws_policies import add_known
from mute_audit.sources.terraform.estate import Estate, Item
from mute_audit.sources.terraform.homes import NO_ACCOUNT
from mute_audit.sources.terraform.out import Doc, Home, Out
from mute_audit.sources.terraform.placing import given_cidrs
from mute_audit.sources.terraform.standins import cut
from mute_audit.sources.terraform.table import LATER, TABLE
from mute_audit.sources.terraform.taking_out import take_out
from mute_audit.sources.terraform.to_identity import known_policies
from mute_audit.sources.terraform.to_vpc import default_acls
from mute_audit.sources.terraform.unmodelled import unmodelled
from mute_audit.sources.terraform.values import Ref

__all__ = ["translate"]

# What AWS makes along with a VPC, and the resource that manages it.
_DEFAULTS = {
    "aws_default_security_group": ("vpc_id", ("default_security_group_id",)),
    "aws_default_network_acl": ("default_network_acl_id", ("default_network_acl_id",)),
    "aws_default_route_table": (
        "default_route_table_id",
        ("default_route_table_id", "main_route_table_id"),
    ),
}
_BELONGS = (("subnet_id", "Subnets"), ("vpc_id", "Vpcs"), ("transit_gateway_id", "TransitGateways"))
# Not described by any plan, and not needed for what a plan describes.
_NOT_HELD = frozenset({"Images", "tasks", "Policies"})


def translate(estate: Estate, origin: str, kind: str, out: Out, default: Home) -> RawSnapshot:
    """The snapshot of an estate.

    out     where the documents go; holds what lives already, for a plan that is laid over it
    default where a resource is that does not say it
    """
    default = Home(default.account or out.account or NO_ACCOUNT, default.region)
    _alias_defaults(estate)
    _alias_accepters(estate)
    _take_known_addresses(estate)
    _remove_former(estate, out)
    for name, translator in (*TABLE.items(), *LATER.items()):
        for item in estate.each(name):
            item.home = _home(item, out, default)
            translator(item, out)
    find_vpcs(estate, out)
    _images(estate, out)
    for item in estate.data("aws_iam_policy"):
        item.home = _home(item, out, default)
        known_policies(item, out)
    add_known(out)
    out.notes += unmodelled(estate)
    default_acls(out)
    _name_groups(out)
    _undo_doubtful_standins(estate, out)
    _hold(out, default)
    return RawSnapshot(
        documents=tuple(out.documents(origin, _shaped)),
        gaps=tuple(dict.fromkeys(out.gaps)),
        kind=kind,
        notes=tuple(dict.fromkeys(out.notes)),
        declared=_declared(estate, out),
    )


def _home(item: Item, out: Out, default: Home) -> Home:
    """A resource is where what it belongs to is, if it does not say so itself."""
    account, region = item.home
    if not region:
        for name, key in _BELONGS:
            found = out.home_of(key, item.ref_given(name)) if item.get(name) else Home()
            account, region = account or found.account, region or found.region
    return Home(account or default.account, region or default.region)


def _declared(estate: Estate, out: Out) -> dict[str, Location]:
    """Where each resource is written, by all the ids that findings may have for it."""
    found: dict[str, Location] = {}
    for item in estate.items.values():
        declared = estate.follower.module(item.planned.name.module).resources.get(
            item.planned.name.block
        )
        if declared is None or not declared.file:
            continue
        place = Location(declared.file, declared.line)
        more = (*_other_ids(item), *estate.made.get(item.address, ()))
        for name in filter(None, (item.address, item.id, *more)):
            found[name] = place
    return found


def _other_ids(item: Item) -> Iterator[str]:
    if item.type == "aws_s3_bucket":
        yield from (bucket_name(item), arn_of(item))
    if item.type == "aws_s3_access_point":
        yield arn_of(item)
    if item.type.startswith("aws_iam_") or item.type == "aws_ecr_repository":
        yield from (arn_of(item), item.text("name"))


def _remove_former(estate: Estate, out: Out) -> None:
    """What the plan destroys is not there any more; what it replaces comes back as new."""
    for item in estate.former:
        take_out(item, out)


def _alias_defaults(estate: Estate) -> None:
    for kind, (field, names) in _DEFAULTS.items():
        for item in estate.each(kind):
            value = item.get(field)
            if isinstance(value, Ref) and value.address in estate.items:
                for name in names:
                    estate.aliases[f"{value.address}.{name}"] = item.id


def _alias_accepters(estate: Estate) -> None:
    """The accepter of a connection is that connection at its other end, and routes name either."""
    for kind, field in (
        ("aws_vpc_peering_connection_accepter", "vpc_peering_connection_id"),
        ("aws_ec2_transit_gateway_peering_attachment_accepter", "transit_gateway_attachment_id"),
    ):
        for item in estate.each(kind):
            estate.aliases[item.id] = item.ref(field)


def _take_known_addresses(estate: Estate) -> None:
    """Addresses that are given are not given out again."""
    for item in estate.each("aws_instance", "aws_network_interface", "aws_nat_gateway"):
        for name in ("private_ip", "private_ips"):
            value = item.known(name)
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str) and text:
                    estate.standins.take(estate.cidr_of(item.ref("subnet_id")), text)


def _images(estate: Estate, out: Out) -> None:
    """The images that data sources have looked up; of others only the ids are known."""
    for item in estate.data("aws_ami"):
        name = item.text("image_id") or item.text("id")
        if name:
            doc = {"ImageId": name, "Name": item.text("name"), "OwnerId": item.text("owner_id")}
            out.put("Images", item.home, name, doc)
    out.notes.append("images are known by their ids, so their names were not compared")


def _name_groups(out: Out) -> None:
    """Interfaces and instances carry the names of their groups beside the ids."""
    names = {name: str(doc.get("GroupName", "")) for name, doc in out.each("SecurityGroups")}
    lists = [doc.get("Groups", ()) for _, doc in out.each("NetworkInterfaces")]
    for _, doc in out.each("Reservations"):
        lists += [one.get("SecurityGroups", ()) for one in doc["Instances"]]
    for groups in lists:
        for one in groups:
            if one["GroupId"] in names:
                one["GroupName"] = names[one["GroupId"]]


def _undo_doubtful_standins(estate: Estate, out: Out) -> None:
    """Take back the stand-ins where something that is given tells a subnet's addresses apart."""
    made = estate.standins.made()
    given = {text for text in given_cidrs(out) if text.partition("/")[0] not in made}
    wide = sorted(given - {"0.0.0.0/0"})
    for name, doc in out.each("Subnets"):
        cidr = str(doc.get("CidrBlock", ""))
        if cidr and cut(cidr, wide):
            _forget(name, made, out)


def _forget(subnet: str, made: frozenset[str], out: Out) -> None:
    for name, doc in out.each("NetworkInterfaces"):
        if doc.get("SubnetId") != subnet or doc.get("PrivateIpAddress") not in made:
            continue
        doc["PrivateIpAddress"] = ""
        doc["PrivateIpAddresses"] = [
            one for one in doc["PrivateIpAddresses"] if one["PrivateIpAddress"] not in made
        ]
        out.notes.append(f"the private address of {name} is unknown until apply, and rules differ")


def _hold(out: Out, default: Home) -> None:
    """A plan shows everything that it manages: what it does not show, it does not have."""
    keys = [key for key in CALLS if key not in _NOT_HELD and key not in GLOBAL_KEYS]
    for home in out.homes() or [default]:
        out.hold(home, keys)
    for account in out.accounts():
        home = Home(account)
        out.hold(home, [key for key in GLOBAL_KEYS if key not in _NOT_HELD])
        if out.get("AccountPublicAccessBlocks", account) is None:
            doc = {"AccountId": account, "PublicAccessBlockConfiguration": None}
            out.put("AccountPublicAccessBlocks", home, account, doc)


def _shaped(key: str, docs: list[Doc]) -> list[Any]:
    if key == "NetworkInterfaces":
        return [{k: v for k, v in doc.items() if v not in ("", None)} for doc in docs]
    return docs
