"""Pages and files of one key joined; a resource that two files describe differently is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from mute_audit.errors import SnapshotError

__all__ = ["Gathered"]


class _Batch(NamedTuple):
    items: tuple[Any, ...]
    origin: str
    # The document announces a further page.
    unfinished: bool


_Batches = list[_Batch]


def _by(*attributes: str) -> Callable[[Any], str]:
    """The first attribute that is not empty is the id."""
    if len(attributes) == 1:
        return attrgetter(attributes[0])
    return lambda item: next((value for a in attributes if (value := getattr(item, a))), "")


def _joined_by(*attributes: str) -> Callable[[Any], str]:
    return lambda item: " ".join(getattr(item, a) for a in attributes)


# key → the id of one item; an empty id is never compared.
_ID: dict[str, Callable[[Any], str]] = {
    "Vpcs": _by("vpc_id"),
    "Subnets": _by("subnet_id"),
    "RouteTables": _by("route_table_id"),
    "NetworkAcls": _by("network_acl_id"),
    "SecurityGroups": _by("group_id"),
    "SecurityGroupRules": _by("security_group_rule_id"),
    "SecurityGroupVpcAssociations": _joined_by("group_id", "vpc_id"),
    "NetworkInterfaces": _by("network_interface_id"),
    "InternetGateways": _by("internet_gateway_id"),
    "EgressOnlyInternetGateways": _by("egress_only_internet_gateway_id"),
    "NatGateways": _by("nat_gateway_id"),
    "Addresses": _by("allocation_id", "public_ip"),
    "PrefixLists": _by("prefix_list_id"),
    "PrefixListEntries": _by("prefix_list_id"),
    "VpcPeeringConnections": _by("vpc_peering_connection_id"),
    "VpcEndpoints": _by("vpc_endpoint_id"),
    "TransitGateways": _by("transit_gateway_id"),
    "TransitGatewayAttachments": _by("transit_gateway_attachment_id"),
    "TransitGatewayVpcAttachments": _by("transit_gateway_attachment_id"),
    "TransitGatewayPeeringAttachments": _by("transit_gateway_attachment_id"),
    "TransitGatewayRouteTables": _by("transit_gateway_route_table_id"),
    "TransitGatewayPropagations": _by("transit_gateway_route_table_id"),
    "TransitGatewayStaticRoutes": _by("transit_gateway_route_table_id"),
    "VpnGateways": _by("vpn_gateway_id"),
    "VpnConnections": _by("vpn_connection_id"),
    "CustomerGateways": _by("customer_gateway_id"),
    # One per account and Region, without an id of its own.
    "VpcBlockPublicAccessOptions": lambda item: "VpcBlockPublicAccessOptions",
    "VpcBlockPublicAccessExclusions": _by("exclusion_id"),
    # A reservation is named by its instances: the struct leaves its own id out.
    "Reservations": lambda item: " ".join(instance.instance_id for instance in item.instances),
    "Volumes": _by("volume_id"),
    "Images": _by("image_id"),
    "LoadBalancers": _by("load_balancer_arn"),
    "LoadBalancerListeners": _by("load_balancer_arn"),
    "ListenerRules": _by("listener_arn"),
    "LoadBalancerAttributes": _by("load_balancer_arn"),
    "LoadBalancerTargetHealth": _by("target_group_arn"),
    "TargetGroups": _by("target_group_arn"),
    "TargetGroupAttributes": _by("target_group_arn"),
    "DBInstances": _by("db_instance_arn", "db_instance_identifier"),
    "DBSnapshots": _by("db_snapshot_arn", "db_snapshot_identifier"),
    "DBSnapshotAttributesResults": _by("db_snapshot_identifier"),
    "Functions": _by("function_arn", "function_name"),
    "services": _by("service_arn"),
    "tasks": _by("task_arn"),
    "Buckets": _by("name"),
    "BucketPolicies": _by("bucket"),
    "BucketAcls": _by("bucket"),
    "BucketOwnershipControls": _by("bucket"),
    "BucketPublicAccessBlocks": _by("bucket"),
    "AccountPublicAccessBlocks": _by("account_id"),
    "AccessPointList": _by("access_point_arn", "name"),
    "AccessPointPolicies": _by("access_point_arn"),
    "AccessPointPolicyStatuses": _by("access_point_arn"),
    "AccessPointPublicAccessBlocks": _by("access_point_arn"),
    "MultiRegionAccessPoints": _by("name"),
    "MultiRegionAccessPointPolicies": _by("multi_region_access_point"),
    "repositories": _by("repository_arn"),
    "RepositoryPolicies": _joined_by("registry_id", "repository_name"),
    "UserDetailList": _by("arn", "user_name"),
    "GroupDetailList": _by("arn", "group_name"),
    "RoleDetailList": _by("arn", "role_name"),
    "Policies": _by("arn", "policy_name"),
    "AccessKeys": _by("user_name"),
    "UserMFADevices": _by("user_name"),
    "LoginProfiles": _by("user_name"),
    "CredentialReports": _by("account_id"),
    "Organizations": _by("account_id"),
    "AccountControlPolicies": _by("account_id"),
}

# Wrappers whose inner lists may come in pages: key → (the list, the id of one of its items).
_PAGED: dict[str, tuple[str, str]] = {
    "LoadBalancerListeners": ("listeners", "listener_arn"),
    "ListenerRules": ("rules", "rule_arn"),
    "LoadBalancerTargetHealth": ("target_health_descriptions", ""),
    "PrefixListEntries": ("entries", "cidr"),
    "TransitGatewayPropagations": (
        "transit_gateway_route_table_propagations",
        "transit_gateway_attachment_id",
    ),
}

# Two calls print the key, each with fields that the other one leaves out:
# DescribePrefixLists and DescribeManagedPrefixLists; ListPolicies and
# GetAccountAuthorizationDetails.
_COMPLEMENTED = frozenset({"PrefixLists", "Policies"})


class Gathered:
    """What the documents of one account and Region hold, key by key."""

    def __init__(self) -> None:
        self._batches: dict[str, _Batches] = {}

    def add(self, key: str, items: tuple[Any, ...], origin: str, unfinished: bool) -> None:
        self._batches.setdefault(key, []).append(_Batch(items, origin, unfinished))

    def absorb(self, other: Gathered) -> None:
        for key, batches in other._batches.items():
            self._batches.setdefault(key, []).extend(batches)

    def each(self, key: str) -> Iterator[Any]:
        for batch in self._batches.get(key, ()):
            yield from batch.items

    def joined(self) -> dict[str, tuple[Any, ...]]:
        """Every key with each resource once.

        Raises SnapshotError when two descriptions of one resource differ.
        """
        columns = {key: _join(key, batches) for key, batches in self._batches.items()}
        _refuse_moved_instances(self._batches.get("Reservations", []))
        return columns


def _join(key: str, batches: _Batches) -> tuple[Any, ...]:
    identify = _ID[key]
    if len(batches) == 1:
        # The usual case, and the only large one: nothing to join unless an id comes twice.
        items = batches[0].items
        if len(set(map(identify, items))) == len(items):
            return items
    first: dict[str, tuple[int, _Batch]] = {}
    kept: list[Any] = []
    for batch in batches:
        for item in batch.items:
            name = identify(item)
            if not name or name not in first:
                first[name] = (len(kept), batch)
                kept.append(item)
                continue
            index, before = first[name]
            if kept[index] != item:
                merged = _merge(key, kept[index], item, before.unfinished or batch.unfinished)
                if merged is None:
                    raise _mixed(key, name, before.origin, batch.origin)
                kept[index] = merged
    return tuple(kept)


def _merge(key: str, left: Any, right: Any, pages: bool) -> Any:
    """Two descriptions of one resource made one; None where they cannot both be true."""
    if key in _COMPLEMENTED:
        return _complement(left, right)
    if key in _PAGED and pages:
        field, inner_id = _PAGED[key]
        items = _page(getattr(left, field), getattr(right, field), inner_id)
        return None if items is None else msgspec.structs.replace(left, **{field: items})
    return None


def _complement(left: Any, right: Any) -> Any:
    """One item with the fields of both; None where they contradict each other."""
    changes = {}
    for field in msgspec.structs.fields(left):
        ours, theirs = getattr(left, field.name), getattr(right, field.name)
        if ours == theirs or theirs == field.default:
            continue
        if ours != field.default:
            return None
        changes[field.name] = theirs
    return msgspec.structs.replace(left, **changes)


def _page(left: tuple[Any, ...], right: tuple[Any, ...], inner_id: str) -> Any:
    """Both pages; None where they describe one item differently."""
    if not inner_id:
        return left + tuple(item for item in right if item not in left)
    known = {getattr(item, inner_id): item for item in left}
    for item in right:
        if known.setdefault(getattr(item, inner_id), item) != item:
            return None
    return tuple(known.values())


def _refuse_moved_instances(batches: _Batches) -> None:
    """Reservations are compared as a whole; an instance in two of them is a mix, too."""
    seen: dict[str, tuple[Any, str]] = {}
    for items, origin, _ in batches:
        for reservation in items:
            for instance in reservation.instances:
                before = seen.setdefault(instance.instance_id, (reservation, origin))
                if before[0] != reservation:
                    raise _mixed("Reservations", instance.instance_id, before[1], origin)


def _mixed(key: str, name: str, one: str, other: str) -> SnapshotError:
    where = one if one == other else f"{one} and {other}"
    return SnapshotError(
        f"`{name}` ({key}) is described twice, and differently",
        where=where,
        hint="two snapshots are mixed: keep each in a folder of its own",
    )
