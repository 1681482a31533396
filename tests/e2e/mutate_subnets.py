"""Changes to the VPC, its subnets and its network ACLs."""

from __future__ import annotations

from estates import Estate
from mutating import Culprits, Mutation, about, cannot_leave, cut_off, name_tags, no_such
from stack_names import AI, BACKEND, DATABASE, DEPLOYED, FRONTEND, JENKINS, PRIVATE, WORLD

UNKNOWN = "reach.unknown"


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


SUBNETS: tuple[Mutation, ...] = (
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
    Mutation(
        # The emulator gives its interface an address that its subnet does not have: what it
        # lets through cannot be told.
        "an endpoint is added",
        endpoint_added,
        ("unexpected ec2.vpc-endpoint stray",),
        open=(
            *about("mute-rds-only-from-backend", UNKNOWN, DATABASE, "stray tcp/5432"),
            *about("mute-ai-only-from-backend", UNKNOWN, AI[0], "stray tcp/3000, tcp/5000"),
            *about("mute-ai-only-from-backend", UNKNOWN, AI[1], "stray tcp/3000, tcp/5000"),
            *about("mute-internet-exposure", UNKNOWN, "stray", "internet all"),
            *about("mute-private-subnets-unreachable", UNKNOWN, "stray", "internet all"),
        ),
    ),
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
