"""nftables rules for each kind of namespace, as texts for `nft -f`.

Every rule that drops counts under a name, so that `lab_kernel` can say where a packet ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mute_audit.inventory.network import AclEntry, NetworkAcl

__all__ = [
    "Permission",
    "gateway_rules",
    "host_rules",
    "nat_rules",
    "subnet_rules",
    "vpc_rules",
]

# (protocol, from port, to port, CIDRs, addresses of the members of referenced groups)
Permission = tuple[str, int | None, int | None, Sequence[str], Sequence[str]]

# N33: RFC 1918 and RFC 6598, which an internet gateway drops.
_PRIVATE = "{ 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10 }"

# A host that passes a packet on writes this into its DSCP field: a group reference does not
# survive a middlebox (N9), and a mark of the kernel would not survive the next wire.
_PASSED_ON = "0x20"

_STATELESS = "chain stateless {\ntype filter hook prerouting priority raw\nnotrack\n}"


def _table(counters: Iterable[str], *chains: str) -> str:
    named = "\n".join(f"counter {name} {{ }}" for name in counters)
    return "table ip aws {\n" + "\n".join((named, *chains)) + "\n}\n"


def _drop(name: str) -> str:
    return f"counter name {name} drop"


def _chain(name: str, lines: Iterable[str]) -> str:
    return f"chain {name} {{\n" + "\n".join(lines) + "\n}"


def _traffic(protocol: str, low: int | None, high: int | None) -> str | None:
    """The match for a protocol and its destination ports; None for what is never sent here."""
    text = protocol.lower()
    if text in ("-1", "all"):
        return ""
    name = {"6": "tcp", "17": "udp"}.get(text, text)
    if name not in ("tcp", "udp"):
        return None
    if low is None or low < 0:
        return f"meta l4proto {name}"
    return f"{name} dport {low}-{low if high is None or high < 0 else high}"


# -- security groups ------------------------------------------------------------------------


def _groups(name: str, side: str, permissions: Iterable[Permission]) -> str:
    """A chain that sets the packet's mark to 1 if some rule allows it (N1).

    Who sent a packet is not seen any more once a host has passed it on (N9).
    """
    lines = ["meta mark set 0"]
    seen = f"ip dscp != {_PASSED_ON}" if side == "saddr" else ""
    for protocol, low, high, cidrs, members in permissions:
        traffic = _traffic(protocol, low, high)
        if traffic is None:
            continue
        lines += [f"ip {side} {cidr} {traffic} meta mark set 1 return" for cidr in cidrs]
        lines += [
            f"ip {side} {member} {seen} {traffic} meta mark set 1 return" for member in members
        ]
    return _chain(name, lines)


def host_rules(
    addresses: Sequence[str],
    checked: bool,
    ingress: Iterable[Permission],
    egress: Iterable[Permission],
) -> str:
    """Security groups at a host's own door; `checked` is the source/destination check (N54).

    What belongs to a connection that was let through passes (N3). Everything else is judged by
    the rules, whatever it is: a group has no notion of a packet that opens nothing.
    """
    own = "{ " + ", ".join(addresses) + " }"
    allowed = "meta mark 1 accept"
    check = [f"oifname eth0 ip saddr != {own} {_drop('source-check')}"] if checked else []
    return _table(
        ("source-check", "groups-in", "groups-out", "forward-in", "forward-out"),
        _groups("ingress", "saddr", ingress),
        _groups("egress", "daddr", egress),
        _chain(
            "input",
            (
                "type filter hook input priority filter",
                "iifname lo accept",
                "ct state established accept",
                "jump ingress",
                allowed,
                _drop("groups-in"),
            ),
        ),
        _chain(
            "output",
            (
                "type filter hook output priority filter",
                "oifname lo accept",
                *check,
                "ct state established accept",
                "jump egress",
                allowed,
                _drop("groups-out"),
            ),
        ),
        # Only where the check is off does the kernel pass anything on.
        _chain(
            "through",
            (
                "type filter hook forward priority filter",
                "ct state established accept",
                "jump ingress",
                f"meta mark 0 {_drop('forward-in')}",
                "jump egress",
                f"meta mark 0 {_drop('forward-out')}",
                f"ip dscp set {_PASSED_ON}",
            ),
        ),
    )


# -- subnets ----------------------------------------------------------------------------------


def _acl(name: str, acl: NetworkAcl, *, egress: bool) -> str:
    """N16: the lowest number first, the first match decides, nothing matched is dropped."""
    side = "daddr" if egress else "saddr"
    lines = []
    for entry in sorted(acl.entries, key=lambda item: item.rule_number):
        if entry.egress is egress and entry.cidr_block:
            traffic = _entry_traffic(entry)
            if traffic is not None:
                verdict = "accept" if entry.rule_action == "allow" else _drop(name)
                lines.append(f"ip {side} {entry.cidr_block} {traffic} {verdict}")
    return _chain(name, [*lines, _drop(name)])


def _entry_traffic(entry: AclEntry) -> str | None:
    ports = entry.port_range
    if ports is None:
        return _traffic(entry.protocol, None, None)
    return _traffic(entry.protocol, ports.from_port, ports.to_port)


def subnet_rules(acl: NetworkAcl) -> str:
    """N17, N18: what crosses the border of a subnet, packet by packet, without any state.

    Devices: `h…` to the hosts, `up` to the VPC router, `x…` and `y…` from the VPC router to one
    host, over the border or back to where it came from.
    """
    return _table(
        ("acl-in", "acl-out"),
        _STATELESS,
        _acl("acl-in", acl, egress=False),
        _acl("acl-out", acl, egress=True),
        _chain(
            "border",
            (
                "type filter hook forward priority filter",
                "policy drop",
                'iifname "h*" oifname "h*" accept',
                'iifname "y*" oifname "h*" accept',
                'iifname "h*" oifname up jump acl-out',
                'iifname up oifname "h*" jump acl-in',
                'iifname "x*" oifname "h*" jump acl-in',
            ),
        ),
    )


# -- routers and gateways ---------------------------------------------------------------------


def vpc_rules(
    ways_in: Iterable[tuple[str, Sequence[tuple[str, bool]]]],
    peers: Iterable[tuple[str, Sequence[str], Sequence[str]]],
) -> str:
    """What a VPC router refuses beyond its routes.

    ways_in  for each subnet's device its routes, the longest prefix first, and whether each
             leads to the internet gateway: only then can the internet come in (N31, N32)
    peers    for each peering its device, the VPC's own CIDRs and the peer's: nothing else
             passes (N40)
    """
    lines, chains = ["type filter hook forward priority filter"], []
    for device, routes in ways_in:
        lines.append(f"iifname igw oifname {device} jump in-{device}")
        checks = [
            f"ip saddr {cidr} {'accept' if leads_out else _drop('no-way-out')}"
            for cidr, leads_out in routes
        ]
        chains.append(_chain(f"in-{device}", [*checks, _drop("no-way-out")]))
    for device, own, theirs in peers:
        lines += [
            f"oifname {device} ip saddr != {{ {', '.join(own)} }} {_drop('edge-to-edge')}",
            f"oifname {device} ip daddr != {{ {', '.join(theirs)} }} {_drop('edge-to-edge')}",
        ]
    return _table(("no-way-out", "edge-to-edge"), _STATELESS, *chains, _chain("refuse", lines))


def gateway_rules(pairs: Mapping[str, str]) -> str:
    """An internet gateway: private address ↔ public address, one to one, without state (N31)."""
    there = ", ".join(f"{private} : {public}" for private, public in pairs.items())
    back = ", ".join(f"{public} : {private}" for private, public in pairs.items())
    lines = [
        "type filter hook prerouting priority raw",
        "notrack",
        f"iifname vpc ip daddr {_PRIVATE} {_drop('private-address')}",
        f"iifname net ip saddr {_PRIVATE} {_drop('private-address')}",
    ]
    if pairs:
        lines += [
            f"iifname vpc ip saddr != {{ {', '.join(pairs)} }} {_drop('no-public-address')}",
            f"iifname vpc ip saddr set ip saddr map {{ {there} }}",
            f"iifname net ip daddr != {{ {', '.join(pairs.values())} }} {_drop('no-such-address')}",
            f"iifname net ip daddr set ip daddr map {{ {back} }}",
        ]
    else:
        lines.append(_drop("no-public-address"))
    counters = ("private-address", "no-public-address", "no-such-address")
    return _table(counters, _chain("translate", lines))


def nat_rules(ports: Sequence[tuple[int, int]]) -> str:
    """N35: translates what passes through it, and takes in nothing of its own accord.

    `ports` are the stretches that a packet's DSCP field can choose from for the port that a
    TCP connection goes on from: AWS may take any, and the lab tries one of each.
    """
    chosen = [
        f"meta l4proto tcp ip dscp {number} masquerade to :{low}-{high}"
        for number, (low, high) in enumerate(ports, start=1)
    ]
    return _table(
        ("unsolicited", "no-session", "unsupported-protocol"),
        _chain(
            "translate",
            ("type nat hook postrouting priority srcnat", *chosen, "masquerade"),
        ),
        _chain("own", ("type filter hook input priority filter", _drop("unsolicited"))),
        _chain(
            "through",
            (
                "type filter hook forward priority filter",
                f"ct state invalid {_drop('no-session')}",
                f"meta l4proto != {{ tcp, udp, icmp }} {_drop('unsupported-protocol')}",
            ),
        ),
    )
