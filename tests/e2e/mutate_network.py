"""Changes to security groups, route tables, subnets and network ACLs."""

from __future__ import annotations

from estates import Estate
from mutating import (
    Culprits,
    Mutation,
    allow,
    cannot_leave,
    cut_off,
    forbidden,
    leaves_elsewhere,
    name_tags,
    no_such,
    permission,
)

WORLD = "0.0.0.0/0"
PRIVATE = (
    "hackathon_jenkins_agent",
    "hackathon_backend_nestjs",
    "hackathon_backend_ai",
    "hackathon_backend_ai_music",
)
# Those behind hackathon_rtb_private2.
PRIVATE1 = PRIVATE[1:]
DEPLOYED = (
    "hackathon_frontend_nginx",
    "hackathon_frontend_nextjs",
    "hackathon_backend_nginx",
    "hackathon_backend_nestjs",
    "hackathon_backend_ai",
    "hackathon_backend_ai_music",
)
AI = ("hackathon_backend_ai", "hackathon_backend_ai_music")
BACKEND = ("hackathon_backend_nginx", "hackathon_backend_nestjs")
FRONTEND = ("hackathon_frontend_nginx", "hackathon_frontend_nextjs")
DATABASE = "hackathon-mute-rds"
JENKINS = ("hackathon_jenkins_master", "hackathon_jenkins_agent")


# --- security groups --------------------------------------------------------------------------


def port_opened_to_the_world(estate: Estate) -> Culprits:
    return (allow(estate, estate.group("hackathon_sg_frontend"), 8443, WORLD),)


def source_replaced_by_the_world(estate: Estate) -> Culprits:
    group = estate.group("hackathon_sg_jenkins")
    estate.ec2.revoke_security_group_ingress(
        GroupId=group, IpPermissions=[permission(22, estate.text("203.0.113.0/24"))]
    )
    return (allow(estate, group, 22, WORLD),)


def one_stranger_let_in(estate: Estate) -> Culprits:
    return (allow(estate, estate.group("hackathon_sg_jenkins"), 8080, "8.8.4.4/32"),)


def private_port_opened_to_the_world(estate: Estate) -> Culprits:
    return (allow(estate, estate.group("hackathon_sg_ai"), 5000, WORLD),)


def database_opened_to_a_group(estate: Estate) -> Culprits:
    frontend = estate.group("hackathon_sg_frontend")
    return (allow(estate, estate.group("hackathon_sg_rds"), 5432, frontend),)


def database_opened_to_one_address(estate: Estate) -> Culprits:
    address = estate.instance("hackathon_frontend_nginx")["PrivateIpAddress"]
    return (allow(estate, estate.group("hackathon_sg_rds"), 5432, f"{address}/32"),)


def rule_removed(estate: Estate) -> Culprits:
    group = estate.group("hackathon_sg_rds")
    estate.ec2.revoke_security_group_ingress(
        GroupId=group, IpPermissions=[permission(5432, estate.group("hackathon_sg_backend"))]
    )
    return (group,)


def nothing_goes_out(estate: Estate) -> Culprits:
    group = estate.group("hackathon_sg_backend")
    estate.ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[permission(None, WORLD)])
    return (group,)


def group_nobody_uses(estate: Estate) -> Culprits:
    estate.ec2.create_security_group(GroupName="stray", Description="temporary", VpcId=estate.vpc())
    return ()


def default_group_opened(estate: Estate) -> Culprits:
    allow(estate, estate.group("default"), 22, WORLD)
    return ()


# --- routing ----------------------------------------------------------------------------------


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


# --- the VPC and its subnets ------------------------------------------------------------------


def private_subnet_gives_public_addresses(estate: Estate) -> Culprits:
    estate.ec2.modify_subnet_attribute(
        SubnetId=estate.subnet("hackathon_network_private2"), MapPublicIpOnLaunch={"Value": True}
    )
    return ()


def subnet_added(estate: Estate) -> Culprits:
    estate.ec2.create_subnet(
        VpcId=estate.vpc(),
        CidrBlock=estate.text("192.168.200.0/24"),
        TagSpecifications=name_tags("subnet", "stray"),
    )
    return ()


