"""What people write and what AWS prints become one text for one meaning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mute_audit.intent.ports import Ports, PortsError


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("tcp/443", "tcp/443"),
        ("TCP/443", "tcp/443"),
        ("6/443", "tcp/443"),
        ("udp/8000-8100", "udp/8000-8100"),
        ("tcp/80-80", "tcp/80"),
        ("tcp/0-65535", "tcp"),
        ("icmp/8", "icmp/8"),
        ("icmp/3/4", "icmp/3/4"),
        ("1/8", "icmp/8"),
        ("icmpv6/128", "icmpv6/128"),
        ("all", "all"),
        ("50", "50"),
    ],
)
def test_each_traffic_has_one_spelling(text: str, same: str) -> None:
    assert str(Ports.parse(text)) == same


@pytest.mark.parametrize(
    "text",
    ["", "tcp/", "tcp/70000", "tcp/9-1", "tcp/1/2", "icmp/1-2", "icmp/256", "http", "256", "50/1",
     "all/1", "tcp/-1", "tcp/1-"],
)  # fmt: skip
def test_what_is_no_traffic_is_refused(text: str) -> None:
    with pytest.raises(PortsError, match="`"):
        Ports.parse(text)


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        (("-1", None, None), "all"),
        (("-1", -1, -1), "all"),
        (("-1", 22, 22), "all"),
        (("tcp", 22, 22), "tcp/22"),
        (("6", 22, 22), "tcp/22"),
        (("tcp", 0, 65535), "tcp"),
        (("tcp", -1, -1), "tcp"),
        (("tcp", None, None), "tcp"),
        (("icmp", -1, -1), "icmp"),
        (("icmp", 8, -1), "icmp/8"),
        (("1", 3, 4), "icmp/3/4"),
        (("58", 128, -1), "icmpv6/128"),
        (("icmp", 0, 0), "icmp/0/0"),
        (("50", None, None), "50"),
        (("50", -1, -1), "50"),
    ],
)
def test_aws_prints_one_traffic_in_several_ways(
    printed: tuple[str, int | None, int | None], text: str
) -> None:
    assert str(Ports.of(*printed)) == text


PROTOCOLS = st.sampled_from(["tcp", "udp", "icmp", "icmpv6", "all", "50", "107"])
NUMBERS = st.none() | st.integers(-1, 255)


@given(PROTOCOLS, NUMBERS, NUMBERS)
def test_text_and_back_changes_nothing(protocol: str, first: int | None, last: int | None) -> None:
    if first is not None and last is not None and last < first:
        first, last = last, first
    ports = Ports.of(protocol, first, last)
    assert Ports.parse(str(ports)) == ports


@given(PROTOCOLS, NUMBERS, NUMBERS)
def test_to_aws_and_back_changes_nothing(
    protocol: str, first: int | None, last: int | None
) -> None:
    ports = Ports.of(protocol, first, last)
    assert Ports.of(*ports.for_aws()) == ports
