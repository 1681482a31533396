"""Changes to the database."""

from __future__ import annotations

from estates import Estate
from mutating import Culprits, Mutation, allow, cut_off, forbidden, no_such
from stack_names import AI, BACKEND, DATABASE, FRONTEND, JENKINS, WORLD


def modify_database(estate: Estate, **change: object) -> None:
    estate.rds.modify_db_instance(
        DBInstanceIdentifier=estate.text(DATABASE), ApplyImmediately=True, **change
    )


def subnets_of_database(estate: Estate, *names: str) -> None:
    (found,) = estate.rds.describe_db_instances(DBInstanceIdentifier=estate.text(DATABASE))[
        "DBInstances"
    ]
    estate.rds.modify_db_subnet_group(
        DBSubnetGroupName=found["DBSubnetGroup"]["DBSubnetGroupName"],
        SubnetIds=[estate.subnet(name) for name in names],
    )


def database_made_public(estate: Estate) -> Culprits:
    modify_database(estate, PubliclyAccessible=True)
    return ()


def database_on_the_internet(estate: Estate) -> Culprits:
    """Public for real: the flag, the subnets and the group."""
    modify_database(estate, PubliclyAccessible=True)
    subnets_of_database(estate, "hackathon_network_public1", "hackathon_network_public2")
    return (allow(estate, estate.group("hackathon_sg_rds"), 5432, WORLD),)


def database_moved(estate: Estate) -> Culprits:
    subnets_of_database(estate, "hackathon_jenkins_private", "hackathon_network_private1")
    return ()


def database_with_another_group(estate: Estate) -> Culprits:
    group = estate.group("hackathon_sg_ai")
    modify_database(estate, VpcSecurityGroupIds=[group])
    return (group,)


def database_with_one_more_group(estate: Estate) -> Culprits:
    """The new group lets in nobody on the database's port."""
    modify_database(
        estate,
        VpcSecurityGroupIds=[
            estate.group("hackathon_sg_rds"),
            estate.group("hackathon_sg_ai"),
        ],
    )
    return ()


def database_in_two_zones(estate: Estate) -> Culprits:
    modify_database(estate, MultiAZ=True, DBInstanceClass="db.m5.large")
    return ()


def database_deleted(estate: Estate) -> Culprits:
    name = estate.text(DATABASE)
    modify_database(estate, DeletionProtection=False)
    estate.rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    return (name,)


def database_added(estate: Estate) -> Culprits:
    (found,) = estate.rds.describe_db_instances(DBInstanceIdentifier=estate.text(DATABASE))[
        "DBInstances"
    ]
    estate.rds.create_db_instance(
        DBInstanceIdentifier="stray",
        Engine="postgres",
        DBInstanceClass="db.t3.micro",
        AllocatedStorage=20,
        MasterUsername="someone",
        MasterUserPassword="of-no-use-anywhere",
        DBSubnetGroupName=found["DBSubnetGroup"]["DBSubnetGroupName"],
        VpcSecurityGroupIds=[estate.group("hackathon_sg_rds")],
    )
    return ()


DATABASES: tuple[Mutation, ...] = (
    Mutation(
        # It has an address on the internet, and no way there.
        "the database is marked as publicly accessible",
        database_made_public,
        ("changed rds.instance hackathon-mute-rds publicly_accessible: false → true",),
    ),
    Mutation(
        "the database is on the internet",
        database_on_the_internet,
        (
            "changed rds.instance hackathon-mute-rds publicly_accessible: false → true",
            "changed rds.instance hackathon-mute-rds subnets: hackathon_network_private1 → null",
            "changed rds.instance hackathon-mute-rds subnets: hackathon_network_private2 → null",
            "changed rds.instance hackathon-mute-rds subnets: null → hackathon_network_public1",
            "changed rds.instance hackathon-mute-rds subnets: null → hackathon_network_public2",
            "changed ec2.security-group hackathon_sg_rds ingress: null → tcp/5432 from 0.0.0.0/0",
        ),
        (
            *forbidden(
                "mute-rds-only-from-backend",
                DATABASE,
                "tcp/5432",
                "internet",
                *FRONTEND,
                *JENKINS,
                *AI,
            ),
            *forbidden("mute-rds-never-from-internet", DATABASE, "tcp/5432", "internet"),
            *forbidden("mute-internet-exposure", DATABASE, "tcp/5432", "internet"),
        ),
    ),
    Mutation(
        "the database is moved to other private subnets",
        database_moved,
        (
            "changed rds.instance hackathon-mute-rds subnets: hackathon_network_private2 → null",
            "changed rds.instance hackathon-mute-rds subnets: null → hackathon_jenkins_private",
        ),
    ),
    Mutation(
        "the database is given another group instead of its own",
        database_with_another_group,
        (
            "changed rds.instance hackathon-mute-rds security_groups: hackathon_sg_rds → null",
            "changed rds.instance hackathon-mute-rds security_groups: null → hackathon_sg_ai",
        ),
        cut_off("mute-works-backend-to-rds", DATABASE, "tcp/5432", BACKEND[1]),
        sample=True,
    ),
    Mutation(
        "the database is given one more group",
        database_with_one_more_group,
        ("changed rds.instance hackathon-mute-rds security_groups: null → hackathon_sg_ai",),
    ),
    Mutation(
        "the database is larger and in two zones",
        database_in_two_zones,
        (
            "changed rds.instance hackathon-mute-rds class: db.t3.micro → db.m5.large",
            "changed rds.instance hackathon-mute-rds multi_az: false → true",
        ),
    ),
    Mutation(
        "the database is deleted",
        database_deleted,
        ("missing rds.instance hackathon-mute-rds",),
        no_such(
            DATABASE,
            "mute-rds-only-from-backend",
            "mute-rds-never-from-internet",
            "mute-works-backend-to-rds",
        ),
    ),
    Mutation("a database is added", database_added, ("unexpected rds.instance stray",)),
)
