"""Calls of EC2 that moto lacks: a small state of their own, kept for each Region.

VPC Block Public Access (its mode and exclusions) and the association of security groups
with further VPCs. Shapes and defaults are those of the EC2 API reference.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from mute_audit.sources.demo.protocol import EC2_NAMESPACE, Answer, AwsCall, error_answer

__all__ = ["Additions"]

_MODES = ("off", "block-bidirectional", "block-ingress")
_EXCLUSION_MODES = ("allow-bidirectional", "allow-egress")


@dataclass
class _Region:
    """What one Region remembers."""

    mode: str = "off"
    state: str = "default-state"
    exclusions: dict[str, dict[str, str]] = field(default_factory=dict)
    associations: dict[tuple[str, str], str] = field(default_factory=dict)
    count: int = 0


class _Refused(Exception):
    """The call is answered with an error: code and message."""


class Additions:
    """Answers the calls above, and None to every other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._regions: dict[str, _Region] = defaultdict(_Region)
        self._calls: dict[str, Callable[[_Region, AwsCall], str]] = {
            "ec2:DescribeVpcBlockPublicAccessOptions": _describe_options,
            "ec2:ModifyVpcBlockPublicAccessOptions": _modify_options,
            "ec2:DescribeVpcBlockPublicAccessExclusions": _describe_exclusions,
            "ec2:CreateVpcBlockPublicAccessExclusion": _create_exclusion,
            "ec2:DeleteVpcBlockPublicAccessExclusion": _delete_exclusion,
            "ec2:DescribeSecurityGroupVpcAssociations": _describe_associations,
            "ec2:AssociateSecurityGroupVpc": _associate,
            "ec2:DisassociateSecurityGroupVpc": _disassociate,
        }

    def answer(self, call: AwsCall) -> Answer | None:
        work = self._calls.get(call.action)
        if work is None:
            return None
        with self._lock:
            try:
                inner = work(self._regions[call.region], call)
            except _Refused as refused:
                code, message = refused.args
                return error_answer(call, 400, code, message)
        name = call.action.partition(":")[2] + "Response"
        text = f'<{name} xmlns="{EC2_NAMESPACE}"><requestId>demo</requestId>{inner}</{name}>'
        return Answer(200, text.encode())


def _fields(values: dict[str, str]) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())


def _items(name: str, items: Iterable[str]) -> str:
    return f"<{name}>{''.join(f'<item>{item}</item>' for item in items)}</{name}>"


def _given(call: AwsCall, name: str, allowed: tuple[str, ...] = ()) -> str:
    value = call.parameters.get(name, "")
    if not value:
        raise _Refused("MissingParameter", f"the request must contain the parameter {name}")
    if allowed and value not in allowed:
        raise _Refused("InvalidParameterValue", f"{value} is no value of {name}")
    return value


def _options(region: _Region) -> str:
    values = {
        "internetGatewayBlockMode": region.mode,
        "state": region.state,
        "exclusionsAllowed": "allowed",
        "managedBy": "account",
    }
    return f"<vpcBlockPublicAccessOptions>{_fields(values)}</vpcBlockPublicAccessOptions>"


def _describe_options(region: _Region, call: AwsCall) -> str:
    return _options(region)


def _modify_options(region: _Region, call: AwsCall) -> str:
    region.mode = _given(call, "InternetGatewayBlockMode", _MODES)
    region.state = "update-complete"
    return _options(region)


def _describe_exclusions(region: _Region, call: AwsCall) -> str:
    return _items(
        "vpcBlockPublicAccessExclusionSet", (_fields(item) for item in region.exclusions.values())
    )


def _create_exclusion(region: _Region, call: AwsCall) -> str:
    mode = _given(call, "InternetGatewayExclusionMode", _EXCLUSION_MODES)
    what = "vpc" if call.parameters.get("VpcId") else "subnet"
    name = _given(call, "VpcId" if what == "vpc" else "SubnetId")
    region.count += 1
    made = {
        "exclusionId": f"vpcbpa-exclude-{region.count:017x}",
        "internetGatewayExclusionMode": mode,
        "resourceArn": f"arn:aws:ec2:{call.region}:123456789012:{what}/{name}",
        "state": "create-complete",
    }
    region.exclusions[made["exclusionId"]] = made
    return f"<vpcBlockPublicAccessExclusion>{_fields(made)}</vpcBlockPublicAccessExclusion>"


def _delete_exclusion(region: _Region, call: AwsCall) -> str:
    name = _given(call, "ExclusionId")
    gone = region.exclusions.pop(name, None)
    if gone is None:
        raise _Refused("InvalidVpcBlockPublicAccessExclusionId.NotFound", f"no exclusion {name}")
    gone = {**gone, "state": "delete-complete"}
    return f"<vpcBlockPublicAccessExclusion>{_fields(gone)}</vpcBlockPublicAccessExclusion>"


def _describe_associations(region: _Region, call: AwsCall) -> str:
    return _items(
        "securityGroupVpcAssociationSet",
        (
            _fields({"groupId": group, "vpcId": vpc, "state": state})
            for (group, vpc), state in region.associations.items()
        ),
    )


def _associate(region: _Region, call: AwsCall) -> str:
    region.associations[(_given(call, "GroupId"), _given(call, "VpcId"))] = "associated"
    return _fields({"state": "associated"})


def _disassociate(region: _Region, call: AwsCall) -> str:
    if region.associations.pop((_given(call, "GroupId"), _given(call, "VpcId")), None) is None:
        raise _Refused("InvalidSecurityGroupID.NotFound", "the group is not associated")
    return _fields({"state": "disassociated"})
