"""What `scan demo --drift` does behind the baseline's back.

One row for each change, with what must be found: the drift, and the policies of the shipped
pack that fail. The docs print this table.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mute_audit.finding import DriftKind, Text
from mute_audit.intent import resources
from mute_audit.sources.demo.build_network import add_acl_entry, permission
from mute_audit.sources.demo.build_workloads import AWS_POLICY
from mute_audit.sources.demo.made import Made

__all__ = ["CHANGES", "EXTRA_POLICIES", "Change", "Expected", "Hands"]

# Policies of AWS that nobody in the baseline has.
EXTRA_POLICIES = ("IAMReadOnlyAccess",)


@dataclass(frozen=True, slots=True)
class Hands:
    """What a change works with: a client for each service, and the ids of the estate."""

    client: Callable[[str], Any]
    made: Made


@dataclass(frozen=True, slots=True)
class Expected:
    """One drift item: its kind, the label of the resource, the fields that differ."""

    kind: DriftKind
    resource: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One row.

    policies  ids of the policies that it breaks; none: only the baseline notices
    """

    id: str
    title: Text
    make: Callable[[Hands], None]
    drift: tuple[Expected, ...]
    policies: tuple[str, ...] = ()


def _database_port_for_the_vpc(hands: Hands) -> None:
    hands.client("ec2").authorize_security_group_ingress(
        GroupId=hands.made.id("security_groups", "hackathon_sg_rds"),
        IpPermissions=[permission("tcp/5432", "192.168.0.0/16")],
    )


def _ssh_for_the_world(hands: Hands) -> None:
    hands.client("ec2").authorize_security_group_ingress(
        GroupId=hands.made.id("security_groups", "hackathon_sg_jenkins"),
        IpPermissions=[permission("tcp/22", "0.0.0.0/0")],
    )


def _ai_for_the_frontend(hands: Hands) -> None:
    frontend = hands.made.id("security_groups", "hackathon_sg_frontend")
    hands.client("ec2").authorize_security_group_ingress(
        GroupId=hands.made.id("security_groups", "hackathon_sg_ai"),
        IpPermissions=[permission("tcp/5000", frontend)],
    )


def _private_becomes_public(hands: Hands) -> None:
    ec2 = hands.client("ec2")
    ec2.replace_route(
        RouteTableId=hands.made.id("route_tables", "hackathon_rtb_private2"),
        DestinationCidrBlock="0.0.0.0/0",
        GatewayId=hands.made.id("internet_gateways", "hackathon_igw"),
    )
    address = ec2.allocate_address(Domain="vpc", Address="198.51.100.200")
    ec2.associate_address(
        AllocationId=address["AllocationId"],
        InstanceId=hands.made.id("instances", "hackathon_backend_nestjs"),
    )


def _acl_blocks_the_ai(hands: Hands) -> None:
    entry = resources.AclEntry.model_validate(
        {"rule": 90, "action": "deny", "ports": "tcp/5000", "cidr": "192.168.4.0/24"}
    )
    add_acl_entry(hands.client("ec2"), hands.made.id("network_acls", "default"), entry, False)


def _larger_instance(hands: Hands) -> None:
    ec2 = hands.client("ec2")
    name = hands.made.id("instances", "hackathon_backend_ai_music")
    # AWS changes the type of stopped instances only.
    ec2.stop_instances(InstanceIds=[name])
    ec2.modify_instance_attribute(InstanceId=name, InstanceType={"Value": "t3.xlarge"})
    ec2.start_instances(InstanceIds=[name])


def _metadata_without_token(hands: Hands) -> None:
    hands.client("ec2").modify_instance_metadata_options(
        InstanceId=hands.made.id("instances", "hackathon_frontend_nginx"), HttpTokens="optional"
    )


