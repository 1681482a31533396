"""Traffic as people write it: `tcp/443`, `udp/8000-8100`, `icmp/8`, `107`, `all`.

One text for one meaning: what AWS prints and what a person writes become equal here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Ports", "PortsError"]

# Protocols with a name in AWS's rules, by their number (IANA protocol numbers).
_NAMES = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
_NUMBERS = {name: number for number, name in _NAMES.items()}
_ICMP = frozenset({"icmp", "icmpv6"})
_WITH_PORTS = frozenset({"tcp", "udp"})
_WRITTEN = re.compile(r"([a-z0-9]+)(?:/(\d{1,5})(?:([-/])(\d{1,5}))?)?")

TOP_PORT = 65535


class PortsError(ValueError):
    """The text names no traffic."""


@dataclass(frozen=True, slots=True, order=True)
class Ports:
    """A protocol with a range of ports, or of ICMP a type and code.

    protocol  `tcp`, `udp`, `icmp`, `icmpv6`, a number as text, or `all`
    first     the first port, or the ICMP type; None where all are meant
    last      the last port, or the ICMP code; None where all are meant
    """

    protocol: str
    first: int | None = None
    last: int | None = None

    @classmethod
    def parse(cls, text: str) -> Ports:
        """What `text` means; raises PortsError."""
        match = _WRITTEN.fullmatch(text.strip().lower())
        if match is None:
            raise PortsError(f"`{text}` is not traffic such as `tcp/443`, `udp/53` or `all`")
        protocol, first, sign, last = match.groups()
        protocol = _NAMES.get(protocol, protocol)
        if protocol.isdigit() and not 0 <= int(protocol) <= 255:
            raise PortsError(f"`{text}`: protocol numbers end at 255")
        if not protocol.isdigit() and protocol not in {"all", *_NUMBERS}:
            raise PortsError(f"`{text}`: the protocol `{protocol}` is not known; give its number")
        if first is None:
            return cls(protocol)
        if protocol not in _ICMP | _WITH_PORTS:
            raise PortsError(f"`{text}`: only TCP and UDP have ports")
        if sign == ("-" if protocol in _ICMP else "/"):
            raise PortsError(f"`{text}` is not traffic such as `tcp/8000-8100` or `icmp/3/4`")
        low, high = int(first), None if last is None else int(last)
        if max(low, high or 0) > (255 if protocol in _ICMP else TOP_PORT):
            raise PortsError(f"`{text}`: the number is too large")
        if protocol in _ICMP:
            return cls(protocol, low, high)
        if high is not None and high < low:
            raise PortsError(f"`{text}`: the range ends before it starts")
        return cls.of(protocol, low, low if high is None else high)

    @classmethod
    def of(cls, protocol: str, first: int | None, last: int | None) -> Ports:
        """What AWS's protocol, FromPort and ToPort mean.

        -1 is every protocol, port, type or code; a missing port is all of them; the whole
        range of ports is no range. Protocols without ports carry numbers that mean nothing.
        """
        name = protocol.strip().lower()
        name = "all" if name in ("-1", "all") else _NAMES.get(name, name)
        if name in _ICMP:
            kind = None if first in (None, -1) else first
            return cls(name, kind, None if kind is None or last in (None, -1) else last)
        if name not in _WITH_PORTS or first in (None, -1) or last in (None, -1):
            return cls(name)
        if (first, last) == (0, TOP_PORT):
            return cls(name)
        return cls(name, first, last)

    def for_aws(self) -> tuple[str, int | None, int | None]:
        """Protocol, FromPort and ToPort for AWS's rules; no ports where it takes none."""
        if self.protocol == "all":
            return "-1", None, None
        if self.protocol in _ICMP:
            return (
                self.protocol,
                -1 if self.first is None else self.first,
                -1 if self.last is None else self.last,
            )
        if self.protocol in _WITH_PORTS and self.first is None:
            return self.protocol, 0, TOP_PORT
        return self.protocol, self.first, self.last

    def __str__(self) -> str:
        if self.first is None:
            return self.protocol
        if self.protocol in _ICMP:
            code = "" if self.last is None else f"/{self.last}"
            return f"{self.protocol}/{self.first}{code}"
        end = "" if self.first == self.last else f"-{self.last}"
        return f"{self.protocol}/{self.first}{end}"
