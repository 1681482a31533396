"""An estate to change: found by name through AWS's API, however it was built."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from mute_audit.sources.demo.isolation import session

ROOT = Path(__file__).parents[2]
BASELINE = ROOT / "baseline" / "mute.yaml"
POLICIES = ROOT / "policies" / "mute"

# What AWS's programs are told in their environment.
SHELL = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}

_PROCESS = Path(__file__).with_name("embedded_aws.py")


# One for all copies: it keeps the descriptions of the services, which take long to load.
_session = cache(session)


def as_it_is(text: str) -> str:
    return text


class Estate:
    """Clients, and ids by the names of the original stack.

    `text` turns any text with names, CIDRs or the Region of the original stack into what it
    is in this estate.
    """

    def __init__(self, url: str, text: Callable[[str], str] = as_it_is) -> None:
        self.url = url
        self.text = text
        self.region = text("ap-northeast-2")

    def client(self, service: str) -> Any:
        return _session(self.region).client(service, endpoint_url=self.url)

    @cached_property
    def ec2(self) -> Any:
        return self.client("ec2")

    @cached_property
    def rds(self) -> Any:
        return self.client("rds")

    @cached_property
    def s3(self) -> Any:
        return self.client("s3")

    @cached_property
    def iam(self) -> Any:
        return self.client("iam")

    @cached_property
    def ecr(self) -> Any:
        return self.client("ecr")

    def _named(self, call: str, listed: str, id: str, name: str) -> str:
        filters = [{"Name": "tag:Name", "Values": [self.text(name)]}]
        (found,) = getattr(self.ec2, call)(Filters=filters)[listed]
        return str(found[id])

    def vpc(self) -> str:
        return self._named("describe_vpcs", "Vpcs", "VpcId", "hackathon_vpc_infra")

    def subnet(self, name: str) -> str:
        return self._named("describe_subnets", "Subnets", "SubnetId", name)

    def table(self, name: str) -> str:
        return self._named("describe_route_tables", "RouteTables", "RouteTableId", name)

    def internet_gateway(self) -> str:
        return self._named(
            "describe_internet_gateways", "InternetGateways", "InternetGatewayId", "hackathon_igw"
        )

    def nat_gateway(self) -> str:
        return self._named("describe_nat_gateways", "NatGateways", "NatGatewayId", "hackathon_nat")

    def default_acl(self) -> dict[str, Any]:
        filters = [
            {"Name": "vpc-id", "Values": [self.vpc()]},
            {"Name": "default", "Values": ["true"]},
        ]
        (found,) = self.ec2.describe_network_acls(Filters=filters)["NetworkAcls"]
        return dict(found)

    def group(self, name: str) -> str:
        """Of a security group, by its name in the estate's VPC."""
        filters = [
            {"Name": "vpc-id", "Values": [self.vpc()]},
            {"Name": "group-name", "Values": [self.text(name)]},
        ]
        (found,) = self.ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
        return str(found["GroupId"])

    def instance(self, name: str) -> dict[str, Any]:
        """As EC2 describes it."""
        filters = [
            {"Name": "tag:Name", "Values": [self.text(name)]},
            {"Name": "instance-state-name", "Values": ["running", "stopped"]},
        ]
        (found,) = self.ec2.describe_instances(Filters=filters)["Reservations"]
        return dict(found["Instances"][0])

    def instance_id(self, name: str) -> str:
        return str(self.instance(name)["InstanceId"])

    def interface(self, name: str) -> str:
        """Of an instance, by the instance's name."""
        return str(self.instance(name)["NetworkInterfaces"][0]["NetworkInterfaceId"])


class Copies:
    """A built estate, and copies of it for the asking: each as good as newly built."""

    def __init__(self, baseline: Path, *flags: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(_PROCESS), str(baseline), *flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self._read("http://")

    def freeze(self) -> None:
        """From here on the state stays as it is, and can be copied."""
        self._say("freeze")
        self._read("frozen")

    @contextmanager
    def copy(self, text: Callable[[str], str] = as_it_is) -> Iterator[Estate]:
        """One copy at a time."""
        self._say("copy")
        url = self._read("http://")
        try:
            yield Estate(url, text)
        finally:
            self._say("drop")
            self._read("dropped")

    def end(self) -> None:
        self._pipe("stdin").close()
        self._process.wait(timeout=20)

    def _pipe(self, name: str) -> Any:
        return getattr(self._process, name)

    def _say(self, word: str) -> None:
        self._pipe("stdin").write(word + "\n")
        self._pipe("stdin").flush()

    def _read(self, start: str) -> str:
        line = self._pipe("stdout").readline().strip()
        if not line.startswith(start):
            raise AssertionError(f"the embedded AWS said `{line}`, not `{start}…`")
        return str(line)


@dataclass(frozen=True)
class Built:
    """An estate that can be copied, and the files that it is judged by."""

    copies: Copies
    text: Callable[[str], str]
    baseline: Path
    policies: Path
