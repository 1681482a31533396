"""What resources have put into descriptions of others, taken out of what lives already.

A route, a rule or an attachment has no description of its own: it is a line in that of a table, a
group or a role, which a plan that is laid over an account may only look up. What such a resource
says after apply is put in anew, so what it said before is taken out, whether it stays or goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from mute_audit.address import arn_account
from mute_audit.sources.terraform.former import Former, rule, rules_of
from mute_audit.sources.terraform.out import Doc, Out
from mute_audit.sources.terraform.table import TABLE

__all__ = ["take_out"]

_Values = Mapping[str, Any]
_PEERS = {
    "IpRanges": "CidrIp",
    "Ipv6Ranges": "CidrIpv6",
    "PrefixListIds": "PrefixListId",
    "UserIdGroupPairs": "GroupId",
}
# Ids and ARNs, which AWS gives once.
_ID = re.compile(r"[a-z]+(-[a-z]+)*-[0-9a-f]{8,17}|arn:.+")
_DESTINATIONS = {
    "destination_cidr_block": "DestinationCidrBlock",
    "destination_ipv6_cidr_block": "DestinationIpv6CidrBlock",
    "destination_prefix_list_id": "DestinationPrefixListId",
}


def take_out(former: Former, out: Out) -> None:
    """Take away the description of what is gone, or the lines that a part of one has put in."""
    part = _PARTS.get(former.type)
    if part is not None:
        part(former, out)
    elif former.gone and former.type in TABLE:
        for name in ("id", "arn"):
            text = str(former.values.get(name) or "")
            # A table or a repository may be called like a bucket.
            if _ID.fullmatch(text) or former.type == "aws_s3_bucket":
                _whole(text, out)


def _whole(name: str, out: Out) -> None:
    """A resource, with the interfaces that AWS keeps for it."""
    if not name:
        return
    out.drop_everywhere(name)
    for key, doc in out.each("NetworkInterfaces"):
        attached = (doc.get("Attachment") or {}).get("InstanceId") == name
        words = str(doc.get("Description") or "").split()
        if attached or name in words or any(name.endswith(f":loadbalancer/{w}") for w in words):
            out.drop("NetworkInterfaces", key)


def _without(doc: Doc | None, field: str, unwanted: Callable[[Doc], bool]) -> None:
    if doc is not None:
        doc[field] = [one for one in doc.get(field) or () if not unwanted(one)]


# --- network ------------------------------------------------------------------------------------


def _route(former: Former, out: Out) -> None:
    said = {field: former.values.get(name) for name, field in _DESTINATIONS.items()}
    wanted = {field: value for field, value in said.items() if value}
    doc = out.get("RouteTables", str(former.values.get("route_table_id")))
    if wanted:
        _without(doc, "Routes", lambda one: wanted.items() <= one.items())


def _group_rule(former: Former, out: Out) -> None:
    name = str(former.values.get("security_group_id"))
    doc = out.get("SecurityGroups", name)
    if doc is None:
        return
    for egress, said in rules_of(name, [(former.type, former.values)]).items():
        field = "IpPermissionsEgress" if egress else "IpPermissions"
        for made in doc.get(field) or () if said else ():
            ports = made.get("FromPort"), made.get("ToPort")
            for listed, peer in _PEERS.items():
                made[listed] = [
                    one
                    for one in made.get(listed) or ()
                    if rule(str(made.get("IpProtocol")), *ports, one.get(peer)) not in said
                ]
        _without(doc, field, lambda made: not any(made.get(listed) for listed in _PEERS))
    out.drop("SecurityGroupRules", str(former.values.get("security_group_rule_id") or ""))
    out.drop("SecurityGroupRules", str(former.values.get("id") or ""))


def _acl_rule(former: Former, out: Out) -> None:
    values = former.values
    wanted = values.get("egress") is True, values.get("rule_number")
    six = bool(values.get("ipv6_cidr_block"))
    _without(
        out.get("NetworkAcls", str(values.get("network_acl_id"))),
        "Entries",
        lambda one: (
            (one.get("Egress"), one.get("RuleNumber")) == wanted and ("Ipv6CidrBlock" in one) is six
        ),
    )


def _table_association(former: Former, out: Out) -> None:
    subnet = str(former.values.get("subnet_id") or "")
    gateway = str(former.values.get("gateway_id") or "")
    doc = out.get("RouteTables", str(former.values.get("route_table_id")))
    _without(
        doc,
        "Associations",
        lambda one: (
            not one.get("Main")
            and (one.get("SubnetId", ""), one.get("GatewayId", "")) == (subnet, gateway)
        ),
    )
    if out.marks.get(("table", subnet, gateway)) is doc:
        out.marks.pop(("table", subnet, gateway), None)


def _acl_association(former: Former, out: Out) -> None:
    subnet = str(former.values.get("subnet_id") or "")
    doc = out.get("NetworkAcls", str(former.values.get("network_acl_id")))
    _without(doc, "Associations", lambda one: one.get("SubnetId") == subnet)
    if out.marks.get(("acl", subnet)) is doc:
        out.marks.pop(("acl", subnet), None)


def _attached_to(key: str, owner: str, field: str) -> Callable[[Former, Out], None]:
    """Of a gateway: the VPC that it is attached to."""

    def part(former: Former, out: Out) -> None:
        vpc = former.values.get("vpc_id")
        doc = out.get(key, str(former.values.get(owner)))
        _without(doc, field, lambda one: one.get("VpcId") == vpc)

    return part


def _interface_group(former: Former, out: Out) -> None:
    group = former.values.get("security_group_id")
    doc = out.get("NetworkInterfaces", str(former.values.get("network_interface_id")))
    _without(doc, "Groups", lambda one: one.get("GroupId") == group)


def _interface_attachment(former: Former, out: Out) -> None:
    doc = out.get("NetworkInterfaces", str(former.values.get("network_interface_id")))
    if doc is not None:
        doc.pop("Attachment", None)
        doc["Status"] = "available"


def _eip_association(former: Former, out: Out) -> None:
    allocation = former.values.get("allocation_id")
    for _, doc in out.each("NetworkInterfaces"):
        for one in (doc, *(doc.get("PrivateIpAddresses") or ())):
            if (one.get("Association") or {}).get("AllocationId") == allocation:
                del one["Association"]


def _eip(former: Former, out: Out) -> None:
    """The addresses of one that stays are put in anew; of one that goes they are gone."""
    allocation = {"allocation_id": former.values.get("id")}
    _eip_association(Former("aws_eip_association", allocation, former.gone, former.ended), out)
    if former.gone:
        out.drop("Addresses", str(former.values.get("id")))


def _list_entry(former: Former, out: Out) -> None:
    cidr = former.values.get("cidr")
    doc = out.get("PrefixListEntries", str(former.values.get("prefix_list_id")))
    _without(doc, "Entries", lambda one: one.get("Cidr") == cidr)


def _endpoint_table(former: Former, out: Out) -> None:
    endpoint = former.values.get("vpc_endpoint_id")
    table = former.values.get("route_table_id")
    doc = out.get("RouteTables", str(table))
    _without(doc, "Routes", lambda one: one.get("GatewayId") == endpoint)
    held = out.get("VpcEndpoints", str(endpoint))
    if held is not None:
        held["RouteTableIds"] = [one for one in held.get("RouteTableIds") or () if one != table]


def _transit_route(former: Former, out: Out) -> None:
    cidr = former.values.get("destination_cidr_block")
    name = str(former.values.get("transit_gateway_route_table_id"))
    doc = out.get("TransitGatewayStaticRoutes", name)
    _without(doc, "Routes", lambda one: one.get("DestinationCidrBlock") == cidr)


def _transit_association(former: Former, out: Out) -> None:
    name = str(former.values.get("transit_gateway_attachment_id"))
    doc = out.get("TransitGatewayAttachments", name)
    if doc is not None:
        doc.pop("Association", None)


def _transit_propagation(former: Former, out: Out) -> None:
    attachment = former.values.get("transit_gateway_attachment_id")
    name = str(former.values.get("transit_gateway_route_table_id"))
    _without(
        out.get("TransitGatewayPropagations", name),
        "TransitGatewayRouteTablePropagations",
        lambda one: one.get("TransitGatewayAttachmentId") == attachment,
    )


# --- balancers ----------------------------------------------------------------------------------


def _target(former: Former, out: Out) -> None:
    values = former.values
    doc = out.get("LoadBalancerTargetHealth", str(values.get("target_group_arn")))
    _without(
        doc,
        "TargetHealthDescriptions",
        lambda one: (
            one["Target"].get("Id") == values.get("target_id")
            and values.get("port") in (None, one["Target"].get("Port"))
        ),
    )


def _listener(former: Former, out: Out) -> None:
    arn = former.values.get("arn")
    doc = out.get("LoadBalancerListeners", str(former.values.get("load_balancer_arn")))
    _without(doc, "Listeners", lambda one: one.get("ListenerArn") == arn)
    if former.gone:
        out.drop("ListenerRules", str(arn))


def _listener_rule(former: Former, out: Out) -> None:
    arn = former.values.get("arn")
    doc = out.get("ListenerRules", str(former.values.get("listener_arn")))
    _without(doc, "Rules", lambda one: one.get("RuleArn") == arn)


# --- access -------------------------------------------------------------------------------------


def _of_bucket(key: str, field: str) -> Callable[[Former, Out], None]:
    """What a bucket has one of: with the resource it goes, and the bucket stays."""

    def part(former: Former, out: Out) -> None:
        doc = out.get(key, str(former.values.get("bucket"))) if former.ended else None
        if doc is not None:
            doc[field] = None

    return part


def _of_identity(field: str, entry: str, name: str) -> Callable[[Former, Out], None]:
    """A line in the description of a user, group or role; `{}` stands for which."""

    def part(former: Former, out: Out) -> None:
        wanted = former.values.get(name)
        for kind in ("user", "group", "role"):
            owner = former.values.get(kind)
            for _, doc in out.each(f"{kind.title()}DetailList"):
                if owner and doc.get(f"{kind.title()}Name") == owner:
                    _without(doc, field.format(kind.title()), lambda one: one.get(entry) == wanted)

    return part


def _memberships(former: Former, out: Out) -> None:
    values = former.values
    groups = set(values.get("groups") or [values.get("group")])
    users = set(values.get("users") or [values.get("user")])
    for _, doc in out.each("UserDetailList"):
        if doc.get("UserName") in users:
            doc["GroupList"] = [one for one in doc.get("GroupList") or () if one not in groups]


def _attached_to_many(former: Former, out: Out) -> None:
    arn = former.values.get("policy_arn")
    for kind in ("user", "group", "role"):
        names = set(former.values.get(f"{kind}s") or ())
        for _, doc in out.each(f"{kind.title()}DetailList"):
            if doc.get(f"{kind.title()}Name") in names:
                _without(doc, "AttachedManagedPolicies", lambda one: one.get("PolicyArn") == arn)


def _access_key(former: Former, out: Out) -> None:
    name = former.values.get("id")
    for _, doc in out.each("AccessKeys"):
        _without(doc, "AccessKeyMetadata", lambda one: one.get("AccessKeyId") == name)


def _login_profile(former: Former, out: Out) -> None:
    for _, doc in out.each("LoginProfiles"):
        if former.ended and doc.get("UserName") == former.values.get("user"):
            doc["LoginProfile"] = None


def _stays(former: Former, out: Out) -> None:
    """S3 keeps an ACL whose resource is taken away as it was."""


def _identity(former: Former, out: Out) -> None:
    """A user, group or role; names are unique in an account only."""
    name = str(former.values.get("name"))
    owner = f"{arn_account(str(former.values.get('arn') or ''))}:{name}"
    if former.gone:
        out.drop_everywhere(owner)


def _repository_policy(former: Former, out: Out) -> None:
    for _, doc in out.each("RepositoryPolicies"):
        if former.ended and doc.get("repositoryName") == former.values.get("repository"):
            doc["policyText"] = None


def _point_policy(former: Former, out: Out) -> None:
    doc = out.get("AccessPointPolicies", str(former.values.get("access_point_arn")))
    if doc is not None and former.ended:
        doc["Policy"] = None


_INLINE = _of_identity("{}PolicyList", "PolicyName", "name")
_ATTACHED = _of_identity("AttachedManagedPolicies", "PolicyArn", "policy_arn")
_PARTS: dict[str, Callable[[Former, Out], None]] = {
    "aws_alb_listener": _listener,
    "aws_alb_listener_rule": _listener_rule,
    "aws_alb_target_group_attachment": _target,
    "aws_ec2_managed_prefix_list_entry": _list_entry,
    "aws_ec2_transit_gateway_route": _transit_route,
    "aws_ec2_transit_gateway_route_table_association": _transit_association,
    "aws_ec2_transit_gateway_route_table_propagation": _transit_propagation,
    "aws_ecr_repository_policy": _repository_policy,
    "aws_eip": _eip,
    "aws_eip_association": _eip_association,
    "aws_iam_access_key": _access_key,
    "aws_iam_group": _identity,
    "aws_iam_group_membership": _memberships,
    "aws_iam_group_policy": _INLINE,
    "aws_iam_group_policy_attachment": _ATTACHED,
    "aws_iam_policy_attachment": _attached_to_many,
    "aws_iam_role": _identity,
    "aws_iam_role_policy": _INLINE,
    "aws_iam_role_policy_attachment": _ATTACHED,
    "aws_iam_user": _identity,
    "aws_iam_user_group_membership": _memberships,
    "aws_iam_user_login_profile": _login_profile,
    "aws_iam_user_policy": _INLINE,
    "aws_iam_user_policy_attachment": _ATTACHED,
    "aws_internet_gateway_attachment": _attached_to(
        "InternetGateways", "internet_gateway_id", "Attachments"
    ),
    "aws_lb_listener": _listener,
    "aws_lb_listener_rule": _listener_rule,
    "aws_lb_target_group_attachment": _target,
    "aws_network_acl_association": _acl_association,
    "aws_network_acl_rule": _acl_rule,
    "aws_network_interface_attachment": _interface_attachment,
    "aws_network_interface_sg_attachment": _interface_group,
    "aws_route": _route,
    "aws_route_table_association": _table_association,
    "aws_s3_bucket_acl": _stays,
    "aws_s3_bucket_ownership_controls": _of_bucket("BucketOwnershipControls", "OwnershipControls"),
    "aws_s3_bucket_policy": _of_bucket("BucketPolicies", "Policy"),
    "aws_s3_bucket_public_access_block": _of_bucket(
        "BucketPublicAccessBlocks", "PublicAccessBlockConfiguration"
    ),
    "aws_s3control_access_point_policy": _point_policy,
    "aws_security_group_rule": _group_rule,
    "aws_vpc_endpoint_route_table_association": _endpoint_table,
    "aws_vpc_security_group_egress_rule": _group_rule,
    "aws_vpc_security_group_ingress_rule": _group_rule,
    "aws_vpn_gateway_attachment": _attached_to("VpnGateways", "vpn_gateway_id", "VpcAttachments"),
}
