"""Which addresses of two stands to follow a packet between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import ip_address, ip_network

from mute_audit.network.tracer.atlas import Atlas
from mute_audit.network.tracer.attempt import INTERNET
from mute_audit.network.tracer.header import IP
from mute_audit.network.tracer.nics import Net, Nic, on_internet
from mute_audit.network.tracer.samples import addresses_in
from mute_audit.network.tracer.stand import Stand, stand_of

__all__ = ["Candidates", "Named"]

# Who asks from "the internet" without an address is first of all one that readers know.
_SOMEONE = (ip_address("8.8.8.8"), ip_address("2001:4860:4860::8888"))
_INTERNET = ip_network("0.0.0.0/0")
# The private and the public address of an interface; None where it is as it stands.
Named = tuple[IP | None, IP | None]


class Candidates:
    """Addresses that filters and tables tell apart: `met` has what those on the way name."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas

    def parts(self, stand: Stand, met: list[list[Net]]) -> list[tuple[IP, Stand]]:
        """A stand with each of its addresses alone."""
        nic = stand.nic
        if nic is None:
            internet = stand.sender is not None and stand.sender.kind == INTERNET
            public = internet or (stand.gate is None and _wide(stand.networks))
            return [
                (address, replace(stand, networks=(ip_network(str(address)),), barred=()))
                for address in _members(
                    stand,
                    met,
                    public=public,
                    taken=self._atlas.publics if internet else frozenset(),
                )
            ]
        alone = [
            replace(
                nic,
                addresses=(address,),
                prefixes=(),
                publics=tuple(pair for pair in nic.publics if pair[0] == address),
            )
            for address in _own(nic)
        ]
        return [
            (one.addresses[0], replace(stand, nic=one, sender=stand_of(one).sender))
            for one in alone
        ]

    def apart(
        self, source: Stand, target: Stand, met: list[list[Net]]
    ) -> list[tuple[Named, Named]]:
        """Addresses of both; two interfaces in one subnet never have the same one."""
        hairpin = source.nic is not None and target.nic is not None
        found: list[tuple[Named, Named]] = []
        for one in self._free(source, met):
            used = frozenset() if one is None else frozenset((one,))
            for other in self._free(target, met, used):
                found += [
                    ((one, here), (other, there))
                    for here in self._publics(source, met, hairpin)
                    for there in self._publics(target, met, hairpin)
                ]
        return found

    def _publics(self, stand: Stand, met: list[list[Net]], hairpin: bool) -> list[IP | None]:
        """The public addresses that it may have, where none is described and one is used."""
        if not hairpin or not stand.unnamed:
            return [None]
        taken = self._atlas.publics
        found = addresses_in((_INTERNET,), met, public=True, taken=taken)
        return list(found) or [None]

    def _free(
        self, stand: Stand, met: list[list[Net]], used: frozenset[IP] = frozenset()
    ) -> list[IP | None]:
        if stand.nic is None:
            return [None]
        if not stand.room:
            return [stand.nic.addresses[0]] if stand.unnamed else [None]
        vpc = stand.nic.vpc
        taken = used | frozenset(
            address
            for nic in self._atlas.in_subnet(stand.nic.subnet)
            for address in nic.addresses
            if nic.vpc == vpc
        )
        found = addresses_in(stand.room, met, public=False, taken=taken, hosts_only=True)
        return list(found) or [stand.room[0][-2]]

    def ends(self, source: Stand, target: Stand, met: list[list[Net]]) -> list[tuple[IP, IP]]:
        """Pairs of source and destination address, of one version each, the likeliest first."""
        from_outside = source.sender is not None and source.sender.kind == INTERNET
        # Whoever sends under a public address of the estate stands in it.
        own = self._atlas.publics if from_outside else frozenset[IP]()
        starts = (
            _own(source.nic)
            if source.nic is not None
            else _members(source, met, public=from_outside, taken=own)
        )
        if target.nic is None:
            goals = _members(target, met, public=target.gate is None and _wide(target.networks))
        elif from_outside or target.by_public:
            goals = [public for _, public in target.nic.publics]
            if from_outside:
                goals += [a for a in target.nic.addresses if a.version == 6 and on_internet(a)]
        else:
            goals = _own(target.nic)
        return [(a, b) for a in starts for b in goals if a.version == b.version]


def _wide(networks: Iterable[Net]) -> bool:
    """Whether the whole internet is meant, private networks aside."""
    return all(net.prefixlen == 0 for net in networks)


def _own(nic: Nic) -> list[IP]:
    """An interface's addresses; one for each prefix that is delegated to it (N56)."""
    return [*nic.addresses, *(net[0] for net in nic.prefixes)]


def _members(
    stand: Stand, met: list[list[Net]], *, public: bool, taken: frozenset[IP] = frozenset()
) -> list[IP]:
    """Addresses outside: those that were named, somebody well known, and one for each part."""
    single: list[IP] = [n.network_address for n in stand.networks if n.num_addresses == 1]
    wide = [net for net in stand.networks if net.num_addresses > 1]
    first = [
        address
        for address in _SOMEONE
        if any(address.version == net.version and address in net for net in wide)
        and not any(address.version == net.version and address in net for net in stand.barred)
    ]
    rest = wide if met else [n for n in wide if all(a.version != n.version for a in first)]
    found = addresses_in(rest, met, public=public, barred=stand.barred, taken=taken)
    return single + first + found
