"""The lab itself: one estate written by hand, and changes of one fact that flip a packet's fate.

What is expected here comes from AWS's documentation, not from an engine; both engines are asked
about every packet all the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import run
from sys import executable

import pytest
from lab_draft import ANYWHERE, LAST, OPEN, Draft, Json, entry, permission
from lab_judging import observe, set_engine, tracer
from lab_kernel import Kernel, Sent
from lab_reading import NotInTheLab
from lab_wiring import INTERNET, wire

pytestmark = [pytest.mark.slow, pytest.mark.sample]

OUTSIDE = "198.51.100.10"
WEB, WEB_PUBLIC, PROXY, APP, DB, FAR = (
    "10.0.1.10", "3.0.0.10", "10.0.3.15", "10.0.2.20", "10.0.2.30", "10.1.1.40",
)  # fmt: skip


def town() -> Draft:
    """Two VPCs: `web` in front, `app` and `db` behind NAT, `proxy` apart; `far` next door."""
    draft = Draft()
    a, b = draft.vpc("a", "10.0.0.0/16"), draft.vpc("b", "10.1.0.0/16")
    front, back, beside = draft.table("front", a), draft.table("back", a), draft.table("beside", b)
    draft.acl("front", a, OPEN)
    draft.acl("back", a, OPEN)
    draft.subnet("front", a, "10.0.1.0/24", table=front, acl="acl-front")
    draft.subnet("back", a, "10.0.2.0/24", table=back, acl="acl-back")
    draft.subnet("apart", a, "10.0.3.0/24")
    draft.subnet("beside", b, "10.1.1.0/24", table=beside)
    draft.route(front, ANYWHERE, draft.internet_gateway("a", a))
    nat = draft.nat_gateway("a", "subnet-front", "10.0.1.200", "3.0.0.200")
    draft.route(back, ANYWHERE, nat)
    peering = draft.peering("ab", a, b)
    draft.route(front, "10.1.0.0/16", peering)
    draft.route(back, "10.1.0.0/16", peering)
    draft.route(beside, "10.0.0.0/16", peering)
    draft.group("web", a, [permission("tcp", 80, 80, cidrs=(ANYWHERE,))])
    draft.group("app", a, [permission("-1", None, None, groups=("sg-web",))])
    draft.group("db", a, [permission("tcp", 80, 80, cidrs=("10.0.0.0/8",))], [])
    draft.group("proxy", a, [permission("-1", None, None, cidrs=("10.0.0.0/8",))])
    draft.group("far", b, [permission("-1", None, None, groups=("sg-app",))])
    draft.host("web", "subnet-front", WEB, ["sg-web"], public=WEB_PUBLIC)
    draft.host("proxy", "subnet-apart", PROXY, ["sg-proxy"], checked=False)
    draft.host("app", "subnet-back", APP, ["sg-app"])
    draft.host("db", "subnet-back", DB, ["sg-db"])
    draft.host("far", "subnet-beside", FAR, ["sg-far"])
    return draft


Change = Callable[[Draft], None]


def _group(
    name: str, *, ingress: list[Json] | None = None, egress: list[Json] | None = None
) -> Change:
    def change(draft: Draft) -> None:
        group = draft.get("SecurityGroups", f"sg-{name}")
        group["IpPermissions"] = group["IpPermissions"] if ingress is None else ingress
        group["IpPermissionsEgress"] = group["IpPermissionsEgress"] if egress is None else egress

    return change


def _acl(name: str, *entries: Json) -> Change:
    def change(draft: Draft) -> None:
        draft.get("NetworkAcls", f"acl-{name}")["Entries"] = [*entries, *LAST]

    return change


def _route(table: str, destination: str, target: str, state: str = "active") -> Change:
    return lambda draft: draft.route(f"rtb-{table}", destination, target, state)


def _no_route(table: str, destination: str) -> Change:
    def change(draft: Draft) -> None:
        found = draft.get("RouteTables", f"rtb-{table}")
        routes = [r for r in found["Routes"] if r["DestinationCidrBlock"] != destination]
        found["Routes"] = routes

    return change


def _set(key: str, name: str, **values: object) -> Change:
    return lambda draft: draft.get(key, name).update(values)


def _instance(name: str, state: str) -> Change:
    def change(draft: Draft) -> None:
        block = draft.get("Reservations", f"r-{name}")
        block["Instances"][0]["State"] = {"Name": state}

    return change


def _list(name: str, cidr: str) -> Change:
    def change(draft: Draft) -> None:
        draft.prefix_list(name, cidr)

    return change


def _all(*changes: Change) -> Change:
    def change(draft: Draft) -> None:
        for one in changes:
            one(draft)

    return change


def _same(draft: Draft) -> None:
    """No change."""


def _own_gateway(draft: Draft) -> None:
    """`far` gets a public address, and its subnet a way out of its own."""
    _no_route("beside", ANYWHERE)(draft)
    draft.route("rtb-beside", ANYWHERE, draft.internet_gateway("b", "vpc-b"))
    _public("far", FAR, "3.1.0.40")(draft)


def _public(name: str, private: str, public: str) -> Change:
    address = {"PrivateIpAddress": private, "Association": {"PublicIp": public}}
    return _set("NetworkInterfaces", f"eni-{name}", PrivateIpAddresses=[address])


_OUT = entry(1, "allow", True)
_IN = entry(1, "allow", False)


@dataclass(frozen=True)
class Case:
    """A packet, and a change of one fact that flips what becomes of it.

    flips         the change; `first` are the facts that both estates share
    arrives       what becomes of the packet before the change
    other_source  for a rule about who sends: the fact that changes is the source
    """

    rule: str
    traffic: str
    source: str
    destination: str
    flips: Change
    first: Change = _same
    arrives: bool = True
    other_source: str = ""


def _entries(action: str, *more: Json) -> tuple[Json, ...]:
    return (entry(50, action, False, protocol="6", ports=(80, 80)), *more)


CASES = [
    Case("N1 a group lets in", "tcp/80", WEB, DB, _group("db", ingress=[])),
    Case("N2 no egress rule", "tcp/80", APP, DB, _group("app", egress=[])),
    Case(
        "N3 groups are stateful, ACLs are not", "tcp/80", WEB, DB,
        _acl("back", _IN, entry(1, "deny", True)),
    ),
    Case(
        "N4 a reference means members", "tcp/443", WEB, APP,
        _set("NetworkInterfaces", "eni-web", Groups=[{"GroupId": "sg-db"}]),
        _group("db", egress=[permission("-1", None, None, cidrs=(ANYWHERE,))]),
    ),
    Case(
        "N4 a reference is not a public address", "tcp/443", WEB, "3.0.0.15",
        _group("proxy", ingress=[permission("-1", None, None, cidrs=(f"{WEB_PUBLIC}/32",))]),
        _all(
            _group("proxy", ingress=[permission("-1", None, None, groups=("sg-web",))]),
            _public("proxy", PROXY, "3.0.0.15"),
            _route("main-a", ANYWHERE, "igw-a"),
        ),
        arrives=False,
    ),
    Case(
        "N6 a reference reaches over a peering", "tcp/80", APP, FAR,
        _group("far", ingress=[permission("-1", None, None, groups=("sg-db",))]),
    ),
    Case(
        "N10 a prefix list", "tcp/80", WEB, DB,
        _group("db", ingress=[permission("tcp", 80, 80, lists=("pl-other",))]),
        _all(
            _list("web", f"{WEB}/32"),
            _list("other", "10.9.0.0/16"),
            _group("db", ingress=[permission("tcp", 80, 80, lists=("pl-web",))]),
        ),
    ),
    Case(
        "N16 the first match decides", "tcp/80", WEB, DB,
        _acl("back", entry(60, "allow", False), *_entries("deny"), _OUT),
        _acl("back", entry(40, "allow", False), *_entries("deny"), _OUT),
    ),
    Case("N16 nothing matched", "tcp/80", WEB, DB, _acl("back", _OUT)),
    Case(
        "N17 not inside a subnet", "tcp/80", APP, DB, _same, _acl("back"), other_source=WEB,
    ),
    Case(
        "N18 the answer's port", "tcp/80", WEB, DB,
        _acl("back", _IN, entry(1, "allow", True, protocol="6", ports=(0, 1023))),
        _acl("back", _IN, entry(1, "allow", True, protocol="6", ports=(50000, 50999))),
    ),
    Case(
        "N60 UDP needs no answer", "udp/53", WEB, APP,
        _acl("back", entry(1, "deny", False), _OUT),
        _acl("back", _IN, entry(1, "deny", True)),
    ),
    Case(
        "N22 the main table", "udp/53", APP, OUTSIDE,
        _set("RouteTables", "rtb-back", Associations=[]),
    ),
    Case(
        "N24 the longest prefix", "tcp/80", WEB, OUTSIDE,
        _route("front", "198.51.100.0/24", "pcx-ab"),
    ),
    Case(
        "N28 a blackhole", "tcp/80", WEB, OUTSIDE,
        _route("front", f"{OUTSIDE}/32", "igw-a", "blackhole"),
    ),
    Case("N32 no way out, no way in", "tcp/80", OUTSIDE, WEB_PUBLIC, _no_route("front", ANYWHERE)),
    Case(
        "N31 attached", "tcp/80", OUTSIDE, WEB_PUBLIC,
        _set("InternetGateways", "igw-a", Attachments=[]),
    ),
    Case(
        "N32 a route for the client", "tcp/80", OUTSIDE, WEB_PUBLIC,
        _route("front", "198.51.100.0/24", "pcx-ab"),
    ),
    Case(
        "N31 a public address to leave under", "udp/53", APP, OUTSIDE,
        _public("app", APP, "3.0.0.20"),
        _all(_no_route("back", ANYWHERE), _route("back", ANYWHERE, "igw-a")), arrives=False,
    ),
    Case("N34 out and in again", "tcp/80", APP, WEB_PUBLIC, _no_route("back", ANYWHERE)),
    Case("N35 out by NAT", "tcp/80", APP, OUTSIDE, _set("NatGateways", "nat-a", State="failed")),
    Case(
        "N18 NAT chooses its own port", "tcp/80", APP, OUTSIDE,
        _acl("back", entry(1, "allow", False, protocol="6", ports=(0, 1023)), _OUT),
        _all(
            _acl("back", entry(1, "allow", False, protocol="6", ports=(1024, 32767)), _OUT),
            _acl(
                "front", entry(1, "allow", False, "10.0.0.0/8"),
                entry(2, "allow", False, protocol="6", ports=(49152, 65535)), _OUT,
            ),
        ),
    ),
    Case(
        "N43a the NAT gateway's own subnet", "udp/53", APP, OUTSIDE,
        _acl("front", _IN, entry(1, "deny", True, f"{OUTSIDE}/32"), entry(2, "allow", True)),
    ),
    Case(
        "N39 an active peering", "tcp/80", APP, FAR,
        _set("VpcPeeringConnections", "pcx-ab", Status={"Code": "deleted"}),
    ),
    Case("N39 routes on both sides", "tcp/80", APP, FAR, _no_route("beside", "10.0.0.0/16")),
    Case(
        "N40 no edge to edge", "udp/53", FAR, OUTSIDE, _own_gateway,
        _route("beside", ANYWHERE, "pcx-ab"), arrives=False,
    ),
    Case(
        "N54 the destination check", "udp/53", WEB, APP,
        _set("NetworkInterfaces", "eni-proxy", SourceDestCheck=True),
        _all(
            _route("front", "10.0.2.0/24", "eni-proxy"),
            _group("app", ingress=[permission("-1", None, None, cidrs=(ANYWHERE,))]),
        ),
    ),
    Case(
        "N9 a reference does not survive a middlebox", "udp/53", WEB, APP,
        _no_route("front", "10.0.2.0/24"),
        _route("front", "10.0.2.0/24", "eni-proxy"), arrives=False,
    ),
    Case(
        "N9 at the middlebox itself a reference holds", "udp/53", WEB, APP,
        _group("proxy", ingress=[permission("-1", None, None, groups=("sg-app",))]),
        _all(
            _route("front", "10.0.2.0/24", "eni-proxy"),
            _group("proxy", ingress=[permission("-1", None, None, groups=("sg-web",))]),
            _group("app", ingress=[permission("-1", None, None, cidrs=(ANYWHERE,))]),
        ),
    ),
    Case("N55 stopped", "tcp/80", APP, DB, _instance("db", "stopped")),
]  # fmt: skip


Ends = tuple[str, str, str]


@pytest.fixture(scope="module")
def fates(kernel: Kernel) -> Callable[[Draft], dict[Ends, bool]]:
    """What arrives in an estate, by traffic, source and destination; looked at once.

    Both engines must say the same of every packet there is.
    """
    known: dict[str, dict[Ends, bool]] = {}

    def look(draft: Draft) -> dict[Ends, bool]:
        text = json.dumps(draft.items)
        if text not in known:
            observed = observe(kernel, draft.inventory(), [OUTSIDE], (80, 443), (53,))
            assert tracer(observed)[0] == []
            assert set_engine(observed)[0] == []
            known[text] = {
                (probe.traffic, probe.source, probe.destination): observed.from_any_port(probe)
                for probe in observed.arrived
            }
        return known[text]

    return look


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_one_fact_flips_what_becomes_of_a_packet(
    fates: Callable[[Draft], dict[Ends, bool]], case: Case
) -> None:
    """Each rule that the lab knows decides over a packet in the kernel."""
    before, after = town(), town()
    case.first(before)
    case.first(after)
    case.flips(after)
    other = case.other_source or case.source
    assert fates(before)[case.traffic, case.source, case.destination] is case.arrives
    assert fates(after)[case.traffic, other, case.destination] is not case.arrives


def _seen(kernel: Kernel, space: str, source: str, destination: str) -> str:
    (arrival,) = kernel.send([Sent(space, "udp", source, 50000, destination, 53)])
    assert arrival is not None
    return arrival.source


def test_addresses_are_translated_on_the_way(kernel: Kernel) -> None:
    """N31, N35: outside a host is seen under its own public address or the NAT gateway's."""
    kernel.lay_out(wire(town().inventory(), [OUTSIDE]), {"udp": [53]})
    assert _seen(kernel, "eni-web", WEB, OUTSIDE) == WEB_PUBLIC
    assert _seen(kernel, "eni-app", APP, OUTSIDE) == "3.0.0.200"