def subnet_loses_its_name(estate: Estate) -> Culprits:
    estate.ec2.delete_tags(
        Resources=[estate.subnet("hackathon_network_public2")], Tags=[{"Key": "Name"}]
    )
    return ()


def private_subnet_loses_its_name(estate: Estate) -> Culprits:
    estate.ec2.delete_tags(
        Resources=[estate.subnet("hackathon_network_private1")], Tags=[{"Key": "Name"}]
    )
    return (estate.text("hackathon_network_private1"),)


def second_address_block(estate: Estate) -> Culprits:
    estate.ec2.associate_vpc_cidr_block(VpcId=estate.vpc(), CidrBlock="100.64.0.0/16")
    return ()


def endpoint_added(estate: Estate) -> Culprits:
    estate.ec2.create_vpc_endpoint(
        VpcId=estate.vpc(),
        ServiceName=f"com.amazonaws.{estate.region}.ecr.api",
        VpcEndpointType="Interface",
        SubnetIds=[estate.subnet("hackathon_network_private2")],
        SecurityGroupIds=[estate.group("hackathon_sg_ai")],
        TagSpecifications=name_tags("vpc-endpoint", "stray"),
    )
    return ()


def peering_added(estate: Estate) -> Culprits:
    other = estate.ec2.create_vpc(CidrBlock="10.250.0.0/16")["Vpc"]["VpcId"]
    made = estate.ec2.create_vpc_peering_connection(
        VpcId=estate.vpc(),
        PeerVpcId=other,
        TagSpecifications=name_tags("vpc-peering-connection", "stray"),
    )
    name = made["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    estate.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=name)
    return ()


# --- network ACLs -----------------------------------------------------------------------------


def _entry(estate: Estate, number: int, action: str, ports: tuple[int, int], cidr: str) -> str:
    acl = estate.default_acl()["NetworkAclId"]
    estate.ec2.create_network_acl_entry(
        NetworkAclId=acl,
        RuleNumber=number,
        Protocol="6",
        RuleAction=action,
        Egress=False,
        CidrBlock=cidr,
        PortRange={"From": ports[0], "To": ports[1]},
    )
    return f"{acl}:ingress:{number}"


def acl_denies_before_it_allows(estate: Estate) -> Culprits:
    return (_entry(estate, 90, "deny", (22, 22), estate.text("192.168.1.0/24")),)


def acl_denies_the_answers(estate: Estate) -> Culprits:
    """Answers of the AI services to backend_nginx arrive on its ephemeral ports."""
    acl = estate.default_acl()["NetworkAclId"]
    estate.ec2.create_network_acl_entry(
        NetworkAclId=acl,
        RuleNumber=90,
        Protocol="6",
        RuleAction="deny",
        Egress=True,
        CidrBlock=estate.text("192.168.4.0/24"),
        PortRange={"From": 1024, "To": 65535},
    )
    return (f"{acl}:egress:90",)


def acl_denies_after_it_allows(estate: Estate) -> Culprits:
    _entry(estate, 110, "deny", (1, 65535), WORLD)
    return ()


def acl_entry_replaced_by_a_narrower_one(estate: Estate) -> Culprits:
    acl = estate.default_acl()["NetworkAclId"]
    estate.ec2.replace_network_acl_entry(
        NetworkAclId=acl,
        RuleNumber=100,
        Protocol="-1",
        RuleAction="allow",
        Egress=False,
        CidrBlock=estate.text("192.168.0.0/16"),
    )
    return (acl,)


def acl_of_its_own(estate: Estate) -> Culprits:
    """A new ACL denies everything: what is in the subnet is cut off from all other subnets."""
    made = estate.ec2.create_network_acl(
        VpcId=estate.vpc(), TagSpecifications=name_tags("network-acl", "stray")
    )
    acl = str(made["NetworkAcl"]["NetworkAclId"])
    subnet = estate.subnet("hackathon_jenkins_public")
    (link,) = [one for one in estate.default_acl()["Associations"] if one["SubnetId"] == subnet]
    estate.ec2.replace_network_acl_association(
        AssociationId=link["NetworkAclAssociationId"], NetworkAclId=acl
    )
    return ()


NETWORK: tuple[Mutation, ...] = (
    Mutation(
        "a port of the frontend is opened to the internet",
        port_opened_to_the_world,
        (
            (
                "changed ec2.security-group hackathon_sg_frontend ingress: "
                "null → tcp/8443 from 0.0.0.0/0"
            ),
        ),
        (
            *forbidden("mute-internet-exposure", FRONTEND[0], "tcp/8443", "internet"),
            *forbidden("mute-internet-exposure", FRONTEND[1], "tcp/8443", "internet"),
        ),
        sample=True,
    ),
    Mutation(
        "SSH to Jenkins is open to the internet instead of the administrators",
        source_replaced_by_the_world,
        (
            (
                "changed ec2.security-group hackathon_sg_jenkins ingress: "
                "tcp/22 from 203.0.113.0/24 → null"
            ),
            "changed ec2.security-group hackathon_sg_jenkins ingress: null → tcp/22 from 0.0.0.0/0",
        ),
        forbidden("mute-internet-exposure", JENKINS[0], "tcp/22", "internet"),
    ),
    Mutation(
        "one more address may use the Jenkins console",
        one_stranger_let_in,
        (
            (
                "changed ec2.security-group hackathon_sg_jenkins ingress: "
                "null → tcp/8080 from 8.8.4.4/32"
            ),
        ),
        forbidden("mute-internet-exposure", JENKINS[0], "tcp/8080", "internet:8.8.4.4/32"),
    ),
    Mutation(
        # In a private subnet, so that the internet does not get there, but all the VPC does;
        # the database, too, can open connections (its group lets everything out).
        "the AI services are open to everybody",
        private_port_opened_to_the_world,
        ("changed ec2.security-group hackathon_sg_ai ingress: null → tcp/5000 from 0.0.0.0/0",),
        (
            *forbidden(
                "mute-ai-only-from-backend", AI[0], "tcp/5000", *FRONTEND, *JENKINS, AI[1], DATABASE
            ),
            *forbidden(
                "mute-ai-only-from-backend", AI[1], "tcp/5000", *FRONTEND, *JENKINS, AI[0], DATABASE
            ),
        ),
    ),
    Mutation(
        "the database is open to the frontend's group",
        database_opened_to_a_group,
        (
            (
                "changed ec2.security-group hackathon_sg_rds ingress: null → "
                "tcp/5432 from hackathon_sg_frontend"
            ),
        ),
        forbidden("mute-rds-only-from-backend", "hackathon-mute-rds", "tcp/5432", *FRONTEND),
        sample=True,
    ),
    Mutation(
        "the database is open to one address of the VPC",
        database_opened_to_one_address,
        (
            (
                "changed ec2.security-group hackathon_sg_rds ingress: "
                "null → tcp/5432 from @hackathon_frontend_nginx/32"
            ),
        ),
        forbidden("mute-rds-only-from-backend", "hackathon-mute-rds", "tcp/5432", FRONTEND[0]),
    ),
    Mutation(
        "the database's only inbound rule is gone",
        rule_removed,
        (
            (
                "changed ec2.security-group hackathon_sg_rds ingress: "
                "tcp/5432 from hackathon_sg_backend → null"
            ),
        ),
        cut_off("mute-works-backend-to-rds", "hackathon-mute-rds", "tcp/5432", BACKEND[1]),
    ),
    Mutation(
        # Answers still get out: groups keep state. So the internet still reaches backend_nginx.
        "the backend's group lets nothing out",
        nothing_goes_out,
        ("changed ec2.security-group hackathon_sg_backend egress: all to 0.0.0.0/0 → null",),
        (
            *cut_off("mute-works-backend-to-rds", "hackathon-mute-rds", "tcp/5432", BACKEND[1]),
            *cut_off("mute-works-backend-to-ai", AI[0], "tcp/5000", *BACKEND),
            *cut_off("mute-works-backend-to-ai", AI[1], "tcp/5000", *BACKEND),
            *cannot_leave(BACKEND[1]),
        ),
    ),
    Mutation(
        "a group that nobody uses",
        group_nobody_uses,
        ("unexpected ec2.security-group stray",),
    ),
    Mutation(
        "the VPC's default group is opened, which nobody uses",
        default_group_opened,
        ("changed ec2.security-group default ingress: null → tcp/22 from 0.0.0.0/0",),
    ),
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
    Mutation(
        "a private subnet gives new hosts public addresses",
        private_subnet_gives_public_addresses,
        ("changed ec2.subnet hackathon_network_private2 public_addresses: false → true",),
    ),
    Mutation("a subnet is added", subnet_added, ("unexpected ec2.subnet stray",)),
    Mutation(
        "the Name tag of a subnet is lost",
        subnet_loses_its_name,
        (
            (
                "changed ec2.subnet hackathon_network_public2 tags.Name: "
                "hackathon_network_public2 → null"
            ),
        ),
    ),
    Mutation(
        # The policy names the subnet: it can no longer say that nothing in it is reachable.
        "the Name tag of a private subnet is lost",
        private_subnet_loses_its_name,
        (
            (
                "changed ec2.subnet hackathon_network_private1 tags.Name: "
                "hackathon_network_private1 → null"
            ),
        ),
        no_such("hackathon_network_private1", "mute-private-subnets-unreachable"),
    ),
    Mutation(
        "the VPC has a second address block",
        second_address_block,
        ("changed ec2.vpc hackathon_vpc_infra cidrs: null → 100.64.0.0/16",),
    ),
    Mutation("an endpoint is added", endpoint_added, ("unexpected ec2.vpc-endpoint stray",)),
    Mutation(
        "the VPC is peered with another one",
        peering_added,
        ("unexpected ec2.vpc-peering-connection stray",),
    ),
    Mutation(
        "an ACL entry before the one that allows denies SSH from the Jenkins agent's subnet",
        acl_denies_before_it_allows,
        ("changed ec2.network-acl default ingress[90]: null → deny tcp/22 192.168.1.0/24",),
        tuple(
            line
            for host in DEPLOYED
            for line in cut_off("mute-works-jenkins-deploys", host, "tcp/22", JENKINS[1])
        ),
        sample=True,
    ),
    Mutation(
        "an ACL entry denies the answers on the way back",
        acl_denies_the_answers,
        ("changed ec2.network-acl default egress[90]: null → deny tcp/1024-65535 192.168.4.0/24",),
        (
            *cut_off("mute-works-backend-to-ai", AI[0], "tcp/5000", BACKEND[0]),
            *cut_off("mute-works-backend-to-ai", AI[1], "tcp/5000", BACKEND[0]),
        ),
    ),
    Mutation(
        "an ACL entry after the one that allows denies everything, without effect",
        acl_denies_after_it_allows,
        ("changed ec2.network-acl default ingress[110]: null → deny tcp/1-65535 0.0.0.0/0",),
    ),
    Mutation(
        "the ACL lets nothing in from outside of the VPC",
        acl_entry_replaced_by_a_narrower_one,
        (
            (
                "changed ec2.network-acl default ingress[100]: "
                "allow all 0.0.0.0/0 → allow all 192.168.0.0/16"
            ),
        ),
        (
            *cut_off("mute-works-internet-to-frontend", FRONTEND[0], "tcp/443", "internet"),
            *cut_off("mute-works-internet-to-backend", BACKEND[0], "tcp/443", "internet"),
            *cannot_leave(*PRIVATE),
        ),
    ),
    Mutation(
        # Nothing is promised about jenkins_master's subnet but what it must not do.
        "a subnet is given an ACL of its own that denies everything",
        acl_of_its_own,
        (
            "unexpected ec2.network-acl stray",
            "changed ec2.network-acl default subnets: hackathon_jenkins_public → null",
        ),
    ),
)
