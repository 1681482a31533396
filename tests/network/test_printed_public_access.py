"""VPC Block Public Access with its exclusions, as the command line prints it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asking import NO, UNKNOWN, YES, Asked
from printed import ANYWHERE, Folder
from printed_gateways import OUT, OUT6, Net, net

BPA = "block-public-access"
# What is asked: in to the public instance, its own way out, by NAT, by the egress-only gateway.
IN, DIRECT, BY_NAT, SIX = "in", "direct", "nat", "egress-only"
EVERY = (IN, DIRECT, BY_NAT, SIX)


def verdicts(at: Net) -> dict[str, str]:
    """Which of the four ways is open; a closed one is closed by Block Public Access."""
    asked = at.asked()
    found = {}
    for name, source, target in (
        (IN, OUT, at.web),
        (DIRECT, at.web, OUT),
        (BY_NAT, at.app, OUT),
        (SIX, at.app, OUT6),
    ):
        trace = asked.trace(source, target, "tcp/443")
        found[name] = trace.verdict.value
        stops = "" if trace.verdict.value == YES else BPA
        asked.expect(source, target, "tcp/443", trace.verdict.value, (), stops)
    # Both versions of IP share the gateway, so that they fare alike.
    for source, target, same in (
        (OUT6, "2600:1f16:abc:100::10", IN),
        (at.web, OUT6, DIRECT),
    ):
        asked.expect(source, target, "tcp/443", found[same], (), "" if found[same] == YES else BPA)
    return found


def opened(*names: str) -> dict[str, str]:
    return {name: YES if name in names else NO for name in EVERY}


@pytest.mark.parametrize(
    ("mode", "open_"),
    [
        ("off", EVERY),
        ("block-bidirectional", ()),
        ("block-ingress", (BY_NAT, SIX)),
    ],
)
def test_mode_of_the_region(tmp_path: Path, mode: str, open_: tuple[str, ...]) -> None:
    at = net(tmp_path)
    at.region.block_public_access(mode)
    assert verdicts(at) == opened(*open_)


@pytest.mark.parametrize(
    ("mode", "excluded", "how", "open_"),
    [
        ("block-bidirectional", "vpc", "allow-bidirectional", EVERY),
        ("block-bidirectional", "public", "allow-bidirectional", (IN, DIRECT, BY_NAT)),
        ("block-bidirectional", "private", "allow-bidirectional", (SIX,)),
        ("block-bidirectional", "vpc", "allow-egress", (BY_NAT, SIX)),
        ("block-ingress", "public", "allow-bidirectional", EVERY),
        ("block-ingress", "vpc", "allow-egress", (BY_NAT, SIX)),
    ],
)
def test_exclusion_of_a_vpc_or_a_subnet(
    tmp_path: Path, mode: str, excluded: str, how: str, open_: tuple[str, ...]
) -> None:
    at = net(tmp_path)
    at.region.block_public_access(mode)
    at.region.exclude({"vpc": at.vpc, "public": at.public, "private": at.private}[excluded], how)
    assert verdicts(at) == opened(*open_)


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        ("delete-complete", "allowed"),
        ("create-in-progress", "allowed"),
        ("create-complete", "not-allowed"),
    ],
)
def test_exclusion_that_is_not_in_force(tmp_path: Path, state: str, allowed: str) -> None:
    at = net(tmp_path)
    at.region.block_public_access("block-bidirectional", ExclusionsAllowed=allowed)
    at.region.exclude(at.vpc, "allow-bidirectional", state)
    assert verdicts(at) == opened()


def test_exclusion_of_another_vpc_is_none_here(tmp_path: Path) -> None:
    at = net(tmp_path)
    at.region.block_public_access("block-bidirectional")
    at.region.exclude(at.region.vpc("other", "10.9.0.0/16"), "allow-bidirectional")
    assert verdicts(at) == opened()


def test_traffic_inside_aws_is_not_public_access(tmp_path: Path) -> None:
    at = net(tmp_path)
    at.region.block_public_access("block-bidirectional")
    pl = at.region.prefix_list("s3", "52.216.0.0/15")
    vpce = at.vpc.gateway_endpoint("s3")
    host = at.vpc.subnet("data", "10.0.5.0/24", {pl: vpce}).instance("data", "10.0.5.10")
    asked = at.asked()
    asked.expect(at.app, at.web, "tcp/443", YES, [at.app, at.web])
    asked.expect(host, "internet:52.216.9.9", "tcp/443", YES, [host, vpce])


@pytest.mark.parametrize(
    ("vpc", "subnet", "open_"),
    [
        ("off", "off", EVERY),
        ("block-bidirectional", "block-bidirectional", ()),
        ("block-ingress", "block-ingress", (BY_NAT, SIX)),
        ("block-bidirectional", "off", (IN, DIRECT, BY_NAT)),
    ],
)
def test_vpcs_and_subnets_say_it_themselves_where_the_options_are_not_saved(
    tmp_path: Path, vpc: str, subnet: str, open_: tuple[str, ...]
) -> None:
    """DescribeVpcs and DescribeSubnets print what is in force for each of them."""
    at = net(tmp_path)
    at.vpc.json["BlockPublicAccessStates"] = {"InternetGatewayBlockMode": vpc}
    for item in at.region.items["Subnets"]:
        public = item["SubnetId"] == at.public.id
        item["BlockPublicAccessStates"] = {"InternetGatewayBlockMode": subnet if public else vpc}
    assert verdicts(at) == opened(*open_)


def test_unknown_mode_is_not_known(tmp_path: Path) -> None:
    at = net(tmp_path)
    at.region.block_public_access("block-everything")
    at.asked().expect(OUT, at.web, "tcp/443", UNKNOWN)


def shared(
    tmp_path: Path, owner_mode: str, participant_mode: str, *, first: str
) -> tuple[Asked, Any]:
    """A subnet of one account in which another one has an instance."""
    folder = Folder(tmp_path)
    owner, participant = folder.region(first), folder.region("333333333333")
    vpc = owner.vpc("shared", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    subnet = vpc.subnet("shared", "10.0.0.0/24", {ANYWHERE: igw})
    owner.block_public_access(owner_mode)
    participant.block_public_access(participant_mode)
    # The participant sees the VPC and the subnet, has groups and interfaces of its own there.
    participant.items["Vpcs"] = list(owner.items["Vpcs"])
    participant.items["Subnets"] = list(owner.items["Subnets"])
    vpc.region = participant
    group = vpc.group("theirs", [("tcp/443", ANYWHERE)])
    host = subnet.instance("theirs", "10.0.0.10", [group], public="3.0.0.10")
    vpc.region = owner
    return Asked(folder.write()), host


@pytest.mark.parametrize("first", ["111111111111", "444444444444"])
@pytest.mark.parametrize(
    ("owners", "theirs", "verdict"),
    [("off", "block-bidirectional", YES), ("block-bidirectional", "off", NO)],
)
def test_shared_subnet_obeys_its_owner(
    tmp_path: Path, first: str, owners: str, theirs: str, verdict: str
) -> None:
    asked, host = shared(tmp_path, owners, theirs, first=first)
    asked.expect(OUT, host, "tcp/443", verdict, (), "" if verdict == YES else BPA)
    asked.expect(host, OUT, "tcp/443", verdict, (), "" if verdict == YES else BPA)