def test_nothing_comes_in_through_a_nat_gateway(kernel: Kernel) -> None:
    """N35: neither from the internet nor from inside, and the gateway is what stops it."""
    kernel.lay_out(wire(town().inventory(), [OUTSIDE]), {"udp": [53]})
    for space, source, to in ((INTERNET, OUTSIDE, "3.0.0.200"), ("eni-app", APP, "10.0.1.200")):
        packet = Sent(space, "udp", source, 50000, to, 53)
        assert kernel.where_dropped(packet) == (False, ["eni-nat-a unsolicited"])


def test_the_lab_names_the_filter_that_drops(kernel: Kernel) -> None:
    """A lost packet is counted where it was lost, and nowhere else."""
    draft = town()
    _acl("back", _IN, entry(1, "deny", True))(draft)
    kernel.lay_out(wire(draft.inventory(), [OUTSIDE]), {"tcp": [80], "udp": [53]})
    group = Sent("eni-db", "udp", DB, 50000, APP, 53)
    answer = Sent("eni-web", "tcp", WEB, 50000, DB, 80)
    assert kernel.where_dropped(group) == (False, ["eni-db groups-out"])
    assert kernel.where_dropped(answer) == (False, ["subnet-back acl-out"])


@pytest.mark.parametrize(
    ("key", "item"),
    [
        ("TransitGateways", {"TransitGatewayId": "tgw-1"}),
        ("VpcBlockPublicAccessOptions", {"InternetGatewayBlockMode": "block-ingress"}),
        (
            "RouteTables",
            {
                "RouteTableId": "rtb-edge",
                "VpcId": "vpc-a",
                "Associations": [{"GatewayId": "igw-a"}],
            },
        ),
    ],
)
def test_what_the_lab_does_not_know_it_refuses(key: str, item: Json) -> None:
    """Nothing is left out in silence: an estate is built whole or not at all."""
    draft = town()
    wire(draft.inventory())
    draft.put(key, item)
    with pytest.raises(NotInTheLab):
        wire(draft.inventory())


def test_the_lab_is_built_without_the_engines() -> None:
    """The wiring reads the inventory alone: no module of the engines is even loaded."""
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import lab_wiring; "
        "print([name for name in sys.modules if name.startswith('mute_audit.network')])"
    )
    done = run([executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
