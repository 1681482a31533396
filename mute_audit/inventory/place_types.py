"""Which call describes which type of place: the places that are hidden when it fails.

The types are those of `network.places`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["PLACE_TYPES"]

# type of place → top-level key of the description that lists it
PLACE_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "ec2.instance": "Reservations",
        "ec2.network-interface": "NetworkInterfaces",
        "ec2.nat-gateway": "NatGateways",
        "ec2.vpc-endpoint": "VpcEndpoints",
        "rds.instance": "DBInstances",
        "elbv2.load-balancer": "LoadBalancers",
        "lambda.function": "Functions",
        "ecs.service": "services",
    }
)
