"""Long lists hold what their items have in common once, and are otherwise the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mute_audit.errors import SnapshotError
from mute_audit.inventory.network import NetworkInterface
from mute_audit.inventory.workload import Reservation
from mute_audit.sources.aws_json import load, read_directory
from mute_audit.sources.sharing import LONG, decode_sharing


def interface(number: int, **more: Any) -> dict[str, Any]:
    address = f"10.0.{number // 256}.{number % 256}"
    return {
        "NetworkInterfaceId": f"eni-{number:08x}",
        "SubnetId": "subnet-1",
        "VpcId": "vpc-1",
        "PrivateIpAddress": address,
        "PrivateIpAddresses": [{"PrivateIpAddress": address, "Primary": True}],
        "Groups": [{"GroupId": "sg-1", "GroupName": "web"}],
        "Attachment": {"InstanceId": f"i-{number:08x}", "Status": "attached"},
        "Status": "in-use",
        "OwnerId": "111122223333",
        **more,
    }


def instance(number: int) -> dict[str, Any]:
    return {
        "InstanceId": f"i-{number:08x}",
        "SubnetId": "subnet-1",
        "State": {"Name": "running"},
        "SecurityGroups": [{"GroupId": "sg-1", "GroupName": "web"}],
        "Tags": [{"Key": "Name", "Value": f"host {number}"}],
        "NetworkInterfaces": [interface(number)],
    }


@pytest.mark.parametrize(
    ("kind", "items"),
    [
        (NetworkInterface, [interface(n) for n in range(5)]),
        (Reservation, [{"Instances": [instance(n), instance(n + 50)]} for n in range(5)]),
    ],
)
def test_the_items_are_those_that_a_plain_decoder_makes(
    kind: type[Any], items: list[dict[str, Any]]
) -> None:
    data = json.dumps(items).encode()
    assert decode_sharing(data, kind) == msgspec.json.decode(data, type=tuple[kind, ...])


def test_equal_parts_are_one_object() -> None:
    data = json.dumps([interface(1), interface(2), interface(3, SubnetId="subnet-2")]).encode()
    first, second, third = decode_sharing(data, NetworkInterface)
    assert first.groups is second.groups is third.groups
    assert first.subnet_id is second.subnet_id
    assert third.subnet_id == "subnet-2"
    assert first.attachment.status is second.attachment.status
    assert first.private_ip_addresses[0].private_ip_address is first.private_ip_address


def test_a_mistake_in_a_long_list_is_told_with_its_place(tmp_path: Path) -> None:
    many = [interface(n) for n in range(5_000)]
    many[4_321]["SubnetId"] = 7
    text = json.dumps({"NetworkInterfaces": many})
    assert len(text) > LONG
    (tmp_path / "interfaces.json").write_text(text)
    with pytest.raises(SnapshotError, match=r"NetworkInterfaces\[4321\].SubnetId"):
        load(read_directory(tmp_path))


def test_a_long_list_with_nulls_is_read_as_a_short_one_is(tmp_path: Path) -> None:
    many = [interface(n, RequesterId=None) for n in range(5_000)]
    (tmp_path / "interfaces.json").write_text(json.dumps({"NetworkInterfaces": many}))
    found = load(read_directory(tmp_path)).regions[0].network_interfaces
    assert len(found) == 5_000
    assert found[17].requester_id == ""
