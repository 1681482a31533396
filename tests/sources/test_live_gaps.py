"""A call that fails is a gap under every key that needed it, and under no other."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from moto_estate import ACCOUNT, NO_ACCOUNT_BLOCK, REGION, Estate, answered, body_of, session

from mute_audit.errors import AwsError
from mute_audit.inventory import GLOBAL, RegionInventory
from mute_audit.sources.aws_json import load
from mute_audit.sources.live import LiveOptions
from mute_audit.sources.live.collect import collect
from mute_audit.sources.raw import RawSnapshot
from mute_audit.verdict import Gap

PLACE = f"{ACCOUNT}/{REGION}"

QUERY_DENIED = (
    403,
    "<R><Errors><Error><Code>UnauthorizedOperation</Code><Message>No</Message></Error></Errors></R>",
)
XML_DENIED = (403, "<R><Error><Code>AccessDenied</Code><Message>no</Message></Error></R>")
S3_DENIED = (403, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")
JSON_DENIED = (400, '{"__type": "AccessDeniedException", "message": "no"}')

# What moto lacks in any case.
LACKING = frozenset(
    {
        "SecurityGroupVpcAssociations",
        "VpcBlockPublicAccessExclusions",
        "VpcBlockPublicAccessOptions",
    }
)


@pytest.fixture
def scan(options: LiveOptions) -> Callable[[dict[str, Any]], RawSnapshot]:
    def run(answers: dict[str, Any]) -> RawSnapshot:
        made = partial(session, {**NO_ACCOUNT_BLOCK, **answers})
        return collect(replace(options, session=made), collected_at="")

    return run


def gaps(raw: RawSnapshot) -> list[Gap]:
    return [gap for gap in raw.gaps if gap.key not in LACKING]


def region(raw: RawSnapshot, name: str = REGION) -> RegionInventory:
    return next(r for r in load(raw).regions if r.region == name)


def test_a_refused_call_is_a_gap_for_that_call_alone(scan: Any, estate: Estate) -> None:
    raw = scan({"ec2.DescribeSubnets": QUERY_DENIED})
    assert gaps(raw) == [
        Gap(
            "ec2:DescribeSubnets",
            PLACE,
            "UnauthorizedOperation: No",
            "Subnets",
        )
    ]
    here = region(raw)
    assert "Subnets" not in here.held
    assert estate.ids["vpc"] in {vpc.vpc_id for vpc in here.vpcs}


def test_what_hangs_on_a_refused_list_is_unknown_too(scan: Any) -> None:
    """Without the balancers nobody knows whether there are listeners: `[]` would be a guess."""
    raw = scan({"elastic-load-balancing-v2.DescribeLoadBalancers": XML_DENIED})
    assert {(gap.what, gap.key) for gap in gaps(raw)} == {
        ("elasticloadbalancing:DescribeLoadBalancers", key)
        for key in (
            "LoadBalancers",
            "LoadBalancerListeners",
            "LoadBalancerAttributes",
            "ListenerRules",
        )
    }
    here = region(raw)
    assert not here.held & {"LoadBalancers", "LoadBalancerListeners", "ListenerRules"}
    assert "TargetGroups" in here.held


def test_a_refused_step_is_named_under_the_keys_that_it_leads_to(scan: Any) -> None:
    raw = scan({"ecs.ListClusters": JSON_DENIED})
    assert {(gap.what, gap.where, gap.key) for gap in gaps(raw)} == {
        ("ecs:ListClusters", PLACE, "services"),
        ("ecs:ListClusters", PLACE, "tasks"),
    }


def test_one_cluster_that_refuses_leaves_the_key_unknown_and_is_named(
    scan: Any, estate: Estate
) -> None:
    """There may be services in it, so the whole key is open; tasks are not concerned."""
    raw = scan({"ecs.ListServices": JSON_DENIED})
    (gap,) = gaps(raw)
    assert (gap.what, gap.where, gap.key) == ("ecs:ListServices", PLACE, "services")
    assert gap.why == f"{estate.ids['cluster']}: AccessDeniedException: no"
    assert region(raw).ecs_tasks


def test_one_bucket_that_refuses_leaves_the_others(scan: Any) -> None:
    """The gap names the bucket, so that only its verdict becomes unknown."""

    def policy(request: Any, **_: Any) -> AWSResponse | None:
        return answered(request, *S3_DENIED) if "/songs-public" in request.url else None

    raw = scan({"s3.GetBucketPolicy": policy})
    arn = "arn:aws:s3:::songs-public"
    assert gaps(raw) == [
        Gap("s3:GetBucketPolicy", arn, "AccessDenied: Access Denied", "BucketPolicies")
    ]
    everywhere = region(raw, GLOBAL)
    assert [p.bucket for p in everywhere.bucket_policies] == ["songs-abroad"]
    assert {acl.bucket for acl in everywhere.bucket_acls} == {"songs-public", "songs-abroad"}
    assert everywhere.failure("BucketPolicies") is None
    assert everywhere.failure("BucketPolicies", "songs-abroad") is None
    assert everywhere.failure("BucketPolicies", "songs-public") == gaps(raw)[0]
    assert everywhere.failure("BucketPolicies", arn) == gaps(raw)[0]


def test_a_bucket_whose_region_is_refused_is_still_asked(scan: Any) -> None:
    """ListBuckets without Regions, as before 2024, needs GetBucketLocation for each bucket."""
    buckets = (
        "<ListAllMyBucketsResult><Buckets><Bucket><Name>songs-public</Name></Bucket>"
        "<Bucket><Name>songs-abroad</Name></Bucket></Buckets></ListAllMyBucketsResult>"
    )

    def location(request: Any, **_: Any) -> AWSResponse | None:
        return answered(request, *S3_DENIED) if "/songs-abroad" in request.url else None

    raw = scan({"s3.ListBuckets": (200, buckets), "s3.GetBucketLocation": location})
    assert [(gap.what, gap.where, gap.key) for gap in gaps(raw)] == [
        ("s3:GetBucketLocation", "arn:aws:s3:::songs-abroad", "Buckets")
    ]
    everywhere = region(raw, GLOBAL)
    assert {b.name: b.bucket_region for b in everywhere.buckets} == {
        "songs-public": REGION,
        "songs-abroad": "",
    }
    assert {p.bucket for p in everywhere.bucket_policies} == {"songs-public", "songs-abroad"}


def test_none_and_refused_are_told_apart_for_repositories(scan: Any) -> None:
    def policy(request: Any, **_: Any) -> AWSResponse | None:
        return answered(request, *JSON_DENIED) if "mute-open" in body_of(request) else None

    raw = scan({"ecr.GetRepositoryPolicy": policy})
    (gap,) = gaps(raw)
    assert gap.where == f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/mute-open"
    here = region(raw)
    assert [(p.repository_name, p.policy_text) for p in here.repository_policies] == [
        ("mute-ai", None)
    ]
    assert here.failure("RepositoryPolicies", "mute-open") == gap


def test_a_refused_iam_call_is_a_gap_for_users_groups_roles_and_policies(scan: Any) -> None:
    """And for what is asked about each user."""
    raw = scan({"iam.GetAccountAuthorizationDetails": XML_DENIED})
    assert {(gap.what, gap.where, gap.key) for gap in gaps(raw)} == {
        ("iam:GetAccountAuthorizationDetails", f"{ACCOUNT}/{GLOBAL}", key)
        for key in (
            *("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"),
            *("AccessKeys", "UserMFADevices", "LoginProfiles"),
        )
    }


def test_a_page_that_fails_takes_its_whole_list_with_it(scan: Any) -> None:
    """Half a list of security groups would pass for all of them."""
    first = (
        "<DescribeSecurityGroupsResponse><securityGroupInfo><item><groupId>sg-1</groupId>"
        "<groupName>one</groupName></item></securityGroupInfo><nextToken>two</nextToken>"
        "</DescribeSecurityGroupsResponse>"
    )

    def pages(request: Any, **_: Any) -> AWSResponse:
        if "NextToken=two" in body_of(request):
            return answered(request, *QUERY_DENIED)
        return answered(request, 200, first)

    raw = scan({"ec2.DescribeSecurityGroups": pages})
    assert [gap.key for gap in gaps(raw)] == ["SecurityGroups"]
    assert region(raw).security_groups == ()


def pages_of(element: str, item: str) -> Callable[..., AWSResponse]:
    """Two pages with one item each; `item` is filled with the page's number."""

    def answer(request: Any, **_: Any) -> AWSResponse:
        last = "NextToken=more" in body_of(request)
        token = "" if last else "<nextToken>more</nextToken>"
        return answered(
            request,
            200,
            f"<R><{element}><item>{item.format(2 if last else 1)}</item></{element}>{token}</R>",
        )

    return answer


