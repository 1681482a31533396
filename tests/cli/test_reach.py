"""`mute-audit reach`: every flow that gets through carries a packet, and the tracer saw it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from policy_estate import documents

from mute_audit.cli.console import json_text, say_json_list
from mute_audit.cli.flows import Direct
from tests.cli.conftest import Mute


def rule(**where: Any) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, **where}


def host(number: int, group: str) -> dict[str, Any]:
    return {
        "InstanceId": f"i-{number}",
        "SubnetId": "subnet-1",
        "VpcId": "vpc-1",
        "State": {"Name": "running"},
        "PrivateIpAddress": f"10.0.0.{10 + number}",
        "SecurityGroups": [{"GroupId": group}],
        "Tags": [{"Key": "Name", "Value": f"host {number}"}],
        "NetworkInterfaces": [
            {
                "NetworkInterfaceId": f"eni-{number}",
                "SubnetId": "subnet-1",
                "VpcId": "vpc-1",
                "PrivateIpAddress": f"10.0.0.{10 + number}",
                "PrivateIpAddresses": [{"PrivateIpAddress": f"10.0.0.{10 + number}"}],
                "Groups": [{"GroupId": group}],
                "Attachment": {"InstanceId": f"i-{number}", "Status": "attached"},
                "Status": "in-use",
            }
        ],
    }


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    folder = tmp_path / "estate"
    folder.mkdir()
    out = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    everything = {"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow"}
    documents: dict[str, Any] = {
        "Vpcs": [
            {
                "VpcId": "vpc-1",
                "CidrBlock": "10.0.0.0/16",
                "CidrBlockAssociationSet": [
                    {"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}}
                ],
            }
        ],
        "Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24"}],
        "RouteTables": [
            {
                "RouteTableId": "rtb-1",
                "VpcId": "vpc-1",
                "Associations": [{"Main": True, "RouteTableId": "rtb-1"}],
                "Routes": [
                    {
                        "DestinationCidrBlock": "10.0.0.0/16",
                        "GatewayId": "local",
                        "State": "active",
                    }
                ],
            }
        ],
        "NetworkAcls": [
            {
                "NetworkAclId": "acl-1",
                "VpcId": "vpc-1",
                "IsDefault": True,
                "Associations": [{"SubnetId": "subnet-1"}],
                "Entries": [
                    {**everything, "Egress": egress, "CidrBlock": "0.0.0.0/0"}
                    for egress in (False, True)
                ],
            }
        ],
        "SecurityGroups": [
            {"GroupId": "sg-client", "VpcId": "vpc-1", "IpPermissionsEgress": out},
            {
                "GroupId": "sg-server",
                "VpcId": "vpc-1",
                "IpPermissions": [rule(UserIdGroupPairs=[{"GroupId": "sg-client"}])],
                "IpPermissionsEgress": out,
            },
        ],
        "Reservations": [
            {"Instances": [host(0, "sg-server"), *(host(n, "sg-client") for n in range(1, 5))]}
        ],
    }
    (folder / "all.json").write_text(json.dumps(documents))
    return folder


def flows(mute: Mute, estate: Path) -> list[dict[str, Any]]:
    answer = mute("reach", estate, "--to", "host 0", "--port", "tcp/443", "--format", "json")
    assert answer.code == 0, answer.err
    found: list[dict[str, Any]] = json.loads(answer.out)["flows"]
    return found


def test_every_flow_carries_a_packet_that_the_tracer_replayed(mute: Mute, estate: Path) -> None:
    found = flows(mute, estate)
    assert {flow["from"]["id"] for flow in found} == {"i-1", "i-2", "i-3", "i-4"}
    for flow in found:
        number = int(flow["from"]["id"][2:])
        assert flow["replayed"]
        assert flow["witness"] == {
            "protocol": "tcp",
            "source": f"10.0.0.{10 + number}",
            "destination": "10.0.0.10",
            "source_port": 49152,
            "destination_port": 443,
        }


def test_of_very_many_flows_some_are_replayed_and_all_have_a_packet(
    mute: Mute, estate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Direct, "ALL", 1)
    monkeypatch.setattr(Direct, "ONE_IN", 2)
    found = flows(mute, estate)
    assert [flow["replayed"] for flow in found] == [True, False, True, False]
    assert all(flow["witness"]["destination_port"] == 443 for flow in found)


@pytest.mark.parametrize(
    "items",
    [[], [{"a": 1}], [{"a": [], "b": {"c": "서울 \u202e \x1b[2J"}}, {"a": ["x", "y"]}, "z"]],
)
def test_a_long_list_is_printed_as_a_short_document_is(
    items: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    say_json_list({"schema": "s", "port": "tcp/1"}, "rows", iter(items))
    whole = {"schema": "s", "port": "tcp/1", "rows": items}
    printed = capsys.readouterr().out
    assert printed == json_text(whole) + "\n"


def test_an_error_on_the_way_leaves_no_half_of_a_document(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def items() -> Any:
        yield {"a": 1}
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        say_json_list({}, "rows", items())
    assert capsys.readouterr().out == ""


def test_latent_paths_say_what_holds_them_back(mute: Mute, estate: Path) -> None:
    """With one client stopped its flow is latent, and no longer among the direct ones."""
    document = json.loads((estate / "all.json").read_text())
    document["Reservations"][0]["Instances"][2]["State"]["Name"] = "stopped"
    (estate / "all.json").write_text(json.dumps(document))
    assert {flow["from"]["id"] for flow in flows(mute, estate)} == {"i-1", "i-3", "i-4"}
    asked = ("reach", estate, "--to", "host 0", "--port", "tcp/443", "--latent")
    answer = mute(*asked, "--format", "json")
    (flow,) = json.loads(answer.out)["flows"]
    assert flow["from"]["id"] == "i-2"
    assert flow["opened_by"] == {"kind": "stopped", "ids": ["i-2"]}
    assert flow["replayed"]
    assert "host 2 → host 0: tcp/443  once i-2 starts" in mute(*asked).out


def test_transitive_ways_are_told_step_by_step(mute: Mute, estate: Path) -> None:
    """From a client to the server of servers: two steps, with a packet each."""
    document = json.loads((estate / "all.json").read_text())
    groups = document["SecurityGroups"]
    groups.append(
        {
            "GroupId": "sg-db",
            "VpcId": "vpc-1",
            "IpPermissions": [rule(UserIdGroupPairs=[{"GroupId": "sg-server"}])],
        }
    )
    document["Reservations"][0]["Instances"].append(host(9, "sg-db"))
    (estate / "all.json").write_text(json.dumps(document))
    asked = ("reach", estate, "--from", "host 1", "--to", "host 9", "--port", "tcp/443")
    assert not json.loads(mute(*asked, "--format", "json").out)["flows"]
    answer = mute(*asked, "--transitive", "--format", "json")
    (way,) = json.loads(answer.out)["flows"]
    assert [step["to"]["id"] for step in way["steps"]] == ["i-0", "i-9"]
    assert all(step["replayed"] for step in way["steps"])
    shown = mute(*asked, "--transitive").out.strip()
    assert shown == "host 1 → host 0 (tcp/443) → host 9 (tcp/443)"


def test_two_of_one_name_are_told_apart_by_their_ids(mute: Mute, tmp_path: Path) -> None:
    """Every place of the estate counts, whether it was asked about or not."""
    folder = tmp_path / "saved"
    folder.mkdir()
    for key, items in documents().items():
        if key == "Reservations":
            for one in items[0]["Instances"]:
                if one["InstanceId"] in ("i-app", "i-other"):
                    one["Tags"] = [{"Key": "Name", "Value": "twin"}]
        (folder / f"{key}.json").write_text(json.dumps({key: items}))
    said = mute("reach", folder, "--to", "orders", "--port", "tcp/5432").out
    assert said == "twin (i-app) → orders: tcp/5432\n"
