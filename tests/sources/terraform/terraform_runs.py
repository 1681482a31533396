"""Runs the installed terraform against an embedded AWS, in copies of given folders."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import yaml

from mute_audit.inventory import Inventory
from mute_audit.network.places import Directory
from mute_audit.network.portspec import PortSpec
from mute_audit.network.trace import Question, Tracer

REPOSITORY = Path(__file__).parents[3]
SCENARIOS = REPOSITORY / "tests" / "scenarios" / "terraform"
PLUGINS = os.environ.get("TF_PLUGIN_DIR", "")
REGION = "eu-west-1"

needs_terraform = pytest.mark.skipif(
    shutil.which("terraform") is None or not PLUGINS,
    reason="needs terraform, and the AWS provider in TF_PLUGIN_DIR",
)


def outside(endpoint: str = "") -> dict[str, str]:
    """The environment of terraform and its provider: nothing of this machine's AWS."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TF_"))}
    named = {"AWS_ENDPOINT_URL": endpoint} if endpoint else {}
    return {
        **kept,
        **named,
        "TF_CLI_CONFIG_FILE": os.devnull,
        "CHECKPOINT_DISABLE": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def attached(endpoint: str) -> Iterator[Mapping[str, str]]:
    """The AWS provider as one process for many runs: what makes terraform use it.

    To start it takes more than half of a plan's time. Where TF_PLUGIN_DIR holds packed
    providers, each run starts its own.
    """
    system = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    home = Path(PLUGINS, "registry.terraform.io", "hashicorp", "aws")
    programs = sorted(home.glob(f"*/linux_{system}/terraform-provider-aws_*"))
    if not programs:
        yield {}
        return
    process = subprocess.Popen(
        [str(programs[-1]), "-debug"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=outside(endpoint),
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            name, _, value = line.strip().partition("=")
            if name == "TF_REATTACH_PROVIDERS":
                break
        else:
            raise AssertionError("the provider did not start")
        yield {name: value.strip("'")}
    finally:
        process.terminate()
        process.wait(timeout=20)


@dataclass(frozen=True)
class Run:
    """A folder that terraform works in."""

    folder: Path
    endpoint: str = ""
    provider: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def copied(
        cls,
        source: Path,
        target: Path,
        endpoint: str = "",
        provider: Mapping[str, str] | None = None,
    ) -> Run:
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        run = cls(target, endpoint, provider or {})
        run.call("init", "-input=false", f"-plugin-dir={PLUGINS}")
        return run

    def call(self, *arguments: str) -> str:
        done = subprocess.run(
            ["terraform", *arguments],
            cwd=self.folder,
            env={**outside(self.endpoint), **self.provider},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        return done.stdout

    def plan(self, *arguments: str, refresh: bool = False) -> Path:
        """The plan, as JSON beside the files."""
        flags = [] if refresh else ["-refresh=false"]
        self.call("plan", "-input=false", "-lock=false", "-out=plan.bin", *flags, *arguments)
        target = self.folder / "plan.json"
        target.write_text(self.call("show", "-json", "plan.bin"))
        return target

    def apply(self) -> Path:
        """Apply the plan; the raw state."""
        self.call("apply", "-input=false", "-lock=false", "plan.bin")
        return self.folder / "terraform.tfstate"


def expected(scenario: str) -> list[tuple[str, str, str, bool]]:
    rows: list[Any] = yaml.safe_load((SCENARIOS / scenario / "expected.yaml").read_text())
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def answers(
    inventory: Inventory, names: set[str], ports: tuple[str, ...]
) -> dict[tuple[str, str, str], str]:
    """The verdict for every pair of named places and the internet, at each port."""
    directory = Directory(inventory)
    tracer = Tracer(inventory, directory)
    places = {name: tracer.resolve(name) for name in sorted(names)}
    places["internet"] = tracer.resolve("internet")
    return {
        (a, b, port): str(tracer.trace(Question(source, target, PortSpec.parse(port))).verdict)
        for a, source in places.items()
        for b, target in places.items()
        for port in ports
        if a != b
    }


def named(inventory: Inventory) -> set[str]:
    """Instances, databases and balancers by name; by id where they have none."""
    kinds = ("ec2.instance", "rds.instance", "elbv2.load-balancer")
    found = (p.address for p in Directory(inventory).places if p.address.type in kinds)
    return {one.name or one.id for one in found}


def empty(endpoint: str) -> None:
    """Forget everything that the embedded AWS holds."""
    connection = HTTPConnection(endpoint.removeprefix("http://"), timeout=30)
    connection.request("POST", "/moto-api/reset")
    assert json.load(connection.getresponse())["status"] == "ok"
    connection.close()
