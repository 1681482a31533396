"""An account with one of nearly everything, made in a moto server through boto3."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.session import Session

REGION = "ap-northeast-2"
ELSEWHERE = "eu-west-1"
ACCOUNT = "123456789012"

# What no snapshot may hold; each is planted where AWS would answer it.
CANARIES = {
    "user data": "canary-user-data",
    "lambda": "canary-lambda-environment",
    "task": "canary-task-environment",
    "command": "canary-task-command",
    "password": "canary-rds-password",
    "pre-shared key": "canarypresharedkey",
    "tag": "canary-in-a-tag",
    "oidc": "canary-client-secret",
}


class _Body(io.BytesIO):
    """A body as botocore reads it."""

    def stream(self, **_: Any) -> Any:
        yield self.read()


_MODELS = Session().get_component("data_loader")

Answer = Callable[..., AWSResponse | None]


def body_of(request: Any) -> str:
    """The body of a request: text in the query protocols, bytes in others."""
    body = request.body or ""
    return body.decode() if isinstance(body, bytes) else str(body)


def answered(request: Any, status: int, body: str) -> AWSResponse:
    """An answer that goes through botocore's retries and parsers like any other."""
    return AWSResponse(request.url, status, {}, _Body(body.encode()))


def session(answers: dict[str, Answer | tuple[int, str]] | None = None) -> Any:
    """A boto3 session with invented credentials.

    `answers` maps calls (`ec2.DescribeVpcs`, `*` for all) to what comes instead of the
    server's answer: an HTTP status and a body, or a function of the request (None: as usual).
    """
    core = Session()
    # Reading the services' models takes most of a scan's time here.
    core.register_component("data_loader", _MODELS)
    core.set_credentials("AKIAIOSFODNN7EXAMPLE", "made-up")
    made = boto3.Session(botocore_session=core, region_name=REGION)
    for call, answer in (answers or {}).items():
        event = "before-send" if call == "*" else f"before-send.{call}"
        made.events.register(event, answer if callable(answer) else _always(*answer))
    return made


def _always(status: int, body: str) -> Answer:
    def answer(request: Any, **_: Any) -> AWSResponse:
        return answered(request, status, body)

    return answer


# What a moto server without names of its own takes for S3: the account has no public access block
# and one access point.
SONGS_POINT = f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/songs"
NO_ACCOUNT_BLOCK: dict[str, Answer | tuple[int, str]] = {
    "s3-control.GetPublicAccessBlock": (
        404,
        "<R><Error><Code>NoSuchPublicAccessBlockConfiguration</Code></Error></R>",
    ),
    "s3-control.ListAccessPoints": (
        200,
        (
            "<R><AccessPointList><AccessPoint><Name>songs</Name><Bucket>songs-public</Bucket>"
            "<NetworkOrigin>Internet</NetworkOrigin></AccessPoint></AccessPointList></R>"
        ),
    ),
    "s3-control.GetAccessPointPolicy": (
        404,
        "<R><Error><Code>NoSuchAccessPointPolicy</Code></Error></R>",
    ),
    "s3-control.GetAccessPointPolicyStatus": (
        200,
        "<R><PolicyStatus><IsPublic>false</IsPublic></PolicyStatus></R>",
    ),
    "s3-control.GetAccessPoint": (
        200,
        (
            "<R><Name>songs</Name><PublicAccessBlockConfiguration>"
            "<RestrictPublicBuckets>true</RestrictPublicBuckets>"
            "</PublicAccessBlockConfiguration></R>"
        ),
    ),
}


@dataclass
class Estate:
    """Ids by a short name."""

    ids: dict[str, str] = field(default_factory=dict)


def build(client: Callable[..., Any]) -> Estate:
    """`client(service, region)` makes clients of the server."""
    estate = Estate()
    ec2 = client("ec2", REGION)
    _network(ec2, estate.ids)
    _gateways(ec2, estate.ids)
    _transit(ec2, estate.ids)
    _balancer(client("elbv2", REGION), estate.ids)
    _database(client("rds", REGION))
    _function(client("iam", REGION), client("lambda", REGION), estate.ids)
    _tasks(client("ecs", REGION), estate.ids)
    _buckets(client)
    _organization(client("organizations", "us-east-1"), estate.ids)
    _repositories(client("ecr", REGION))
    return estate


