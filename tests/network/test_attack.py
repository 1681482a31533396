"""Attack paths and minimum cuts, on the graph of places and gateways."""

from __future__ import annotations

import networkx as nx
import pytest
from estate import ANYWHERE, Estate

from mute_audit.errors import UsageError
from mute_audit.network.attack import attack_path, minimum_cut
from mute_audit.network.graph import build_graph
from mute_audit.network.places import INTERNET
from mute_audit.network.reach import Reach
from mute_audit.network.traffic import Traffic

POSTGRES = Traffic.parse("tcp/5432")
HTTP = Traffic.parse("tcp/443-8080")


def tiers(*, hosts: int = 2, extra: str = "", listed: bool = True) -> Reach:
    """internet → `hosts` web hosts → one app → db; `extra` is a rule more on the db."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    front = vpc.subnet("f", "10.0.0.0/24", routes={"0.0.0.0/0": vpc.internet_gateway()})
    web = vpc.group("web", [("tcp/443", ANYWHERE)])
    app = vpc.group("app", [("tcp/8080", web)])
    peer = app if listed else estate.prefix_list("p", "10.0.0.0/24", collected=False)
    db = vpc.group("db", [("tcp/5432", peer), *([(extra, web)] if extra else [])])
    for number in range(hosts):
        front.instance(
            f"web{number}", f"10.0.0.1{number}", groups=[web], public=f"3.0.0.{number + 1}"
        )
    front.instance("app", "10.0.0.20", groups=[app])
    front.instance("db", "10.0.0.30", groups=[db])
    return Reach(estate.inventory())


def ends(graph: nx.MultiDiGraph[str]) -> set[tuple[str, str]]:
    return {
        (start, end) for start, end, data in graph.edges(data=True) if data["relation"] == "reaches"
    }


def path(reach: Reach, traffic: Traffic = POSTGRES) -> set[tuple[str, str]]:
    db = reach.directory.resolve("i-db")
    return ends(attack_path(reach, (INTERNET,), (db,), traffic))


def test_a_shorter_way_is_the_attack_path_when_there_is_one() -> None:
    assert path(tiers(hosts=1)) == {
        ("internet", "i-web0"),
        ("i-web0", "i-app"),
        ("i-app", "i-db"),
    }
    assert path(tiers(hosts=1, extra="tcp/5432")) == {("internet", "i-web0"), ("i-web0", "i-db")}


def test_only_what_is_asked_for_has_to_arrive() -> None:
    """SSH from the web hosts is a shorter way to the database, and none to its port."""
    reach = tiers(hosts=1, extra="tcp/22")
    assert ("i-app", "i-db") in path(reach)
    assert path(reach, Traffic.parse("tcp/22")) == {("internet", "i-web0"), ("i-web0", "i-db")}


def test_an_uncertain_way_is_shown_where_there_is_no_certain_one() -> None:
    reach = tiers(hosts=1, listed=False)
    graph = attack_path(reach, (INTERNET,), (reach.directory.resolve("i-db"),), POSTGRES)
    assert any(data.get("verdict") == "unknown" for _, _, data in graph.edges(data=True))
    assert len(ends(graph)) == 2


@pytest.mark.parametrize("hosts", [1, 3])
def test_the_cut_is_where_the_ways_are_fewest(hosts: int) -> None:
    """However many web hosts there are: the one connection from the application is enough."""
    reach = tiers(hosts=hosts)
    cut = minimum_cut(reach, (INTERNET,), (reach.directory.resolve("i-db"),), POSTGRES)
    assert len(ends(cut)) == 1
    if hosts > 1:
        assert ends(cut) == {("i-app", "i-db")}


def test_the_cut_leaves_no_way() -> None:
    reach = tiers(hosts=3, extra="tcp/5432")
    db = reach.directory.resolve("i-db")
    cut = ends(minimum_cut(reach, (INTERNET,), (db,), POSTGRES))
    # Cheaper than the four connections into the database.
    assert cut == {("internet", f"i-web{number}") for number in range(3)}
    left = nx.DiGraph(edge for edge in ends(build_graph(reach, POSTGRES)) if edge not in cut)
    left.add_edges_from(edge for edge in ends(build_graph(reach, HTTP)) if edge not in cut)
    left.add_nodes_from(("internet", "i-db"))
    assert not nx.has_path(left, "internet", "i-db")
    left.add_edge("internet", "i-web1")
    assert nx.has_path(left, "internet", "i-db")


def test_no_way_is_an_empty_graph() -> None:
    reach = tiers()
    db = reach.directory.resolve("i-db")
    assert not attack_path(reach, (INTERNET,), (db,), Traffic.parse("udp/53"))
    assert not minimum_cut(reach, (INTERNET,), (db,), Traffic.parse("udp/53"))


def test_a_way_to_itself_is_refused() -> None:
    reach = tiers()
    db = reach.directory.resolve("i-db")
    with pytest.raises(UsageError, match="itself"):
        attack_path(reach, (db,), (db,), POSTGRES)


def test_an_edge_carries_the_packets_and_what_let_them_through() -> None:
    reach = tiers(hosts=1)
    graph = build_graph(reach, Traffic.everything())
    (edge,) = graph.get_edge_data("i-app", "i-db").values()
    assert edge["traffic"] == "tcp/5432"
    assert edge["sources"] == "10.0.0.20/32"
    assert edge["destinations"] == "10.0.0.30/32"
    assert edge["witness"] == "tcp 10.0.0.20:49152 → 10.0.0.30:5432"
    assert "sg-db" in edge["rules"]
    assert edge["path"].startswith("i-app > ")


def test_gateways_are_nodes_between_the_places_that_they_join() -> None:
    graph = build_graph(tiers(hosts=1), Traffic.everything())
    (gateway,) = (node for node, data in graph.nodes(data=True) if data["role"] == "gateway")
    assert graph.nodes[gateway]["type"] == "internet-gateway"
    assert graph.has_edge("internet", gateway)
    assert graph.has_edge(gateway, "i-web0")
    assert graph.nodes["internet"]["role"] == "outside"
