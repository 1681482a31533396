"""Long lists decoded item by item, what many items have in common held once.

In a large estate nearly all memory is text that repeats: a hundred thousand interfaces lie in
a few hundred subnets and bear a few thousand sets of groups, but a JSON parser makes each of
them anew.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import msgspec
from msgspec.structs import force_setattr

from mute_audit.inventory.network import NetworkInterface
from mute_audit.inventory.workload import Instance

__all__ = ["LONG", "decode_sharing"]

# Bytes of JSON from which on the saving is worth the time.
LONG = 1 << 20

# What many items have in common. Ids, addresses and names are their own and stay as they are.
_COMMON: dict[type, tuple[str, ...]] = {
    NetworkInterface: (
        "subnet_id",
        "vpc_id",
        "groups",
        "interface_type",
        "requester_id",
        "status",
        "availability_zone",
        "owner_id",
    ),
    Instance: (
        "instance_type",
        "image_id",
        "state",
        "subnet_id",
        "vpc_id",
        "security_groups",
        "placement",
        "metadata_options",
        "iam_instance_profile",
        "root_device_name",
        "platform_details",
    ),
}


def decode_sharing(data: bytes | memoryview | msgspec.Raw, item: type[Any]) -> tuple[Any, ...]:
    """The array `data` as a tuple of `item`, equal to what one call of msgspec would make.

    Raises msgspec.DecodeError and msgspec.ValidationError; the path in a message counts from
    the item, not from the array.
    """
    decode = msgspec.json.Decoder(item).decode
    kept: dict[Hashable, Any] = {}
    items = []
    for raw in msgspec.json.decode(data, type=list[msgspec.Raw]):
        one = decode(raw)
        _share(one, kept)
        items.append(one)
    return tuple(items)


def _share(one: Any, kept: dict[Hashable, Any]) -> None:
    for name in _COMMON.get(type(one), ()):
        value = getattr(one, name)
        same = kept.setdefault(value, value)
        if same is not value:
            # Equal, and nobody else holds the item yet: it stays the frozen value that it is.
            force_setattr(one, name, same)
    if isinstance(one, NetworkInterface):
        _share_addresses(one)
        if one.attachment is not None:
            status = one.attachment.status
            force_setattr(one.attachment, "status", kept.setdefault(status, status))
    for tag in getattr(one, "tags", ()):
        force_setattr(tag, "key", kept.setdefault(tag.key, tag.key))
    for inner in getattr(one, "instances", ()) or getattr(one, "network_interfaces", ()):
        _share(inner, kept)


def _share_addresses(interface: NetworkInterface) -> None:
    for address in interface.private_ip_addresses:
        if address.private_ip_address == interface.private_ip_address:
            force_setattr(address, "private_ip_address", interface.private_ip_address)