def _stray_instance(hands: Hands) -> None:
    ec2 = hands.client("ec2")
    group = ec2.create_security_group(
        GroupName="debug",
        Description="temporary",
        VpcId=hands.made.id("vpcs", "hackathon_vpc_infra"),
    )["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[permission("tcp/22", "0.0.0.0/0")]
    )
    there = ec2.describe_instances(
        InstanceIds=[hands.made.id("instances", "hackathon_frontend_nginx")]
    )
    ec2.run_instances(
        ImageId=there["Reservations"][0]["Instances"][0]["ImageId"],
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        SubnetId=hands.made.id("subnets", "hackathon_network_public2"),
        SecurityGroupIds=[group],
        TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "debug-box"}]}
        ],
    )


def _renamed_table(hands: Hands) -> None:
    hands.client("ec2").create_tags(
        Resources=[hands.made.id("route_tables", "hackathon_rtb_private3")],
        Tags=[{"Key": "Name", "Value": "rtb-private-old"}],
    )


def _public_database(hands: Hands) -> None:
    hands.client("rds").modify_db_instance(
        DBInstanceIdentifier="hackathon-mute-rds", PubliclyAccessible=True, ApplyImmediately=True
    )


def _bucket_for_writers(hands: Hands) -> None:
    s3 = hands.client("s3")
    name = "hackathon-mute-backend"
    policy = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])
    for statement in policy["Statement"]:
        if statement["Effect"] == "Allow":
            statement["Action"] = ["s3:GetObject", "s3:PutObject"]
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))


def _bucket_takes_acls(hands: Hands) -> None:
    hands.client("s3").put_public_access_block(
        Bucket="hackathon-mute-backend",
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": False,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": False,
            "RestrictPublicBuckets": False,
        },
    )


def _user_reads_iam(hands: Hands) -> None:
    hands.client("iam").attach_user_policy(
        UserName="hackathon_s3_ai", PolicyArn=AWS_POLICY + "IAMReadOnlyAccess"
    )


