"""Interfaces that an instance shows and the list of interfaces lacks."""

from __future__ import annotations

import pytest
from policy_estate import analysis, documents, group, rule

from mute_audit.network.places import INTERNET
from mute_audit.network.traffic import Traffic


@pytest.mark.parametrize("listed", ["all", "none", "others"])
def test_an_interface_that_only_its_instance_shows_is_there(listed: str) -> None:
    """Started between the two calls; the web server is as reachable as it would be in the list."""
    estate = documents()
    group(estate, "web")["IpPermissions"] = [rule(22, cidr="0.0.0.0/0")]
    estate["NetworkInterfaces"] = [
        eni
        for eni in estate["NetworkInterfaces"]
        if listed == "all" or (listed == "others" and eni["NetworkInterfaceId"] != "eni-web")
    ]
    found = analysis(estate)
    (web,) = found.directory.select("web")
    (flow,) = found.reach.flows((INTERNET,), (web,), Traffic.parse("tcp"))
    assert (str(flow.traffic), flow.truth.value) == ("tcp/22", "yes")
    assert found.reach.prove(flow).witness is not None
    assert found.inventory.network_interfaces["eni-web"].attachment.instance_id == "i-web"
