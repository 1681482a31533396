"""The demo's layer knows which call a request makes, in every protocol, and words errors."""

import io
import json
from typing import Any

import pytest

from mute_audit.errors import UsageError
from mute_audit.sources.demo import read_faults
from mute_audit.sources.demo.layer import Layer
from mute_audit.sources.demo.protocol import error_answer, read_call


def request(
    service: str,
    method: str = "POST",
    path: str = "/",
    query: str = "",
    body: str = "",
    **headers: str,
) -> dict[str, Any]:
    """A WSGI environment as a signed request makes it."""
    scope = f"AWS4-HMAC-SHA256 Credential=demo/20300101/eu-west-1/{service}/aws4_request, …"
    form = "application/x-www-form-urlencoded; charset=utf-8" if body else ""
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_AUTHORIZATION": scope,
        "CONTENT_TYPE": form,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body.encode()),
        **headers,
    }


@pytest.mark.parametrize(
    ("environ", "action"),
    [
        (request("ec2", body="Action=DescribeVpcs&Version=1"), "ec2:DescribeVpcs"),
        (request("iam", body="Action=GetUser"), "iam:GetUser"),
        (
            request("ecr", HTTP_X_AMZ_TARGET="AmazonEC2ContainerRegistry_V20150921.DescribeImages"),
            "ecr:DescribeImages",
        ),
        (request("s3", "GET"), "s3:ListAllMyBuckets"),
        (request("s3", "GET", "/bucket", "policy"), "s3:GetBucketPolicy"),
        (request("s3", "GET", "/bucket", "acl"), "s3:GetBucketAcl"),
        (request("s3", "GET", "/bucket", "publicAccessBlock"), "s3:GetBucketPublicAccessBlock"),
        (request("s3", "GET", "/bucket/a/deep/key"), "s3:GetObject"),
        (
            request("s3", "GET", "/v20180820/configuration/publicAccessBlock"),
            "s3:GetAccountPublicAccessBlock",
        ),
        (request("lambda", "GET", "/2015-03-31/functions"), "lambda:ListFunctions"),
        (request("lambda", "GET", "/2015-03-31/functions/f/policy"), "lambda:GetPolicy"),
        (request("nothing", "GET", "/"), ""),
    ],
)
def test_each_protocol_says_what_it_asks_for(environ: dict[str, Any], action: str) -> None:
    assert read_call(environ).action == action


def test_reading_the_call_leaves_the_body_for_moto() -> None:
    environ = request("ec2", body="Action=DescribeVpcs")
    assert read_call(environ).region == "eu-west-1"
    assert environ["wsgi.input"].read() == b"Action=DescribeVpcs"


@pytest.mark.parametrize(
    ("environ", "shape"),
    [
        (request("ec2", body="Action=X"), "<Response><Errors><Error><Code>Bad</Code>"),
        (request("iam", body="Action=X"), "<ErrorResponse><Error><Code>Bad</Code>"),
        (request("s3", "GET"), "<Error><Code>Bad</Code>"),
        (request("ecr", HTTP_X_AMZ_TARGET="T.X"), '{"__type": "Bad"'),
    ],
)
def test_errors_are_worded_as_the_protocol_does(environ: dict[str, Any], shape: str) -> None:
    answer = error_answer(read_call(environ), 400, "Bad", "no <tag> gets through")
    assert answer.body.decode().startswith(shape)
    if answer.content_type.startswith("text/xml"):
        assert b"&lt;tag&gt;" in answer.body


def layered(environ: dict[str, Any], faults: dict[str, int]) -> tuple[str, bytes]:
    """Status and body that a layer gives, with a moto behind it that says hello."""

    def moto(environ: dict[str, Any], start: Any) -> list[bytes]:
        if "Lacking" in environ["wsgi.input"].read().decode():
            raise NotImplementedError("the lacking action has not been implemented")
        start("200 OK", [])
        return [b"hello"]

    layer = Layer(moto)
    layer.fail(faults)
    status = []
    body = b"".join(layer(environ, lambda line, headers: status.append(line)))
    return status[0], body


def test_a_fault_hits_its_call_and_no_other() -> None:
    faults = {"ec2:DescribeVpcs": 503}
    assert layered(request("ec2", body="Action=DescribeVpcs"), faults)[0].startswith("503")
    assert layered(request("ec2", body="Action=DescribeSubnets"), faults) == ("200 OK", b"hello")
    assert layered(request("ec2", body="Action=DescribeVpcs"), {}) == ("200 OK", b"hello")


@pytest.mark.parametrize(
    ("service", "status", "code"),
    [
        ("ec2", 403, b"UnauthorizedOperation"),
        ("iam", 403, b"AccessDenied"),
        ("ec2", 500, b"InternalError"),
        ("ec2", 429, b"Throttling"),
    ],
)
def test_a_fault_has_the_code_that_aws_sends(service: str, status: int, code: bytes) -> None:
    faults = {f"{service}:X": status}
    assert code in layered(request(service, body="Action=X"), faults)[1]


