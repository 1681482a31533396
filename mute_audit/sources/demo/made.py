"""The ids of what the builder has made, by the names that the baseline uses."""

from __future__ import annotations

from typing import Any

from mute_audit.errors import UsageError
from mute_audit.intent import resources
from mute_audit.intent.relations import AWS_ID, is_cidr

__all__ = ["Made", "name_tags"]

# Which parameter of CreateRoute takes an entry of which section.
_TARGETS = {
    "internet_gateways": "GatewayId",
    "nat_gateways": "NatGatewayId",
    "instances": "InstanceId",
}


class Made:
    """Section and key of the baseline → AWS id."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str], str] = {}

    def put(self, section: str, key: str, made: str) -> None:
        self._ids[(section, key)] = made

    def id(self, section: str, key: str) -> str:
        """The id of an entry; UsageError for ids of things that the baseline only points to."""
        found = self._ids.get((section, key))
        if found is None:
            raise UsageError(
                f"the embedded AWS cannot make `{key}`: it is no entry of `{section}`",
                hint="a baseline that points to ids of a real account cannot be built",
            )
        return found

    def peer(self, name: str) -> str:
        """What a rule names: a CIDR as it stands, or the id of a group."""
        return name if is_cidr(name) else self.id("security_groups", name)

    def target(self, name: str) -> dict[str, str]:
        """The parameter of CreateRoute that leads to `name`."""
        for section, parameter in _TARGETS.items():
            if (section, name) in self._ids:
                return {parameter: self._ids[(section, name)]}
        if AWS_ID.fullmatch(name):
            raise UsageError(f"the embedded AWS cannot make the target `{name}` of a route")
        raise UsageError(f"no gateway and no instance is called `{name}`")


def name_tags(kind: str, key: str, entry: resources.Tagged) -> list[dict[str, Any]]:
    """EC2's TagSpecifications with the Name and the stated tags of `entry`."""
    tags = {"Name": entry.name or key, **entry.tags}
    listed = [{"Key": name, "Value": value} for name, value in tags.items()]
    return [{"ResourceType": kind, "Tags": listed}]
