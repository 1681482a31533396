"""What a change to an estate is, and how its expectations are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from estates import Estate

# The ids of what did it: each violation has to name one of them in its evidence.
Culprits = tuple[str, ...]


@dataclass(frozen=True)
class Mutation:
    """One change, and all that a scan must say about it: no more, and no less.

    make    changes the estate; returns what the evidence of every violation has to name
    drift   lines as in `judging`, with the names of the original stack
    fails   the violations, likewise; without any, only the baseline notices
    open    what cannot be told any more
    sample  run by `make test`, too
    """

    name: str
    make: Callable[[Estate], Culprits]
    drift: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    sample: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def exit_code(self) -> int:
        if self.open:
            return 4
        if self.fails:
            return 1
        return 3 if self.drift else 0


def forbidden(policy: str, target: str, port: str, *sources: str) -> tuple[str, ...]:
    """`target` can be reached from each of `sources`, and must not."""
    return tuple(f"{policy}: reach.forbidden {target} ← {source} {port}" for source in sources)


def cut_off(policy: str, target: str, port: str, *sources: str) -> tuple[str, ...]:
    """`target` should be reached from each of `sources`, and cannot be."""
    return tuple(f"{policy}: reach.missing {target} ← {source} {port}" for source in sources)


def cannot_leave(*hosts: str) -> tuple[str, ...]:
    """Private hosts that do not get to the internet at all."""
    return tuple(
        f"mute-works-private-egress-by-nat: reach.missing {host} ← {host} to internet tcp/443"
        for host in hosts
    )


def leaves_elsewhere(*hosts: str) -> tuple[str, ...]:
    """Private hosts that get to the internet another way than by the NAT gateway."""
    return tuple(
        f"mute-works-private-egress-by-nat: reach.wrong_way {host} ← {host} to internet tcp/443"
        for host in hosts
    )


def no_such(name: str, *policies: str) -> tuple[str, ...]:
    """Policies that speak of something which does not exist."""
    return tuple(f"{policy}: subject.missing {name}" for policy in policies)


def about(policy: str, code: str, resource: str, source: str) -> tuple[str, ...]:
    """Somebody may do with `resource` what he must not; `source` says what, and who."""
    return (f"{policy}: {code} {resource} ← {source}",)


def permission(port: int | None, peer: str) -> dict[str, object]:
    """EC2's IpPermission for one TCP port (None: all traffic), and a CIDR or a group's id."""
    made: dict[str, object] = {"IpProtocol": "-1"}
    if port is not None:
        made = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
    if peer.startswith("sg-"):
        return made | {"UserIdGroupPairs": [{"GroupId": peer}]}
    return made | {"IpRanges": [{"CidrIp": peer}]}


def allow(estate: Estate, group: str, port: int, peer: str) -> str:
    """Adds an inbound rule to a group; returns the rule's id."""
    made = estate.ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[permission(port, peer)]
    )
    return str(made["SecurityGroupRules"][0]["SecurityGroupRuleId"])


def name_tags(kind: str, name: str) -> list[dict[str, object]]:
    """EC2's TagSpecifications with a name."""
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]
