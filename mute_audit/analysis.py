"""One inventory and what the engines make of it, computed when first asked for."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from mute_audit.inventory import Inventory

if TYPE_CHECKING:
    from mute_audit.identity.exposure import Exposure
    from mute_audit.network.places import Directory
    from mute_audit.network.reach import Reach

__all__ = ["Analysis"]


class Analysis:
    """The engines over one inventory; nothing is computed before it is needed."""

    def __init__(self, inventory: Inventory, now: datetime | None = None) -> None:
        """`now` decides conditions on dates; without it either side of a date is possible."""
        self.inventory = inventory
        self.now = now

    @cached_property
    def directory(self) -> Directory:
        from mute_audit.network.places import Directory

        return Directory(self.inventory)

    @cached_property
    def reach(self) -> Reach:
        """Who can reach whom: the set engine."""
        from mute_audit.network.reach import Reach

        return Reach(self.inventory, self.directory)

    @cached_property
    def awake(self) -> Reach:
        """The same with every stopped host running (N55); `reach` itself where none is stopped."""
        from mute_audit.network.latent import awake
        from mute_audit.network.reach import Reach

        inventory = awake(self.inventory)
        return self.reach if inventory is self.inventory else Reach(inventory)

    @cached_property
    def exposure(self) -> Exposure:
        """Who may do what."""
        from mute_audit.identity.exposure import Exposure

        return Exposure(self.inventory, self.now)
