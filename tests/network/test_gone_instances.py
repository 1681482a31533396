"""An interface that outlives its instance is no place: nothing sends from it, nothing answers."""

from __future__ import annotations

import pytest
from estate import Estate

from mute_audit.analysis import Analysis
from mute_audit.network.traffic import Traffic


def reaching(state: str) -> set[str]:
    """Who reaches the database's host on 5432, where another host of the VPC is in `state`."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    subnet = vpc.subnet("one", "10.0.0.0/24")
    group = vpc.group("all", ingress=[("tcp/5432", "10.0.0.0/16")])
    subnet.instance("goal", "10.0.0.10", groups=[group])
    subnet.instance("other", "10.0.0.11", groups=[group], state=state)
    analysis = Analysis(estate.inventory())
    goal = analysis.directory.resolve("i-goal")
    flows = analysis.reach.flows(analysis.reach.everything(), (goal,), Traffic.parse("tcp/5432"))
    for flow in flows:
        # Replayed by the packet tracer, which must not object.
        analysis.reach.prove(flow)
    return {flow.source.label for flow in flows}


def test_a_running_host_reaches_it() -> None:
    assert reaching("running") == {"other"}


@pytest.mark.parametrize("state", ["shutting-down", "terminated"])
def test_the_interface_of_one_that_is_gone_does_not(state: str) -> None:
    assert reaching(state) == set()
