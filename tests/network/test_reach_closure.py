"""Pivoting: where one gets to from host to host."""

from __future__ import annotations

import random

import networkx as nx
from estate import ANYWHERE, Estate

from mute_audit.network.closure import Closure, _components
from mute_audit.network.places import INTERNET
from mute_audit.network.reach import Reach
from mute_audit.network.traffic import Traffic
from mute_audit.verdict import Truth


def chain(*, last: bool = True, listed: bool = True) -> tuple[Estate, Reach]:
    """internet → web → app → db, where the last step may be shut, or hang on a prefix list."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    front = vpc.subnet("f", "10.0.0.0/24", routes={"0.0.0.0/0": vpc.internet_gateway()})
    names = estate.prefix_list("p", "10.0.0.0/28", collected=listed)
    web = vpc.group("web", [("tcp/443", ANYWHERE)])
    app = vpc.group("app", [("tcp/8080", web)])
    peer = app if listed else names
    db = vpc.group("db", [("tcp/5432", peer)] if last else [])
    front.instance("web", "10.0.0.10", groups=[web], public="3.0.0.1")
    front.instance("app", "10.0.0.20", groups=[app])
    front.instance("db", "10.0.0.30", groups=[db])
    return estate, Reach(estate.inventory())


def test_a_chain_of_hosts_is_followed_to_its_end() -> None:
    """The database is three steps from the internet; with the last rule away it is not reached."""
    for last in (True, False):
        _, reach = chain(last=last)
        closure = Closure(reach)
        db = reach.directory.resolve("i-db")
        assert closure.truth(INTERNET, db) is Truth.of(last)
        steps = [flow.target.address.id for flow in closure.path(INTERNET, db)]
        assert steps == (["i-web", "i-app", "i-db"] if last else [])
        assert not reach.flows((INTERNET,), (db,), Traffic.everything())


def test_an_uncertain_step_makes_the_whole_way_uncertain() -> None:
    """The list that would decide was not collected."""
    _, reach = chain(listed=False)
    closure = Closure(reach)
    db = reach.directory.resolve("i-db")
    assert closure.truth(INTERNET, db) is Truth.UNKNOWN
    assert closure.path(INTERNET, db)[-1].gaps


def test_nobody_goes_on_from_the_internet() -> None:
    """Two hosts that reach the internet do not thereby reach each other."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    subnet = vpc.subnet("f", "10.0.0.0/24", routes={"0.0.0.0/0": igw})
    shut, web = vpc.group("shut"), vpc.group("web", [("tcp/443", "8.8.8.8/32")])
    subnet.instance("a", "10.0.0.10", groups=[shut], public="3.0.0.1")
    subnet.instance("b", "10.0.0.20", groups=[web], public="3.0.0.2")
    reach = Reach(estate.inventory())
    closure = Closure(reach)
    a, b = reach.directory.resolve("i-a"), reach.directory.resolve("i-b")
    assert closure.truth(a, INTERNET) is Truth.YES
    assert closure.truth(INTERNET, b) is Truth.YES
    assert closure.truth(a, b) is Truth.NO
    assert closure.reached(a) == (INTERNET,)


def test_components_are_those_of_networkx_successors_first() -> None:
    """On random graphs, against another implementation."""
    rng = random.Random(7)
    for _ in range(200):
        count = rng.randrange(1, 12)
        edges = [
            [to for to in range(count) if rng.random() < 0.2 and to != here]
            for here in range(count)
        ]
        graph: nx.DiGraph[int] = nx.DiGraph()
        graph.add_nodes_from(range(count))
        graph.add_edges_from((here, to) for here, found in enumerate(edges) for to in found)
        found = _components(edges)
        wanted = {frozenset(part) for part in nx.strongly_connected_components(graph)}
        assert {frozenset(part) for part in found} == wanted
        position = {index: number for number, part in enumerate(found) for index in part}
        assert all(position[to] <= position[here] for here in range(count) for to in edges[here])
