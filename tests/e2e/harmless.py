"""Changes that mean nothing: a scan must stay as clean as before."""

from __future__ import annotations

import json
from typing import Any

from estates import Estate
from mutate_buckets import edit_policy
from mutate_instances import launch
from mutating import Culprits, Mutation, allow, name_tags, permission
from stack_names import BUCKET, DATABASE, USER, WORLD


def rules_in_another_order(estate: Estate) -> Culprits:
    """All rules of a group taken away, and put back one by one from the last to the first."""
    group = estate.group("hackathon_sg_backend")
    (found,) = estate.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    rules = [_as_given(item) for item in found["IpPermissions"]]
    estate.ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rules)
    for rule in reversed(rules):
        estate.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    return ()


def _as_given(item: dict[str, Any]) -> dict[str, Any]:
    pairs = [{"GroupId": pair["GroupId"]} for pair in item["UserIdGroupPairs"]]
    given = {key: value for key, value in item.items() if value}
    return {**given, "UserIdGroupPairs": pairs} if pairs else given


def rule_with_a_description(estate: Estate) -> Culprits:
    described = permission(80, WORLD)
    described["IpRanges"] = [{"CidrIp": WORLD, "Description": "the web"}]
    estate.ec2.update_security_group_rule_descriptions_ingress(
        GroupId=estate.group("hackathon_sg_frontend"), IpPermissions=[described]
    )
    return ()


def tags_nobody_asked_for(estate: Estate) -> Culprits:
    named = [
        estate.vpc(),
        estate.subnet("hackathon_network_public1"),
        estate.table("hackathon_rtb_public"),
        estate.group("hackathon_sg_ai"),
        estate.instance_id("hackathon_backend_ai"),
        estate.default_acl()["NetworkAclId"],
    ]
    tags = [{"Key": "CostCenter", "Value": "42"}, {"Key": "name", "Value": "not Name"}]
    estate.ec2.create_tags(Resources=named, Tags=tags)
    return ()


def tags_elsewhere(estate: Estate) -> Culprits:
    (found,) = estate.rds.describe_db_instances(DBInstanceIdentifier=estate.text(DATABASE))[
        "DBInstances"
    ]
    tags = [{"Key": "CostCenter", "Value": "42"}]
    estate.rds.add_tags_to_resource(ResourceName=found["DBInstanceArn"], Tags=tags)
    estate.iam.tag_user(UserName=estate.text(USER), Tags=tags)
    estate.s3.put_bucket_tagging(Bucket=estate.text(BUCKET), Tagging={"TagSet": tags})
    return ()


def policy_written_otherwise(estate: Estate) -> Culprits:
    """Statements in another order, lists for single values, other letters, other Sids."""

    def edit(statements: list[dict[str, Any]]) -> None:
        statements.reverse()
        for statement in statements:
            statement["Principal"] = {"AWS": "*"}
            statement["Action"] = [statement["Action"].replace("s3:Get", "S3:get")]
            statement["Sid"] = "Renamed" + statement["Sid"]
            if isinstance(statement["Resource"], list):
                statement["Resource"].reverse()

    edit_policy(estate, edit)
    return ()


def instance_replaced(estate: Estate) -> Culprits:
    """A new id, a new address, everything else as before."""
    launch(
        estate,
        "hackathon_backend_nginx",
        "hackathon_network_public2",
        "hackathon_sg_backend",
        instead="hackathon_backend_nginx",
    )
    return ()


def stopped_and_started(estate: Estate) -> Culprits:
    name = estate.instance_id("hackathon_frontend_nginx")
    estate.ec2.stop_instances(InstanceIds=[name])
    estate.ec2.start_instances(InstanceIds=[name])
    return ()


def stranger_gone_again(estate: Estate) -> Culprits:
    """EC2 goes on listing what was terminated."""
    name = launch(estate, "stray", "hackathon_network_public1", "hackathon_sg_backend")
    estate.ec2.terminate_instances(InstanceIds=[name])
    return ()


