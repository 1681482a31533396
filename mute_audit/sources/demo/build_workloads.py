"""The instances, databases, buckets, repositories and users of a baseline."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mute_audit.intent import resources
from mute_audit.intent.baseline import Baseline
from mute_audit.intent.fields import plain
from mute_audit.sources.demo.made import Made, name_tags
from mute_audit.sources.demo.stock import PublicImage, image_id

__all__ = [
    "AWS_POLICY",
    "aws_policies",
    "build_buckets",
    "build_databases",
    "build_instances",
    "build_registry",
    "build_users",
    "public_images",
]

# The baseline names inline policies and says nothing about what is in them.
_NOTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "none:*", "Resource": "*"}],
}

# What the ARNs of AWS's own policies start with.
AWS_POLICY = "arn:aws:iam::aws:policy/"


def public_images(baseline: Baseline) -> dict[str, PublicImage]:
    """An image that fits the pattern, for each entry of `images`."""
    return {
        key: PublicImage(image.name.replace("*", "1").replace("?", "1"), image.owner or "amazon")
        for key, image in baseline.file.images.items()
    }


def aws_policies(baseline: Baseline) -> list[str]:
    """The names of AWS's own policies that the users of the baseline have."""
    names = {
        name.removeprefix(AWS_POLICY)
        for user in baseline.file.users.values()
        for name in user.policies
    }
    return sorted(name for name in names if not name.startswith("arn:"))


def build_instances(baseline: Baseline, ec2: Any, made: Made) -> None:
    """One RunInstances for each instance."""
    images = {key: image_id(image) for key, image in public_images(baseline).items()}
    any_image = next(iter(images.values()), "ami-00000000")
    for key, instance in baseline.file.instances.items():
        groups = [made.id("security_groups", name) for name in instance.security_groups]
        subnet = made.id("subnets", instance.subnet) if instance.subnet else ""
        place: dict[str, Any] = {"SecurityGroupIds": groups} if groups else {}
        if subnet:
            place["SubnetId"] = subnet
        volume = instance.root_volume or resources.RootVolume()
        with _public_addresses(baseline, instance, ec2, subnet):
            answer = ec2.run_instances(
                ImageId=images.get(instance.image, any_image),
                InstanceType=instance.type or "t3.micro",
                MinCount=1,
                MaxCount=1,
                MetadataOptions={"HttpTokens": instance.imdsv2, "HttpEndpoint": "enabled"},
                BlockDeviceMappings=[
                    {
                        "DeviceName": "/dev/xvda",
                        "Ebs": {
                            "VolumeSize": 20,
                            "VolumeType": volume.type or "gp3",
                            "Encrypted": volume.encrypted,
                        },
                    }
                ],
                TagSpecifications=name_tags("instance", key, instance),
                **place,
            )
        name = answer["Instances"][0]["InstanceId"]
        made.put("instances", key, name)
        if not instance.source_dest_check:
            ec2.modify_instance_attribute(InstanceId=name, SourceDestCheck={"Value": False})
            # AWS changes the interface with it, moto does not.
            for interface in answer["Instances"][0]["NetworkInterfaces"]:
                ec2.modify_network_interface_attribute(
                    NetworkInterfaceId=interface["NetworkInterfaceId"],
                    SourceDestCheck={"Value": False},
                )
        if instance.state == "stopped":
            ec2.stop_instances(InstanceIds=[name])


@contextmanager
def _public_addresses(
    baseline: Baseline, instance: resources.Instance, ec2: Any, subnet: str
) -> Iterator[None]:
    """An instance that differs from its subnet is launched while the subnet is like it.

    RunInstances could be told by itself, but then moto forgets the groups of the instance.
    """
    usual = bool(subnet) and baseline.file.subnets[instance.subnet].public_addresses
    if not subnet or not instance.states("public_address") or instance.public_address == usual:
        yield
        return
    unusual = instance.public_address
    ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": unusual})
    yield
    ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": usual})