def _images_for_everyone(hands: Hands) -> None:
    statement = {
        "Sid": "Everyone",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    }
    hands.client("ecr").set_repository_policy(
        repositoryName="mute-ai",
        policyText=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def _repository_deleted(hands: Hands) -> None:
    hands.client("ecr").delete_repository(repositoryName="mute-frontend", force=True)


def _changed(resource: str, *fields: str) -> tuple[Expected, ...]:
    return (Expected(DriftKind.CHANGED, resource, fields),)


CHANGES: tuple[Change, ...] = (
    Change(
        "database-port-for-the-vpc",
        Text(
            "hackathon_sg_rds opens 5432 to the whole VPC",
            "hackathon_sg_rds가 5432 포트를 VPC 전체에 개방함",
        ),
        _database_port_for_the_vpc,
        _changed("hackathon_sg_rds", "ingress"),
        ("mute-rds-only-from-backend",),
    ),
    Change(
        "ssh-for-the-world",
        Text(
            "hackathon_sg_jenkins opens 22 to the internet",
            "hackathon_sg_jenkins가 22 포트를 인터넷에 개방함",
        ),
        _ssh_for_the_world,
        _changed("hackathon_sg_jenkins", "ingress"),
        ("mute-internet-exposure",),
    ),
    Change(
        "ai-for-the-frontend",
        Text(
            "hackathon_sg_ai opens 5000 to hackathon_sg_frontend",
            "hackathon_sg_ai가 5000 포트를 hackathon_sg_frontend에 개방함",
        ),
        _ai_for_the_frontend,
        _changed("hackathon_sg_ai", "ingress"),
        ("mute-ai-only-from-backend",),
    ),
    Change(
        "private-becomes-public",
        Text(
            "hackathon_rtb_private2 leads to hackathon_igw, and hackathon_backend_nestjs has "
            "a public address",
            "hackathon_rtb_private2의 기본 경로가 hackathon_igw로 바뀌고 "
            "hackathon_backend_nestjs에 퍼블릭 IP가 할당됨",
        ),
        _private_becomes_public,
        (
            *_changed("hackathon_rtb_private2", "routes[0.0.0.0/0]"),
            *_changed("hackathon_backend_nestjs", "public_address"),
        ),
        (
            "mute-internet-exposure",
            "mute-private-subnets-unreachable",
            "mute-works-private-egress-by-nat",
        ),
    ),
    Change(
        "acl-blocks-the-ai",
        Text(
            "entry 90 of the default network ACL denies 5000 from hackathon_network_public2",
            "기본 네트워크 ACL의 90번 항목이 hackathon_network_public2에서 오는 5000 포트를 차단함",
        ),
        _acl_blocks_the_ai,
        _changed("default", "ingress[90]"),
        ("mute-works-backend-to-ai",),
    ),
    Change(
        "larger-instance",
        Text(
            "hackathon_backend_ai_music is a t3.xlarge",
            "hackathon_backend_ai_music의 인스턴스 유형이 t3.xlarge로 바뀜",
        ),
        _larger_instance,
        _changed("hackathon_backend_ai_music", "type"),
    ),
    Change(
        "metadata-without-token",
        Text(
            "hackathon_frontend_nginx answers metadata requests without a token (IMDSv1)",
            "hackathon_frontend_nginx가 토큰 없는 메타데이터 요청(IMDSv1)을 허용함",
        ),
        _metadata_without_token,
        _changed("hackathon_frontend_nginx", "imdsv2"),
    ),
    Change(
        "stray-instance",
        Text(
            "an unknown instance debug-box with SSH open to the internet, in a group of its own",
            "SSH를 인터넷에 개방한 정체불명의 인스턴스 debug-box와 전용 보안 그룹이 생김",
        ),
        _stray_instance,
        (
            Expected(DriftKind.UNEXPECTED, "debug-box"),
            Expected(DriftKind.UNEXPECTED, "debug"),
        ),
        ("mute-internet-exposure",),
    ),
    Change(
        "renamed-table",
        Text(
            "the Name tag of hackathon_rtb_private3 is rtb-private-old",
            "hackathon_rtb_private3의 Name 태그가 rtb-private-old로 바뀜",
        ),
        _renamed_table,
        _changed("hackathon_rtb_private3", "tags.Name"),
    ),
    Change(
        "public-database",
        Text(
            "hackathon-mute-rds is publicly accessible",
            "hackathon-mute-rds의 퍼블릭 액세스가 허용됨",
        ),
        _public_database,
        _changed("hackathon-mute-rds", "publicly_accessible"),
    ),
    Change(
        "bucket-for-writers",
        Text(
            "the policy of hackathon-mute-backend lets anyone write objects",
            "hackathon-mute-backend의 버킷 정책이 누구에게나 객체 쓰기를 허용함",
        ),
        _bucket_for_writers,
        _changed("hackathon-mute-backend", "policy.Statement[PublicReadObjects].Action"),
        ("mute-s3-public-read-only",),
    ),
    Change(
        "bucket-takes-acls",
        Text(
            "hackathon-mute-backend accepts public ACLs again (BlockPublicAcls is off)",
            "hackathon-mute-backend의 BlockPublicAcls가 꺼져 퍼블릭 ACL을 다시 받아들임",
        ),
        _bucket_takes_acls,
        _changed("hackathon-mute-backend", "public_access_block.block_public_acls"),
    ),
    Change(
        "user-reads-iam",
        Text(
            "hackathon_s3_ai has IAMReadOnlyAccess, too",
            "hackathon_s3_ai에 IAMReadOnlyAccess 정책이 추가로 연결됨",
        ),
        _user_reads_iam,
        _changed("hackathon_s3_ai", "policies"),
        ("mute-iam-s3-ai-exact",),
    ),
    Change(
        "images-for-everyone",
        Text(
            "any AWS account may pull images of mute-ai",
            "모든 AWS 계정이 mute-ai의 이미지를 가져갈 수 있음",
        ),
        _images_for_everyone,
        _changed("mute-ai", "policy"),
        ("mute-ecr-private",),
    ),
    Change(
        "repository-deleted",
        Text("the repository mute-frontend is gone", "mute-frontend 리포지토리가 삭제됨"),
        _repository_deleted,
        (Expected(DriftKind.MISSING, "mute-frontend"),),
        # It says so of a repository that it cannot find.
        ("mute-ecr-private",),
    ),
)
