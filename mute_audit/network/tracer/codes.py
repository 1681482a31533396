"""Names of what can block a packet, and of the components that do.

`CODES` is the one list: the documentation and the renderers take their sentences from it.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["CODES", "NOTES", "Component"]


class Component(StrEnum):
    """The `component` values of the trace contract."""

    GROUP = "security-group"
    ACL = "network-acl"
    TABLE = "route-table"
    INTERNET = "internet-gateway"
    NAT = "nat-gateway"
    TRANSIT = "transit-gateway"
    PEERING = "peering"
    ENDPOINT = "vpc-endpoint"
    BALANCER = "load-balancer"
    BPA = "block-public-access"
    NOWHERE = "no-such-destination"
    HOST = "host"


CODES: dict[str, str] = {
    "no-ingress-rule": "no ingress rule of the interface's security groups matches the packet",
    "no-egress-rule": "no egress rule of the interface's security groups matches the packet",
    "acl-denied": "the subnet's network ACL denies the packet",
    "no-route": "the route table has no route that takes the packet there",
    "blackhole": "the route that matches is a blackhole",
    "routing-loop": "the routes send the packet in a circle",
    "not-attached": "the gateway is not attached to the VPC, or the interface to no host",
    "not-available": "the gateway or connection is not in service",
    "no-public-address": "the interface has no public address",
    "private-address": "a private address cannot cross the internet",
    "wrong-family": "this gateway does not carry this version of IP",
    "no-session": "a NAT gateway takes in nothing that it did not send for",
    "unsupported-protocol": "the gateway does not carry this protocol",
    "edge-to-edge": "a VPC does not pass traffic on from one connection to another",
    "no-zone": "the gateway has no attachment subnet in the sender's availability zone",
    "no-association": "the attachment has no route table on the transit gateway",
    "no-listener": "the load balancer does not listen there",
    "no-target": "the load balancer has no target that it could send to",
    "loopback": "the load balancer keeps the client's address, and the client is the target",
    "egress-only": "the interface only opens connections and answers none",
    "opens-nothing": "an interface of a gateway passes on what others send, and opens nothing",
    "no-such-destination": "nothing in the estate has this address",
    "other-host": "the route leads to another host that has the same address",
    "other-network": "the routes lead to another network that has this address",
    "stopped": "the host is stopped",
    "source-dest-check": "the interface drops packets that are not its own",
    "not-forwarding": "the host does not pass on packets that are not its own",
    "not-inspected": "the firewall on the way drops the packet",
    "bpa-ingress": "VPC Block Public Access keeps out what comes from the internet",
    "bpa-egress": "VPC Block Public Access keeps in what goes to the internet",
    "answer-elsewhere": "the answer leaves another way and does not fit the connection",
    "no-common-family": "the two ends have no version of IP in common",
}

NOTES: dict[str, str] = {
    "partial": "only a part of the ports or addresses gets through; the part is named",
    "one-way": "the packet arrives, but nothing can come back",
    "public": "the target is reached by its public address, over the internet gateway",
    "latent": "what is off now would let the packet through when it is switched on",
    "assumed": "a description is not in the snapshot and AWS's default stands in for it",
    "inspected": "a firewall on the way decides, and its rules are not read",
    "forwarding": "a host on the way may pass the packet on; its own settings are not seen",
    "outside": "the packet leaves the estate here; what lies behind is not seen",
    "targets": "how the load balancer goes on from here",
    "reading": "AWS's own texts disagree; the reading that was taken is named",
}
