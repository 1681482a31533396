"""Estates drawn from a seed.

Small on purpose, and dense: few addresses, ports and port ranges, so that rules meet.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from random import Random

from lab_draft import ANYWHERE, LAST, Draft, Json, entry, permission

__all__ = ["OUTSIDE", "TCP_PORTS", "UDP_PORTS", "draw"]

# Two hosts on the internet.
OUTSIDE = ("198.51.100.10", "203.0.113.77")

# The ports that are tried. All below 1024, so that none is a client's port as well.
TCP_PORTS = (22, 80, 443)
UDP_PORTS = (53, 123)


def draw(seed: int) -> Draft:
    """The estate of a seed: 3 to 8 hosts in one VPC, or in two that are peered."""
    return _Drawing(Random(seed)).draft


# Port ranges of ACL entries: services, and ways to cut the ephemeral ports.
_RANGES = (
    (22, 22), (443, 443), (80, 443), (53, 53), (0, 1023), (0, 65535),
    (1024, 65535), (1024, 65535), (1024, 65535), (32768, 60999), (49152, 65535), (1024, 32767),
)  # fmt: skip


class _Drawing:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.draft = Draft()
        self.hosts: list[tuple[str, str]] = []  # address, public address
        self.tables: dict[str, str] = {}  # subnet → table
        self.lists = [
            self.draft.prefix_list("partners", f"{OUTSIDE[0]}/32", "192.0.2.0/24"),
            self.draft.prefix_list("inside", "10.0.1.0/24", "10.1.1.0/24"),
        ]
        names = ["a", "b"] if self.often(0.35) else ["a"]
        count = random.randint(3, 8)
        shares = [count] if len(names) == 1 else [count - count // 3, count // 3]
        self._plan_addresses(names, shares)
        self.blocks: dict[str, tuple[str, ...]] = {}
        vpcs = [self._vpc(name, number) for number, name in enumerate(names)]
        for number, vpc in enumerate(vpcs):
            self._fill(vpc, names[number], number)
        if len(vpcs) == 2:
            self._peer(vpcs)
        self._steer(vpcs)

    def often(self, share: float) -> bool:
        return self.random.random() < share

    def _plan_addresses(self, names: list[str], shares: list[int]) -> None:
        """Who stands where, first of all: rules of any VPC may name any address."""
        random = self.random
        self.places: dict[str, list[tuple[int, str, str]]] = {}
        for number, name in enumerate(names):
            subnets = random.randint(1 if shares[number] < 3 else 2, 4 if len(names) == 1 else 3)
            found = []
            for index in range(shares[number]):
                subnet = random.randrange(subnets) + 1
                address = f"10.{number}.{subnet}.{10 + index}"
                public = f"3.{number}.0.{10 + index}" if self.often(0.45) else ""
                found.append((subnet, address, public))
                self.hosts.append((address, public))
            self.places[name] = found
        self.shares = dict(zip(names, shares, strict=True))

    # -- VPCs -----------------------------------------------------------------------------

    def _vpc(self, name: str, number: int) -> str:
        # With a secondary block the hosts beyond the primary one are still inside.
        small = self.often(0.15)
        blocks = (
            (f"10.{number}.0.0/23", f"10.{number}.2.0/23", f"10.{number}.4.0/23")
            if small
            else (f"10.{number}.0.0/16",)
        )
        vpc = self.draft.vpc(name, *blocks)
        self.blocks[vpc] = blocks
        return vpc

    def _fill(self, vpc: str, name: str, number: int) -> None:
        draft, random = self.draft, self.random
        gateway = draft.internet_gateway(name, vpc, attached=not self.often(0.06))
        front = draft.table(f"front-{name}", vpc)
        draft.route(front, ANYWHERE, gateway)
        if self.often(0.2):
            draft.route(front, f"{OUTSIDE[1]}/32", gateway, "blackhole")
        if self.often(0.15):
            draft.route(front, self.lists[0], gateway, random.choice(["active", "blackhole"]))
        back = draft.table(f"back-{name}", vpc)
        used = sorted({subnet for subnet, _, _ in self.places[name]})
        for subnet in used:
            first = subnet == used[0]
            table = random.choice([front, front if first else back, back, ""])
            key = draft.subnet(
                f"{name}{subnet}",
                vpc,
                f"10.{number}.{subnet}.0/24",
                table=table,
                acl=self._acl(f"{name}{subnet}", vpc) if self.often(0.7) else "",
            )
            self.tables[key] = table or f"rtb-main-{name}"
        if self.often(0.7):
            key = f"subnet-{name}{used[0]}"
            if self.often(0.4):
                key = draft.subnet(
                    f"{name}nat",
                    vpc,
                    f"10.{number}.5.0/24",
                    table=front,
                    acl=self._acl(f"{name}nat", vpc) if self.often(0.6) else "",
                )
                self.tables[key] = front
            address = draft.get("Subnets", key)["CidrBlock"].replace("0/24", "200")
            state = "failed" if self.often(0.06) else "available"
            nat = draft.nat_gateway(name, key, address, f"3.{number}.0.200", state)
            draft.route(back, ANYWHERE, nat)
            if self.often(0.2):
                draft.route(back, f"{OUTSIDE[0]}/32", nat, "blackhole")
        groups = self._groups(vpc, name)
        for index, (subnet, address, public) in enumerate(self.places[name]):
            spare = f"10.{number}.{subnet}.{110 + index}"
            spare_public = f"3.{number}.0.{110 + index}" if self.often(0.5) else ""
            draft.host(
                f"{name}{index}",
                f"subnet-{name}{subnet}",
                address,
                random.sample(groups, 1 if self.often(0.6) else 2),
                public=public,
                secondary=((spare, spare_public),) if self.often(0.12) else (),
                state="stopped" if self.often(0.06) else "running",
                checked=not self.often(0.12),
            )

    # -- filters --------------------------------------------------------------------------

    def _cidr(self) -> str:
        """Somebody: one host, a subnet, a VPC, part of the internet."""
        random = self.random
        address, public = random.choice(self.hosts)
        inside = str(IPv4Network((int(IPv4Address(address)) & ~255, 24)))
        choices = [f"{address}/32", inside, "10.0.0.0/16", "10.0.0.0/8", f"{OUTSIDE[0]}/32"]
        choices += ["198.51.100.0/24", "3.0.0.0/8"] + ([f"{public}/32"] if public else [])
        return random.choice(choices)

    def _acl(self, name: str, vpc: str) -> str:
        """Entries that overlap, in a shuffled order; mostly ended by ones that open."""
        random = self.random
        entries = []
        for egress in (False, True):
            numbers = random.sample(range(1, 32000), 12)
            drawn = sorted(numbers[:8])
            for number in drawn[: random.randint(1, 6)]:
                protocol = random.choice(["6", "6", "6", "17", "-1"])
                ports = random.choice(_RANGES) if protocol != "-1" else None
                action = "deny" if self.often(0.55) else "allow"
                cidr = ANYWHERE if self.often(0.35) else self._cidr()
                entries.append(entry(number, action, egress, cidr, protocol, ports))
            ending = random.choice(["all", "all", "all", "services", "closed"])
            if ending == "all":
                entries.append(entry(32001, "allow", egress))
            elif ending == "services":
                entries.append(entry(32001, "allow", egress, ANYWHERE, "6", (0, 1023)))
                answers = random.choice([(1024, 65535), (32768, 60999), (49152, 65535)])
                entries.append(entry(32002, "allow", egress, ANYWHERE, "6", answers))
                entries.append(entry(32003, "allow", egress, ANYWHERE, "17", (0, 1023)))
        random.shuffle(entries)
        return self.draft.acl(name, vpc, [*entries, *LAST])

    def _groups(self, vpc: str, name: str) -> list[str]:
        keys = [f"sg-{name}{number}" for number in range(self.random.randint(2, 4))]
        # Over a peering a rule may refer to the other VPC's groups.
        others = ["sg-a0", "sg-b0"] if len(self.places) == 2 else []
        for key in keys:
            ingress = [self._rule([*keys, *others], key) for _ in range(self.random.randint(1, 4))]
            egress = None
            if self.often(0.35):
                egress = [
                    self._rule([*keys, *others], key) for _ in range(self.random.randint(0, 3))
                ]
            self.draft.group(key.removeprefix("sg-"), vpc, ingress, egress)
        return keys

    def _rule(self, groups: list[str], own: str) -> Json:
        random = self.random
        protocol = random.choice(["tcp", "tcp", "udp", "-1", "-1"])
        low: int | None = None
        high: int | None = None
        if protocol != "-1":
            ports = TCP_PORTS if protocol == "tcp" else UDP_PORTS
            low, high = random.choice([(p, p) for p in ports] + [(0, 65535), (50, 443)])
        kind = random.random()
        if kind < 0.3:
            return permission(protocol, low, high, cidrs=(ANYWHERE,))
        if kind < 0.55:
            return permission(protocol, low, high, cidrs=(self._cidr(), self._cidr()))
        if kind < 0.9:
            group = own if self.often(0.3) else random.choice(groups)
            return permission(protocol, low, high, groups=(group,))
        return permission(protocol, low, high, lists=(random.choice(self.lists),))

    # -- between subnets and VPCs ---------------------------------------------------------

    def _peer(self, vpcs: list[str]) -> None:
        draft, random = self.draft, self.random
        status = random.choice(["active"] * 6 + ["pending-acceptance"])
        key = draft.peering("ab", vpcs[0], vpcs[1], status)
        for vpc, other in (vpcs, vpcs[::-1]):
            blocks = self.blocks[other]
            for table in draft.items["RouteTables"]:
                if table["VpcId"] != vpc or self.often(0.12):
                    continue
                for block in blocks:
                    state = "blackhole" if status != "active" or self.often(0.05) else "active"
                    draft.route(table["RouteTableId"], block, key, state)

    def _steer(self, vpcs: list[str]) -> None:
        """Sometimes a route that leads a whole subnet's traffic through a host (N26)."""
        if not self.often(0.15):
            return
        hosts = [
            item
            for item in self.draft.items["NetworkInterfaces"]
            if item["InterfaceType"] == "interface" and item["VpcId"] == vpcs[0]
        ]
        through = self.random.choice(hosts)
        if self.often(0.6):
            through["SourceDestCheck"] = False
        if self.often(0.5):
            rule = permission(
                "-1", None, None, cidrs=("10.0.0.0/8" if self.often(0.7) else ANYWHERE,)
            )
            through["Groups"] = [{"GroupId": self.draft.group("through", vpcs[0], [rule])}]
        subnets = [s for s in self.draft.items["Subnets"] if s["VpcId"] == vpcs[0]]
        target = self.random.choice(subnets)
        table = self.random.choice(["rtb-front-a", "rtb-back-a"])
        self.draft.route(table, target["CidrBlock"], through["NetworkInterfaceId"])