def test_what_moto_lacks_is_refused_and_not_empty() -> None:
    status, body = layered(request("ec2", body="Action=Lacking"), {})
    assert status.startswith("400")
    assert b"InvalidAction" in body


def ask(layer: Layer, **parameters: str) -> str:
    body = "&".join(f"{name}={value}" for name, value in parameters.items())
    return b"".join(layer(request("ec2", body=body), lambda *_: None)).decode()


def test_block_public_access_keeps_what_it_is_told() -> None:
    layer = Layer(lambda environ, start: [b""])
    options = "DescribeVpcBlockPublicAccessOptions"
    assert "<internetGatewayBlockMode>off</" in ask(layer, Action=options)
    assert "<state>default-state</" in ask(layer, Action=options)
    modify = "ModifyVpcBlockPublicAccessOptions"
    ask(layer, Action=modify, InternetGatewayBlockMode="block-ingress")
    assert "<internetGatewayBlockMode>block-ingress</" in ask(layer, Action=options)
    refused = ask(layer, Action=modify, InternetGatewayBlockMode="wide-open")
    assert "InvalidParameterValue" in refused
    assert "MissingParameter" in ask(layer, Action=modify)


def test_block_public_access_exclusions_come_and_go() -> None:
    layer = Layer(lambda environ, start: [b""])
    made = ask(
        layer,
        Action="CreateVpcBlockPublicAccessExclusion",
        InternetGatewayExclusionMode="allow-egress",
        SubnetId="subnet-1",
    )
    assert ":subnet/subnet-1</resourceArn>" in made
    listing = ask(layer, Action="DescribeVpcBlockPublicAccessExclusions")
    assert listing.count("<item>") == 1
    name = listing.split("<exclusionId>")[1].split("<")[0]
    delete = "DeleteVpcBlockPublicAccessExclusion"
    assert "delete-complete" in ask(layer, Action=delete, ExclusionId=name)
    assert "NotFound" in ask(layer, Action=delete, ExclusionId=name)
    assert "<item>" not in ask(layer, Action="DescribeVpcBlockPublicAccessExclusions")


def test_groups_are_associated_with_further_vpcs() -> None:
    layer = Layer(lambda environ, start: [b""])
    listing = "DescribeSecurityGroupVpcAssociations"
    assert "<item>" not in ask(layer, Action=listing)
    ask(layer, Action="AssociateSecurityGroupVpc", GroupId="sg-1", VpcId="vpc-2")
    assert "<groupId>sg-1</groupId><vpcId>vpc-2</vpcId>" in ask(layer, Action=listing)
    ask(layer, Action="DisassociateSecurityGroupVpc", GroupId="sg-1", VpcId="vpc-2")
    assert "<item>" not in ask(layer, Action=listing)


def test_faults_are_read_from_one_text() -> None:
    assert read_faults("ec2:DescribeVpcs=500, s3:GetBucketPolicy=403") == {
        "ec2:DescribeVpcs": 500,
        "s3:GetBucketPolicy": 403,
    }
    assert read_faults("") == {}


@pytest.mark.parametrize("text", ["ec2:DescribeVpcs", "500", "ec2:X=200", "DescribeVpcs=500"])
def test_a_fault_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=f"`{text}`"):
        read_faults(text)


def test_json_errors_are_json() -> None:
    call = read_call(request("ecr", HTTP_X_AMZ_TARGET="T.X"))
    assert json.loads(error_answer(call, 500, "InternalError", 'a "quote"').body) == {
        "__type": "InternalError",
        "message": 'a "quote"',
    }


@pytest.mark.parametrize(
    ("service", "body", "added"),
    [
        ("elasticloadbalancing", "Action=CreateLoadBalancer&Name=a", "&Scheme=internet-facing"),
        ("elasticloadbalancing", "Action=CreateLoadBalancer&Name=a&Scheme=internal", ""),
        ("elasticloadbalancing", "Action=CreateLoadBalancer&Name=a&Type=gateway", ""),
        ("ec2", "Action=AllocateAddress&Domain=vpc", "&Address=198.51.100.1"),
        ("ec2", "Action=AllocateAddress&Address=198.51.100.9", ""),
    ],
)
def test_what_a_request_leaves_out_is_aws_s_default(service: str, body: str, added: str) -> None:
    """Where moto would take none, or one of its own that AWS never has."""
    seen = []

    def moto(environ: dict[str, Any], start_response: object) -> list[bytes]:
        seen.append(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode())
        return []

    Layer(moto)(request(service, body=body), lambda *_: None)
    assert seen == [body + added]
