"""Changes to instances and their interfaces."""

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
    no_such,
)
from stack_names import AI, BACKEND, DATABASE, FRONTEND, JENKINS


def launch(
    estate: Estate,
    name: str,
    subnet: str,
    group: str,
    *,
    instead: str = "",
    encrypted: bool = True,
) -> str:
    """A new instance with image and type of `instead`, which it replaces; returns its id."""
    model = estate.instance(instead or "hackathon_frontend_nginx")
    if instead:
        estate.ec2.terminate_instances(InstanceIds=[model["InstanceId"]])
    made = estate.ec2.run_instances(
        ImageId=model["ImageId"],
        InstanceType=model["InstanceType"],
        MinCount=1,
        MaxCount=1,
        SubnetId=estate.subnet(subnet),
        SecurityGroupIds=[estate.group(group)],
        MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"},
        BlockDeviceMappings=[
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "Encrypted": encrypted}}
        ],
        TagSpecifications=name_tags("instance", estate.text(name)),
    )
    return str(made["Instances"][0]["InstanceId"])


def stray_in_a_public_subnet(estate: Estate) -> Culprits:
    return (launch(estate, "stray", "hackathon_network_public2", "hackathon_sg_frontend"),)


def stray_behind_the_backends_group(estate: Estate) -> Culprits:
    return (launch(estate, "stray", "hackathon_network_private2", "hackathon_sg_backend"),)


def stray_that_does_no_harm(estate: Estate) -> Culprits:
    launch(estate, "stray", "hackathon_network_private2", "hackathon_sg_rds")
    return ()


def namesake(estate: Estate) -> Culprits:
    """A second instance with the name of the first, where nobody looks."""
    return (
        launch(estate, "hackathon_jenkins_agent", "hackathon_network_private2", "hackathon_sg_rds"),
    )


def stopped(estate: Estate) -> Culprits:
    name = estate.instance_id("hackathon_backend_ai")
    estate.ec2.stop_instances(InstanceIds=[name])
    return (name,)


def terminated(estate: Estate) -> Culprits:
    estate.ec2.terminate_instances(InstanceIds=[estate.instance_id("hackathon_backend_ai_music")])
    return (estate.text("hackathon_backend_ai_music"),)


def another_type(estate: Estate) -> Culprits:
    name = estate.instance_id("hackathon_jenkins_master")
    estate.ec2.stop_instances(InstanceIds=[name])
    estate.ec2.modify_instance_attribute(InstanceId=name, InstanceType={"Value": "m5.large"})
    estate.ec2.start_instances(InstanceIds=[name])
    return ()


def moved_to_a_private_subnet(estate: Estate) -> Culprits:
    launch(
        estate,
        "hackathon_jenkins_agent",
        "hackathon_network_private2",
        "hackathon_sg_jenkins",
        instead="hackathon_jenkins_agent",
    )
    return ()


def moved_to_a_public_subnet(estate: Estate) -> Culprits:
    return (
        launch(
            estate,
            "hackathon_backend_nestjs",
            "hackathon_network_public1",
            "hackathon_sg_backend",
            instead="hackathon_backend_nestjs",
        ),
    )


def regroup(estate: Estate, name: str, *groups: str) -> None:
    """AWS changes instance and interface together; moto lets the interface keep the old ones."""
    estate.ec2.modify_instance_attribute(InstanceId=estate.instance_id(name), Groups=list(groups))
    estate.ec2.modify_network_interface_attribute(
        NetworkInterfaceId=estate.interface(name), Groups=list(groups)
    )


def group_swapped(estate: Estate) -> Culprits:
    frontend = estate.group("hackathon_sg_frontend")
    regroup(estate, "hackathon_backend_ai", frontend)
    return (frontend, *_rules(estate, frontend, 3000))


def _rules(estate: Estate, group: str, port: int) -> list[str]:
    found = estate.ec2.describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": [group]}]
    )["SecurityGroupRules"]
    return [rule["SecurityGroupRuleId"] for rule in found if rule.get("FromPort") == port]


def backends_group_added(estate: Estate) -> Culprits:
    backend = estate.group("hackathon_sg_backend")
    regroup(estate, "hackathon_frontend_nextjs", estate.group("hackathon_sg_frontend"), backend)
    rules = _rules(estate, estate.group("hackathon_sg_rds"), 5432)
    for port in (3000, 5000):
        rules += _rules(estate, estate.group("hackathon_sg_ai"), port)
    return tuple(rules)


def private_host_with_a_public_address(estate: Estate) -> Culprits:
    """Without a way from the internet gateway, the address leads nowhere."""
    address = estate.ec2.allocate_address(Domain="vpc", Address="198.51.100.78")
    estate.ec2.associate_address(
        AllocationId=address["AllocationId"],
        InstanceId=estate.instance_id("hackathon_backend_ai"),
    )
    return ()