def association_made_anew(estate: Estate) -> Culprits:
    subnet, table = (
        estate.subnet("hackathon_jenkins_private"),
        estate.table("hackathon_rtb_private1"),
    )
    (found,) = estate.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    for link in found["Associations"]:
        estate.ec2.disassociate_route_table(AssociationId=link["RouteTableAssociationId"])
    estate.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    return ()


def route_made_anew(estate: Estate) -> Culprits:
    table = estate.table("hackathon_rtb_private3")
    estate.ec2.delete_route(RouteTableId=table, DestinationCidrBlock=WORLD)
    estate.ec2.create_route(
        RouteTableId=table, DestinationCidrBlock=WORLD, NatGatewayId=estate.nat_gateway()
    )
    return ()


def another_vpc(estate: Estate) -> Culprits:
    """With the estate's own names and addresses, and everything open."""
    ec2 = estate.ec2
    vpc = ec2.create_vpc(CidrBlock=estate.text("192.168.0.0/16"))["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    (table,) = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])[
        "RouteTables"
    ]
    ec2.create_route(
        RouteTableId=table["RouteTableId"], DestinationCidrBlock=WORLD, GatewayId=gateway
    )
    name = estate.text("hackathon_sg_rds")
    group = ec2.create_security_group(GroupName=name, Description="x", VpcId=vpc)["GroupId"]
    allow(estate, group, 5432, WORLD)
    ec2.create_subnet(
        VpcId=vpc,
        CidrBlock=estate.text("192.168.3.0/24"),
        TagSpecifications=name_tags("subnet", "elsewhere"),
    )
    return ()


def other_buckets_users_and_repositories(estate: Estate) -> Culprits:
    place = {"LocationConstraint": estate.region}
    more = {} if estate.region == "us-east-1" else {"CreateBucketConfiguration": place}
    estate.s3.create_bucket(Bucket="somebody-elses-bucket", **more)
    estate.s3.put_bucket_acl(Bucket="somebody-elses-bucket", ACL="public-read-write")
    estate.iam.create_user(UserName="somebody-else")
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
    estate.iam.put_user_policy(
        UserName="somebody-else", PolicyName="all", PolicyDocument=json.dumps(document)
    )
    estate.ecr.create_repository(repositoryName="somebody-elses-images")
    return ()


def address_in_reserve(estate: Estate) -> Culprits:
    estate.ec2.allocate_address(Domain="vpc", Address="198.51.100.99")
    return ()


def acl_entry_made_anew(estate: Estate) -> Culprits:
    """The entry that allows everything, deleted and made again."""
    acl = estate.default_acl()["NetworkAclId"]
    estate.ec2.delete_network_acl_entry(NetworkAclId=acl, RuleNumber=100, Egress=True)
    estate.ec2.create_network_acl_entry(
        NetworkAclId=acl,
        RuleNumber=100,
        Protocol="-1",
        RuleAction="allow",
        Egress=True,
        CidrBlock=WORLD,
    )
    return ()


HARMLESS: tuple[Mutation, ...] = (
    Mutation("the rules of a group stand in another order", rules_in_another_order, sample=True),
    Mutation("a rule has a description", rule_with_a_description),
    Mutation("resources of EC2 have tags that nobody asked for", tags_nobody_asked_for),
    Mutation("other resources have tags that nobody asked for", tags_elsewhere),
    Mutation("the bucket policy says the same in other words", policy_written_otherwise),
    Mutation("an instance is replaced by one like it", instance_replaced),
    Mutation("an instance is stopped and started", stopped_and_started),
    Mutation("an unknown instance came and went", stranger_gone_again),
    Mutation("a subnet is associated anew", association_made_anew),
    Mutation("a route is made anew", route_made_anew),
    Mutation("there is another VPC with the same names and addresses", another_vpc),
    Mutation(
        "there are other buckets, users and repositories", other_buckets_users_and_repositories
    ),
    Mutation("a public address is kept in reserve", address_in_reserve),
    Mutation("an ACL entry is made anew", acl_entry_made_anew),
)
