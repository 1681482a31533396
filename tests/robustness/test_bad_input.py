"""Bad input: one message with place and hint, exit code 2, and the last report stays as it was."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from robust_command import Mute, contents, refused
from strange_estate import StrangeEstate, write

from mute_audit.resources import data_dir

REPORTS = Path("reports/latest")


def document(folder: Path, key: str) -> Path:
    return folder / f"describe-{key.lower()}.json"


def change(folder: Path, key: str, edit: Callable[[list[Any]], object]) -> None:
    """Edit the items of one file in place."""
    path = document(folder, key)
    items = json.loads(path.read_text())[key]
    edit(items)
    path.write_text(json.dumps({key: items}))


# --- snapshots ----------------------------------------------------------------------------------


def cut_off(folder: Path) -> None:
    path = document(folder, "Subnets")
    path.write_text(path.read_text()[:700])


def emptied(folder: Path) -> None:
    document(folder, "Subnets").write_text("")


def zeroes(folder: Path) -> None:
    document(folder, "Subnets").write_bytes(bytes(64))


def latin(folder: Path) -> None:
    document(folder, "Subnets").write_bytes(b'{"Subnets": [{"SubnetId": "\xe9"}]}')


def bottomless(folder: Path) -> None:
    document(folder, "Subnets").write_text('{"Subnets": ' + "[" * 100_000 + "]" * 100_000 + "}")


def a_list(folder: Path) -> None:
    document(folder, "Subnets").write_text('[{"SubnetId": "subnet-1"}]')


def text_for_a_port(folder: Path) -> None:
    change(folder, "SecurityGroups", lambda i: i[1]["IpPermissions"][1].update(FromPort="ssh"))


def number_for_a_list(folder: Path) -> None:
    change(folder, "Reservations", lambda i: i[3]["Instances"][0].update(SecurityGroups=7))


def no_id(folder: Path) -> None:
    change(folder, "NetworkInterfaces", lambda i: i[2].pop("NetworkInterfaceId"))


def no_cidr(folder: Path) -> None:
    change(folder, "Vpcs", lambda i: i[1].update(CidrBlock="10.21.0.0/33"))


def no_address(folder: Path) -> None:
    change(
        folder,
        "NetworkInterfaces",
        lambda i: i[4]["PrivateIpAddresses"][0].update(PrivateIpAddress="10.20.1"),
    )


def no_ipv6(folder: Path) -> None:
    rule = {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "2001:db8:::/32"}]}
    change(folder, "SecurityGroups", lambda i: i[0]["IpPermissions"].append(rule))


def no_protocol(folder: Path) -> None:
    change(folder, "NetworkAcls", lambda i: i[0]["Entries"][2].update(Protocol="everything"))


def described_twice(folder: Path) -> None:
    items = json.loads(document(folder, "Subnets").read_text())["Subnets"]
    items[0]["CidrBlock"] = "10.99.0.0/24"
    (folder / "again.json").write_text(json.dumps({"Subnets": items}))


def nothing_known(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()
    (folder / "ours.json").write_text('{"Vpcz": []}')


def nothing_at_all(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


def a_table(folder: Path) -> None:
    (folder / "describe-subnets.json").write_text(f"{'-' * 30}\n|   DescribeSubnets   |\n")


def the_error(folder: Path) -> None:
    refused = "An error occurred (UnauthorizedOperation) when calling the DescribeSubnets operation"
    (folder / "describe-subnets.json").write_text(f"\n{refused}: You are not authorized.\n")


def two_in_one(folder: Path) -> None:
    whole = (folder / "describe-subnets.json").read_text()
    (folder / "describe-subnets.json").write_text(whole + whole)


BAD_ADDRESS = (
    "$.NetworkInterfaces[4].PrivateIpAddresses[0].PrivateIpAddress: `10.20.1` is not an "
    "IPv4 address"
)

SNAPSHOTS = [
    (cut_off, ("describe-subnets.json:1:", "not valid JSON"), "again"),
    (emptied, ("describe-subnets.json: the file is empty",), "run it again"),
    (zeroes, ("describe-subnets.json:1:1: not valid JSON",), "again"),
    (a_table, ("describe-subnets.json:1:", "not valid JSON"), "`--output json`"),
    (the_error, ("describe-subnets.json:2:1: not valid JSON",), "(UnauthorizedOperation)"),
    (two_in_one, ("describe-subnets.json:", "extra data"), "a file of its own"),
    (latin, ("describe-subnets.json", "not valid UTF-8"), "UTF-8"),
    (bottomless, ("describe-subnets.json", "nested too deeply"), None),
    (a_list, ("describe-subnets.json: expected a JSON object",), "--query"),
    (
        text_for_a_port,
        ("describe-securitygroups.json, $.SecurityGroups[1].IpPermissions[1].FromPort", "`str`"),
        "`aws ec2 describe-security-groups`",
    ),
    (
        number_for_a_list,
        ("describe-reservations.json, $.Reservations[3].Instances[0].SecurityGroups", "`int`"),
        "`aws ec2 describe-instances`",
    ),
    (
        no_id,
        ("describe-networkinterfaces.json, $.NetworkInterfaces[2]", "`NetworkInterfaceId`"),
        "`aws ec2 describe-network-interfaces`",
    ),
    (
        no_cidr,
        ("$.Vpcs[1].CidrBlock: `10.21.0.0/33` is not an IPv4 network",),
        "`aws ec2 describe-vpcs`",
    ),
    (
        no_address,
        (BAD_ADDRESS,),
        "describe-network-interfaces",
    ),
    (
        no_ipv6,
        (
            "$.SecurityGroups[0].IpPermissions[0].Ipv6Ranges[0].CidrIpv6: `2001:db8:::/32`",
            "IPv6 network",
        ),
        "describe-security-groups",
    ),
    (
        no_protocol,
        ("$.NetworkAcls[0].Entries[2].Protocol: `everything` is not a protocol",),
        "describe-network-acls",
    ),
    (described_twice, ("describe-subnets.json", "again.json", "twice"), "two snapshots are mixed"),
    (nothing_known, ("ours.json: no file holds",), "describe-vpcs"),
    (nothing_at_all, ("no JSON file in",), "mute-audit collect"),
]


@pytest.mark.parametrize(
    ("spoil", "words", "hint"), SNAPSHOTS, ids=[row[0].__name__ for row in SNAPSHOTS]
)
def test_a_bad_snapshot(
    mute: Mute,
    small: Path,
    spoil: Callable[[Path], None],
    words: tuple[str, ...],
    hint: str | None,
) -> None:
    """File, place in it and a hint; the report of the last scan is not touched."""
    mute("scan", small)
    before = contents(REPORTS)
    assert {"report.json", "report.html"} == set(before)
    spoil(small)
    refused(mute("scan", small), *words, hint=hint)
    assert contents(REPORTS) == before


def test_an_unknown_key_is_named_and_everything_else_is_judged(mute: Mute, small: Path) -> None:
    (small / "extra.json").write_text('{"SecurityGroupz": []}')
    found = mute("scan", small)
    assert found.code == 4
    assert f"note: {small / 'extra.json'}: `SecurityGroupz` was not recognised\n" in found.err
    report = json.loads((REPORTS / "report.json").read_text())
    assert any("SecurityGroupz" in note for note in report["source"]["notes"])


def test_a_field_that_is_newer_than_this_release_is_no_mistake(mute: Mute, small: Path) -> None:
    before = mute("scan", small, "--format", "json")
    first = json.loads((REPORTS / "report.json").read_text())
    change(small, "Vpcs", lambda items: items[0].update(QuantumTunnel={"State": "on"}))
    after = mute("scan", small, "--format", "json")
    second = json.loads((REPORTS / "report.json").read_text())
    assert (before.code, first["policies"]) == (after.code, second["policies"])


def test_a_collected_snapshot_with_a_file_missing(mute: Mute, small: Path) -> None:
    """What the manifest names must be there: half a snapshot is none."""
    assert mute("collect", small, "--out", "saved").code == 0
    next(Path("saved").rglob("Subnets.json")).unlink()
    refused(mute("scan", "saved"), "manifest.json", "Subnets.json", hint="collect it again")


def test_a_second_snapshot_copied_over_the_first_is_seen(
    mute: Mute, small: Path, tmp_path: Path
) -> None:
    """Files that the manifest does not name are not judged, and said so."""
    other = write(StrangeEstate(2, instances=4).documents, tmp_path / "other")
    document(other, "Volumes").unlink()
    mute("collect", small, "--out", "saved")
    mute("collect", other, "--out", "second")
    shutil.copytree("second", "saved", dirs_exist_ok=True)
    found = mute("scan", "saved")
    assert "Volumes.json is not in the manifest and was not read" in found.err


# --- values that no schema foresees -------------------------------------------------------------

STRANGE = (
    *(None, "", 0, -1, 70_000, 10**30, 1e308, True, [], {}, "x", "é", "*", "\0", ["x"], {"a": 1}),
    *("10.0.0.0/33", "::/0", "0.0.0.0/0", "fe80::1", "{}", "[", "2012-10-17", "arn:aws:iam::*:x"),
)


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every value below stands."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for step, item in inner:
        found.append((*here, step))
        if isinstance(item, (dict, list)):
            found += paths(item, (*here, step))
    return found


def spoiled(documents: dict[str, list[Any]], draw: random.Random) -> dict[str, list[Any]]:
    """One value, at any depth, is gone or strange."""
    key = draw.choice(sorted(documents))
    copy = json.loads(json.dumps(documents[key]))
    *way, last = draw.choice(paths(copy))
    place = copy
    for step in way:
        place = place[step]
    if draw.random() < 0.25:
        del place[last]
    else:
        place[last] = draw.choice(STRANGE)
    return {**documents, key: copy}


@pytest.mark.parametrize(
    "first",
    [
        0,
        *(pytest.param(number, marks=pytest.mark.slow) for number in range(40, 400, 40)),
    ],
)
def test_one_strange_value_never_breaks_the_tool(mute: Mute, tmp_path: Path, first: int) -> None:
    """Forty estates with one spoiled value each: judged, or refused in one message."""
    documents = StrangeEstate(3, instances=8).documents
    for seed in range(first, first + 40):
        draw = random.Random(seed)
        folder = write(spoiled(documents, draw), tmp_path / str(seed))
        found = mute("scan", folder, "--format", "json")
        if found.code == 2:
            refused(found, str(folder), hint=None)
            continue
        assert found.code in (0, 1, 4)
        report = json.loads((REPORTS / "report.json").read_text())
        broken = [policy for policy in report["policies"] if policy["verdict"] == "error"]
        assert broken == [], f"seed {seed}"


# --- what people write --------------------------------------------------------------------------

BASELINE = (data_dir("baseline") / "mute.yaml").read_text("utf-8")
POLICY = """\
mute: policy/v1
policies:
  - id: mine
    title: {en: Mine}
    severity: high
    kind: reach.never
    from: internet
    ports: [tcp/22]
