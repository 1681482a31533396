"""What a change does: who can reach what that could not before, and who no longer can.

Two inventories of one estate: before a change and after it, or a live account and a plan. Places
are the same on both sides by id, or by type and name where an id has changed. Addresses inside of
the estate may change with them and do not count; on the internet and in other networks they do.

In a large estate only ways from and to what has changed are compared: a security group's members,
the subnets of a route table or ACL. What lies between (gateways, peerings, balancers) matters to
every way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from mute_audit.address import Address
from mute_audit.analysis import Analysis
from mute_audit.finding import Effect, EffectKind, Evidence
from mute_audit.inventory import Inventory
from mute_audit.inventory.place_types import PLACE_TYPES
from mute_audit.network.addresses import AddressSet
from mute_audit.network.flow_pieces import Piece, remaining, shown_source
from mute_audit.network.places import Place, PlaceKind
from mute_audit.network.reach import Flow
from mute_audit.network.traffic import Traffic
from mute_audit.verdict import Gap, Truth

__all__ = ["FEW", "Effects", "effects"]

# Up to so many places every pair is compared.
FEW = 150
# More pairs than these are not compared one by one.
MOST_PAIRS = 400_000
_EVERYWHERE = AddressSet.everything()
_Key = tuple[str, str]

# What decides about its own members or subnets alone; everything else may lie between two places.
_OF_GROUPS = frozenset({"security_groups", "security_group_rules"})
_OF_HOSTS = frozenset(
    {"network_interfaces", "reservations", "db_instances", "functions", "ecs_services", "ecs_tasks"}
)
_OF_SUBNETS = frozenset({"network_acls"})
# What no packet meets.
_ASIDE = frozenset(
    {
        "account",
        "region",
        "held",
        "failed",
        "addresses",
        "volumes",
        "images",
        "db_snapshots",
        "db_snapshot_attributes",
        "customer_gateways",
    }
)


@dataclass(frozen=True, slots=True)
class Effects:
    """The differences, and what of the question was left out."""

    items: tuple[Effect, ...] = ()
    notes: tuple[str, ...] = field(default=())


def effects(before: Analysis, after: Analysis, traffic: Traffic | None = None) -> Effects:
    """What gets through after and not before, and the other way round.

    Raises DisagreementError when the packet tracer stops a packet that the set engine lets
    through.
    """
    sides = _Sides(before, after)
    asked = traffic or Traffic.everything()
    pairs, notes = sides.pairs()
    found: list[Effect] = []
    for source, target in pairs:
        then, now = sides.flows(source, target, asked)
        doubts = sides.doubts(source, target)
        found += _compared(after, EffectKind.OPENED, now, then, doubts)
        found += _compared(before, EffectKind.CLOSED, then, now, doubts)
    order = {EffectKind.OPENED: 0, EffectKind.CLOSED: 1}
    # What comes from outside first.
    found.sort(
        key=lambda e: (
            order[e.kind],
            not e.certain,
            e.source.type not in ("internet", "network"),
            e.target.label,
            e.traffic,
            e.source.label,
        )
    )
    return Effects(tuple(found), notes)


class _Sides:
    """Both sides, and which places of them are the same."""

    def __init__(self, before: Analysis, after: Analysis) -> None:
        self._before, self._after = before, after
        self._then = _by_key(before.reach.everything(), after.reach.everything())
        self._now = _by_key(after.reach.everything(), before.reach.everything())

    def pairs(self) -> tuple[Iterator[tuple[_Key, _Key]], tuple[str, ...]]:
        """The pairs of places to compare, and a note where some are left out."""
        every = sorted(self._then.keys() | self._now.keys())
        met = self._met(every)
        pairs = len(every) * len(every) if met is None else 2 * len(met) * len(every)
        if met is None and len(every) <= FEW:
            return _all(every, every), ()
        if met is not None and pairs <= MOST_PAIRS:
            return _touching(every, met), ()
        outside = [
            key
            for key in every
            if (self._then.get(key) or self._now[key]).kind is not PlaceKind.RESOURCE
        ]
        note = f"only ways from and to networks outside were compared, of {len(every)} places"
        return _touching(every, set(outside)), (note,)

    def _met(self, every: Sequence[_Key]) -> set[_Key] | None:
        """The places that something changed at; None where it may be any."""
        if len(every) <= FEW:
            return None
        changed = _changed(self._before.inventory, self._after.inventory)
        if changed is None:
            return None
        groups, subnets, hosts = changed
        found = {key for key in every if key not in self._then or key not in self._now}
        for analysis, known in ((self._before, self._then), (self._after, self._now)):
            for key, place in known.items():
                site = analysis.directory.site(place)
                if (
                    place.address.id in hosts
                    or (site is not None and groups & set(site.groups))
                    or (site is not None and subnets & set(site.subnets))
                ):
                    found.add(key)
        return found

    def flows(
        self, source: _Key, target: _Key, traffic: Traffic
    ) -> tuple[tuple[Flow, ...], tuple[Flow, ...]]:
        """What gets from one place to another before, and after."""
        return (
            _asked(self._before, self._then.get(source), self._then.get(target), traffic),
            _asked(self._after, self._now.get(source), self._now.get(target), traffic),
        )

    def doubts(self, *keys: _Key) -> tuple[Gap, ...]:
        """Why places that one side does not have may be there all the same."""
        found: dict[Gap, None] = {}
        for key in keys:
            for mine, other in (
                (self._now.get(key), (self._then, self._before)),
                (self._then.get(key), (self._now, self._after)),
            ):
                if mine is not None and key not in other[0]:
                    found |= dict.fromkeys(_hidden(mine.address, other[1].inventory))
        return tuple(found)


def _hidden(place: Address, inventory: Inventory) -> Iterator[Gap]:
    """What of the descriptions that list places of this type is missing where this one would be."""
    key = PLACE_TYPES.get(place.type)
    for region in inventory.regions:
        if key is not None and (region.account, region.region) == (place.account, place.region):
            gap = inventory.unlisted(key, region, place.id)
            if gap is not None:
                yield gap


def _asked(
    analysis: Analysis, source: Place | None, target: Place | None, traffic: Traffic
) -> tuple[Flow, ...]:
    if source is None or target is None:
        return ()
    return analysis.reach.flows((source,), (target,), traffic)


def _all(sources: Iterable[_Key], targets: Sequence[_Key]) -> Iterator[tuple[_Key, _Key]]:
    return ((s, t) for s in sources for t in targets if s != t)


def _touching(every: Sequence[_Key], met: set[_Key]) -> Iterator[tuple[_Key, _Key]]:
    for source in every:
        for target in every if source in met else sorted(met):
            if source != target:
                yield source, target


def _by_key(places: Iterable[Place], others: Iterable[Place]) -> dict[_Key, Place]:
    """Each place by its id where the other side has that too, else by its name if it is unique."""
    mine, known = tuple(places), {place.address.id for place in others}
    names: dict[_Key, int] = {}
    for place in mine:
        key = place.address.type, place.address.label
        names[key] = names.get(key, 0) + 1
    found = {}
    for place in mine:
        key = place.address.type, place.address.label
        unique = names[key] == 1 and place.address.id not in known
        found[key if unique else (place.address.type, place.address.id)] = place
    return found


# --- what has changed -------------------------------------------------------------------------


def _changed(
    before: Inventory, after: Inventory
) -> tuple[frozenset[str], frozenset[str], frozenset[str]] | None:
    """Groups, subnets and hosts of which something changed; None where it lies between."""
    groups: set[str] = set()
    subnets: set[str] = set()
    hosts: set[str] = set()
    sides = [{(r.account, r.region): r for r in side.regions} for side in (before, after)]
    if sides[0].keys() != sides[1].keys():
        return None
    for place, then in sides[0].items():
        now = sides[1][place]
        for name in then.__struct_fields__:
            old, new = getattr(then, name), getattr(now, name)
            if name in _ASIDE or old == new:
                continue
            differ = [item for item in (*old, *new) if (item in old) != (item in new)]
            if name in _OF_GROUPS:
                groups.update(item.group_id for item in differ)
            elif name in _OF_SUBNETS:
                subnets.update(a.subnet_id for item in differ for a in item.associations)
            elif name in _OF_HOSTS:
                hosts.update(_names(differ))
            else:
                return None
    balanced = {
        group
        for side in (before, after)
        for region in side.regions
        for balancer in region.load_balancers
        for group in balancer.security_groups
    }
    # A balancer's own groups decide about ways through it, between two other places.
    return None if groups & balanced else (frozenset(groups), frozenset(subnets), frozenset(hosts))


def _names(items: Iterable[object]) -> Iterator[str]:
    """The ids by which places are called, of what describes them."""
    for item in items:
        for block in getattr(item, "instances", (item,)):
            for name in (
                "instance_id",
                "db_instance_arn",
                "function_arn",
                "service_arn",
                "network_interface_id",
            ):
                yield getattr(block, name, "")
            attachment = getattr(block, "attachment", None)
            yield getattr(attachment, "instance_id", "")


# --- one pair ---------------------------------------------------------------------------------


def _compared(
    analysis: Analysis,
    kind: EffectKind,
    flows: Sequence[Flow],
    others: Sequence[Flow],
    doubts: tuple[Gap, ...] = (),
) -> Iterator[Effect]:
    """What of `flows` the other side does not have: surely, or (for `doubts`) perhaps."""
    left = [piece for flow in flows for piece in _pieces(flow)]
    for flow in others:
        for block in _pieces(flow):
            left = [
                part
                for piece in left
                for part in piece.minus(block.traffic, block.sources, block.destinations)
            ]
    for piece in remaining(left):
        yield _effect(analysis, kind, piece, doubts)


def _pieces(flow: Flow) -> Iterator[Piece]:
    """A flow's packets; the addresses of a resource stand for whatever it has on the other side."""
    for way in flow.ways:
        yield Piece(
            flow,
            way.traffic,
            _EVERYWHERE if flow.source.kind is PlaceKind.RESOURCE else way.sources,
            _EVERYWHERE if flow.target.kind is PlaceKind.RESOURCE else way.destinations,
        )


def _effect(analysis: Analysis, kind: EffectKind, piece: Piece, doubts: tuple[Gap, ...]) -> Effect:
    flow = piece.flow
    label, port = shown_source(flow.source, piece.sources), str(piece.traffic)
    if flow.truth is Truth.UNKNOWN:
        evidence, certain = Evidence(gaps=flow.gaps), False
    else:
        part = None if flow.source.kind is PlaceKind.RESOURCE else piece.sources
        evidence, certain = analysis.reach.prove(flow, piece.traffic, part), not doubts
        evidence = replace(evidence, gaps=(*evidence.gaps, *doubts))
    return Effect(
        kind=kind,
        certain=certain,
        source=_end(flow.source, label),
        target=flow.target.address,
        traffic=port,
        via=flow.via,
        evidence=replace(evidence, source=label, port=port),
    )


def _end(place: Place, label: str) -> Address:
    """A part of the internet by its networks."""
    return place.address if place.label == label else replace(place.address, id=label)
