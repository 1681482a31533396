"""What a place is for a packet: interfaces of the estate, and networks outside it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mute_audit.network import intervals
from mute_audit.network.addresses import AddressSet
from mute_audit.network.endpoint import Endpoint, Role, Stand
from mute_audit.network.model import Model
from mute_audit.network.outside import THE_INTERNET, Outsiders
from mute_audit.network.parts import SUBNET
from mute_audit.network.places import Place, PlaceKind
from mute_audit.network.trips import Outside, Realm

__all__ = ["Side", "Sides"]

# A NAT gateway has addresses, but takes no connection (N35), and opens none of its own.
_NO_ENDS = frozenset({"ec2.nat-gateway"})
_SEND_NOTHING = frozenset({Role.NAT, Role.GATEWAY})

_NOBODY = Stand()


@dataclass(frozen=True, slots=True)
class Side:
    """What a place is for a packet: its interfaces, and networks outside the estate.

    publics  interfaces that are meant by a public address, with that address alone
    """

    stand: Stand = _NOBODY
    outside: tuple[Outside, ...] = ()
    publics: tuple[Endpoint, ...] = ()


_NO_SIDE = Side()


class Sides:
    """Finds what places are, each once."""

    def __init__(self, model: Model, outsiders: Outsiders) -> None:
        self._model = model
        self._outsiders = outsiders
        self._sides: dict[tuple[Place, bool], Side] = {}

    def of(self, place: Place, *, sends: bool) -> Side:
        found = self._sides.get((place, sends))
        if found is None:
            found = self._sides[place, sends] = self._find(place, sends=sends)
        return found

    def _find(self, place: Place, *, sends: bool) -> Side:
        own = self._own_public(place)
        if own is not None:
            # Nobody on the internet has it; who sends to it means the interface that does.
            return _NO_SIDE if sends else self._network(own, sends=False)
        outside = self._outsiders.of(place)
        if sends:
            outside = tuple(item for item in outside if item.realm is not Realm.SERVICE)
        if outside:
            return Side(outside=outside)
        if place.kind is PlaceKind.NETWORK:
            return self._network(AddressSet.parse(place.cidr), sends=sends)
        if place.kind is PlaceKind.RESOURCE and place.address.type not in _NO_ENDS:
            stand = self._model.stand(place)
            if sends and place.address.type == SUBNET:
                senders = (c for c in stand.choices if c[0].role not in _SEND_NOTHING)
                stand = Stand(tuple(senders), stand.gaps)
            return Side(stand)
        return Side()

    def _network(self, net: AddressSet, *, sends: bool) -> Side:
        """A CIDR: the interfaces in it, and what of it lies outside the estate.

        A public address of the estate is the interface that has it. A single private address
        is only that, a wider network all hosts in it, by whatever address they are called.
        """
        choices = []
        publics = self._by_public_address(net)
        if sends and publics and net <= self._model.interfaces.public_addresses:
            return Side(Stand(tuple((end,) for end in publics if end.role not in _SEND_NOTHING)))
        for endpoint in self._model.interfaces.everyone():
            if sends and endpoint.role in _SEND_NOTHING:
                continue
            kept = tuple(
                replace(standing, addresses=standing.addresses & net)
                for standing in endpoint.standings
                if standing.addresses & net
            )
            if kept:
                choices.append((replace(endpoint, standings=kept),))
        found: list[Outside] = []
        public = net & THE_INTERNET
        if not sends:
            if _is_single(net):
                choices = [(_privately(end),) for (end,) in choices]
            if net <= self._model.interfaces.public_addresses or self._is_own_six(net):
                return Side(Stand(tuple(choices)), (), publics)
            outside = Outside(Realm.PREMISES, addresses=net, anything=True)
            return Side(Stand(tuple(choices)), (outside,), publics)
        if choices and _is_single(net):
            # An address that somebody in the estate has means him.
            return Side(Stand(tuple(choices)))
        if public:
            found.append(Outside(Realm.INTERNET, addresses=public))
        for ways in self._outsiders.by_place.values():
            for outside in ways:
                if outside.addresses & net:
                    found.append(replace(outside, addresses=outside.addresses & net))
        if not choices and not found:
            gap = self._model.inventory.missing_somewhere("NetworkInterfaces")
            return Side(Stand(gaps=frozenset({gap}))) if gap is not None else Side()
        return Side(Stand(tuple(choices)), tuple(found))

    def _own_public(self, place: Place) -> AddressSet | None:
        """A part of the internet that is one public IPv4 address of the estate."""
        if place.kind is not PlaceKind.INTERNET or not place.cidr:
            return None
        net = AddressSet.parse(place.cidr)
        single = bool(net.v4) and _is_single(net)
        return net if single and net <= self._model.interfaces.public_addresses else None

    def _is_own_six(self, net: AddressSet) -> bool:
        """Whether a single IPv6 address is one of the estate's."""
        if not net.v6 or not _is_single(net):
            return False
        return self._model.interfaces.public_holder(6, net.v6[0]) is not None

    def _by_public_address(self, net: AddressSet) -> tuple[Endpoint, ...]:
        """The interfaces with a public IPv4 address in a network, cut down to that address."""
        found = []
        for number in self._model.interfaces.publics:
            end = self._model.interfaces.public_holder(4, number)
            if end is None or not intervals.contains(net.v4, number):
                continue
            kept = tuple(own for own in end.standings if own.public == number and own.version == 4)
            found.append(replace(end, standings=kept))
        return tuple(found)


def _is_single(net: AddressSet) -> bool:
    bits = net.v4 + net.v6
    return len(bits) == 2 and bits[1] == bits[0] + 1


def _privately(end: Endpoint) -> Endpoint:
    """An interface as it is called by its private IPv4 addresses."""
    return replace(
        end,
        standings=tuple(
            replace(own, published=False, public=None) if own.version == 4 else own
            for own in end.standings
        ),
    )