def _network(ec2: Any, ids: dict[str, str]) -> None:
    ids["vpc"] = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=ids["vpc"], EnableDnsHostnames={"Value": True})
    for name, number, zone in (("subnet", 0, "a"), ("subnet2", 1, "c")):
        ids[name] = ec2.create_subnet(
            VpcId=ids["vpc"], CidrBlock=f"10.7.{number}.0/24", AvailabilityZone=REGION + zone
        )["Subnet"]["SubnetId"]
    ids["group"] = ec2.create_security_group(GroupName="web", Description="web", VpcId=ids["vpc"])[
        "GroupId"
    ]
    ids["list"] = ec2.create_managed_prefix_list(
        PrefixListName="offices",
        MaxEntries=5,
        AddressFamily="IPv4",
        Entries=[{"Cidr": "198.51.100.0/24"}, {"Cidr": "203.0.113.0/24"}],
    )["PrefixList"]["PrefixListId"]
    ec2.authorize_security_group_ingress(
        GroupId=ids["group"],
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "PrefixListIds": [{"PrefixListId": ids["list"]}],
            }
        ],
    )
    image = ec2.register_image(Name="mute", RootDeviceName="/dev/sda1")["ImageId"]
    ids["image"] = image
    instance = ec2.run_instances(
        ImageId=image,
        MinCount=1,
        MaxCount=1,
        SubnetId=ids["subnet"],
        SecurityGroupIds=[ids["group"]],
        UserData=CANARIES["user data"],
        TagSpecifications=[
            {
                "ResourceType": "instance",
                "Tags": [
                    {"Key": "Name", "Value": "web"},
                    {"Key": "db_password", "Value": CANARIES["tag"]},
                ],
            }
        ],
    )["Instances"][0]
    ids["instance"] = instance["InstanceId"]


def _gateways(ec2: Any, ids: dict[str, str]) -> None:
    ids["igw"] = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=ids["igw"], VpcId=ids["vpc"])
    ids["eip"] = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ids["nat"] = ec2.create_nat_gateway(SubnetId=ids["subnet"], AllocationId=ids["eip"])[
        "NatGateway"
    ]["NatGatewayId"]
    ids["eigw"] = ec2.create_egress_only_internet_gateway(VpcId=ids["vpc"])[
        "EgressOnlyInternetGateway"
    ]["EgressOnlyInternetGatewayId"]
    ids["endpoint"] = ec2.create_vpc_endpoint(
        VpcId=ids["vpc"], ServiceName=f"com.amazonaws.{REGION}.s3", VpcEndpointType="Gateway"
    )["VpcEndpoint"]["VpcEndpointId"]
    ids["vgw"] = ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    ids["cgw"] = ec2.create_customer_gateway(Type="ipsec.1", PublicIp="192.0.2.1", BgpAsn=65000)[
        "CustomerGateway"
    ]["CustomerGatewayId"]
    ids["vpn"] = ec2.create_vpn_connection(
        Type="ipsec.1",
        CustomerGatewayId=ids["cgw"],
        VpnGatewayId=ids["vgw"],
        Options={"TunnelOptions": [{"PreSharedKey": CANARIES["pre-shared key"]}]},
    )["VpnConnection"]["VpnConnectionId"]


