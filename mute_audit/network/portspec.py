"""What a person writes for a port: `tcp/443`, `udp/53`, `tcp/8000-8100`, `icmp/8`, `107`, `all`.

Only syntax: a protocol number and a range on one axis. For TCP and UDP the axis is the
destination port, for ICMP it is `type × 256 + code`; other protocols have nothing there.
"""

from __future__ import annotations

from dataclasses import dataclass

from mute_audit.errors import UsageError

__all__ = [
    "ICMP",
    "ICMP_V6",
    "TCP",
    "TOP",
    "UDP",
    "PortSpec",
    "protocol_name",
    "protocol_number",
    "protocols_with_ports",
]

ICMP, TCP, UDP, ICMP_V6 = 1, 6, 17, 58
TOP = 65535

_NAMES = {ICMP: "icmp", TCP: "tcp", UDP: "udp", ICMP_V6: "icmpv6"}
_NUMBERS = {name: number for number, name in _NAMES.items()} | {"icmp6": ICMP_V6}
_HINT = "write `tcp/443`, `udp/53`, `tcp/8000-8100`, `icmp/8`, `icmpv6/128`, `107` or `all`"

protocols_with_ports = frozenset({TCP, UDP})


def protocol_name(number: int) -> str:
    """`tcp` for 6, and so on; the number as text where it has no short name here."""
    return _NAMES.get(number, str(number))


def protocol_number(text: str) -> int | None:
    """The number of a protocol as AWS prints it (`tcp`, `6`); None for `-1`, which is all.

    Raises ValueError for a text that is no protocol.
    """
    text = text.strip().lower()
    if text in ("-1", "all"):
        return None
    number = _NUMBERS.get(text)
    if number is None:
        number = int(text)
        if not 0 <= number <= 255:
            raise ValueError(text)
    return number


@dataclass(frozen=True, slots=True)
class PortSpec:
    """A protocol (None is every one) and the part `low`–`high`, ends included, of its axis."""

    protocol: int | None
    low: int = 0
    high: int = TOP

    @classmethod
    def parse(cls, text: str) -> PortSpec:
        """Read what a person wrote. Raises UsageError with a hint."""
        head, slash, rest = text.strip().lower().partition("/")
        try:
            protocol = protocol_number(head)
        except ValueError:
            raise UsageError(f"`{text}` is not a port", hint=_HINT) from None
        if not slash:
            if head == "-1":
                raise UsageError(f"`{text}` is not a port", hint=_HINT)
            return cls(protocol)
        if protocol in protocols_with_ports:
            low, dash, high = rest.partition("-")
            first = _number(text, low, TOP)
            last = _number(text, high, TOP) if dash else first
            if last < first:
                raise UsageError(
                    f"`{text}` ends before it begins", hint=f"write `{head}/{last}-{first}`"
                )
            return cls(protocol, first, last)
        if protocol in (ICMP, ICMP_V6):
            kind, more, code = rest.partition("/")
            first = _number(text, kind, 255) * 256
            if not more:
                return cls(protocol, first, first + 255)
            exact = first + _number(text, code, 255)
            return cls(protocol, exact, exact)
        raise UsageError(f"`{text}`: this protocol has no ports", hint=f"write `{head}` alone")

    @property
    def single(self) -> bool:
        """Whether one packet header (source port aside) is all that is meant."""
        if self.protocol is None:
            return False
        if self.protocol in _NAMES:
            return self.low == self.high
        return True

    def __str__(self) -> str:
        if self.protocol is None:
            return "all"
        name = protocol_name(self.protocol)
        if self.protocol not in _NAMES or (self.low, self.high) == (0, TOP):
            return name
        if self.protocol in protocols_with_ports:
            return f"{name}/{self.low}" + (f"-{self.high}" if self.high != self.low else "")
        if self.low == self.high:
            return f"{name}/{self.low // 256}/{self.low % 256}"
        if self.low % 256 == 0 and self.high == self.low + 255:
            return f"{name}/{self.low // 256}"
        return f"{name}/{self.low // 256}/{self.low % 256}-{self.high // 256}/{self.high % 256}"


def _number(text: str, part: str, top: int) -> int:
    if not part.isascii() or not part.isdigit() or int(part) > top:
        raise UsageError(f"`{part}` in `{text}` is not a number from 0 to {top}", hint=_HINT)
    return int(part)