"""

WRITTEN = [
    ("--baseline", BASELINE.replace("\nvpcs:", "\nvpcz:"), (":22:1", "`vpcz`", "`vpcs`?")),
    ("--baseline", BASELINE.replace("192.168.0.0/16", "192.168.0.0/99"), ("192.168.0.0/99",)),
    ("--baseline", "mute: baseline/v9\n", (":1:7", "baseline/v1")),
    ("--baseline", "a: [1\n", ("not readable as YAML",)),
    ("--baseline", "", ("must be a mapping",)),
    ("--policies", POLICY.replace("never", "nevr"), (":6:11", "`reach.nevr`", "`reach.never`?")),
    ("--policies", POLICY.replace("from:", "form:"), (":7:5", "`from`?")),
    ("--policies", POLICY.replace("tcp/22", "tcp/99999"), (":8:13", "tcp/99999")),
    ("--policies", POLICY.replace("severity: high", "severity: hihg"), (":5:15", "`high`?")),
    ("--policies", "policies: []\n", ("mute: policy/v1",)),
    ("--waivers", "mute: waivers/v1\nwaivers:\n  - policy: x\n", (":3:5", "missing")),
    ("--config", "mute: config/v1\nbasline: x\n", (":2:1", "`baseline`?")),
]


@pytest.mark.parametrize(
    ("option", "text", "words"), WRITTEN, ids=[f"{o[2:]}-{w[0]}" for o, _, w in WRITTEN]
)
def test_a_mistake_in_a_file_that_somebody_wrote(
    mute: Mute, small: Path, tmp_path: Path, option: str, text: str, words: tuple[str, ...]
) -> None:
    """File, line and column, and the word that was meant; the last report is not touched."""
    mute("scan", small)
    before = contents(REPORTS)
    path = tmp_path / "written.yaml"
    path.write_text(text)
    refused(mute("scan", small, option, path), "written.yaml", *words, hint=None)
    assert contents(REPORTS) == before


@pytest.mark.parametrize("option", ["--baseline", "--policies", "--waivers", "--config"])
def test_a_file_that_is_not_there(mute: Mute, small: Path, option: str) -> None:
    refused(mute("scan", small, option, "none.yaml"), "`none.yaml`", hint=None)
    assert not REPORTS.exists()


def test_a_terraform_folder_that_is_not_there(mute: Mute, small: Path) -> None:
    """A word of the command line that leads nowhere is a mistake, not missing evidence."""
    refused(mute("scan", small, "--terraform", "none"), "`none`", hint="--terraform")
    assert not REPORTS.exists()
