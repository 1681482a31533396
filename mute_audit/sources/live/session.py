"""Who asks, where, and through which clients; the reasons why nothing can be asked at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore import exceptions as boto
from botocore.config import Config
from botocore.parsers import ResponseParserError

from mute_audit.errors import AwsError
from mute_audit.sources.live.options import LiveOptions

if TYPE_CHECKING:
    from botocore.client import BaseClient

__all__ = ["Clients", "Identity", "reason", "sign_in"]

_SIGN_IN = Config(
    connect_timeout=5, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 2}
)

# STS is asked there when a person chose no Region but all of them.
_ANY_REGION = "us-east-1"

# Refusals can carry an encoded message of thousands of characters, proxies whole pages.
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Identity:
    """The account that is asked, its partition (`aws`, `aws-cn`, …) and its Regions."""

    account: str
    partition: str
    regions: tuple[str, ...]


class Clients:
    """One client per service and Region. Not safe for threads: only the main one makes clients.

    Making a client reads the service's model (50 to 150 ms for the first of a service).
    """

    def __init__(self, session: Any, options: LiveOptions) -> None:
        self._session = session
        self._endpoint = options.endpoint_url or None
        # Of the role, once it is taken on; empty: the session's own credentials.
        self._keys: dict[str, str] = {}
        self._config = Config(
            # Adaptive mode also slows down on its own when AWS throttles.
            retries={"mode": "adaptive", "total_max_attempts": 4},
            connect_timeout=10,
            read_timeout=60,
            max_pool_connections=max(10, options.max_workers),
            user_agent_extra="mute-audit",
        )
        self._clients: dict[tuple[str, str], BaseClient] = {}

    def get(self, service: str, region: str) -> BaseClient:
        """Raises botocore's errors, such as UnknownServiceError and InvalidRegionError."""
        known = self._clients.get((service, region))
        if known is None:
            known = self._clients[service, region] = self._make(service, region, self._config)
        return known

    def sign_in(self, service: str, region: str) -> Any:
        """A client that gives up soon: signing in either works at once or not at all."""
        return self._make(service, region, _SIGN_IN)

    def assume(self, role_arn: str, region: str) -> None:
        """Make all further clients as this role.

        Raises AwsError when STS refuses.
        """
        try:
            answer = self.sign_in("sts", region).assume_role(
                RoleArn=role_arn, RoleSessionName="mute-audit"
            )
        except boto.ClientError as error:
            raise AwsError(
                f"cannot assume the role `{role_arn}`: {reason(error)}",
                hint="its trust policy must name the caller, and the caller needs sts:AssumeRole",
            ) from error
        keys = answer["Credentials"]
        self._keys = {
            "aws_access_key_id": keys["AccessKeyId"],
            "aws_secret_access_key": keys["SecretAccessKey"],
            "aws_session_token": keys["SessionToken"],
        }

    def _make(self, service: str, region: str, config: Config) -> BaseClient:
        client: BaseClient = self._session.client(
            service, region_name=region, endpoint_url=self._endpoint, config=config, **self._keys
        )
        if self._endpoint:
            client.meta.events.register("before-sign.s3-control", self._host_as_named)
        return client

    def _host_as_named(self, request: Any, **_: Any) -> None:
        """S3 Control puts the account before the host: `123456789012.127.0.0.1` is nowhere.

        The host that a person names is the whole of it. Before the signature, which covers it.
        """
        host = urlsplit(self._endpoint or "").netloc
        request.url = urlsplit(request.url)._replace(netloc=host).geturl()


def sign_in(options: LiveOptions) -> tuple[Identity, Clients]:
    """Find credentials, take on the role, learn the account and the Regions.

    Raises AwsError, with what to do: no or expired credentials, an unknown profile or
    Region, an endpoint that does not answer, a role that may not be assumed.
    """
    with _explained(options):
        session = _session(options)
        first = options.regions[0] if options.regions else session.region_name
        if not first and not options.all_regions:
            raise AwsError(
                "no Region is chosen",
                hint="pass --region, set AWS_REGION, or give the profile a region",
            )
        first = first or _ANY_REGION
        clients = Clients(session, options)
        if options.role_arn:
            clients.assume(options.role_arn, first)
        caller = clients.sign_in("sts", first).get_caller_identity()
        regions = options.regions or (first,)
        if options.all_regions:
            ec2 = clients.sign_in("ec2", first)
            # Without AllRegions, AWS answers with the enabled ones.
            regions = tuple(sorted(r["RegionName"] for r in ec2.describe_regions()["Regions"]))
        account, arn = caller["Account"], caller["Arn"].split(":")
    return (
        Identity(
            account=account,
            partition=arn[1] if len(arn) > 1 else "aws",
            regions=tuple(dict.fromkeys(regions)),
        ),
        clients,
    )


