"""What may be written for a port."""

from __future__ import annotations

import pytest

from mute_audit.errors import UsageError
from mute_audit.network.portspec import PortSpec


@pytest.mark.parametrize(
    ("text", "protocol", "low", "high", "single"),
    [
        ("tcp/443", 6, 443, 443, True),
        ("udp/53", 17, 53, 53, True),
        ("tcp/8000-8100", 6, 8000, 8100, False),
        ("tcp", 6, 0, 65535, False),
        ("6/80", 6, 80, 80, True),
        ("icmp/8", 1, 2048, 2303, False),
        ("icmp/8/0", 1, 2048, 2048, True),
        ("icmpv6/128", 58, 32768, 33023, False),
        ("107", 107, 0, 65535, True),
        ("all", None, 0, 65535, False),
        (" TCP/22 ", 6, 22, 22, True),
    ],
)
def test_spelling_is_read(text: str, protocol: int, low: int, high: int, single: bool) -> None:
    spec = PortSpec.parse(text)
    assert (spec.protocol, spec.low, spec.high, spec.single) == (protocol, low, high, single)


@pytest.mark.parametrize(
    "text", ["tcp/443", "tcp/8000-8100", "tcp", "icmp/8", "icmp/8/0", "icmpv6/128", "107", "all"]
)
def test_printed_text_is_read_again(text: str) -> None:
    assert str(PortSpec.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "http", "tcp/", "tcp/-1", "tcp/65536", "tcp/9-1", "tcp/1-", "tcp/1-2-3", "icmp/256"),
        *("icmp/8/", "icmp/8/0/0", "256", "-1", "107/1", "tcp/٣", "1.5", "tcp/80/1"),
    ],
)
def test_nonsense_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        PortSpec.parse(text)
    assert caught.value.hint
    assert "`" in caught.value.message
