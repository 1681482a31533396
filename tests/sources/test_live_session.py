"""Signing in: every way that it fails says what to do."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from moto_estate import ACCOUNT, REGION, session

from mute_audit.errors import AwsError
from mute_audit.sources.live import LiveOptions
from mute_audit.sources.live.session import reason, sign_in


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No credentials, profile or Region of this machine; returns the configuration file."""
    import os

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    config = tmp_path / "config"
    config.write_text("")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return config


def refused(options: LiveOptions) -> AwsError:
    with pytest.raises(AwsError) as caught:
        sign_in(options)
    assert caught.value.exit_code == 2
    return caught.value


def sts(code: str, status: int = 403) -> Callable[[], Any]:
    body = f"<R><Error><Code>{code}</Code><Message>no</Message></Error></R>"
    return partial(session, {"sts": (status, body)})


def test_the_account_and_the_region_are_learned(options: LiveOptions) -> None:
    identity, _ = sign_in(options)
    assert (identity.account, identity.partition, identity.regions) == (ACCOUNT, "aws", (REGION,))


def test_the_region_of_the_profile_counts_where_none_is_chosen(
    bare: Path, moto: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare.write_text(
        "[profile team]\nregion = eu-central-1\naws_access_key_id = x\naws_secret_access_key = y\n"
    )
    identity, clients = sign_in(LiveOptions(profile="team", endpoint_url=moto))
    assert identity.regions == ("eu-central-1",)
    assert clients.get("ec2", "eu-central-1") is clients.get("ec2", "eu-central-1")


def test_all_regions_are_those_that_are_enabled(options: LiveOptions) -> None:
    identity, _ = sign_in(replace(options, regions=(), all_regions=True))
    assert REGION in identity.regions
    assert len(identity.regions) > 10
    assert list(identity.regions) == sorted(identity.regions)


def test_no_credentials(moto: str) -> None:
    error = refused(LiveOptions(regions=(REGION,), endpoint_url=moto))
    assert error.message == "no AWS credentials: unable to locate credentials"
    assert "--profile" in str(error.hint)


def test_half_of_the_credentials(moto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    error = refused(LiveOptions(regions=(REGION,), endpoint_url=moto))
    assert error.message.startswith("no AWS credentials: partial credentials")


def test_an_unknown_profile_lists_the_known_ones(bare: Path) -> None:
    bare.write_text("[profile team]\nregion = eu-central-1\n")
    error = refused(LiveOptions(profile="taem"))
    assert error.message == "the profile `taem` does not exist"
    assert error.hint == "profiles that exist: team"


def test_no_region(options: LiveOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    error = refused(LiveOptions())
    assert error.message == "no Region is chosen"
    assert "--region" in str(error.hint)


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("ExpiredToken", "have expired"),
        ("InvalidClientTokenId", "access key does not exist"),
        ("SignatureDoesNotMatch", "secret access key is wrong"),
        ("SomethingElse", "check the credentials"),
    ],
)
def test_refused_credentials(options: LiveOptions, code: str, hint: str) -> None:
    error = refused(replace(options, session=sts(code)))
    assert error.message == f"AWS refused GetCallerIdentity: {code}: no"
    assert hint in str(error.hint)


def test_an_endpoint_that_does_not_answer(options: LiveOptions) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{taken.getsockname()[1]}"
        error = refused(replace(options, endpoint_url=closed))
    assert error.message.startswith("AWS does not answer: could not connect to the endpoint URL")
    assert "--endpoint-url" in str(error.hint)


@pytest.mark.parametrize("url", ["localhost", "http://"])
def test_an_endpoint_that_is_no_address(options: LiveOptions, url: str) -> None:
    assert refused(replace(options, endpoint_url=url)).message.startswith("AWS ")


def test_a_region_that_cannot_be_one(options: LiveOptions) -> None:
    error = refused(replace(options, regions=("Seoul!",), endpoint_url=""))
    assert "Seoul!" in error.message
    assert error.message.startswith("not a Region")


def test_a_role_is_taken_on_for_everything_that_follows(options: LiveOptions) -> None:
    signed: list[str] = []

    def watch(request: Any, **_: Any) -> None:
        signed.append(str(request.headers.get("Authorization")))

    role = f"arn:aws:iam::{ACCOUNT}:role/audit"
    _, clients = sign_in(
        replace(options, role_arn=role, session=partial(session, {"sts": watch, "ec2": watch}))
    )
    clients.get("ec2", REGION).describe_vpcs()
    keys = [text.partition("Credential=")[2].partition("/")[0] for text in signed]
    assert keys[0] == "AKIAIOSFODNN7EXAMPLE"
    assert keys[1] == keys[2] != keys[0]


def test_a_role_that_may_not_be_assumed(options: LiveOptions) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/audit"
    error = refused(replace(options, role_arn=role, session=sts("AccessDenied")))
    assert error.message == f"cannot assume the role `{role}`: AccessDenied: no"
    assert "trust policy" in str(error.hint)


def test_a_long_refusal_is_cut_to_a_readable_length() -> None:
    from botocore.exceptions import ClientError

    error = ClientError({"Error": {"Code": "X", "Message": "a\n b" + "c" * 5000}}, "Y")
    text = reason(error)
    assert text.startswith("X: a bccc")
    assert len(text) < 600
