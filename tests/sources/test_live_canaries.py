"""Secrets that AWS answers with, planted in the answers themselves: none is ever saved."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from moto_estate import NO_ACCOUNT_BLOCK, session

from mute_audit.sources.aws_json import load, read_directory
from mute_audit.sources.live import LiveOptions
from mute_audit.sources.live.collect import collect
from mute_audit.sources.store import save

CANARY = "canary-77d1"


def xml(element: str, item: str, wrap: str = "{}") -> tuple[int, str]:
    inner = f"<{element}><item>{item}</item></{element}>"
    return 200, f"<R>{wrap.format(inner)}</R>"


# call → (client, method, what AWS could answer)
PLANTED: dict[str, tuple[str, str, tuple[int, str]]] = {
    "ec2.DescribeVpnConnections": (
        "ec2",
        "describe_vpn_connections",
        xml(
            "vpnConnectionSet",
            f"<vpnConnectionId>vpn-1</vpnConnectionId><customerGatewayConfiguration>"
            f"&lt;pre_shared_key&gt;{CANARY}&lt;/pre_shared_key&gt;</customerGatewayConfiguration>"
            f"<options><tunnelOptionSet><item><preSharedKey>{CANARY}</preSharedKey>"
            f"<tunnelInsideCidr>169.254.1.0/30</tunnelInsideCidr></item></tunnelOptionSet></options>",
        ),
    ),
    "rds.DescribeDBInstances": (
        "rds",
        "describe_db_instances",
        (
            200,
            (
                "<R><DescribeDBInstancesResult><DBInstances><DBInstance>"
                "<DBInstanceIdentifier>orders</DBInstanceIdentifier><PendingModifiedValues>"
                f"<MasterUserPassword>{CANARY}</MasterUserPassword></PendingModifiedValues>"
                "</DBInstance></DBInstances></DescribeDBInstancesResult></R>"
            ),
        ),
    ),
    "elastic-load-balancing-v2.DescribeRules": (
        "elbv2",
        "describe_rules",
        (
            200,
            (
                "<R><DescribeRulesResult><Rules><member><RuleArn>rule-1</RuleArn><Actions><member>"
                "<Type>authenticate-oidc</Type><AuthenticateOidcConfig><ClientId>mute</ClientId>"
                f"<ClientSecret>{CANARY}</ClientSecret></AuthenticateOidcConfig></member></Actions>"
                "</member></Rules></DescribeRulesResult></R>"
            ),
        ),
    ),
    "lambda.ListFunctions": (
        "lambda",
        "list_functions",
        (
            200,
            json.dumps(
                {
                    "Functions": [
                        {
                            "FunctionName": "resize",
                            "Environment": {
                                "Variables": {"A": CANARY},
                                "Error": {"Message": CANARY},
                            },
                        }
                    ]
                }
            ),
        ),
    ),
    "ecs.DescribeServices": (
        "ecs",
        "describe_services",
        (
            200,
            json.dumps(
                {
                    "services": [
                        {
                            "serviceArn": "service-1",
                            "deployments": [
                                {
                                    "serviceConnectConfiguration": {
                                        "enabled": True,
                                        "logConfiguration": {
                                            "logDriver": "splunk",
                                            "options": {"splunk-token": CANARY},
                                        },
                                    }
                                }
                            ],
                        }
                    ]
                }
            ),
        ),
    ),
}
ANSWERS = {call: answer for call, (_, _, answer) in PLANTED.items()}


@pytest.mark.parametrize("call", PLANTED)
def test_the_planted_answer_does_carry_the_secret(call: str, moto: str) -> None:
    """Else the next test would prove nothing."""
    service, method, answer = PLANTED[call]
    client = session({call: answer}).client(service, endpoint_url=moto)
    params: dict[str, Any] = {"services": ["x"]} if service == "ecs" else {}
    assert CANARY in json.dumps(getattr(client, method)(**params))


def test_none_of_them_reaches_a_document_or_a_file(options: LiveOptions, tmp_path: Path) -> None:
    made = partial(session, {**NO_ACCOUNT_BLOCK, **ANSWERS})
    raw = collect(replace(options, session=made), collected_at="")
    assert not {"VpnConnections", "DBInstances", "Functions", "services", "ListenerRules"} & {
        gap.key for gap in raw.gaps
    }
    save(raw, tmp_path / "saved")
    texts = {d.origin: d.read() for d in raw.documents}
    texts |= {str(f): f.read_bytes() for f in tmp_path.rglob("*") if f.is_file()}
    for name, text in texts.items():
        assert CANARY.encode() not in text, name
    # What stands beside them is kept.
    whole = b"".join(texts.values())
    for kept in (b"169.254.1.0/30", b"orders", b'"ClientId"', b"resize", b"splunk"):
        assert kept in whole
    assert load(read_directory(tmp_path / "saved")) == load(raw)
