"""What the random estates are made of; needs no kernel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lab_draft import Draft
from lab_estates import OUTSIDE, draw
from lab_wiring import wire

SEEDS = range(200)


def _kinds(draft: Draft) -> Iterator[str]:
    items = draft.items
    enis = [eni for eni in items["NetworkInterfaces"] if eni["InterfaceType"] == "interface"]
    yield f"{len(enis)} hosts"
    routes = [route for table in items["RouteTables"] for route in table["Routes"]]
    yield from {"blackhole" for route in routes if route["State"] == "blackhole"}
    yield from {"appliance" for route in routes if "NetworkInterfaceId" in route}
    boxes = {route.get("NetworkInterfaceId") for route in routes}
    named = {g["GroupId"] for e in enis if e["NetworkInterfaceId"] in boxes for g in e["Groups"]}
    yield from {
        "appliance with a reference"
        for group in items["SecurityGroups"]
        if group["GroupId"] in named and any(r["UserIdGroupPairs"] for r in group["IpPermissions"])
    }
    yield from {"prefix list in a route" for r in routes if "DestinationPrefixListId" in r}
    yield from {f"NAT {nat['State']}" for nat in items.get("NatGateways", ())}
    yield from {f"peering {p['Status']['Code']}" for p in items.get("VpcPeeringConnections", ())}
    yield from {"gateway detached" for g in items["InternetGateways"] if not g["Attachments"]}
    yield from {"secondary block" for v in items["Vpcs"] if len(v["CidrBlockAssociationSet"]) > 1}
    yield from {"public" for eni in enis if "Association" in eni}
    yield from {"secondary address" for eni in enis if len(eni["PrivateIpAddresses"]) > 1}
    yield from {"check off" for eni in enis if not eni["SourceDestCheck"]}
    yield from {"two groups" for eni in enis if len(eni["Groups"]) > 1}
    states = {r["Instances"][0]["State"]["Name"] for r in items["Reservations"]}
    yield from states
    for group in items["SecurityGroups"]:
        rules = [*group["IpPermissions"], *group["IpPermissionsEgress"]]
        pairs = [pair["GroupId"] for rule in rules for pair in rule["UserIdGroupPairs"]]
        yield from {"self reference" for name in pairs if name == group["GroupId"]}
        yield from {"reference" for name in pairs if name[:4] == group["GroupId"][:4]}
        yield from {"reference to a peer" for name in pairs if name[:4] != group["GroupId"][:4]}
        yield from {"prefix list in a rule" for rule in rules if rule["PrefixListIds"]}
        if not group["IpPermissionsEgress"]:
            yield "no egress"
    if any(len(acl["Entries"]) > 8 for acl in items["NetworkAcls"]):
        yield "long ACL"


def test_every_estate_can_be_built_and_all_kinds_occur() -> None:
    """Each kind of thing that the lab knows is in several of the two hundred estates."""
    found: Counter[str] = Counter()
    stretches: Counter[int] = Counter()
    for seed in SEEDS:
        draft = draw(seed)
        found.update(set(_kinds(draft)))
        stretches[len(wire(draft.inventory(), OUTSIDE).ports)] += 1
    wanted = {f"{number} hosts" for number in range(3, 9)} | {
        "appliance", "appliance with a reference", "blackhole", "check off", "gateway detached",
        "long ACL", "NAT available", "NAT failed", "no egress", "peering active",
        "peering pending-acceptance", "prefix list in a route", "prefix list in a rule", "public",
        "reference",
        "reference to a peer", "running", "secondary address", "secondary block",
        "self reference", "stopped", "two groups",
    }  # fmt: skip
    assert {kind for kind in wanted if found[kind] < 5} == set()
    # Most estates have ACLs that tell apart which ephemeral port an answer goes to.
    assert sum(count for pieces, count in stretches.items() if pieces > 1) > 100


def test_a_seed_is_one_estate() -> None:
    """A failure can be looked at again: the same seed draws the same estate."""
    assert draw(7).items == draw(7).items
    assert draw(7).items != draw(8).items
