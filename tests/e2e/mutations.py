"""All changes, in one table."""

from __future__ import annotations

from harmless import HARMLESS
from mutate_buckets import BUCKETS
from mutate_databases import DATABASES
from mutate_groups import GROUPS
from mutate_identities import IDENTITIES
from mutate_instances import INSTANCES
from mutate_routes import ROUTES
from mutate_subnets import SUBNETS
from mutating import Mutation

__all__ = ["HARMFUL", "HARMLESS", "MUTATIONS"]

HARMFUL: tuple[Mutation, ...] = (
    *GROUPS,
    *ROUTES,
    *SUBNETS,
    *INSTANCES,
    *DATABASES,
    *BUCKETS,
    *IDENTITIES,
)
MUTATIONS: tuple[Mutation, ...] = (*HARMFUL, *HARMLESS)
