"""Policies and estates for the tests of the checks."""

from __future__ import annotations

from policy_fixtures import estate, make

__all__ = ["estate", "make"]
