"""An account that cannot be asked: why, and what to do; never a wait, never a verdict."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from robust_command import Mute, called_outside, contents, plain_environment, refused

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "made-up"}
REGION = ("--region", "ap-northeast-2")


@pytest.fixture
def nobody() -> str:
    """An address at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@contextmanager
def answering(status: int, body: str) -> Iterator[str]:
    """An endpoint that has one answer to everything."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = do_PUT = do_POST

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def error(code: str, message: str) -> str:
    return (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
        f"<Message>{message}</Message></Error></ErrorResponse>"
    )


def asked(folder: Path, *arguments: str, words: tuple[str, ...], hint: str, **env: str) -> None:
    found = called_outside(
        folder, "scan", "aws", *arguments, environ=plain_environment(folder, **env)
    )
    refused(found, *words, hint=hint)
    assert not (folder / "reports").exists()


def test_no_credentials(tmp_path: Path) -> None:
    asked(tmp_path, *REGION, words=("no AWS credentials",), hint="mute-audit scan demo")


def test_no_credentials_and_a_metadata_service_that_is_not_there(
    tmp_path: Path, nobody: str
) -> None:
    """Off AWS, nobody waits for an instance role."""
    asked(
        tmp_path,
        *REGION,
        words=("no AWS credentials",),
        hint="aws sso login",
        AWS_EC2_METADATA_DISABLED="false",
        AWS_EC2_METADATA_SERVICE_ENDPOINT=nobody,
    )


def test_half_of_the_credentials(tmp_path: Path) -> None:
    words = ("no AWS credentials", "AWS_SECRET_ACCESS_KEY")
    asked(tmp_path, *REGION, words=words, hint="--profile", AWS_ACCESS_KEY_ID="AKIA")


def test_a_profile_that_does_not_exist(tmp_path: Path) -> None:
    asked(
        tmp_path, *REGION, "--profile", "prod", words=("`prod` does not exist",), hint="that exist"
    )


def test_no_region(tmp_path: Path) -> None:
    asked(tmp_path, words=("no Region is chosen",), hint="--region", **KEYS)


def test_a_word_that_is_no_region(tmp_path: Path) -> None:
    asked(
        tmp_path,
        "--region",
        "Seoul!",
        words=("not a Region", "Seoul!"),
        hint="ap-northeast-2",
        **KEYS,
    )


def test_a_region_that_does_not_exist(
    mute: Mute, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No host has its name (whatever the resolver of this machine would answer)."""

    def unknown(host: str, *_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, f"{host}: name or service not known")

    for name in ("HTTPS_PROXY", "https_proxy", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**plain_environment(tmp_path), **KEYS}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    found = mute("scan", "aws", "--region", "ap-northeast-99")
    words = ("AWS does not answer", "sts.ap-northeast-99.amazonaws.com")
    refused(found, *words, hint="--region (does it exist?)")
    assert not Path("reports").exists()


def test_a_proxy_that_is_down(tmp_path: Path, nobody: str) -> None:
    asked(
        tmp_path,
        *REGION,
        words=("the proxy does not answer", nobody),
        hint="HTTPS_PROXY",
        HTTPS_PROXY=nobody,
        **KEYS,
    )


def test_an_endpoint_that_is_down(tmp_path: Path, nobody: str) -> None:
    asked(
        tmp_path,
        *REGION,
        "--endpoint-url",
        nobody,
        words=("AWS does not answer", nobody),
        hint="--endpoint-url",
        **KEYS,
    )


def test_an_endpoint_that_is_no_address(tmp_path: Path) -> None:
    asked(
        tmp_path,
        *REGION,
        "--endpoint-url",
        "aws.example",
        words=("invalid endpoint", "aws.example"),
        hint="--endpoint-url",
        **KEYS,
    )


REFUSALS = [
    (403, "ExpiredToken", "The security token included in the request is expired", "expired"),
    (403, "InvalidClientTokenId", "The security token is invalid", "access key does not exist"),
    (403, "SignatureDoesNotMatch", "The signature does not match", "clock"),
    (403, "RequestExpired", "Request has expired", "clock"),
    (403, "AccessDenied", "not authorized to perform: sts:GetCallerIdentity", "iam-policy"),
]


@pytest.mark.parametrize(("status", "code", "message", "hint"), REFUSALS, ids=lambda x: str(x))
def test_credentials_that_are_refused(
    tmp_path: Path, status: int, code: str, message: str, hint: str
) -> None:
    """AWS's own words, and what they mean for a person."""
    with answering(status, error(code, message)) as url:
        asked(
            tmp_path,
            *REGION,
            "--endpoint-url",
            url,
            words=("AWS refused GetCallerIdentity", code, message),
            hint=hint,
            **KEYS,
        )


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, "<html><body>Welcome to the hotel</body></html>"), (200, ""), (404, "not here")],
    ids=["login-page", "nothing", "not-found"],
)
def test_an_endpoint_that_is_not_aws(tmp_path: Path, status: int, body: str) -> None:
    """A captive portal, a proxy's page: no answer of AWS, and no traceback."""
    with answering(status, body) as url:
        found = called_outside(
            tmp_path,
            "scan",
            "aws",
            *REGION,
            "--endpoint-url",
            url,
            environ=plain_environment(tmp_path, **KEYS),
        )
    refused(found, "AWS", hint="--endpoint-url")


def test_the_demo_needs_none_of_it(tmp_path: Path, nobody: str) -> None:
    """A profile that does not exist and a broken proxy concern real accounts only."""
    environ = plain_environment(
        tmp_path, AWS_PROFILE="gone", HTTP_PROXY=nobody, HTTPS_PROXY=nobody, AWS_REGION="mars-1"
    )
    found = called_outside(tmp_path, "scan", "demo", "--quiet", environ=environ)
    assert (found.code, found.err) == (0, "")
    assert set(contents(tmp_path)) == {"reports/latest/report.json", "reports/latest/report.html"}
