"""An account that has nothing of this repository's stack: judged by the general pack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from robust_command import Mute, Outcome
from strange_estate import ACCOUNT, REGION, StrangeEstate, write

from mute_audit.inventory import CALLS
from mute_audit.policy.loader import load_policies

SNAPSHOTS = Path(__file__).parents[3] / "shared" / "conformance" / "snapshots"
FOUND = sorted(SNAPSHOTS.iterdir()) if SNAPSHOTS.is_dir() else []
GENERAL = {loaded.policy.id for loaded in load_policies(("aws",), {})}

# The screen shows five findings of a policy, with five lines each, whatever the estate's size.
LINES_OPEN, LINES_GREEN, LINES_REST = 27, 5, 40


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "110")


def report() -> dict[str, Any]:
    return dict(json.loads(Path("reports/latest/report.json").read_text("utf-8")))


def explained(found: Outcome, made: dict[str, Any]) -> None:
    """Nothing is green, or open, without a reason that a stranger can act on."""
    assert {policy["id"] for policy in made["policies"]} == GENERAL
    assert not {policy["verdict"] for policy in made["policies"]} & {"error"}
    for policy in made["policies"]:
        if policy["verdict"] == "unknown":
            assert policy["gaps"], policy["id"]
        # What a policy is about was looked for: nothing is green because nobody saved it.
        assert policy["verdict"] != "pass" or policy["judged"], policy["id"]
    # One line for each call that is missing, with the command that makes it.
    missing = [gap["what"] for gap in made["gaps"]]
    hints = [line for line in found.err.splitlines() if line.startswith("hint: ")]
    assert len(hints) == len(set(hints)) == len(missing) == len(set(missing))
    for hint in hints:
        assert "save the output of `aws " in hint
    green = sum(policy["verdict"] == "pass" for policy in made["policies"])
    limit = LINES_REST + LINES_GREEN * green + LINES_OPEN * (len(GENERAL) - green)
    assert len(found.out.splitlines()) <= limit


# Nobody gave an account's users, buckets, repositories and snapshots here, and the general pack
# asks for them.
ELSEWHERE = ("aws-iam-", "aws-s3-", "aws-ecr-", "aws-rds-snapshots-")
OTHERS = {name for name in GENERAL if name.startswith(ELSEWHERE)}
OTHERS_CALLS = {
    "iam:GetAccountAuthorizationDetails",
    "s3:ListAllMyBuckets",
    "ecr:DescribeRepositories",
    "rds:DescribeDBSnapshots",
}
DATABASES = {"aws-database-not-from-internet", "aws-rds-encrypted"}
NETWORK = tuple(part for name in ELSEWHERE for part in ("--skip", f"{name}*"))


@pytest.mark.skipif(not FOUND, reason="the conformance snapshots are not beside the repository")
@pytest.mark.parametrize("folder", FOUND, ids=lambda folder: folder.name)
def test_a_conformance_snapshot(mute: Mute, folder: Path) -> None:
    """Nine descriptions of a network: what they tell is told, what they leave out is named."""
    found = mute("scan", folder)
    made = report()
    explained(found, made)
    assert found.code == 4
    lacking = {"ec2:DescribeVolumes", "rds:DescribeDBInstances", *OTHERS_CALLS}
    assert {gap["what"] for gap in made["gaps"]} == lacking
    assert "`aws ec2 describe-volumes` there as well; it decides aws-ebs-encrypted\n" in found.err
    # The snapshots are older than IMDSv2.
    verdicts = {policy["id"]: policy["verdict"] for policy in made["policies"]}
    assert {name for name, verdict in verdicts.items() if verdict == "unknown"} == {
        "aws-ec2-imdsv2",
        "aws-ebs-encrypted",
        *DATABASES,
        *OTHERS,
    }
    failed = {name for name, verdict in verdicts.items() if verdict == "fail"}
    assert failed <= {"aws-admin-ports-not-from-anywhere"}


@pytest.fixture
def estate() -> StrangeEstate:
    return StrangeEstate(7)


def test_a_few_hundred_resources(mute: Mute, estate: StrangeEstate, tmp_path: Path) -> None:
    """Exactly what is open is named, one finding each; the screen shows the first of each kind."""
    found = mute("scan", write(estate.documents, tmp_path / "account"))
    made = report()
    explained(found, made)
    assert sum(map(len, estate.documents.values())) > 500
    assert (made["source"]["accounts"], made["source"]["regions"]) == ([ACCOUNT], [REGION])
    by_id = {policy["id"]: policy for policy in made["policies"]}
    ssh = by_id["aws-admin-ports-not-from-anywhere"]["findings"]
    assert len(estate.ssh) > 10
    assert {finding["resource"]["name"] for finding in ssh} == estate.ssh
    assert {finding["verdict"] for finding in ssh} == {"fail"}
    plain = {v["VolumeId"] for v in estate.documents["Volumes"] if not v["Encrypted"]}
    assert {f["resource"]["id"] for f in by_id["aws-ebs-encrypted"]["findings"]} == plain
    # A policy never has more findings than resources, and nothing is reported twice.
    for policy in (policy for policy in made["policies"] if policy["id"] not in OTHERS):
        identities = [finding["identity"] for finding in policy["findings"]]
        assert len(identities) == len(set(identities)) <= max(policy["judged"], 1)
    # The failed ones count, and something is open: the descriptions leave MetadataOptions out.
    assert found.code == 4
    assert "… 14 more in the reports" in found.out


def test_with_everything_described_nothing_is_open(
    mute: Mute, estate: StrangeEstate, tmp_path: Path
) -> None:
    """The same account, once instances say how they answer metadata requests: exit code 1."""
    for reservation in estate.documents["Reservations"]:
        for instance in reservation["Instances"]:
            instance["MetadataOptions"] = {"HttpTokens": "required", "HttpEndpoint": "enabled"}
    found = mute("scan", write(estate.documents, tmp_path / "account"), *NETWORK)
    assert found.code == 1
    assert report()["gaps"] == []
    quiet = mute("scan", tmp_path / "account", *NETWORK, "--fail-on", "critical")
    assert quiet.code == 0


# What is open when one description is not there; an engine that needed more, or took a missing
# list for an empty one, would show here.
WITHOUT: dict[str, set[str]] = {
    "Vpcs": set(),
    "Subnets": {"+places", "aws-database-not-from-internet"},
    # What no group opens stays shut, whatever routes and ACLs say.
    "RouteTables": {"aws-admin-ports-not-from-anywhere"},
    "NetworkAcls": {"aws-admin-ports-not-from-anywhere"},
    "SecurityGroups": {"+places"},
    "NetworkInterfaces": {"+places", "aws-default-group-unused"},
    "Reservations": {"aws-ec2-imdsv2"},
    "Volumes": {"aws-ebs-encrypted"},
    "DBInstances": DATABASES,
    "InternetGateways": set(),
    "NatGateways": set(),
}
PLACES = {
    "aws-admin-ports-not-from-anywhere",
    "aws-data-stores-not-from-anywhere",
    "aws-control-apis-not-from-anywhere",
}


@pytest.mark.parametrize("key", WITHOUT)
def test_one_description_is_not_there(mute: Mute, tmp_path: Path, key: str) -> None:
    """What has no default is named with its command, and only what needs it is unknown."""
    documents = StrangeEstate(8, instances=40).documents
    for reservation in documents["Reservations"]:
        for instance in reservation["Instances"]:
            instance["MetadataOptions"] = {"HttpTokens": "required", "HttpEndpoint": "enabled"}
    folder = write({k: v for k, v in documents.items() if k != key}, tmp_path / "account")
    found = mute("scan", folder)
    made = report()
    explained(found, made)
    wanted = {name for item in WITHOUT[key] for name in (PLACES if item == "+places" else {item})}
    unknown = {p["id"] for p in made["policies"] if p["verdict"] == "unknown"} - OTHERS
    failed = {p["id"] for p in made["policies"] if p["verdict"] == "fail"}
    assert unknown == wanted - failed
    lacking = {gap["what"] for gap in made["gaps"]} - OTHERS_CALLS
    assert lacking == ({CALLS[key].action} if wanted else set())
    assert found.code == 4


def test_a_folder_without_a_network_says_what_it_lacks(mute: Mute, tmp_path: Path) -> None:
    """A list of VPCs alone: eight commands decide everything that is open."""
    documents = StrangeEstate(9, instances=4).documents
    found = mute("scan", write({"Vpcs": documents["Vpcs"]}, tmp_path / "account"))
    explained(found, report())
    assert found.code == 4
    hints = [line.split("`")[1] for line in found.err.splitlines() if line.startswith("hint: ")]
    assert hints == [
        "aws ec2 describe-instances",
        "aws ec2 describe-network-interfaces",
        "aws ec2 describe-volumes",
        "aws ecr describe-repositories",
        "aws iam get-account-authorization-details",
        "aws rds describe-db-instances",
        "aws rds describe-db-snapshots",
        "aws s3api list-buckets",
    ]


def test_an_accepted_gap_is_told_and_does_not_count(mute: Mute, tmp_path: Path) -> None:
    """`accept_gaps` names the call, for a description that nobody saved as well."""
    documents = StrangeEstate(9, instances=4).documents
    del documents["Volumes"], documents["Reservations"]
    folder = write(documents, tmp_path / "account")
    assert mute("scan", folder, "--policy", "aws-eb*", "--policy", "aws-ec2*").code == 4
    Path("mute-audit.yaml").write_text(
        "mute: config/v1\naccept_gaps:\n"
        "  - {what: 'ec2:Describe[VI]*', reason: only the network was saved}\n"
    )
    found = mute("scan", folder, "--policy", "aws-eb*", "--policy", "aws-ec2*")
    made = report()
    assert (found.code, made["gaps"]) == (0, [])
    assert {gap["what"] for gap in made["accepted_gaps"]} == {
        "ec2:DescribeVolumes",
        "ec2:DescribeInstances",
    }
