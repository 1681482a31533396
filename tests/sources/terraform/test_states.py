"""States: what is known of everything, ids included."""

from __future__ import annotations

from typing import Any

from mute_audit.inventory import Inventory
from mute_audit.sources.aws_json import load
from mute_audit.sources.terraform.state import read_state

PROVIDER = 'provider["registry.terraform.io/hashicorp/aws"]'


def state(**resources: dict[str, Any]) -> Inventory:
    """A raw state file; `aws_vpc__this={…}` is a resource with its attributes."""
    blocks = []
    for name, attributes in resources.items():
        kind, _, own = name.partition("__")
        instance = {"schema_version": 0, "attributes": attributes}
        head = {"mode": "managed", "type": kind, "name": own, "provider": PROVIDER}
        blocks.append({**head, "instances": [instance]})
    document = {"version": 4, "lineage": "x", "serial": 1, "resources": blocks}
    return load(read_state(document, "terraform.tfstate", None))


def test_what_manages_a_default_resource_has_the_id_of_what_it_manages() -> None:
    """So the id in `default_route_table_id` is its own as well as the VPC's."""
    vpc = "vpc-11111111"
    table, acl = "rtb-11111111", "acl-11111111"
    route = {"cidr_block": "0.0.0.0/0", "gateway_id": "igw-11111111"}
    found = state(
        aws_vpc__this={
            "id": vpc,
            "cidr_block": "10.0.0.0/16",
            "default_route_table_id": table,
            "main_route_table_id": table,
            "default_network_acl_id": acl,
        },
        aws_default_route_table__this={
            "id": table,
            "default_route_table_id": table,
            "vpc_id": vpc,
            "route": [route],
        },
        aws_default_network_acl__this={
            "id": acl,
            "default_network_acl_id": acl,
            "vpc_id": vpc,
            "ingress": [],
            "egress": [],
        },
    )
    assert found.route_tables[table].vpc_id == vpc
    assert [one.vpc_id for r in found.regions for one in r.network_acls] == [vpc]
