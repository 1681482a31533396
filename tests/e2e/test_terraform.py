"""Terraform's own AWS provider builds the stack, and a scan finds nothing to say about it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from checking import check
from estates import BASELINE, POLICIES, ROOT, SHELL, Built, Copies, as_it_is
from judging import CLEAN, read
from mutations import MUTATIONS
from stack_judging import flows, opened, verdicts
from terraform_runs import Run

from mute_audit.sources.demo.isolation import session
from mute_audit.sources.live.options import LiveOptions
from mute_audit.verdict import Verdict

PROVIDER = Path("registry.terraform.io", "hashicorp", "aws")


def lacking() -> str:
    """What is missing for these tests; empty where nothing is."""
    if shutil.which("terraform") is None:
        return "the program terraform is not installed"
    mirror = os.environ.get("TF_PLUGIN_DIR", "")
    if not mirror:
        return "TF_PLUGIN_DIR does not name a folder with Terraform's AWS provider"
    if not (Path(mirror) / PROVIDER).is_dir():
        return f"TF_PLUGIN_DIR has no {PROVIDER}"
    return ""


pytestmark = [
    pytest.mark.slow,
    pytest.mark.sample,
    pytest.mark.terraform,
    pytest.mark.skipif(bool(lacking()), reason=lacking()),
]


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copies]:
    """An account in which `terraform apply` has run, from `terraform/` as it stands."""
    folder = tmp_path_factory.mktemp("terraform") / "copy"
    left_out = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfplan")
    shutil.copytree(ROOT / "terraform", folder, ignore=left_out)
    copies = Copies(BASELINE, "empty")
    try:
        environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("TF_", "AWS_"))
            },
            **SHELL,
            "AWS_ENDPOINT_URL": copies.url,
            "NO_PROXY": "127.0.0.1",
            "TF_CLI_CONFIG_FILE": os.devnull,
            "CHECKPOINT_DISABLE": "1",
        }
        mirror = os.environ["TF_PLUGIN_DIR"]
        terraform(folder, environment, "init", f"-plugin-dir={mirror}")
        # Images are looked up here, as they would be in an account.
        given = ("-var-file=emulator.tfvars", "-var=ami_ids={}")
        terraform(folder, environment, "apply", "-auto-approve", *given)
        yield copies
    finally:
        copies.end()


def terraform(folder: Path, environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        ["terraform", *arguments, "-input=false", "-no-color"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"terraform {arguments[0]}:\n{done.stdout}\n{done.stderr}"


def the_plan_alone_says_the_same(applied: Copies, folder: Path) -> None:
    """The verdict of every policy and the ways between all named places, before and after."""
    run = Run.copied(ROOT / "terraform", folder / "planned")
    plan = opened(run.plan("-var-file=offline.tfvars"))
    live = opened(
        "aws",
        LiveOptions(
            regions=("ap-northeast-2",),
            endpoint_url=applied.url,
            session=lambda: session("ap-northeast-2"),
        ),
    )
    assert plan.raw.gaps == ()
    assert verdicts(plan) == verdicts(live)
    assert Verdict.UNKNOWN not in verdicts(plan).values()
    assert flows(plan.inventory) == flows(live.inventory)


def scan_with_the_installed_command(applied: Copies, folder: Path) -> dict[str, Any]:
    """The report, made with the configuration of this repository."""
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("mute-audit")),
            *("scan", "aws", "--endpoint-url", applied.url, "--no-checkov"),
            *("--config", str(ROOT / "mute-audit.yaml"), "--out", str(folder)),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    document: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return document


# A few of each kind: the whole table is tried on what the embedded AWS builds by itself.
CHOSEN = (
    "a port of the frontend is opened to the internet",
    "a private subnet is associated with the public route table",
    "an unknown instance stands behind the backend's group",
    "a host that the internet reaches forwards packets, and reaches the database",
    "the database is on the internet",
    "the bucket policy lets anyone write",
    "the user has a policy of the account with the name of AWS's",
    "the bucket policy says the same in other words",
    "there is another VPC with the same names and addresses",
)


def test_terraform_baseline_collector_and_engine_agree(applied: Copies, tmp_path: Path) -> None:
    """No failure, no drift, nothing open, no policy without a subject; then changes are found.

    One test and not ten: workers that run side by side would each apply for two minutes.
    """
    report = scan_with_the_installed_command(applied, tmp_path)
    assert read(report) == CLEAN
    assert report["source"]["kind"] == "aws"
    assert len(report["policies"]) == 14
    assert {(item["verdict"], item["judged"] > 0) for item in report["policies"]} == {
        ("pass", True)
    }

    the_plan_alone_says_the_same(applied, tmp_path)

    applied.freeze()
    built = Built(applied, as_it_is, BASELINE, POLICIES)
    chosen = [one for one in MUTATIONS if one.name in CHOSEN]
    assert len(chosen) == len(CHOSEN)
    for mutation in chosen:
        try:
            check(built, mutation, tmp_path)
        except AssertionError as error:
            error.add_note(f"the change: {mutation.name}")
            raise