def forward(estate: Estate, name: str) -> str:
    """Switches the source/destination check off; returns the instance's id.

    AWS changes instance and interface together; moto changes what is named.
    """
    instance = estate.instance_id(name)
    off = {"Value": False}
    estate.ec2.modify_instance_attribute(InstanceId=instance, SourceDestCheck=off)
    estate.ec2.modify_network_interface_attribute(
        NetworkInterfaceId=estate.interface(name), SourceDestCheck=off
    )
    return instance


def forwarding_next_to_the_database(estate: Estate) -> Culprits:
    return (forward(estate, "hackathon_backend_nginx"),)


def forwarding_where_it_leads_nowhere(estate: Estate) -> Culprits:
    forward(estate, "hackathon_backend_ai")
    return ()


def metadata_without_token(estate: Estate) -> Culprits:
    estate.ec2.modify_instance_metadata_options(
        InstanceId=estate.instance_id("hackathon_backend_nestjs"), HttpTokens="optional"
    )
    return ()


def plain_root_volume(estate: Estate) -> Culprits:
    launch(
        estate,
        "hackathon_frontend_nextjs",
        "hackathon_network_public1",
        "hackathon_sg_frontend",
        instead="hackathon_frontend_nextjs",
        encrypted=False,
    )
    return ()


def another_image(estate: Estate) -> Culprits:
    """An instance of the other operating system under the same name."""
    ubuntu = estate.instance("hackathon_jenkins_agent")["ImageId"]
    model = estate.instance("hackathon_backend_ai")
    estate.ec2.terminate_instances(InstanceIds=[model["InstanceId"]])
    estate.ec2.run_instances(
        ImageId=ubuntu,
        InstanceType=model["InstanceType"],
        MinCount=1,
        MaxCount=1,
        SubnetId=model["SubnetId"],
        SecurityGroupIds=[estate.group("hackathon_sg_ai")],
        MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"},
        BlockDeviceMappings=[
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "Encrypted": True}}
        ],
        TagSpecifications=name_tags("instance", estate.text("hackathon_backend_ai")),
    )
    return ()


def name_lost(estate: Estate) -> Culprits:
    estate.ec2.delete_tags(
        Resources=[estate.instance_id("hackathon_backend_ai_music")], Tags=[{"Key": "Name"}]
    )
    return (estate.text("hackathon_backend_ai_music"),)


def interface_added(estate: Estate) -> Culprits:
    estate.ec2.create_network_interface(
        SubnetId=estate.subnet("hackathon_network_private2"),
        Groups=[estate.group("hackathon_sg_rds")],
        TagSpecifications=name_tags("network-interface", "stray"),
    )
    return ()


