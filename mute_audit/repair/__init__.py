"""What would repair a failed policy, tried on a copy of the estate before it is proposed."""

from __future__ import annotations

from mute_audit.repair.search import with_repairs

__all__ = ["with_repairs"]
