"""The two baselines: every pair of interfaces asked one after the other.

`Plain` is what one writes first: `ipaddress` objects and loops. `Tuned` is the same with
everything turned into integers beforehand, routes and ACLs remembered for each pair of
subnets, and rules for each set of groups. Both know only what `big_estate` uses: local routes,
peering, one transit gateway, ACLs, groups with CIDRs and references inside a VPC. Both answer
for a list of (protocol, port), the answer of TCP connections included.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Any

Json = dict[str, Any]
Header = tuple[int, int]

NUMBERS = {"tcp": 6, "udp": 17, "icmp": 1, "-1": -1}


class Plain:
    """A pair loop on `ipaddress`."""

    def __init__(self, documents: dict[str, list[Json]]) -> None:
        self.subnets = {item["SubnetId"]: item for item in documents["Subnets"]}
        self.vpcs = {item["VpcId"]: item for item in documents["Vpcs"]}
        self.groups = {item["GroupId"]: item for item in documents["SecurityGroups"]}
        self.interfaces = documents["NetworkInterfaces"]
        self.peerings = {
            item["VpcPeeringConnectionId"]: item
            for item in documents.get("VpcPeeringConnections", [])
        }
        self.tables: dict[str, Json] = {}
        for table in documents["RouteTables"]:
            for association in table["Associations"]:
                self.tables[association["SubnetId"]] = table
        self.acls: dict[str, Json] = {}
        for acl in documents["NetworkAcls"]:
            for association in acl.get("Associations", []):
                self.acls[association["SubnetId"]] = acl
        self.default_acls = {a["VpcId"]: a for a in documents["NetworkAcls"] if a["IsDefault"]}
        self.attached = {
            item["ResourceId"]: item["Association"]["TransitGatewayRouteTableId"]
            for item in documents["TransitGatewayAttachments"]
        }
        self.spread = {
            item["TransitGatewayRouteTableId"]: {
                p["ResourceId"] for p in item["TransitGatewayRouteTablePropagations"]
            }
            for item in documents["TransitGatewayPropagations"]
        }
        self.zones = {
            item["VpcId"]: {self.subnets[s]["AvailabilityZone"] for s in item["SubnetIds"]}
            for item in documents["TransitGatewayVpcAttachments"]
        }

    def reaches(self, source: Json, target: Json, header: Header) -> bool:
        """Whether a packet, and for TCP its answer, gets from one interface to another."""
        if source is target:
            return False
        a, b = source["PrivateIpAddress"], target["PrivateIpAddress"]
        if not self.lets(source, target, b, header, "IpPermissionsEgress"):
            return False
        if not self.lets(target, source, a, header, "IpPermissions"):
            return False
        if source["SubnetId"] == target["SubnetId"]:
            return True
        if not self.carried(source, target, a, b, header):
            return False
        if header[0] != 6:
            return True
        return any(self.carried(target, source, b, a, (6, port)) for port in (1024, 40000, 65535))

    def lets(self, mine: Json, other: Json, address: str, header: Header, key: str) -> bool:
        """Whether any rule of an interface's groups matches."""
        peer = ipaddress.ip_address(address)
        near = mine["VpcId"] == other["VpcId"]
        theirs = {group["GroupId"] for group in other["Groups"]} if near else set()
        for group in mine["Groups"]:
            for rule in self.groups[group["GroupId"]][key]:
                number = NUMBERS[rule["IpProtocol"]]
                if number != -1 and (
                    number != header[0] or not rule["FromPort"] <= header[1] <= rule["ToPort"]
                ):
                    continue
                for item in rule.get("IpRanges", []):
                    if peer in ipaddress.ip_network(item["CidrIp"]):
                        return True
                for item in rule.get("UserIdGroupPairs", []):
                    if item["GroupId"] in theirs:
                        return True
        return False

    def carried(self, source: Json, target: Json, a: str, b: str, header: Header) -> bool:
        """Out of one subnet, by its table, into another."""
        out_of, into = source["SubnetId"], target["SubnetId"]
        if not self.passes(out_of, b, header, egress=True):
            return False
        if not self.passes(into, a, header, egress=False):
            return False
        here, there = source["VpcId"], target["VpcId"]
        goal = ipaddress.ip_address(b)
        fitting = [
            (ipaddress.ip_network(route["DestinationCidrBlock"]).prefixlen, route)
            for route in self.tables[out_of]["Routes"]
            if goal in ipaddress.ip_network(route["DestinationCidrBlock"])
        ]
        route = max(fitting, key=lambda item: item[0])[1]
        if route.get("GatewayId") == "local":
            return here == there
        if "VpcPeeringConnectionId" in route:
            item = self.peerings[route["VpcPeeringConnectionId"]]
            ends = {item["RequesterVpcInfo"]["VpcId"], item["AccepterVpcInfo"]["VpcId"]}
            return ends == {here, there}
        if "TransitGatewayId" in route:
            if self.subnets[out_of]["AvailabilityZone"] not in self.zones[here]:
                return False
            return there in self.spread[self.attached[here]]
        return False

    def passes(self, subnet: str, address: str, header: Header, *, egress: bool) -> bool:
        """The first entry of the subnet's ACL that matches."""
        acl = self.acls.get(subnet) or self.default_acls[self.subnets[subnet]["VpcId"]]
        peer = ipaddress.ip_address(address)
        for entry in sorted(acl["Entries"], key=lambda item: item["RuleNumber"]):
            if entry["Egress"] is not egress or peer not in ipaddress.ip_network(
                entry["CidrBlock"]
            ):
                continue
            number = int(entry["Protocol"])
            ports = entry.get("PortRange")
            if number in (-1, header[0]) and (
                ports is None or ports["From"] <= header[1] <= ports["To"]
            ):
                return bool(entry["RuleAction"] == "allow")
        return False


