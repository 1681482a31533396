"""The network of a baseline, made through EC2's API."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from mute_audit.intent import resources
from mute_audit.intent.baseline import Baseline
from mute_audit.intent.ports import Ports
from mute_audit.intent.relations import is_cidr
from mute_audit.sources.demo.made import Made, name_tags

__all__ = ["add_acl_entry", "add_route", "build_network", "build_routes", "permission"]

# EC2's numbers for protocols in ACL entries.
_PROTOCOLS = {"all": "-1", "icmp": "1", "tcp": "6", "udp": "17", "icmpv6": "58"}


def build_network(baseline: Baseline, ec2: Any, made: Made) -> None:
    """VPCs, subnets, gateways, route tables, ACLs and groups; their ids go into `made`."""
    _vpcs(baseline, ec2, made)
    _subnets(baseline, ec2, made)
    _gateways(baseline, ec2, made)
    _acls(baseline, ec2, made)
    _groups(baseline, ec2, made)


def _vpcs(baseline: Baseline, ec2: Any, made: Made) -> None:
    for key, vpc in baseline.file.vpcs.items():
        blocks = [cidr for cidr in vpc.cidrs if ip_network(cidr).version == 4]
        answer = ec2.create_vpc(
            CidrBlock=blocks[0] if blocks else "10.0.0.0/16",
            TagSpecifications=name_tags("vpc", key, vpc),
        )
        made.put("vpcs", key, answer["Vpc"]["VpcId"])
        for block in blocks[1:]:
            ec2.associate_vpc_cidr_block(VpcId=made.id("vpcs", key), CidrBlock=block)


def _subnets(baseline: Baseline, ec2: Any, made: Made) -> None:
    for key, subnet in baseline.file.subnets.items():
        answer = ec2.create_subnet(
            VpcId=made.id("vpcs", baseline.vpc_of(subnet)),
            CidrBlock=subnet.cidr,
            TagSpecifications=name_tags("subnet", key, subnet),
            **({"AvailabilityZone": subnet.zone} if subnet.zone else {}),
        )
        made.put("subnets", key, answer["Subnet"]["SubnetId"])
        if subnet.public_addresses:
            ec2.modify_subnet_attribute(
                SubnetId=made.id("subnets", key), MapPublicIpOnLaunch={"Value": True}
            )


def _gateways(baseline: Baseline, ec2: Any, made: Made) -> None:
    for key, gateway in baseline.file.internet_gateways.items():
        answer = ec2.create_internet_gateway(
            TagSpecifications=name_tags("internet-gateway", key, gateway)
        )
        made.put("internet_gateways", key, answer["InternetGateway"]["InternetGatewayId"])
        ec2.attach_internet_gateway(
            InternetGatewayId=made.id("internet_gateways", key),
            VpcId=made.id("vpcs", baseline.vpc_of(gateway)),
        )
    for key, nat in baseline.file.nat_gateways.items():
        address = {}
        if nat.connectivity == "public":
            allocated = ec2.allocate_address(
                Domain="vpc", TagSpecifications=name_tags("elastic-ip", key, nat)
            )
            address = {"AllocationId": allocated["AllocationId"]}
        answer = ec2.create_nat_gateway(
            SubnetId=made.id("subnets", nat.subnet),
            ConnectivityType=nat.connectivity,
            TagSpecifications=name_tags("natgateway", key, nat),
            **address,
        )
        made.put("nat_gateways", key, answer["NatGateway"]["NatGatewayId"])


def build_routes(baseline: Baseline, ec2: Any, made: Made) -> None:
    """Route tables, after the gateways and instances that they lead to."""
    for key, table in baseline.file.route_tables.items():
        vpc = made.id("vpcs", baseline.vpc_of(table))
        answer = ec2.create_route_table(
            VpcId=vpc, TagSpecifications=name_tags("route-table", key, table)
        )
        name = answer["RouteTable"]["RouteTableId"]
        made.put("route_tables", key, name)
        for subnet in table.subnets:
            ec2.associate_route_table(RouteTableId=name, SubnetId=made.id("subnets", subnet))
        for destination, target in table.routes.items():
            add_route(ec2, name, destination, made.target(target))
        if table.main:
            _make_main(ec2, vpc, name)


def add_route(ec2: Any, table: str, destination: str, target: dict[str, str]) -> None:
    """One route; `target` is the parameter of CreateRoute that names the target."""
    if destination.startswith("pl-"):
        where = {"DestinationPrefixListId": destination}
    elif ip_network(destination).version == 6:
        where = {"DestinationIpv6CidrBlock": destination}
    else:
        where = {"DestinationCidrBlock": destination}
    ec2.create_route(RouteTableId=table, **where, **target)


def _make_main(ec2: Any, vpc: str, table: str) -> None:
    tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    before, association = next(
        (item["RouteTableId"], link["RouteTableAssociationId"])
        for item in tables["RouteTables"]
        for link in item["Associations"]
        if link.get("Main")
    )
    ec2.replace_route_table_association(AssociationId=association, RouteTableId=table)
    # The one that AWS made is an ordinary table now, which no baseline knows of.
    ec2.delete_route_table(RouteTableId=before)


def _acls(baseline: Baseline, ec2: Any, made: Made) -> None:
    for key, acl in baseline.file.network_acls.items():
        vpc = made.id("vpcs", baseline.vpc_of(acl))
        found = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
        default = next(item for item in found["NetworkAcls"] if item["IsDefault"])
        if acl.default:
            name = default["NetworkAclId"]
            there = {(item["Egress"], item["RuleNumber"]) for item in default["Entries"]}
            for egress, number in sorted(there):
                if number <= 32766:
                    ec2.delete_network_acl_entry(
                        NetworkAclId=name, Egress=egress, RuleNumber=number
                    )
        else:
            answer = ec2.create_network_acl(
                VpcId=vpc, TagSpecifications=name_tags("network-acl", key, acl)
            )
            name = answer["NetworkAcl"]["NetworkAclId"]
        made.put("network_acls", key, name)
        for egress, entries in ((False, acl.ingress), (True, acl.egress)):
            for entry in entries:
                add_acl_entry(ec2, name, entry, egress)
        if not acl.default:
            _move_subnets(ec2, found["NetworkAcls"], name, made, acl)


def _move_subnets(
    ec2: Any, acls: list[dict[str, Any]], name: str, made: Made, acl: resources.NetworkAcl
) -> None:
    wanted = {made.id("subnets", subnet) for subnet in acl.subnets}
    for item in acls:
        for association in item["Associations"]:
            if association["SubnetId"] in wanted:
                ec2.replace_network_acl_association(
                    AssociationId=association["NetworkAclAssociationId"], NetworkAclId=name
                )


def add_acl_entry(ec2: Any, acl: str, entry: resources.AclEntry, egress: bool) -> None:
    """One numbered entry of an ACL."""
    ports = Ports.parse(entry.ports[0])
    protocol = _PROTOCOLS.get(ports.protocol, ports.protocol)
    _, first, last = ports.for_aws()
    detail: dict[str, Any] = {}
    if protocol in ("1", "58"):
        detail["IcmpTypeCode"] = {"Type": first, "Code": last}
    elif protocol in ("6", "17"):
        detail["PortRange"] = {"From": first, "To": last}
    family = "Ipv6CidrBlock" if ip_network(entry.cidr).version == 6 else "CidrBlock"
    detail[family] = entry.cidr
    ec2.create_network_acl_entry(
        NetworkAclId=acl,
        RuleNumber=entry.rule,
        RuleAction=entry.action,
        Egress=egress,
        Protocol=protocol,
        **detail,
    )


def _groups(baseline: Baseline, ec2: Any, made: Made) -> None:
    groups = baseline.file.security_groups
    for key, group in groups.items():
        answer = ec2.create_security_group(
            GroupName=group.name or key,
            Description=f"{group.name or key} of the baseline",
            VpcId=made.id("vpcs", baseline.vpc_of(group)),
            TagSpecifications=name_tags("security-group", key, group),
        )
        made.put("security_groups", key, answer["GroupId"])
        # AWS gives every new group this rule; the baseline says whether it is meant.
        ec2.revoke_security_group_egress(
            GroupId=answer["GroupId"], IpPermissions=[permission("all", "0.0.0.0/0")]
        )
    for key, group in groups.items():
        name = made.id("security_groups", key)
        into = [
            permission(ports, made.peer(source))
            for rule in group.ingress
            for ports in rule.ports
            for source in rule.sources
        ]
        out = [
            permission(ports, made.peer(destination))
            for rule in group.egress
            for ports in rule.ports
            for destination in rule.destinations
        ]
        if into:
            ec2.authorize_security_group_ingress(GroupId=name, IpPermissions=into)
        if out:
            ec2.authorize_security_group_egress(GroupId=name, IpPermissions=out)


def permission(ports: str, peer: str) -> dict[str, Any]:
    """EC2's IpPermission for one kind of traffic and one CIDR, group or prefix list."""
    protocol, first, last = Ports.parse(ports).for_aws()
    made: dict[str, Any] = {"IpProtocol": protocol}
    if first is not None:
        made |= {"FromPort": first, "ToPort": last}
    if is_cidr(peer):
        if ip_network(peer).version == 6:
            return made | {"Ipv6Ranges": [{"CidrIpv6": peer}]}
        return made | {"IpRanges": [{"CidrIp": peer}]}
    if peer.startswith("pl-"):
        return made | {"PrefixListIds": [{"PrefixListId": peer}]}
    return made | {"UserIdGroupPairs": [{"GroupId": peer}]}
