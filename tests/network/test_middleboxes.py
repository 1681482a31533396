"""N9, N54: what group references see at, before and behind a host that passes packets on."""

from __future__ import annotations

from typing import Any

import pytest
from both import both
from estate import ANYWHERE, Estate

from mute_audit.verdict import Truth


def detour(
    *,
    box: Any = ANYWHERE,
    server: Any = "10.0.1.0/24",
    client: Any = ANYWHERE,
    back: bool = False,
    check: bool = False,
) -> Estate:
    """`i-a` sends to `i-b` through `i-box`; the rules of each are one fact.

    box     whom the box's own groups let in
    server  whom `i-b` lets in; client: whereto `i-a` may send
    back    the answer comes through the box as well
    """
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    clients = vpc.group("clients", egress=[])
    servers = vpc.group("servers")
    boxes = vpc.group("boxes")
    clients.allow("all", client, egress=True)
    servers.allow("all", server)
    boxes.allow("all", box)
    if back and box != ANYWHERE:
        boxes.allow("all", "10.0.2.0/24")
    middle = vpc.subnet("m", "10.0.9.0/24")
    made = middle.instance("box", "10.0.9.10", groups=[boxes], SourceDestCheck=check)
    one = vpc.subnet("one", "10.0.1.0/24", routes={"10.0.2.0/24": made.interface})
    two = vpc.subnet("two", "10.0.2.0/24", routes={"10.0.1.0/24": made.interface} if back else None)
    one.instance("a", "10.0.1.10", groups=[clients])
    two.instance("b", "10.0.2.10", groups=[servers])
    return estate


@pytest.mark.parametrize(("box", "found"), [("sg-clients", Truth.UNKNOWN), ("sg-boxes", Truth.NO)])
@pytest.mark.parametrize("back", [True, False])
def test_n9_the_box_s_own_groups_see_who_sent_the_packet(
    box: str, found: Truth, back: bool
) -> None:
    """Its rule names the sender's group, or one that the sender is not in."""
    assert both(detour(box=box, back=back), "i-a", "i-b", "tcp/22") is found


@pytest.mark.parametrize(
    ("server", "found"),
    [("10.0.1.0/24", Truth.UNKNOWN), ("sg-clients", Truth.NO), ("sg-boxes", Truth.UNKNOWN)],
)
def test_n9_a_reference_does_not_survive_the_box(server: str, found: Truth) -> None:
    """Behind it the sender's group is not seen; the box's own is, if it sends as a NAT does."""
    assert both(detour(server=server), "i-a", "i-b", "tcp/22") is found


@pytest.mark.parametrize(
    ("client", "found"), [("sg-servers", Truth.UNKNOWN), ("sg-boxes", Truth.NO)]
)
def test_n9_the_sender_s_own_groups_see_where_the_packet_goes(client: str, found: Truth) -> None:
    """An egress rule that names the group of whom the packet is for; of the box it is not."""
    assert both(detour(client=client), "i-a", "i-b", "tcp/22") is found


def test_n9_the_box_itself_is_seen_on_a_route_that_leads_to_it() -> None:
    """What is meant for the box is passed on by nobody: a reference to it holds for certain."""
    for client, found in (("sg-boxes", Truth.YES), ("sg-servers", Truth.NO)):
        estate = Estate()
        vpc = estate.vpc("v", "10.0.0.0/16")
        clients, boxes = vpc.group("clients", egress=[]), vpc.group("boxes", [("all", ANYWHERE)])
        vpc.group("servers")
        clients.allow("all", client, egress=True)
        box = vpc.subnet("two", "10.0.2.0/24").instance("box", "10.0.2.20", groups=[boxes])
        one = vpc.subnet("one", "10.0.1.0/24", routes={"10.0.2.0/24": box.interface})
        one.instance("a", "10.0.1.10", groups=[clients])
        assert both(estate, "i-a", "i-box", "tcp/22") is found


@pytest.mark.parametrize(
    ("rule", "found"), [("sg-servers", Truth.UNKNOWN), ("sg-clients", Truth.NO)]
)
def test_n9_the_answer_meets_the_box_s_own_groups(rule: str, found: Truth) -> None:
    """The box is on the way back alone: its rule has to name who answers.

    That it passes the answer on cannot be seen, so that TCP is never certain; UDP asks no answer.
    """
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    clients = vpc.group("clients")
    servers = vpc.group("servers", [("all", clients)])
    boxes = vpc.group("boxes", [("all", rule)])
    box = vpc.subnet("m", "10.0.9.0/24").instance(
        "box", "10.0.9.10", groups=[boxes], SourceDestCheck=False
    )
    vpc.subnet("one", "10.0.1.0/24").instance("a", "10.0.1.10", groups=[clients])
    two = vpc.subnet("two", "10.0.2.0/24", routes={"10.0.1.0/24": box.interface})
    two.instance("b", "10.0.2.10", groups=[servers])
    assert both(estate, "i-a", "i-b", "udp/53") is Truth.YES
    assert both(estate, "i-a", "i-b", "tcp/22") is found


@pytest.mark.parametrize(
    ("port", "found"), [("tcp/8000-8100", Truth.UNKNOWN), ("tcp/22", Truth.NO)]
)
def test_n18_the_box_lets_the_answer_through_to_some_of_the_client_s_ports(
    port: str, found: Truth
) -> None:
    """The client may have chosen such a port; port 22 no client chooses."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    boxes = vpc.group("boxes", [(port, ANYWHERE)])
    box = vpc.subnet("m", "10.0.9.0/24").instance(
        "box", "10.0.9.10", groups=[boxes], SourceDestCheck=False
    )
    vpc.subnet("one", "10.0.1.0/24").instance("a", "10.0.1.10")
    two = vpc.subnet("two", "10.0.2.0/24", routes={"10.0.1.0/24": box.interface})
    two.instance("b", "10.0.2.10")
    assert both(estate, "i-a", "i-b", "tcp/443") is found


@pytest.mark.parametrize(("first", "found"), [(2000, Truth.YES), (1024, Truth.UNKNOWN)])
def test_n18_one_port_that_is_sure_is_enough(first: int, found: Truth) -> None:
    """Of some ephemeral ports it is not known whether the answer gets back to them."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    one, two = vpc.subnet("one", "10.0.1.0/24"), vpc.subnet("two", "10.0.2.0/24")
    one.instance("a", "10.0.1.10")
    two.instance("b", "10.0.2.10")
    rows = [(10, "unknown until apply", f"tcp/{first}-65535", ANYWHERE)]
    vpc.acl("x", egress=[*rows, (20, "allow", "all", ANYWHERE)], subnets=[two])
    assert both(estate, "i-a", "i-b", "tcp/443") is found