class Tuned(Plain):
    """The same loop on integers, with everything remembered that can be."""

    def __init__(self, documents: dict[str, list[Json]], headers: list[Header]) -> None:
        super().__init__(documents)
        self.headers = headers
        self.hosts = [
            (
                int(ipaddress.ip_address(item["PrivateIpAddress"])),
                frozenset(group["GroupId"] for group in item["Groups"]),
                item["SubnetId"],
                item["VpcId"],
                item,
            )
            for item in self.interfaces
        ]
        self.rules: dict[tuple[frozenset[str], str], list[list[tuple[int, int]]]] = {}
        self.names: dict[tuple[frozenset[str], str], list[frozenset[str]]] = {}
        for key in ("IpPermissions", "IpPermissionsEgress"):
            for _, groups, _, _, _ in self.hosts:
                if (groups, key) not in self.rules:
                    self._compile(groups, key)
        self.ways = lru_cache(maxsize=None)(self._ways)

    def _compile(self, groups: frozenset[str], key: str) -> None:
        """For each header: (mask, network) of every CIDR, and all groups that are referred to."""
        nets: list[list[tuple[int, int]]] = []
        names: list[frozenset[str]] = []
        for protocol, port in self.headers:
            mine: list[tuple[int, int]] = []
            refer: set[str] = set()
            for group in groups:
                for rule in self.groups[group][key]:
                    number = NUMBERS[rule["IpProtocol"]]
                    if number == -1 or (
                        number == protocol and rule["FromPort"] <= port <= rule["ToPort"]
                    ):
                        for item in rule.get("IpRanges", []):
                            net = ipaddress.ip_network(item["CidrIp"])
                            mine.append((int(net.netmask), int(net.network_address)))
                        refer |= {item["GroupId"] for item in rule.get("UserIdGroupPairs", [])}
            nets.append(mine)
            names.append(frozenset(refer))
        self.rules[groups, key], self.names[groups, key] = nets, names

    def _ways(self, source: str, target: str) -> tuple[bool, ...]:
        """By header, whether the way between two subnets is open (ACLs name whole VPCs)."""
        one = next(item for _, _, name, _, item in self.hosts if name == source)
        two = next(item for _, _, name, _, item in self.hosts if name == target)
        a, b = one["PrivateIpAddress"], two["PrivateIpAddress"]
        found = []
        for header in self.headers:
            good = source == target or self.carried(one, two, a, b, header)
            if good and source != target and header[0] == 6:
                ports = (1024, 40000, 65535)
                good = any(self.carried(two, one, b, a, (6, port)) for port in ports)
            found.append(good)
        return tuple(found)

    def count(self, sources: range | None = None) -> int:
        """How many (pair, header) get through, of all pairs or of those of some sources."""
        total = 0
        rules, names = self.rules, self.names
        indexes = range(len(self.headers))
        for index in sources if sources is not None else range(len(self.hosts)):
            a, groups_a, subnet_a, vpc_a, _ = self.hosts[index]
            nets_out, names_out = (
                rules[groups_a, "IpPermissionsEgress"],
                names[groups_a, "IpPermissionsEgress"],
            )
            for other, (b, groups_b, subnet_b, vpc_b, _) in enumerate(self.hosts):
                if other == index:
                    continue
                ways = self.ways(subnet_a, subnet_b)
                nets_in = rules[groups_b, "IpPermissions"]
                names_in = names[groups_b, "IpPermissions"]
                near = vpc_a == vpc_b
                for h in indexes:
                    if not ways[h]:
                        continue
                    if not (near and names_in[h] & groups_a):
                        for mask, net in nets_in[h]:
                            if a & mask == net:
                                break
                        else:
                            continue
                    if near and names_out[h] & groups_b:
                        total += 1
                        continue
                    for mask, net in nets_out[h]:
                        if b & mask == net:
                            total += 1
                            break
        return total