def test_pages_are_joined(scan: Any) -> None:
    raw = scan(
        {
            "ec2.DescribeVpcs": pages_of("vpcSet", "<vpcId>vpc-{}</vpcId>"),
            # boto3 has no paginator for this one.
            "ec2.DescribeVpcBlockPublicAccessExclusions": pages_of(
                "vpcBlockPublicAccessExclusionSet", "<exclusionId>ex-{}</exclusionId>"
            ),
        }
    )
    here = region(raw)
    assert [vpc.vpc_id for vpc in here.vpcs] == ["vpc-1", "vpc-2"]
    assert [e.exclusion_id for e in here.vpc_block_public_access_exclusions] == ["ex-1", "ex-2"]


def test_the_region_mode_of_block_public_access_arrives(scan: Any) -> None:
    body = (
        "<R><vpcBlockPublicAccessOptions><internetGatewayBlockMode>block-ingress"
        "</internetGatewayBlockMode><state>update-complete</state>"
        "</vpcBlockPublicAccessOptions></R>"
    )
    raw = scan({"ec2.DescribeVpcBlockPublicAccessOptions": (200, body)})
    (options,) = region(raw).vpc_block_public_access_options
    assert options.internet_gateway_block_mode == "block-ingress"


def test_an_answer_without_the_field_is_a_gap_not_a_default(scan: Any) -> None:
    raw = scan({"ec2.DescribeVpcBlockPublicAccessOptions": (200, "<R></R>")})
    (gap,) = [g for g in raw.gaps if g.key == "VpcBlockPublicAccessOptions"]
    assert gap.why.endswith("the answer has no VpcBlockPublicAccessOptions")


