"""Which call a request makes, and how AWS words an error, in the protocols that AWS speaks."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

__all__ = ["Answer", "AwsCall", "error_answer", "read_call"]

Environ = dict[str, Any]

EC2_NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"

# `Credential=key/20230101/ap-northeast-2/ec2/aws4_request` in the Authorization header.
_SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request")

# Where IAM calls an action otherwise than the API calls the operation.
_IAM_NAMES = {
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
    "s3control:PutPublicAccessBlock": "s3:PutAccountPublicAccessBlock",
}


@dataclass(frozen=True, slots=True)
class AwsCall:
    """One request: `action` in IAM's notation, empty where it cannot be told.

    protocol    `ec2`, `query`, `json`, `rest-xml` or `rest-json`
    parameters  of the form, for the protocols that send one
    """

    service: str
    region: str
    action: str
    protocol: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes
    content_type: str = "text/xml;charset=UTF-8"


def read_call(environ: Environ) -> AwsCall:
    """What is asked; the body is left readable."""
    match = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    region, service = match.groups() if match else ("", "")
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        operation = target.rpartition(".")[2]
        return AwsCall(service, region, f"{service}:{operation}", "json", {})
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        parameters = {name: values[0] for name, values in form.items()}
        action = f"{service}:{parameters.get('Action', '')}"
        protocol = "ec2" if service == "ec2" else "query"
        return AwsCall(service, region, action, protocol, parameters)
    operation = _rest_operation(service, environ)
    protocol = "rest-xml" if service.startswith("s3") else "rest-json"
    # IAM knows the actions of S3 Control under `s3`.
    action = _IAM_NAMES.get(operation, operation.replace("s3control:", "s3:", 1))
    return AwsCall(service, region, action, protocol, {})


def _rest_operation(service: str, environ: Environ) -> str:
    """`service:Operation` of a request whose path and query say what it asks for."""
    path = environ.get("PATH_INFO", "/")
    model = "s3control" if service == "s3" and path.startswith("/v20180820/") else service
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    best: tuple[int, int, int, str] | None = None
    for method, pattern, length, needed, operation in _operations(model):
        if method != environ.get("REQUEST_METHOD") or not pattern.fullmatch(path):
            continue
        if any(name not in query or (value and query[name] != [value]) for name, value in needed):
            continue
        # The most particular one; of equals the plain one, not `ListDirectoryBuckets`.
        found = (len(needed), length, -len(operation), operation)
        best = max(best, found) if best else found
    return f"{model}:{best[3]}" if best else ""


@cache
def _operations(
    service: str,
) -> tuple[tuple[str, re.Pattern[str], int, tuple[tuple[str, str], ...], str], ...]:
    """Method, path, its length without parameters, query and name of each operation."""
    from botocore.exceptions import UnknownServiceError
    from botocore.session import get_session

    try:
        model = get_session().get_service_model(service)
    except UnknownServiceError:
        return ()
    rows = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        http = operation.http
        path, _, query = http["requestUri"].partition("?")
        pattern = ""
        for part in re.split(r"(\{[^}]+\})", path):
            if part.startswith("{"):
                pattern += ".+" if part.endswith("+}") else "[^/]+"
            else:
                pattern += re.escape(part)
        fixed = tuple(
            (item.partition("=")[0], item.partition("=")[2]) for item in query.split("&") if item
        )
        shape = operation.input_shape
        members = shape.members if shape is not None else {}
        for member in shape.required_members if shape is not None else ():
            serialization = members[member].serialization
            if serialization.get("location") == "querystring":
                fixed = (*fixed, (serialization["name"], ""))
        length = len(re.sub(r"\{[^}]+\}", "", path))
        rows.append((http["method"], re.compile(pattern + "/?"), length, fixed, name))
    return tuple(rows)


def error_answer(call: AwsCall, status: int, code: str, message: str) -> Answer:
    """The error as `call`'s protocol words it."""
    if call.protocol in ("json", "rest-json"):
        body = json.dumps({"__type": code, "message": message})
        return Answer(status, body.encode(), "application/x-amz-json-1.1")
    error = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if call.protocol == "ec2":
        text = (
            f"<Response><Errors><Error>{error}</Error></Errors><RequestID>0</RequestID></Response>"
        )
    elif call.protocol == "query":
        text = f"<ErrorResponse><Error>{error}</Error><RequestId>0</RequestId></ErrorResponse>"
    else:
        text = f"<Error>{error}</Error>"
    return Answer(status, text.encode())
