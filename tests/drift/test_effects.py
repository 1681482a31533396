"""What a change does to who can reach whom; each test changes one fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from policy_estate import (
    ACCOUNT,
    OFFICE,
    REGION,
    Document,
    add_instance,
    analysis,
    documents,
    group,
    instance,
    interface,
    join_group,
    refuse,
    rule,
)

from mute_audit.drift import effects as module
from mute_audit.drift.effects import Effects, effects
from mute_audit.finding import EffectKind
from mute_audit.verdict import Gap


def compared(change: Callable[[Document], Any]) -> Effects:
    before, after = documents(), documents()
    change(after)
    return effects(analysis(before), analysis(after))


def lines(found: Effects) -> set[str]:
    return {
        f"{'+' if e.kind is EffectKind.OPENED else '-'} "
        f"{e.source.label} → {e.target.label} {e.traffic}{'' if e.certain else ' ?'}"
        for e in found.items
    }


def test_nothing_changed() -> None:
    assert compared(lambda estate: None) == Effects()


def test_a_rule_that_is_added_is_told_with_its_packet() -> None:
    found = compared(lambda e: group(e, "db")["IpPermissions"].append(rule(5432, group="sg-web")))
    assert lines(found) == {"+ web → orders tcp/5432"}
    (effect,) = found.items
    assert effect.evidence.witness is not None
    assert effect.evidence.witness.destination_port == 5432
    assert effect.evidence.path[0].id == "i-web"


def test_a_rule_that_is_gone_is_told_with_the_packet_that_got_through() -> None:
    found = compared(lambda e: group(e, "db").update(IpPermissions=[]))
    assert lines(found) == {"- app → orders tcp/5432"}
    assert found.items[0].evidence.witness is not None


def test_a_source_that_is_widened_is_told_by_what_is_new() -> None:
    """The office got in before: what is new is the rest."""
    found = compared(
        lambda e: group(e, "web")["IpPermissions"].append(rule(22, cidr="203.0.112.0/23"))
    )
    assert lines(found) == {"+ internet:203.0.112.0/24 → web tcp/22"}
    again = compared(lambda e: group(e, "web")["IpPermissions"].append(rule(22, cidr=OFFICE)))
    assert again == Effects()


def test_a_host_that_is_replaced_by_one_like_it_is_no_difference() -> None:
    """Another id, another address, the same name."""

    def replaced(estate: Document) -> None:
        estate["Reservations"][0]["Instances"].pop(1)
        estate["NetworkInterfaces"].pop(1)
        new = instance("app", "private", "10.0.1.99", "app")
        new["InstanceId"] = new["NetworkInterfaces"][0]["Attachment"]["InstanceId"] = "i-new"
        add_instance(estate, new)

    assert compared(replaced) == Effects()


def test_a_host_that_is_new_is_told_by_what_it_reaches() -> None:
    found = compared(lambda e: add_instance(e, instance("spy", "private", "10.0.1.66", "app")))
    assert "+ spy → orders tcp/5432" in lines(found)
    assert "+ web → spy tcp/8080" in lines(found)
    assert not any(line.startswith("-") for line in lines(found))


def test_what_cannot_be_told_is_no_certain_difference() -> None:
    """An ACL that could not be read may let through what it did, and may not."""
    before, after = documents(), documents()
    gap = refuse(after, "NetworkAcls", "ec2:DescribeNetworkAcls")
    found = effects(analysis(before), analysis(after, gap))
    assert not any(effect.certain for effect in found.items)


def test_what_the_other_side_may_have_had_is_not_surely_new() -> None:
    """The list of instances ends early there: the new one may have been on the missing page."""
    before, after = documents(), documents()
    lost = before["Reservations"][0]["Instances"].pop()
    gone = lost["NetworkInterfaces"][0]["NetworkInterfaceId"]
    before["NetworkInterfaces"] = [
        eni for eni in before["NetworkInterfaces"] if eni["NetworkInterfaceId"] != gone
    ]
    surely = effects(analysis(before), analysis(after))
    assert surely.items
    assert all(effect.certain for effect in surely.items)
    page = Gap("ec2:DescribeInstances", f"{ACCOUNT}/{REGION}", "no last page", "Reservations")
    for found in (
        effects(analysis(before, page), analysis(after)),
        effects(analysis(after), analysis(before, page)),
    ):
        assert len(found.items) >= len(surely.items)
        assert not any(effect.certain for effect in found.items)
        assert all(page in effect.evidence.gaps for effect in found.items)


def igw_route(estate: Document) -> None:
    estate["RouteTables"][1]["Routes"][1] = {
        "DestinationCidrBlock": "0.0.0.0/0",
        "GatewayId": "igw-1",
        "State": "active",
    }


def deny(estate: Document) -> None:
    estate["NetworkAcls"][0]["Entries"].append(
        {
            "RuleNumber": 1,
            "Protocol": "6",
            "RuleAction": "deny",
            "Egress": False,
            "CidrBlock": "10.0.0.0/8",
            "PortRange": {"From": 8080, "To": 8080},
        }
    )


CHANGES: dict[str, Callable[[Document], Any]] = {
    "a rule": lambda e: group(e, "db")["IpPermissions"].append(rule(5432, group="sg-web")),
    "a member": lambda e: join_group(e, "other", "app"),
    "a host": lambda e: add_instance(e, instance("spy", "private", "10.0.1.66", "app")),
    "a host less": lambda e: (
        e["Reservations"][0]["Instances"].pop(2),
        e["NetworkInterfaces"].pop(2),
    ),
    "a stop": lambda e: e["Reservations"][0]["Instances"][1]["State"].update(Name="stopped"),
    "a check": lambda e: interface(e, "web").update(SourceDestCheck=False),
    "an entry": deny,
    "a route": igw_route,
    "a database": lambda e: e["DBInstances"][0].update(VpcSecurityGroups=[]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_in_a_large_estate_the_same_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the ways from and to what has changed are compared there."""
    small = compared(CHANGES[name])
    monkeypatch.setattr(module, "FEW", 0)
    found = compared(CHANGES[name])
    assert found.items == small.items
    # What a route does to ways inside is left out, and said to be.
    assert bool(found.notes) == (name == "a route")


def test_what_is_left_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A route may matter to any two places: of too many pairs those outside are compared."""
    monkeypatch.setattr(module, "FEW", 0)
    monkeypatch.setattr(module, "MOST_PAIRS", 1)
    found = compared(CHANGES["a rule"])
    assert found.items == ()
    assert found.notes == ("only ways from and to networks outside were compared, of 5 places",)
    opened = compared(
        lambda e: group(e, "web")["IpPermissions"].append(rule(9000, cidr="0.0.0.0/0"))
    )
    assert "+ internet → web tcp/9000" in lines(opened)
