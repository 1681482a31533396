"""Entries of prefix lists as addresses (N10)."""

from __future__ import annotations

from mute_audit.inventory import Inventory
from mute_audit.network.addresses import AddressSet
from mute_audit.verdict import Gap

__all__ = ["PrefixLists"]

# RFC 1918 and RFC 6598.
_PRIVATE = AddressSet.parse("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")


class PrefixLists:
    """Entries of prefix lists as addresses, or the gap where they were not collected (N10)."""

    def __init__(self, inventory: Inventory) -> None:
        self._known = inventory.prefix_list_cidrs
        self._of_aws = inventory.aws_prefix_lists
        self._failed = next(
            (
                gap
                for region in inventory.regions
                for key in ("PrefixListEntries", "PrefixLists")
                if (gap := region.failure(key)) is not None
            ),
            None,
        )
        self._cache: dict[str, AddressSet | Gap] = {}

    def addresses(self, prefix_list: str) -> AddressSet | Gap:
        """The union of the list's entries."""
        found = self._cache.get(prefix_list)
        if found is None:
            cidrs = self.cidrs(prefix_list)
            try:
                found = cidrs if isinstance(cidrs, Gap) else AddressSet.parse(*cidrs)
            except ValueError as error:
                found = Gap(f"prefix-list {prefix_list}", "", f"an entry cannot be read: {error}")
            self._cache[prefix_list] = found
        return found

    def may_hold(self, prefix_list: str) -> AddressSet:
        """What a list may hold of which the entries are not known.

        The lists that AWS keeps are of services, and hold no private IPv4 address.
        """
        everything = AddressSet.everything()
        return everything - _PRIVATE if prefix_list in self._of_aws else everything

    def cidrs(self, prefix_list: str) -> tuple[str, ...] | Gap:
        """The list's entries one by one: a route takes the length of each."""
        cidrs = self._known.get(prefix_list)
        if cidrs is not None:
            return cidrs
        if self._failed is not None:
            return self._failed
        return Gap(
            what="ec2:GetManagedPrefixListEntries",
            where=prefix_list,
            why="the entries of this prefix list were not collected",
            key="PrefixListEntries",
        )
