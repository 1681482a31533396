"""What becomes reachable when a switch is thrown; with the switch on, it is reachable now."""

from __future__ import annotations

import pytest
from estate import ANYWHERE, Estate

from mute_audit.network.latent import Latent, latent_flows
from mute_audit.network.places import INTERNET
from mute_audit.network.reach import Reach
from mute_audit.network.traffic import Traffic

HTTPS = Traffic.parse("tcp/443")


def estate(*, state: str = "running", block: str = "off", route: str = "active") -> Reach:
    """A web host that the internet reaches over an internet gateway."""
    made = Estate()
    vpc = made.vpc("a", "10.0.0.0/16")
    front = vpc.subnet("f", "10.0.0.0/24")
    table = vpc.table("t", {})
    table.add("0.0.0.0/0", vpc.internet_gateway("g"), State=route)
    table.use(front)
    web = vpc.group("web", [("tcp/443", ANYWHERE)])
    front.instance("web", "10.0.0.10", groups=[web], public="3.0.0.1", state=state)
    made.put(
        "VpcBlockPublicAccessOptions",
        {"InternetGatewayBlockMode": block, "State": "update-complete"},
    )
    return Reach(made.inventory())


def found(reach: Reach) -> list[Latent]:
    web = reach.directory.resolve("i-web")
    return list(latent_flows(reach, (INTERNET,), (web,), HTTPS))


@pytest.mark.parametrize(
    ("off", "kind", "opened_by"),
    [
        ({"state": "stopped"}, "stopped", "i-web"),
        ({"block": "block-bidirectional"}, "block-public-access", "111111111111/eu-west-1"),
        ({"route": "blackhole"}, "blackhole", "igw-g"),
    ],
)
def test_one_switch_that_is_off_holds_a_path_back(
    off: dict[str, str], kind: str, opened_by: str
) -> None:
    reach = estate(**off)
    (item,) = found(reach)
    assert item.kind == kind
    assert item.opened_by == (opened_by,)
    assert item.flow.traffic == HTTPS
    assert item.proof is not None
    assert item.proof.witness is not None
    assert not found(estate())


def test_two_switches_hide_a_path_from_each_other() -> None:
    assert not found(estate(state="stopped", route="blackhole"))


def test_what_gets_through_now_is_not_latent() -> None:
    """A second host is stopped; nothing of the first one's is listed."""
    made = Estate()
    vpc = made.vpc("a", "10.0.0.0/16")
    front = vpc.subnet("f", "10.0.0.0/24")
    web = vpc.group("web", [("tcp/443", "10.0.0.0/16")])
    front.instance("one", "10.0.0.10", groups=[web])
    front.instance("two", "10.0.0.11", groups=[web])
    front.instance("off", "10.0.0.12", groups=[web], state="stopped")
    reach = Reach(made.inventory())
    items = list(latent_flows(reach, reach.everything(), reach.everything(), HTTPS))
    assert {item.opened_by for item in items} == {("i-off",)}
    pairs = {(i.flow.source.address.id, i.flow.target.address.id) for i in items}
    assert pairs == {("i-off", "i-one"), ("i-off", "i-two"), ("i-one", "i-off"), ("i-two", "i-off")}
