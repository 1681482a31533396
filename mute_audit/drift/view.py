"""The inventory as the comparison sees it: the part that the baseline speaks of, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from mute_audit.intent.baseline import Baseline
from mute_audit.inventory import CALLS, GLOBAL, Inventory, RegionInventory
from mute_audit.inventory.base import name_of
from mute_audit.verdict import Gap

__all__ = ["View"]


class View:
    """Look-ups that all comparisons need.

    `labels` maps ids of what was found to the entries of the baseline that declare it.
    """

    def __init__(self, baseline: Baseline, inventory: Inventory) -> None:
        self.baseline = baseline
        self.inventory = inventory
        account, region = baseline.file.account or "", baseline.file.region or ""
        # A snapshot that does not say where it was taken is taken to be of the right place.
        ours = [item for item in inventory.regions if not account or item.account in (account, "")]
        self.regions: tuple[RegionInventory, ...] = tuple(
            item
            for item in ours
            if item.region != GLOBAL and (not region or item.region in (region, ""))
        )
        self.everywhere: tuple[RegionInventory, ...] = tuple(ours)
        self._labels: dict[str, str] = {}
        self._found: set[tuple[str, str]] = set()
        self._doubts: dict[tuple[str, str], tuple[Gap, ...]] = {}
        names = _names(inventory)
        self._described = frozenset(names)
        self._names = {id: name for id, name in names.items() if name}
        self._hosts = dict(_hosts(inventory))
        self._gone = frozenset(_gone(inventory))

    def declare(self, id: str, section: str, key: str) -> None:
        """From now on, `id` is the entry `key` of the baseline's `section`."""
        self._labels[id] = key
        self._found.add((section, key))

    def leave_open(self, section: str, key: str, gaps: tuple[Gap, ...]) -> None:
        """From now on, it is known that nobody could look for this entry."""
        self._doubts[(section, key)] = gaps

    def doubt(self, sections: tuple[str, ...], key: str) -> tuple[Gap, ...] | None:
        """Why nobody could look for the entry `key`; None where it was looked for."""
        for section in sections:
            if (section, key) in self._doubts:
                return self._doubts[(section, key)]
        return None

    def declared(self, id: str) -> bool:
        """Whether an entry of the baseline declares it."""
        return id in self._labels

    def missing(self, sections: tuple[str, ...], key: str) -> bool:
        """Whether the entry `key` was looked for, and is not there."""
        file = self.baseline.file
        homes = [section for section in sections if key in getattr(file, section)]
        return bool(homes) and not any(
            (section, key) in self._found or (section, key) in self._doubts for section in homes
        )

    def described(self, id: str) -> bool:
        """Whether the inventory holds a description of it."""
        return id in self._described or id in self._labels

    def dead(self, label: str) -> bool:
        """Whether a route to the target of this label leads nowhere, because the target is gone."""
        return label.endswith(" (blackhole)") or label in {self.label(id) for id in self._gone}

    def told_by(self, label: str) -> bool:
        """Whether a label says more than the id of something that nobody described."""
        return label.endswith(")") or label in self._labels.values() or self.described(label)

    @contextmanager
    def supposing(self, id: str, key: str) -> Iterator[None]:
        """As `label` tells it after `declare`, for the time of the context."""
        before = dict(self._labels)
        self._labels[id] = key
        try:
            yield
        finally:
            self._labels = before

    def label(self, id: str) -> str:
        """What the baseline calls it; else its name with the id, or the id alone."""
        known = self._labels.get(id) or self._labels.get(self._hosts.get(id, ""))
        if known is not None:
            return known
        name = self._names.get(id)
        return f"{name} ({id})" if name else id

    def expected(self, name: str) -> str:
        """The same for a relation of the baseline, which may be written as an id."""
        bare = name.rpartition("/")[2] if "/sg-" in name else name
        return self._labels.get(bare, bare)

    def gap(self, key: str, region: RegionInventory, resource: str = "") -> Gap | None:
        """Why the description `key` cannot be relied on here.

        For something that is declared, a description that the snapshot does not hold is a
        gap, too, even where AWS has a default: it could be there and not described.
        """
        return self.inventory.unlisted(key, region, resource)

    def gaps(self, key: str, anywhere: bool = False) -> list[Gap]:
        """The gaps of `key` in the Regions of the baseline.

        anywhere  for what AWS keeps once per account: it is enough that one Region holds it
        """
        regions = self.everywhere if anywhere else self.regions
        failed = [gap for item in regions if (gap := item.failure(key)) is not None]
        if failed or (anywhere and any(key in item.held for item in regions)):
            return failed
        if not regions or anywhere:
            where = self.baseline.file.region or self.baseline.file.account or ""
            why = "not in the snapshot" if regions else "not scanned"
            return [Gap(CALLS[key].action, where, why, key)]
        return [gap for item in regions if (gap := self.gap(key, item)) is not None]


def _hosts(inventory: Inventory) -> Iterator[tuple[str, str]]:
    """The first interface of each instance → the instance.

    A route that is made to an instance names both (EC2 API reference, Route).
    """
    for region in inventory.regions:
        for item in region.network_interfaces:
            place = item.attachment
            if place is not None and place.instance_id and place.device_index == 0:
                yield item.network_interface_id, place.instance_id


def _gone(inventory: Inventory) -> Iterator[str]:
    """The ids of gateways and instances that AWS goes on listing after their end."""
    for region in inventory.regions:
        for gateway in region.nat_gateways:
            if gateway.state in ("deleted", "deleting", "failed"):
                yield gateway.nat_gateway_id
        for item in region.instances:
            if item.state.name in ("terminated", "shutting-down"):
                yield item.instance_id


def _names(inventory: Inventory) -> Mapping[str, str]:
    """Id → name (may be empty) of all that a relation may lead to."""
    names: dict[str, str] = {}
    for region in inventory.regions:
        names |= {vpc.vpc_id: name_of(vpc.tags) for vpc in region.vpcs}
        names |= {item.subnet_id: name_of(item.tags) for item in region.subnets}
        names |= {
            item.group_id: item.group_name or name_of(item.tags) for item in region.security_groups
        }
        names |= {item.internet_gateway_id: name_of(item.tags) for item in region.internet_gateways}
        names |= {item.nat_gateway_id: name_of(item.tags) for item in region.nat_gateways}
        names |= {item.instance_id: name_of(item.tags) for item in region.instances}
        names |= {item.route_table_id: name_of(item.tags) for item in region.route_tables}
        names |= {item.vpc_endpoint_id: name_of(item.tags) for item in region.vpc_endpoints}
        names |= {item.transit_gateway_id: name_of(item.tags) for item in region.transit_gateways}
        names |= {
            item.vpc_peering_connection_id: name_of(item.tags)
            for item in region.vpc_peering_connections
        }
        names |= {
            item.network_interface_id: name_of(item.tag_set) for item in region.network_interfaces
        }
    return names