INSTANCES: tuple[Mutation, ...] = (
    Mutation(
        "an unknown instance stands in a public subnet",
        stray_in_a_public_subnet,
        ("unexpected ec2.instance stray",),
        forbidden("mute-internet-exposure", "stray", "tcp/80, tcp/443", "internet"),
        sample=True,
    ),
    Mutation(
        "an unknown instance stands behind the backend's group",
        stray_behind_the_backends_group,
        ("unexpected ec2.instance stray",),
        (
            *forbidden("mute-rds-only-from-backend", DATABASE, "tcp/5432", "stray"),
            *forbidden("mute-ai-only-from-backend", AI[0], "tcp/3000, tcp/5000", "stray"),
            *forbidden("mute-ai-only-from-backend", AI[1], "tcp/3000, tcp/5000", "stray"),
        ),
    ),
    Mutation(
        "an unknown instance stands where it does no harm",
        stray_that_does_no_harm,
        ("unexpected ec2.instance stray",),
    ),
    Mutation(
        # The name no longer says which is meant; the policies that need it judge both.
        "a second instance has the name of another one",
        namesake,
        ("unexpected ec2.instance hackathon_jenkins_agent name: null → hackathon_jenkins_agent",),
        tuple(
            line
            for host in (*FRONTEND, *BACKEND, *AI)
            for line in cut_off("mute-works-jenkins-deploys", host, "tcp/22", JENKINS[1])
        ),
    ),
    Mutation(
        "an instance is stopped",
        stopped,
        ("changed ec2.instance hackathon_backend_ai state: running → stopped",),
        (
            *cut_off("mute-works-backend-to-ai", AI[0], "tcp/5000", *BACKEND),
            *cut_off("mute-works-jenkins-deploys", AI[0], "tcp/22", JENKINS[1]),
            *cannot_leave(AI[0]),
        ),
    ),
    Mutation(
        "an instance is deleted",
        terminated,
        ("missing ec2.instance hackathon_backend_ai_music",),
        no_such(
            "hackathon_backend_ai_music",
            "mute-ai-only-from-backend",
            "mute-works-backend-to-ai",
            "mute-works-jenkins-deploys",
            "mute-works-private-egress-by-nat",
        ),
        sample=True,
    ),
    Mutation(
        "an instance has another type",
        another_type,
        ("changed ec2.instance hackathon_jenkins_master type: t3.medium → m5.large",),
    ),
    Mutation(
        "an instance is moved to another private subnet",
        moved_to_a_private_subnet,
        (
            (
                "changed ec2.instance hackathon_jenkins_agent subnet: "
                "hackathon_jenkins_private → hackathon_network_private2"
            ),
        ),
    ),
    Mutation(
        "a private instance is moved to a public subnet",
        moved_to_a_public_subnet,
        (
            (
                "changed ec2.instance hackathon_backend_nestjs subnet: "
                "hackathon_network_private1 → hackathon_network_public1"
            ),
            "changed ec2.instance hackathon_backend_nestjs public_address: false → true",
        ),
        (
            *forbidden("mute-internet-exposure", BACKEND[1], "tcp/80, tcp/443", "internet"),
            *leaves_elsewhere(BACKEND[1]),
        ),
    ),
    Mutation(
        # The frontend's group opens 3000 to itself, and nothing to the backend.
        "an instance is given another group instead of its own",
        group_swapped,
        (
            "changed ec2.instance hackathon_backend_ai security_groups: hackathon_sg_ai → null",
            (
                "changed ec2.instance hackathon_backend_ai security_groups: "
                "null → hackathon_sg_frontend"
            ),
        ),
        (
            *forbidden("mute-ai-only-from-backend", AI[0], "tcp/3000", *FRONTEND),
            *cut_off("mute-works-backend-to-ai", AI[0], "tcp/5000", *BACKEND),
        ),
        sample=True,
    ),
    Mutation(
        "a frontend instance is given the backend's group, too",
        backends_group_added,
        (
            (
                "changed ec2.instance hackathon_frontend_nextjs security_groups: "
                "null → hackathon_sg_backend"
            ),
        ),
        (
            *forbidden("mute-rds-only-from-backend", DATABASE, "tcp/5432", FRONTEND[1]),
            *forbidden("mute-ai-only-from-backend", AI[0], "tcp/3000, tcp/5000", FRONTEND[1]),
            *forbidden("mute-ai-only-from-backend", AI[1], "tcp/3000, tcp/5000", FRONTEND[1]),
        ),
    ),
    Mutation(
        "a private instance has a public address that leads nowhere",
        private_host_with_a_public_address,
        ("changed ec2.instance hackathon_backend_ai public_address: false → true",),
    ),
    Mutation(
        "a host that the internet reaches forwards packets, and reaches the database",
        forwarding_next_to_the_database,
        ("changed ec2.instance hackathon_backend_nginx source_dest_check: true → false",),
        forbidden(
            "mute-rds-never-from-internet",
            DATABASE,
            "tcp/5432 through hackathon_backend_nginx",
            "internet",
        ),
    ),
    Mutation(
        "a host forwards packets where the internet does not get",
        forwarding_where_it_leads_nowhere,
        ("changed ec2.instance hackathon_backend_ai source_dest_check: true → false",),
    ),
    Mutation(
        "an instance answers metadata requests without a token",
        metadata_without_token,
        ("changed ec2.instance hackathon_backend_nestjs imdsv2: required → optional",),
    ),
    Mutation(
        "an instance is made anew with a root volume that is not encrypted",
        plain_root_volume,
        ("changed ec2.instance hackathon_frontend_nextjs root_volume.encrypted: true → false",),
    ),
    Mutation(
        "an instance is made anew with another operating system",
        another_image,
        (
            (
                "changed ec2.instance hackathon_backend_ai image: Amazon Linux 2023 → "
                "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-1 "
                "(ami-66418a0e6728c99c5)"
            ),
        ),
    ),
    Mutation(
        # It is still the same instance, but the policies know it by its name.
        "the Name tag of an instance is lost",
        name_lost,
        (
            (
                "changed ec2.instance hackathon_backend_ai_music tags.Name: "
                "hackathon_backend_ai_music → null"
            ),
        ),
        no_such(
            "hackathon_backend_ai_music",
            "mute-ai-only-from-backend",
            "mute-works-backend-to-ai",
            "mute-works-jenkins-deploys",
            "mute-works-private-egress-by-nat",
        ),
    ),
    Mutation(
        "an interface is added that belongs to nothing",
        interface_added,
        ("unexpected ec2.network-interface stray",),
    ),
)