def test_a_route_table_that_is_cut_is_unknown_and_names_the_table(
    scan: Any, estate: Estate
) -> None:
    body = (
        "<R><routeSet><item><destinationCidrBlock>10.9.0.0/16</destinationCidrBlock></item>"
        "</routeSet><additionalRoutesAvailable>true</additionalRoutesAvailable></R>"
    )
    raw = scan({"ec2.SearchTransitGatewayRoutes": (200, body)})
    found = gaps(raw)
    assert {gap.key for gap in found} == {"TransitGatewayStaticRoutes"}
    table = estate.ids["tgw table"]
    here = region(raw)
    gap = here.failure("TransitGatewayStaticRoutes", table)
    assert gap is not None
    assert gap.where == f"arn:aws:ec2:{REGION}:{ACCOUNT}:transit-gateway-route-table/{table}"
    assert all(routes.additional_routes_available for routes in here.transit_gateway_static_routes)


def test_tasks_that_have_ended_meanwhile_are_no_gap_and_other_failures_are(scan: Any) -> None:
    ended = '{"tasks": [], "failures": [{"arn": "task/1", "reason": "MISSING"}]}'
    assert gaps(scan({"ecs.DescribeTasks": (200, ended)})) == []
    odd = '{"tasks": [], "failures": [{"arn": "task/1", "reason": "BROKEN"}]}'
    (gap,) = gaps(scan({"ecs.DescribeTasks": (200, odd)}))
    assert (gap.key, gap.why.partition(": ")[2]) == ("tasks", "task/1: BROKEN")


def test_a_server_error_is_retried_and_then_a_gap(scan: Any) -> None:
    asked: list[str] = []
    failed = (
        500,
        "<Response><Errors><Error><Code>InternalError</Code></Error></Errors></Response>",
    )

    def first_time_only(request: Any, **_: Any) -> AWSResponse | None:
        asked.append(request.url)
        return answered(request, *failed) if len(asked) == 1 else None

    assert gaps(scan({"ec2.DescribeVpcs": first_time_only})) == []
    assert len(asked) == 2


def test_a_call_that_boto3_does_not_know_is_a_gap(
    scan: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mute_audit.sources.live import collect as module

    rows = tuple(
        replace(row, operation="DescribeTomorrow") if row.keys == ("Addresses",) else row
        for row in module.ROWS
    )
    monkeypatch.setattr(module, "ROWS", rows)
    (gap,) = gaps(scan({}))
    assert gap.key == "Addresses"
    assert re.search(r"boto3 [\d.]+ does not know DescribeTomorrow", gap.why)


def test_an_account_that_refuses_every_call_is_described_by_gaps(
    scan: Any, options: LiveOptions
) -> None:
    """AccessDenied is an answer: everything is unknown, nothing is an error."""

    def deny(request: Any, **_: Any) -> AWSResponse | None:
        if "GetCallerIdentity" in body_of(request):
            return None
        return answered(request, *(S3_DENIED if "s3" in str(request.headers) else QUERY_DENIED))

    made = session({"*": deny})
    raw = collect(replace(options, session=lambda: made), collected_at="")
    assert raw.documents == ()
    assert "ec2:DescribeVpcs" in {gap.what for gap in raw.gaps}
    here = region(raw)
    assert here.held == frozenset()
    assert here.failure("Vpcs") is not None


def test_a_scan_of_which_no_call_is_answered_is_an_error(options: LiveOptions) -> None:
    """STS answers, every other host does not (its name is nowhere)."""

    def unreachable(request: Any, **_: Any) -> AWSResponse | None:
        if "GetCallerIdentity" in body_of(request):
            return None
        from botocore.exceptions import ProxyConnectionError

        raise ProxyConnectionError(proxy_url="http://127.0.0.1:9")

    made = session({"*": unreachable})
    with pytest.raises(AwsError, match="no call was answered") as caught:
        collect(replace(options, session=lambda: made), collected_at="")
    assert caught.value.hint
