"""All changes, in one table."""

from __future__ import annotations

from harmless import HARMLESS
from mutate_access import BUCKETS, REPOSITORIES, USERS
from mutate_hosts import DATABASES, INSTANCES
from mutate_network import NETWORK
from mutating import Mutation

__all__ = ["HARMFUL", "HARMLESS", "MUTATIONS"]

HARMFUL: tuple[Mutation, ...] = (
    *NETWORK,
    *INSTANCES,
    *DATABASES,
    *BUCKETS,
    *USERS,
    *REPOSITORIES,
)
MUTATIONS: tuple[Mutation, ...] = (*HARMFUL, *HARMLESS)