def _transit(ec2: Any, ids: dict[str, str]) -> None:
    ids["tgw"] = ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    ids["attachment"] = ec2.create_transit_gateway_vpc_attachment(
        TransitGatewayId=ids["tgw"], VpcId=ids["vpc"], SubnetIds=[ids["subnet"]]
    )["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
    ids["tgw table"] = ec2.create_transit_gateway_route_table(TransitGatewayId=ids["tgw"])[
        "TransitGatewayRouteTable"
    ]["TransitGatewayRouteTableId"]
    ec2.create_transit_gateway_route(
        DestinationCidrBlock="10.9.0.0/16",
        TransitGatewayRouteTableId=ids["tgw table"],
        TransitGatewayAttachmentId=ids["attachment"],
    )
    ec2.enable_transit_gateway_route_table_propagation(
        TransitGatewayRouteTableId=ids["tgw table"], TransitGatewayAttachmentId=ids["attachment"]
    )


def _balancer(elb: Any, ids: dict[str, str]) -> None:
    ids["balancer"] = elb.create_load_balancer(
        Name="front", Subnets=[ids["subnet"], ids["subnet2"]], SecurityGroups=[ids["group"]]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    ids["targets"] = elb.create_target_group(
        Name="web", Protocol="HTTP", Port=3000, VpcId=ids["vpc"]
    )["TargetGroups"][0]["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=ids["targets"], Targets=[{"Id": ids["instance"]}])
    ids["listener"] = elb.create_listener(
        LoadBalancerArn=ids["balancer"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": ids["targets"]}],
    )["Listeners"][0]["ListenerArn"]
    ids["rule"] = elb.create_rule(
        ListenerArn=ids["listener"],
        Priority=5,
        Conditions=[{"Field": "path-pattern", "Values": ["/admin"]}],
        Actions=[
            {
                "Type": "authenticate-oidc",
                "Order": 1,
                "AuthenticateOidcConfig": {
                    "Issuer": "https://id.example.com",
                    "AuthorizationEndpoint": "https://id.example.com/a",
                    "TokenEndpoint": "https://id.example.com/t",
                    "UserInfoEndpoint": "https://id.example.com/u",
                    "ClientId": "mute",
                    "ClientSecret": CANARIES["oidc"],
                },
            },
            {"Type": "forward", "Order": 2, "TargetGroupArn": ids["targets"]},
        ],
    )["Rules"][0]["RuleArn"]


def _database(rds: Any) -> None:
    rds.create_db_instance(
        DBInstanceIdentifier="orders",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="mute",
        MasterUserPassword=CANARIES["password"],
    )
    rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="orders-shared")
    rds.modify_db_snapshot_attribute(
        DBSnapshotIdentifier="orders-shared", AttributeName="restore", ValuesToAdd=["all"]
    )


def _function(iam: Any, functions: Any, ids: dict[str, str]) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    ids["role"] = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(trust))[
        "Role"
    ]["Arn"]
    iam.create_user(UserName="singer")
    iam.put_user_policy(
        UserName="singer",
        PolicyName="inline",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
            }
        ),
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("main.py", "def handler(event, context): pass")
    functions.create_function(
        FunctionName="resize",
        Runtime="python3.12",
        Role=ids["role"],
        Handler="main.handler",
        Code={"ZipFile": packed.getvalue()},
        Environment={"Variables": {"TOKEN": CANARIES["lambda"]}},
    )


def _tasks(ecs: Any, ids: dict[str, str]) -> None:
    ids["cluster"] = ecs.create_cluster(clusterName="mute")["cluster"]["clusterArn"]
    ecs.register_task_definition(
        family="music",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[
            {
                "name": "music",
                "image": "music",
                "memory": 256,
                "environment": [{"name": "TOKEN", "value": CANARIES["task"]}],
            }
        ],
    )
    network = {
        "awsvpcConfiguration": {"subnets": [ids["subnet"]], "securityGroups": [ids["group"]]}
    }
    ecs.create_service(
        cluster="mute",
        serviceName="music",
        taskDefinition="music",
        desiredCount=1,
        launchType="FARGATE",
        networkConfiguration=network,
    )
    ecs.run_task(
        cluster="mute",
        taskDefinition="music",
        launchType="FARGATE",
        networkConfiguration=network,
        overrides={
            "containerOverrides": [
                {
                    "name": "music",
                    "command": ["run", CANARIES["command"]],
                    "environment": [{"name": "TOKEN", "value": CANARIES["task"]}],
                }
            ]
        },
    )


PUBLIC_READ = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::songs-public/*",
            }
        ],
    }
)


def _buckets(client: Callable[..., Any]) -> None:
    for name, region in (("songs-public", REGION), ("songs-abroad", ELSEWHERE)):
        s3 = client("s3", region)
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    s3 = client("s3", REGION)
    s3.put_bucket_policy(Bucket="songs-public", Policy=PUBLIC_READ)
    s3.put_bucket_ownership_controls(
        Bucket="songs-public",
        OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    )
    s3.put_public_access_block(
        Bucket="songs-public",
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": False,
            "RestrictPublicBuckets": False,
        },
    )


def add_access_point(s3control: Any) -> None:
    """With a policy. For a server that tells S3 Control from S3."""
    s3control.create_access_point(AccountId=ACCOUNT, Name="songs", Bucket="songs-public")
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "111122223333"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/songs/object/*",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    s3control.put_access_point_policy(AccountId=ACCOUNT, Name="songs", Policy=document)


def add_wide_access_point(s3: Any, s3control: Any) -> None:
    """One of several Regions, and a bucket that leaves it to access points."""
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::songs-abroad/*",
        "Condition": {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    s3.put_bucket_policy(Bucket="songs-abroad", Policy=document)
    s3control.create_multi_region_access_point(
        AccountId=ACCOUNT,
        ClientToken="a",
        Details={"Name": "everywhere", "Regions": [{"Bucket": "songs-abroad"}]},
    )


NO_LEAVING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}
        ],
    }
)


def _organization(organizations: Any, ids: dict[str, str]) -> None:
    """This account manages it; a member stands in a unit with a policy of its own."""
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    for name in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
        organizations.enable_policy_type(RootId=root, PolicyType=name)
    unit = organizations.create_organizational_unit(ParentId=root, Name="prod")
    ids["unit"] = unit["OrganizationalUnit"]["Id"]
    made = organizations.create_account(AccountName="songs", Email="songs@example.com")
    ids["member"] = made["CreateAccountStatus"]["AccountId"]
    organizations.move_account(
        AccountId=ids["member"], SourceParentId=root, DestinationParentId=ids["unit"]
    )
    policy = organizations.create_policy(
        Content=NO_LEAVING,
        Description="stay",
        Name="no-leaving",
        Type="SERVICE_CONTROL_POLICY",
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy, TargetId=ids["unit"])


def _repositories(ecr: Any) -> None:
    ecr.create_repository(repositoryName="mute-ai")
    ecr.create_repository(repositoryName="mute-open")
    ecr.set_repository_policy(
        repositoryName="mute-open",
        policyText=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "pull",
                        "Effect": "Allow",
                        "Principal": "*",
                        "Action": "ecr:BatchGetImage",
                    }
                ],
            }
        ),
    )
