"""Changes to security groups."""

from __future__ import annotations

from estates import Estate
from mutating import Culprits, Mutation, allow, cannot_leave, cut_off, forbidden, permission
from stack_names import AI, BACKEND, DATABASE, FRONTEND, JENKINS, WORLD


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


GROUPS: tuple[Mutation, ...] = (
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
)
