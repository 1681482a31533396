"""The inventory: AWS as it describes itself, typed and frozen, with no derived fact."""

from mute_audit.inventory.calls import CALLS, NOT_HELD, Call
from mute_audit.inventory.region import GLOBAL, RegionInventory
from mute_audit.inventory.snapshot import Inventory

__all__ = ["CALLS", "GLOBAL", "NOT_HELD", "Call", "Inventory", "RegionInventory"]
