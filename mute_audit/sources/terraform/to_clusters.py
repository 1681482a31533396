"""Kubernetes clusters: what AWS makes along with them."""

from __future__ import annotations

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Out
from mute_audit.sources.terraform.to_interfaces import vpc_of

__all__ = ["cluster", "cluster_group"]


def cluster(item: Item, out: Out) -> None:
    """The security group of a cluster that is not there yet, with the rules that EKS gives it.

    In from itself, out to everywhere (EKS user guide, "View Amazon EKS security group
    requirements for clusters"). One that is there may have got others since.
    """
    if item.id != item.address:
        return
    subnets: list[str] = []
    for block in item.blocks("vpc_config")[:1]:
        subnets = item.estate.ids_in(block.get("subnet_ids"), "subnet_ids", item)
    vpc_id = vpc_of(item, subnets[0], out) if subnets else ""
    if not vpc_id:
        return
    itself = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": item.id}]}
    everyone = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    out.put(
        "SecurityGroups",
        item.home,
        item.id,
        {
            "GroupId": item.id,
            "GroupName": f"eks-cluster-sg-{item.text('name', item.address)}",
            "VpcId": vpc_id,
            "IpPermissions": [itself],
            "IpPermissionsEgress": [everyone],
        },
    )


def cluster_group(item: Item) -> str:
    """The id of that group."""
    for block in item.blocks("vpc_config"):
        known = block.get("cluster_security_group_id")
        if isinstance(known, str) and known:
            return known
    return item.id