def _session(options: LiveOptions) -> Any:
    if options.session is not None:
        return options.session()
    return boto3.Session(profile_name=options.profile or None)


def reason(error: Exception) -> str:
    """One line: AWS's code and message, or botocore's words."""
    if isinstance(error, boto.ClientError):
        detail = error.response.get("Error", {})
        text = f"{detail.get('Code', 'Unknown')}: {detail.get('Message', '')}"
    else:
        text = f"{type(error).__name__}: {error}"
    text = " ".join(text.split()).rstrip(": ")
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"


# Codes of STS (and of services that sign the same way) → what to do.
_CREDENTIAL_HINTS = {
    "ExpiredToken": "the credentials have expired: sign in again (`aws sso login`)",
    "ExpiredTokenException": "the credentials have expired: sign in again (`aws sso login`)",
    "InvalidClientTokenId": "the access key does not exist, or not in this partition or Region",
    "UnrecognizedClientException": "the access key does not exist, or not in this partition",
    "SignatureDoesNotMatch": "the secret access key is wrong, or this machine's clock is",
    "RequestExpired": "this machine's clock is wrong",
    "AccessDenied": "`mute-audit iam-policy` prints the permissions that a scan needs",
    "UnauthorizedOperation": "`mute-audit iam-policy` prints the permissions that a scan needs",
}


@contextmanager
def _explained(options: LiveOptions) -> Iterator[None]:
    try:
        yield
    except (boto.NoCredentialsError, boto.PartialCredentialsError) as error:
        raise AwsError(
            f"no AWS credentials: {_sentence(error)}",
            hint="sign in (`aws configure sso`, `aws sso login`), set AWS_PROFILE or pass "
            "--profile; `mute-audit scan demo` needs none",
        ) from error
    except boto.ProfileNotFound as error:
        known = ", ".join(boto3.Session().available_profiles) or "none"
        raise AwsError(
            f"the profile `{options.profile}` does not exist"
            if options.profile
            else _sentence(error),
            hint=f"profiles that exist: {known}",
        ) from error
    except (boto.SSOError, boto.TokenRetrievalError, boto.CredentialRetrievalError) as error:
        raise AwsError(
            f"the credentials cannot be fetched: {_sentence(error)}",
            hint="sign in again (`aws sso login`)",
        ) from error
    except boto.InvalidRegionError as error:
        raise AwsError(
            f"not a Region: {_sentence(error)}", hint="a Region looks like `ap-northeast-2`"
        ) from error
    except boto.ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise AwsError(
            f"AWS refused {error.operation_name}: {reason(error)}",
            hint=_CREDENTIAL_HINTS.get(code, "check the credentials and the Region"),
        ) from error
    except boto.ProxyConnectionError as error:
        raise AwsError(
            f"the proxy does not answer: {_sentence(error)}",
            hint="check HTTPS_PROXY and NO_PROXY",
        ) from error
    except (boto.HTTPClientError, boto.ConnectionError) as error:
        raise AwsError(
            f"AWS does not answer: {_sentence(error)}",
            hint="check the network, --region (does it exist?) and --endpoint-url",
        ) from error
    except (ResponseParserError, KeyError) as error:
        # botocore's parser raises KeyError for XML without the element that it expects.
        raise AwsError(
            "what answers is not AWS: the answer cannot be read",
            hint="a proxy or a sign-in page may stand in between; check --endpoint-url",
        ) from error
    except (boto.BotoCoreError, ValueError) as error:
        # botocore raises ValueError for an endpoint that is no URL.
        raise AwsError(
            f"AWS cannot be asked: {_sentence(error)}",
            hint="check --endpoint-url (as in https://host:port) and the AWS configuration",
        ) from error


def _sentence(error: Exception) -> str:
    text = " ".join(str(error).split()).rstrip(".")
    return text[:1].lower() + text[1:]
