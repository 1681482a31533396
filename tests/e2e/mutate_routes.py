"""Changes to route tables and gateways."""

from __future__ import annotations

from estates import Estate
from mutating import (
    Culprits,
    Mutation,
    cannot_leave,
    cut_off,
    forbidden,
    leaves_elsewhere,
    name_tags,
)
from stack_names import AI, BACKEND, FRONTEND, PRIVATE, PRIVATE1, WORLD


def subnet_associated_with_another_table(estate: Estate) -> Culprits:
    subnet = estate.subnet("hackathon_network_private1")
    filters = [{"Name": "association.subnet-id", "Values": [subnet]}]
    (table,) = estate.ec2.describe_route_tables(Filters=filters)["RouteTables"]
    (link,) = [one for one in table["Associations"] if one.get("SubnetId") == subnet]
    public = estate.table("hackathon_rtb_public")
    estate.ec2.replace_route_table_association(
        AssociationId=link["RouteTableAssociationId"], RouteTableId=public
    )
    return (f"{public}:{WORLD}",)


def private_table_leads_to_the_internet(estate: Estate) -> Culprits:
    table = estate.table("hackathon_rtb_private1")
    estate.ec2.replace_route(
        RouteTableId=table, DestinationCidrBlock=WORLD, GatewayId=estate.internet_gateway()
    )
    return (f"{table}:{WORLD}",)


def private_table_leads_half_the_internet_past_the_gateway(estate: Estate) -> Culprits:
    table = estate.table("hackathon_rtb_private1")
    estate.ec2.create_route(
        RouteTableId=table, DestinationCidrBlock="0.0.0.0/1", GatewayId=estate.internet_gateway()
    )
    return (f"{table}:0.0.0.0/1",)


def private_table_with_addresses_becomes_public(estate: Estate) -> Culprits:
    table = estate.table("hackathon_rtb_private2")
    estate.ec2.replace_route(
        RouteTableId=table, DestinationCidrBlock=WORLD, GatewayId=estate.internet_gateway()
    )
    address = estate.ec2.allocate_address(Domain="vpc", Address="198.51.100.77")
    estate.ec2.associate_address(
        AllocationId=address["AllocationId"],
        InstanceId=estate.instance_id("hackathon_backend_nestjs"),
    )
    return (f"{table}:{WORLD}",)


def public_table_loses_its_way_out(estate: Estate) -> Culprits:
    table = estate.table("hackathon_rtb_public")
    estate.ec2.delete_route(RouteTableId=table, DestinationCidrBlock=WORLD)
    return (table,)


def nat_gateway_deleted(estate: Estate) -> Culprits:
    gateway = estate.nat_gateway()
    estate.ec2.delete_nat_gateway(NatGatewayId=gateway)
    return (gateway,)


def internet_gateway_detached(estate: Estate) -> Culprits:
    gateway = estate.internet_gateway()
    estate.ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=estate.vpc())
    return (gateway,)


def route_into_a_host(estate: Estate) -> Culprits:
    estate.ec2.create_route(
        RouteTableId=estate.table("hackathon_rtb_private3"),
        DestinationCidrBlock="198.18.0.0/15",
        NetworkInterfaceId=estate.interface("hackathon_backend_nginx"),
    )
    return ()


def table_nobody_uses(estate: Estate) -> Culprits:
    estate.ec2.create_route_table(
        VpcId=estate.vpc(), TagSpecifications=name_tags("route-table", "stray")
    )
    return ()


ROUTES: tuple[Mutation, ...] = (
    Mutation(
        # None of the hosts has a public address, so they reach nothing and nothing reaches them.
        "a private subnet is associated with the public route table",
        subnet_associated_with_another_table,
        (
            (
                "changed ec2.route-table hackathon_rtb_private2 subnets: "
                "hackathon_network_private1 → null"
            ),
            (
                "changed ec2.route-table hackathon_rtb_public subnets: "
                "null → hackathon_network_private1"
            ),
        ),
        cannot_leave(*PRIVATE1),
        sample=True,
    ),
    Mutation(
        "a private route table leads to the internet gateway",
        private_table_leads_to_the_internet,
        (
            (
                "changed ec2.route-table hackathon_rtb_private1 routes[0.0.0.0/0]: "
                "hackathon_nat → hackathon_igw"
            ),
        ),
        cannot_leave("hackathon_jenkins_agent"),
    ),
    Mutation(
        "a private route table leads half of the internet past the NAT gateway",
        private_table_leads_half_the_internet_past_the_gateway,
        ("changed ec2.route-table hackathon_rtb_private1 routes[0.0.0.0/1]: null → hackathon_igw",),
        (
            (
                "mute-works-private-egress-by-nat: reach.missing hackathon_jenkins_agent ← "
                "hackathon_jenkins_agent to internet:1.0.0.0/8, 2.0.0.0/7, 4.0.0.0/6, … tcp/443"
            ),
        ),
    ),
    Mutation(
        "a private subnet becomes public, and one of its hosts has a public address",
        private_table_with_addresses_becomes_public,
        (
            (
                "changed ec2.route-table hackathon_rtb_private2 routes[0.0.0.0/0]: "
                "hackathon_nat → hackathon_igw"
            ),
            "changed ec2.instance hackathon_backend_nestjs public_address: false → true",
        ),
        (
            *forbidden("mute-internet-exposure", BACKEND[1], "tcp/80, tcp/443", "internet"),
            *forbidden(
                "mute-private-subnets-unreachable", BACKEND[1], "tcp/80, tcp/443", "internet"
            ),
            *cannot_leave(*AI),
            *leaves_elsewhere(BACKEND[1]),
        ),
    ),
    Mutation(
        # The NAT gateway stands in a public subnet: without a way out it is no way out.
        "the public route table has no default route",
        public_table_loses_its_way_out,
        ("changed ec2.route-table hackathon_rtb_public routes[0.0.0.0/0]: hackathon_igw → null",),
        (
            *cut_off("mute-works-internet-to-frontend", FRONTEND[0], "tcp/443", "internet"),
            *cut_off("mute-works-internet-to-backend", BACKEND[0], "tcp/443", "internet"),
            *cannot_leave(*PRIVATE),
        ),
    ),
    Mutation(
        "the NAT gateway is deleted",
        nat_gateway_deleted,
        ("missing ec2.nat-gateway hackathon_nat",),
        cannot_leave(*PRIVATE),
    ),
    Mutation(
        "the internet gateway is detached",
        internet_gateway_detached,
        ("changed ec2.internet-gateway hackathon_igw vpc: hackathon_vpc_infra → null",),
        (
            *cut_off("mute-works-internet-to-frontend", FRONTEND[0], "tcp/443", "internet"),
            *cut_off("mute-works-internet-to-backend", BACKEND[0], "tcp/443", "internet"),
            *cannot_leave(*PRIVATE),
        ),
    ),
    Mutation(
        "a route leads into a host",
        route_into_a_host,
        (
            (
                "changed ec2.route-table hackathon_rtb_private3 routes[198.18.0.0/15]: "
                "null → hackathon_backend_nginx"
            ),
        ),
    ),
    Mutation(
        "a route table that nobody uses",
        table_nobody_uses,
        ("unexpected ec2.route-table stray",),
    ),
)