def build_databases(baseline: Baseline, rds: Any, made: Made) -> None:
    """RDS instances, each with a subnet group of its own."""
    for key, database in baseline.file.databases.items():
        name = database.name or key
        rds.create_db_subnet_group(
            DBSubnetGroupName=name,
            DBSubnetGroupDescription=f"Subnets of {name}",
            SubnetIds=[made.id("subnets", subnet) for subnet in database.subnets],
        )
        secret: dict[str, Any] = {"ManageMasterUserPassword": True}
        if not database.managed_secret:
            secret = {"MasterUserPassword": "of-no-use-anywhere"}
        zone = {"AvailabilityZone": database.zone} if database.zone else {}
        rds.create_db_instance(
            DBInstanceIdentifier=name,
            Engine=database.engine or "postgres",
            DBInstanceClass=database.instance_class or "db.t3.micro",
            AllocatedStorage=20,
            StorageType=database.storage_type or "gp3",
            StorageEncrypted=database.encrypted,
            PubliclyAccessible=database.publicly_accessible,
            MultiAZ=database.multi_az,
            DBSubnetGroupName=name,
            VpcSecurityGroupIds=[
                made.id("security_groups", group) for group in database.security_groups
            ],
            MasterUsername="demo",
            DeletionProtection=database.deletion_protection,
            BackupRetentionPeriod=database.backup_days if database.states("backup_days") else 7,
            Tags=[{"Key": "Name", "Value": name}]
            + [{"Key": tag, "Value": value} for tag, value in database.tags.items()],
            **({"EngineVersion": database.engine_version} if database.engine_version else {}),
            **({"Port": database.port} if database.port else {}),
            **zone,
            **secret,
        )


def build_buckets(baseline: Baseline, client: Callable[..., Any], region: str) -> None:
    """Buckets, each in its Region, with ownership, switches and policy."""
    for key, bucket in baseline.file.buckets.items():
        name = bucket.name or key
        home = bucket.region or region
        s3 = client("s3", home)
        place = {"CreateBucketConfiguration": {"LocationConstraint": home}}
        s3.create_bucket(Bucket=name, **(place if home != "us-east-1" else {}))
        if bucket.ownership:
            rules = [{"ObjectOwnership": bucket.ownership}]
            s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": rules})
        switches = bucket.public_access_block
        if switches is not None:
            s3.put_public_access_block(
                Bucket=name,
                PublicAccessBlockConfiguration={
                    "BlockPublicAcls": switches.block_public_acls,
                    "IgnorePublicAcls": switches.ignore_public_acls,
                    "BlockPublicPolicy": switches.block_public_policy,
                    "RestrictPublicBuckets": switches.restrict_public_buckets,
                },
            )
        if bucket.policy is not None:
            s3.put_bucket_policy(Bucket=name, Policy=json.dumps(plain(bucket.policy)))


def build_registry(baseline: Baseline, ecr: Any) -> None:
    """Private repositories with their policies."""
    for key, repository in baseline.file.repositories.items():
        name = repository.name or key
        ecr.create_repository(
            repositoryName=name,
            imageScanningConfiguration={"scanOnPush": repository.scan_on_push},
            imageTagMutability=repository.tag_mutability,
        )
        if repository.policy is not None:
            ecr.set_repository_policy(
                repositoryName=name, policyText=json.dumps(plain(repository.policy))
            )


def build_users(baseline: Baseline, iam: Any) -> None:
    """Users with attached and inline policies and groups; what those allow is not declared."""
    groups = {group for user in baseline.file.users.values() for group in user.groups}
    for group in sorted(groups):
        iam.create_group(GroupName=group)
    for key, user in baseline.file.users.items():
        name = user.name or key
        tags = [{"Key": tag, "Value": value} for tag, value in user.tags.items()]
        iam.create_user(UserName=name, Tags=tags)
        for policy in user.policies:
            arn = policy if policy.startswith("arn:") else AWS_POLICY + policy
            iam.attach_user_policy(UserName=name, PolicyArn=arn)
        for group in user.groups:
            iam.add_user_to_group(GroupName=group, UserName=name)
        for policy in user.inline_policies:
            iam.put_user_policy(
                UserName=name, PolicyName=policy, PolicyDocument=json.dumps(_NOTHING)
            )
