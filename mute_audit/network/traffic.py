"""Traffic: a set of (protocol, port) as one set of integers.

AWS filters look at the protocol and one port, or the ICMP type and code. Both lie on one
axis: `protocol * 65536 + port`, for ICMP `protocol * 65536 + type * 256 + code`. A protocol
without ports takes its whole stretch of the axis.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mute_audit.errors import UsageError
from mute_audit.network import intervals
from mute_audit.network.intervals import Intervals

__all__ = [
    "EPHEMERAL",
    "ICMP",
    "ICMPV6",
    "NOTHING",
    "TCP",
    "UDP",
    "Traffic",
    "icmp_traffic",
    "protocol_number",
]

TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
PORTS = 65536
PROTOCOLS = 256

_NUMBERS = {"tcp": TCP, "udp": UDP, "icmp": ICMP, "icmpv6": ICMPV6}
_NAMES = {number: name for name, number in _NUMBERS.items()}

# A client without a given source port: what AWS advises to open for any client (NACL guide).
EPHEMERAL = (1024, 65535)


def protocol_number(text: str) -> int | None:
    """The IANA number of `tcp`, `6`, …; None for every protocol (`-1`, `all`).

    Raises ValueError for a text that is no protocol.
    """
    lowered = text.lower()
    if lowered in ("-1", "all"):
        return None
    number = _NUMBERS.get(lowered)
    if number is None:
        number = int(lowered)
        if not 0 <= number < PROTOCOLS:
            raise ValueError(text)
    return number


@dataclass(frozen=True, slots=True)
class Traffic:
    """A set of traffic; immutable, canonical, hashable."""

    bits: Intervals = intervals.EMPTY

    @classmethod
    def everything(cls) -> Traffic:
        return _EVERYTHING

    @classmethod
    def ports(cls, protocol: int, low: int = 0, high: int = PORTS - 1) -> Traffic:
        """Ports `low` to `high` of a protocol, both included."""
        base = protocol * PORTS
        return cls(intervals.interval(base + low, base + high))

    @classmethod
    def protocol(cls, number: int) -> Traffic:
        return cls.ports(number)

    @classmethod
    def parse(cls, text: str) -> Traffic:
        """`tcp/443`, `udp/8000-8100`, `icmp/8`, `icmp/3/4`, `107`, `all`; commas join several.

        Reads all that `str` writes: `protocols 7-255`, `icmp/3/1-5/0`, `nothing`.
        Raises UsageError for anything else.
        """
        if text.strip() == "nothing":
            return cls()
        sets = [cls._parse_one(part.strip()) for part in text.split(",")]
        return cls(intervals.union_all(item.bits for item in sets))

    @classmethod
    def _parse_one(cls, text: str) -> Traffic:
        wrong = UsageError(
            f"`{text}` is not a port",
            hint="write `tcp/443`, `udp/53`, `tcp/8000-8100`, `icmp/8`, a protocol number or `all`",
        )
        head, slash, rest = text.partition("/")
        several = _SEVERAL.fullmatch(text)
        if several is not None:
            first, last = int(several[1]), int(several[2])
            if not first <= last < PROTOCOLS:
                raise wrong
            return cls(intervals.interval(first * PORTS, last * PORTS + PORTS - 1))
        try:
            number = protocol_number(head)
            if number is None:
                if slash:
                    raise wrong
                return _EVERYTHING
            if not slash:
                return cls.protocol(number)
            if number not in (TCP, UDP, ICMP, ICMPV6):
                raise wrong
            start, dash, end = rest.partition("-")
            read = _icmp if number in (ICMP, ICMPV6) else _port
            low, high = read(start)[0], read(end if dash else start)[1]
        except ValueError as error:
            raise wrong from error
        if not 0 <= low <= high < PORTS:
            raise wrong
        return cls.ports(number, low, high)

    def __bool__(self) -> bool:
        return bool(self.bits)

    def __and__(self, other: Traffic) -> Traffic:
        return Traffic(intervals.intersect(self.bits, other.bits))

    def __or__(self, other: Traffic) -> Traffic:
        return Traffic(intervals.union(self.bits, other.bits))

    def __sub__(self, other: Traffic) -> Traffic:
        return Traffic(intervals.subtract(self.bits, other.bits))

    def __le__(self, other: Traffic) -> bool:
        return intervals.subset(self.bits, other.bits)

    def first(self) -> tuple[int, int]:
        """(protocol, port) of the smallest member; raises IndexError when empty."""
        return divmod(self.bits[0], PORTS)

    def protocols(self) -> tuple[int, ...]:
        """The protocols of which at least one port is in the set."""
        found: set[int] = set()
        for low, high in intervals.pairs(self.bits):
            found.update(range(low // PORTS, high // PORTS + 1))
        return tuple(sorted(found))

    def __str__(self) -> str:
        if self.bits == _EVERYTHING.bits:
            return "all"
        parts: list[str] = []
        for low, high in intervals.pairs(self.bits):
            parts += _spell(low, high)
        return ", ".join(parts) or "nothing"


def _port(text: str) -> tuple[int, int]:
    return int(text), int(text)


def _icmp(text: str) -> tuple[int, int]:
    """The first and last number of a type, or of a type and code. Raises ValueError."""
    kind, slash, code = text.partition("/")
    low, high = (int(code), int(code)) if slash else (0, 255)
    if not (0 <= int(kind) < 256 and low >= 0 and high < 256):
        raise ValueError(text)
    return int(kind) * 256 + low, int(kind) * 256 + high


def _spell(low: int, high: int) -> list[str]:
    """One interval in words; whole protocols in a row are `protocols 7-255`."""
    first, last = low // PORTS, high // PORTS
    if first == last:
        return [_spell_one(first, low % PORTS, high % PORTS)]
    head, tail = [], []
    if low % PORTS:
        head = [_spell_one(first, low % PORTS, PORTS - 1)]
        first += 1
    if high % PORTS != PORTS - 1:
        tail = [_spell_one(last, 0, high % PORTS)]
        last -= 1
    if first > last:
        return head + tail
    whole = _spell_one(first, 0, PORTS - 1) if first == last else f"protocols {first}-{last}"
    return [*head, whole, *tail]


def _spell_one(protocol: int, start: int, end: int) -> str:
    name = _NAMES.get(protocol, str(protocol))
    if start == 0 and end == PORTS - 1:
        return name
    if protocol in (ICMP, ICMPV6):
        return _spell_icmp(name, start, end)
    return f"{name}/{start}" if start == end else f"{name}/{start}-{end}"


def _spell_icmp(name: str, start: int, end: int) -> str:
    if start == end:
        return f"{name}/{start // 256}/{start % 256}"
    if start % 256 == 0 and end == start + 255:
        return f"{name}/{start // 256}"
    return f"{name}/{start // 256}/{start % 256}-{end // 256}/{end % 256}"


_SEVERAL = re.compile(r"protocols (\d+)-(\d+)")
NOTHING = Traffic()
_EVERYTHING = Traffic(intervals.interval(0, PROTOCOLS * PORTS - 1))


def icmp_traffic(number: int, kind: int, code: int) -> Traffic:
    """An ICMP type and code, −1 for all of them (N11)."""
    if kind < 0:
        return Traffic.protocol(number)
    first = kind * 256
    return (
        Traffic.ports(number, first, first + 255)
        if code < 0
        else Traffic.ports(number, first + code, first + code)
    )
