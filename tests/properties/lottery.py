"""Random small estates with every feature of the network model, from a seed.

An estate has one to three VPCs in one or two accounts and a handful of interfaces; gateways,
routes, filters and load balancers between them are drawn by lot. Many of them make no sense:
both engines have to say the same of them all the same. Nothing is withheld.
"""

from __future__ import annotations

import random
from typing import Any

from estate import Estate, Handle, Host, Json, Subnet, Table, Transit, TransitTable, Vpc

from mute_audit.inventory import Inventory

__all__ = ["Lottery", "Neighbours"]

PORTS = ("tcp/22", "tcp/80", "tcp/443", "tcp/8000-8100", "udp/53", "icmp/8/0", "icmp", "47", "all")
PRIVATE = ("10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16")
ON_PREMISES = ("172.20.0.0/16", "172.21.0.0/16")
SIX = "2600:1f00:0:{}00::/56"
BUCKETS = "52.95.110.0/24"


class Lottery:
    """One estate. `hosts` are its interfaces' JSON, `arns` what has no interface described."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.main = Estate()
        self.other = Estate(
            account="222222222222", region=self.rng.choice(["eu-west-1", "us-east-1"])
        )
        self.vpcs: list[Vpc] = []
        self.subnets: list[Subnet] = []
        self.tables: list[Table] = []
        self.groups: dict[str, list[Any]] = {}
        self.hosts: list[Host] = []
        self.gateways: dict[str, list[Any]] = {}
        self.lists: list[str] = []
        self._publics = iter(f"3.0.0.{n}" for n in range(1, 250))
        self._numbers = iter(range(1, 10_000))
        self._build()

    def inventory(self) -> Inventory:
        return self.main.inventory(self.other) if self.other.items else self.main.inventory()

    # --- lots ---------------------------------------------------------------------------------

    def likely(self, chance: float) -> bool:
        return self.rng.random() < chance

    def _number(self) -> int:
        return next(self._numbers)

    # --- the estate ---------------------------------------------------------------------------

    def _build(self) -> None:
        rng = self.rng
        if self.likely(0.4):
            self.lists.append(self.main.prefix_list("a", "10.1.0.0/20", "8.8.8.0/24"))
        for index in range(rng.choice([1, 2, 2, 3])):
            estate = self.other if index and self.likely(0.3) else self.main
            cidrs = [PRIVATE[index] if not self.likely(0.05) else PRIVATE[0]]
            if self.likely(0.2):
                cidrs.append(f"10.{10 + index}.0.0/24")
            six = SIX.format(index + 1) if self.likely(0.4) else ""
            vpc = estate.vpc("abc"[index], *cidrs, six=six)
            self.vpcs.append(vpc)
            self._gateways_of(vpc)
        for vpc in self.vpcs:
            self._subnets_of(vpc)
        for vpc in self.vpcs:
            self._groups_of(vpc)
        for vpc in self.vpcs:
            self._hosts_of(vpc)
        for vpc in self.vpcs:
            self._nat_of(vpc)
        self._peerings()
        if self.likely(0.5):
            self._transit()
        if self.likely(0.4):
            self._balancer()
        if self.likely(0.25):
            self._database()
        if self.likely(0.2):
            self._function()
        self._endpoints()
        self._routes()
        self._acls()
        self._public_access()
        for estate in (self.main, self.other):
            self._options(estate)

    def _mine(self, vpc: Vpc) -> list[Subnet]:
        return [subnet for subnet in self.subnets if subnet.vpc is vpc]

    def _gateways_of(self, vpc: Vpc) -> None:
        found: list[Any] = []
        if self.likely(0.8):
            found.append(vpc.internet_gateway(attached=not self.likely(0.1)))
        if self.likely(0.3) and vpc.json.get("Ipv6CidrBlockAssociationSet"):
            found.append(vpc.egress_only())
        if self.likely(0.3):
            found.append(vpc.vpn_gateway(attached=not self.likely(0.1)))
        self.gateways[vpc.id] = found

    def _subnets_of(self, vpc: Vpc) -> None:
        cidrs = [item["CidrBlock"] for item in vpc.json["CidrBlockAssociationSet"]]
        six = vpc.json.get("Ipv6CidrBlockAssociationSet")
        for index in range(self.rng.choice([1, 2, 2, 3])):
            name = f"{vpc.id[-1]}{index}"
            cidr = cidrs[0].replace("0.0/16", f"{index}.0/24")
            if index == 2 and len(cidrs) > 1:
                cidr = cidrs[1]
            made = vpc.subnet(
                name,
                cidr,
                zone=self.rng.choice("ab"),
                six=six[0]["Ipv6CidrBlock"].replace("00::/56", f"0{index}::/64") if six else "",
                routes={} if self.likely(0.8) else None,
            )
            self.subnets.append(made)
            found = [
                t for t in vpc.estate.items["RouteTables"] if t["RouteTableId"] == f"rtb-{name}"
            ]
            self.tables += [Table(f"rtb-{name}", item) for item in found]
        self.tables.append(vpc.main)

    def _peer(self, vpc: Vpc) -> Any:
        everyone = [group for groups in self.groups.values() for group in groups]
        choices: list[Any] = ["0.0.0.0/0", "0.0.0.0/0", *PRIVATE, "10.0.1.0/24", "8.8.8.0/24"]
        choices += [ON_PREMISES[0], "3.0.0.0/24", "10.0.0.10/32", "::/0", "2600:1f00::/32"]
        choices += self.groups[vpc.id] * 3 + everyone + self.lists
        peer = self.rng.choice(choices)
        if not isinstance(peer, str) and self.likely(0.1):
            return {"GroupId": peer.id, "PeeringStatus": "deleted"}
        return peer

    def _groups_of(self, vpc: Vpc) -> None:
        self.groups[vpc.id] = []
        for index in range(self.rng.choice([1, 2, 3])):
            group = vpc.group(f"{vpc.id[-1]}{index}", egress=[] if self.likely(0.3) else None)
            self.groups[vpc.id].append(group)
        for group in self.groups[vpc.id]:
            for _ in range(self.rng.choice([1, 2, 3])):
                group.allow(self.rng.choice(PORTS), self._peer(vpc))
            if not group.json["IpPermissionsEgress"]:
                for _ in range(self.rng.choice([0, 1, 2])):
                    group.allow(self.rng.choice(PORTS), self._peer(vpc), egress=True)

    def _some_groups(self, vpc: Vpc) -> list[Any]:
        groups = self.groups[vpc.id]
        if self.likely(0.5):
            return [vpc.open_group()]
        return self.rng.sample(groups, self.rng.choice([1, min(2, len(groups))]))

    def _hosts_of(self, vpc: Vpc) -> None:
        for subnet in self._mine(vpc):
            base = subnet.json["CidrBlock"].removesuffix(".0/24")
            for index in range(self.rng.choice([0, 1, 1, 2])):
                six = []
                blocks = subnet.json.get("Ipv6CidrBlockAssociationSet")
                if blocks and self.likely(0.7):
                    six = [blocks[0]["Ipv6CidrBlock"].replace("::/64", f"::{10 + index}")]
                more: Json = {}
                if self.likely(0.2):
                    more["SourceDestCheck"] = False
                if self.likely(0.1):
                    more["Ipv4Prefixes"] = [{"Ipv4Prefix": f"{base}.{64 + 16 * index}/28"}]
                self.hosts.append(
                    subnet.instance(
                        f"{subnet.id[-2:]}{index}",
                        f"{base}.{10 + index}",
                        groups=self._some_groups(vpc),
                        public=next(self._publics) if self.likely(0.5) else "",
                        six=six,
                        secondary=[f"{base}.{30 + index}"] if self.likely(0.1) else [],
                        state="stopped" if self.likely(0.05) else "running",
                        **more,
                    )
                )

    def _nat_of(self, vpc: Vpc) -> None:
        if self.likely(0.4):
            subnet = self.rng.choice(self._mine(vpc))
            public = next(self._publics) if self.likely(0.7) else ""
            state = "available" if self.likely(0.9) else "failed"
            self.gateways[vpc.id].append(subnet.nat(vpc.id[-1], public=public, State=state))

    def _peerings(self) -> None:
        for index, one in enumerate(self.vpcs):
            for two in self.vpcs[index + 1 :]:
                if self.likely(0.6):
                    status = "active" if self.likely(0.9) else "pending-acceptance"
                    name = f"{one.id[-1]}{two.id[-1]}"
                    made = self.main.peering(name, one, two, status=status)
                    self.gateways[one.id].append(made)
                    self.gateways[two.id].append(made)

    # --- transit gateways ---------------------------------------------------------------------

    def _transit(self) -> None:
        gateways = [self.main.transit_gateway("t", references=self.likely(0.5))]
        if self.likely(0.3):
            gateways.append(self.main.transit_gateway("u"))
        tables: dict[str, list[TransitTable]] = {}
        attached: dict[str, list[Any]] = {}
        for gateway in gateways:
            tables[gateway.id] = [
                gateway.table(f"{gateway.id[-1]}{n}") for n in range(self.rng.choice([1, 2]))
            ]
            attached[gateway.id] = []
        for vpc in self.vpcs:
            self._attach(vpc, self.rng.choice(gateways), tables, attached)
        for gateway in gateways:
            if self.likely(0.4):
                table = self.rng.choice(tables[gateway.id])
                attached[gateway.id].append(
                    gateway.attach_outside(f"vpn{gateway.id[-1]}", "vpn", table)
                )
        if len(gateways) == 2:
            one, two = gateways
            made = one.peer(
                two,
                table=self.rng.choice(tables[one.id]),
                far_table=self.rng.choice(tables[two.id]),
            )
            attached[one.id].append(made)
            far = [
                item
                for item in self.main.items["TransitGatewayAttachments"]
                if item["TransitGatewayId"] == two.id and item["ResourceType"] == "peering"
            ]
            attached[two.id].append(type(made)(made.id, far[0]))
        for gateway in gateways:
            for table in tables[gateway.id]:
                self._fill(table, attached[gateway.id])

    def _attach(
        self,
        vpc: Vpc,
        gateway: Transit,
        tables: dict[str, list[TransitTable]],
        attached: dict[str, list[Any]],
    ) -> None:
        if self.likely(0.15):
            return
        mine: dict[str, Subnet] = {}
        for subnet in self._mine(vpc):
            mine.setdefault(subnet.json["AvailabilityZone"], subnet)
        chosen = list(mine.values())
        if len(chosen) > 1 and self.likely(0.3):
            chosen = chosen[:1]
        table = self.rng.choice(tables[gateway.id]) if self.likely(0.9) else None
        made = gateway.attach(vpc, *chosen, table=table, references=self.likely(0.7))
        attached[gateway.id].append(made)
        self.gateways[vpc.id].append(Handle(gateway.id, {}))

    def _fill(self, table: TransitTable, attached: list[Any]) -> None:
        for item in attached:
            kind = item.json["ResourceType"]
            if kind == "vpc" and self.likely(0.6):
                table.propagate(item)
            elif kind != "vpc" and self.likely(0.8):
                table.add(self.rng.choice([*ON_PREMISES, *PRIVATE, "0.0.0.0/0"]), item)
        for _ in range(self.rng.choice([0, 1, 2])):
            cidr = self.rng.choice([*PRIVATE, "10.0.1.0/24", "0.0.0.0/0", "2600:1f00::/32"])
            known = {route["DestinationCidrBlock"] for route in table.routes["Routes"]}
            if cidr not in known:
                table.add(cidr, self.rng.choice([*attached, None]))

    # --- services -----------------------------------------------------------------------------

    def _balancer(self) -> None:
        vpc = self.rng.choice(self.vpcs)
        mine = self._mine(vpc)
        nodes = {f"{s.json['CidrBlock'].removesuffix('.0/24')}.50": s for s in mine[:2]}
        kind = self.rng.choice(["network", "application"])
        groups = self._some_groups(vpc) if kind == "application" or self.likely(0.5) else []
        public = {a: next(self._publics) for a in nodes} if self.likely(0.5) else None
        given = {"load_balancing__cross_zone__enabled": "true"} if self.likely(0.4) else {}
        made = vpc.estate.balancer("lb", kind, nodes, groups=groups, public=public, **given)
        for port in self.rng.sample([80, 443], self.rng.choice([1, 2])):
            protocol = "HTTP" if kind == "application" else self.rng.choice(["TCP", "TCP_UDP"])
            hosts = [host for host in self.hosts if host.json["VpcId"] == vpc.id]
            chosen = self.rng.sample(hosts, min(len(hosts), self.rng.choice([1, 2])))
            to = self.rng.choice([22, 80, 8000])
            more = {}
            if self.likely(0.3):
                more["preserve_client_ip__enabled"] = self.rng.choice(["true", "false"])
            if self.likely(0.5):
                targets, how = {h.id: to for h in chosen}, "instance"
            else:
                targets, how = {h.json["PrivateIpAddress"]: to for h in chosen}, "ip"
            states = {
                name: self.rng.choice(["healthy", "healthy", "unhealthy"]) for name in targets
            }
            made.listen(port, targets, protocol=protocol, kind=how, states=states, **more)

    def _database(self) -> None:
        vpc = self.rng.choice(self.vpcs)
        mine = self._mine(vpc)
        at = self.rng.choice(mine) if self.likely(0.5) else None
        base = at.json["CidrBlock"].removesuffix(".0/24") if at is not None else ""
        vpc.estate.database(
            "db",
            mine if self.likely(0.7) else mine[:1],
            groups=self._some_groups(vpc),
            multi_az=self.likely(0.5),
            public=at is None and self.likely(0.2),
            interface_at=at,
            address=f"{base}.99" if at is not None else "",
        )

    def _function(self) -> None:
        vpc = self.rng.choice(self.vpcs)
        subnet = self.rng.choice(self._mine(vpc))
        groups = self._some_groups(vpc)
        base = subnet.json["CidrBlock"].removesuffix(".0/24")
        subnet.interface(
            "fn", f"{base}.120", groups=groups, InterfaceType="lambda", RequesterManaged=True
        )
        network = {
            "SubnetIds": [subnet.id],
            "SecurityGroupIds": [group.id for group in groups],
            "VpcId": vpc.id,
        }
        arn = f"arn:aws:lambda:{vpc.estate.region}:{vpc.estate.account}:function:fn"
        vpc.estate.put(
            "Functions", {"FunctionName": "fn", "FunctionArn": arn, "VpcConfig": network}
        )

    def _endpoints(self) -> None:
        for vpc in self.vpcs:
            if self.likely(0.2):
                name = f"s3-{vpc.id[-1]}"
                buckets = f"pl-{name}"
                vpc.estate.put("PrefixLists", {"PrefixListId": buckets, "Cidrs": [BUCKETS]})
                self.gateways[vpc.id].append((buckets, vpc.endpoint(name)))
            if self.likely(0.15):
                subnet = self.rng.choice(self._mine(vpc))
                made = vpc.endpoint(f"fw-{vpc.id[-1]}", "GatewayLoadBalancer", subnets=[subnet])
                self.gateways[vpc.id].append(made)

    def _options(self, estate: Estate) -> None:
        """What descriptions say beside the point: options, weights, states, ids of zones."""
        zones = self.rng.sample("123", 3) if self.likely(0.5) else list("123")
        for subnet in estate.items.get("Subnets", ()):
            letter = "abc".index(subnet["AvailabilityZone"][-1])
            subnet["AvailabilityZoneId"] = f"{estate.region}-az{zones[letter]}"
        for item in estate.items.get("TransitGatewayVpcAttachments", ()):
            item["Options"]["Ipv6Support"] = "disable" if self.likely(0.3) else "enable"
            if self.likely(0.1):
                item["Options"]["ApplianceModeSupport"] = "enable"
        for balancer in estate.items.get("LoadBalancers", ()):
            balancer["State"] = {"Code": "active" if self.likely(0.95) else "provisioning"}
        groups = [item["TargetGroupArn"] for item in estate.items.get("TargetGroups", ())]
        for listed in estate.items.get("LoadBalancerListeners", ()):
            for listener in listed["Listeners"]:
                if self.likely(0.2):
                    shares = [
                        {"TargetGroupArn": arn, "Weight": self.rng.choice([0, 1])}
                        for arn in self.rng.sample(groups, min(2, len(groups)))
                    ]
                    forward = {"Type": "forward", "ForwardConfig": {"TargetGroups": shares}}
                    listener["DefaultActions"] = [forward]

    # --- routes and filters -------------------------------------------------------------------

    def _routes(self) -> None:
        for table in self.tables:
            vpc = next(v for v in self.vpcs if v.id == table.json["VpcId"])
            for _ in range(self.rng.choice([2, 4, 6])):
                self._add_route(table, vpc)
        for vpc in self.vpcs:
            inward = [
                g for g in self.gateways[vpc.id] if getattr(g, "id", "").startswith(("igw", "vgw"))
            ]
            if inward and self.likely(0.1):
                table = vpc.table(f"edge-{vpc.id[-1]}").use(self.rng.choice(inward))
                hosts = [h for h in self.hosts if h.json["VpcId"] == vpc.id]
                if hosts:
                    box = self.rng.choice(hosts)
                    cidr = self.rng.choice(self._mine(vpc)).json["CidrBlock"]
                    table.add(cidr, box.interface)

    def _add_route(self, table: Table, vpc: Vpc) -> None:
        boxes = [
            h.interface
            for h in self.hosts
            if h.json["VpcId"] == vpc.id and not h.eni["SourceDestCheck"]
        ]
        choices = [*self.gateways[vpc.id], *self.gateways[vpc.id], *boxes]
        if not choices:
            return
        target = self.rng.choice(choices)
        if isinstance(target, tuple):
            destination, target = target
        else:
            destination = self._destination(target if isinstance(target, str) else target.id, vpc)
        known = {
            r.get("DestinationCidrBlock")
            or r.get("DestinationIpv6CidrBlock")
            or r.get("DestinationPrefixListId")
            for r in table.json["Routes"]
        }
        more: Json = {}
        learned = not isinstance(target, str) and target.id.startswith("vgw")
        inside = any(destination == subnet.json["CidrBlock"] for subnet in self._mine(vpc))
        if learned and (inside or self.likely(0.5)):
            # Learned beside a static route of the same length, or more specific than local.
            more["Origin"] = "EnableVgwRoutePropagation"
        elif destination in known:
            return
        if self.likely(0.05):
            more["State"] = "blackhole"
        table.add(destination, target, **more)

    def _destination(self, target: str, vpc: Vpc) -> str:
        others = [cidr for cidr in PRIVATE if cidr != vpc.json["CidrBlock"]]
        sixes = [SIX.format(n) for n in (1, 2, 3) if SIX.format(n) not in str(vpc.json)]
        inner = [subnet.json["CidrBlock"] for subnet in self._mine(vpc)]
        if target.startswith("igw"):
            return self.rng.choice(["0.0.0.0/0", "0.0.0.0/0", "::/0", "8.8.8.0/24"])
        if target.startswith("eigw"):
            return "::/0"
        if target.startswith("nat"):
            return self.rng.choice(["0.0.0.0/0", "8.8.8.0/24", *others])
        if target.startswith("vgw"):
            return self.rng.choice([*ON_PREMISES, "0.0.0.0/0", *others, *inner])
        if target.startswith(("pcx", "tgw")):
            choices = [*others * 2, *sixes, ON_PREMISES[0], "0.0.0.0/0", "10.1.0.0/24"]
            if vpc.json["CidrBlock"] == PRIVATE[1]:
                choices.remove("10.1.0.0/24")
            return self.rng.choice(choices + self.lists)
        return self.rng.choice([*others, *inner, "0.0.0.0/0", "8.8.8.0/24"])

    def _acls(self) -> None:
        for subnet in self.subnets:
            if not self.likely(0.35):
                continue
            rows = []
            for _ in range(2):
                entries = []
                for number in sorted(self.rng.sample(range(1, 90), self.rng.choice([0, 1, 2]))):
                    action = self.rng.choice(["deny", "allow"])
                    peer = self.rng.choice(["0.0.0.0/0", *PRIVATE, "8.8.8.0/24", ON_PREMISES[0]])
                    port = self.rng.choice(["tcp/22", "tcp/1024-40000", "tcp/49152-65535", *PORTS])
                    entries.append((number, action, port, peer))
                if self.likely(0.2):
                    high = self.rng.choice(["tcp/1024-40000", "tcp/49152-65535"])
                    entries += [(99, "allow", high, "0.0.0.0/0")]
                elif self.likely(0.9):
                    entries += [(100, "allow", "all", "0.0.0.0/0"), (101, "allow", "all", "::/0")]
                rows.append(entries)
            subnet.vpc.acl(subnet.id[-2:], ingress=rows[0], egress=rows[1], subnets=[subnet])

    def _public_access(self) -> None:
        if not self.likely(0.2):
            return
        mode = self.rng.choice(["block-bidirectional", "block-ingress", "off"])
        self.main.put("VpcBlockPublicAccessOptions", {"InternetGatewayBlockMode": mode})
        if self.likely(0.6):
            where = self.rng.choice([*self.vpcs, *self.subnets])
            kind = "vpc" if where in self.vpcs else "subnet"
            self.main.put(
                "VpcBlockPublicAccessExclusions",
                {
                    "InternetGatewayExclusionMode": self.rng.choice(
                        ["allow-bidirectional", "allow-egress"]
                    ),
                    "ResourceArn": f"arn:aws:ec2:eu-west-1:111111111111:{kind}/{where.id}",
                    "State": "create-complete",
                },
            )


class Neighbours(Lottery):
    """Two VPCs that are joined by a peering or a transit gateway, with routes both ways.

    Hardly anything else decides but group references across: what rules them is rare in an
    estate where everything is drawn.
    """

    def _build(self) -> None:
        rng = self.rng
        for index in range(2):
            estate = self.other if index and self.likely(0.3) else self.main
            vpc = estate.vpc("ab"[index], PRIVATE[index])
            self.vpcs.append(vpc)
            self.gateways[vpc.id] = []
            self._subnets_of(vpc)
        for vpc in self.vpcs:
            self._groups_of(vpc)
        for vpc in self.vpcs:
            self._hosts_of(vpc)
        joined = self._peered() if self.likely(0.5) else self._attached()
        for table in self.tables:
            here = table.json["VpcId"]
            (there,) = (v for v in self.vpcs if v.id != here)
            table.add(there.json["CidrBlock"], joined)
        if rng.random() < 0.3:
            self._acls()

    def _peered(self) -> Any:
        one, two = self.vpcs
        return self.main.peering("ab", one, two)

    def _attached(self) -> Any:
        gateway = self.main.transit_gateway("t", references=self.likely(0.5))
        table = gateway.table("t")
        for vpc in self.vpcs:
            zones = {subnet.json["AvailabilityZone"]: subnet for subnet in self._mine(vpc)}
            made = gateway.attach(vpc, *zones.values(), table=table, references=self.likely(0.7))
            table.propagate(made)
        return Handle(gateway.id, {})

    def _peer(self, vpc: Vpc) -> Any:
        others = [g for name, groups in self.groups.items() if name != vpc.id for g in groups]
        mine = self.groups[vpc.id]
        peer = self.rng.choice([*others * 3, *mine, "10.0.0.0/24"])
        if not isinstance(peer, str) and self.likely(0.3):
            return {"GroupId": peer.id, "PeeringStatus": "deleted"}
        return peer

    def _some_groups(self, vpc: Vpc) -> list[Any]:
        groups = self.groups[vpc.id]
        return self.rng.sample(groups, self.rng.choice([1, min(2, len(groups))]))
