"""Traffic as one line of integers."""

from __future__ import annotations

import pytest

from mute_audit.errors import UsageError
from mute_audit.network.traffic import ICMP, TCP, UDP, Traffic


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("tcp/443", "tcp/443"),
        ("TCP/443", "tcp/443"),
        ("tcp/8000-8100", "tcp/8000-8100"),
        ("udp/53, tcp/53", "tcp/53, udp/53"),
        ("icmp/8", "icmp/8"),
        ("icmp/3/4", "icmp/3/4"),
        ("icmpv6/128", "icmpv6/128"),
        ("107", "107"),
        ("6", "tcp"),
        ("all", "all"),
        ("-1", "all"),
        ("tcp/0-65535", "tcp"),
        ("tcp/0", "tcp/0"),
        ("tcp/65535", "tcp/65535"),
        ("tcp/80, tcp/81", "tcp/80-81"),
        ("icmp/3/1-5/0", "icmp/3/1-5/0"),
        ("nothing", "nothing"),
    ],
)
def test_a_port_is_read_and_spelled(text: str, spelled: str) -> None:
    """What a person writes comes back in its shortest form."""
    assert str(Traffic.parse(text)) == spelled


@pytest.mark.parametrize("taken", ["tcp/22", "icmp/8", "icmp/3/4", "tcp, udp", "107", "0, 255"])
def test_what_is_spelled_is_read_again(taken: str) -> None:
    """Also what is left when something is taken from everything: `protocols 0-5`, `tcp/0-21`."""
    for traffic in (Traffic.parse(taken), Traffic.everything() - Traffic.parse(taken)):
        assert Traffic.parse(str(traffic)) == traffic


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tcp/",
        "tcp/65536",
        "tcp/9-8",
        "http",
        "tcp/x",
        "300",
        "icmp/256",
        "icmp/8/256",
        "icmp/9-8",
        "icmp/3/1-2/9",
        "protocols 7-6",
        "protocols 0-256",
        "47/22",
        "all/22",
        "tcp/-1",
        "tcp/80-",
    ],
)
def test_nonsense_is_refused(text: str) -> None:
    """A text that is no port names itself and says what to write."""
    with pytest.raises(UsageError, match="is not a port") as caught:
        Traffic.parse(text)
    assert "tcp/443" in (caught.value.hint or "")


def test_protocols_do_not_overlap() -> None:
    """tcp/443 and udp/443 are different traffic."""
    assert not Traffic.ports(TCP, 443, 443) & Traffic.ports(UDP, 443, 443)
    assert Traffic.ports(TCP, 443, 443) <= Traffic.protocol(TCP)
    assert Traffic.protocol(ICMP) - Traffic.parse("icmp/8") != Traffic.protocol(ICMP)


def test_everything_less_one_port_spells_the_rest() -> None:
    """A hole in the middle shows on both sides."""
    rest = Traffic.everything() - Traffic.parse("tcp/22")
    assert str(rest) == "protocols 0-5, tcp/0-21, tcp/23-65535, protocols 7-255"
    assert not rest & Traffic.parse("tcp/22")


def test_first_is_the_smallest_member() -> None:
    """The smallest protocol, then its smallest port."""
    assert Traffic.parse("udp/53, tcp/8080, tcp/443").first() == (TCP, 443)
    assert Traffic.parse("udp/53, tcp/443").protocols() == (TCP, UDP)
