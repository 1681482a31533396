"""What a group reference can see of the other end of a packet's way. Rules: N4–N9."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BLIND", "Sight"]


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose memberships count.

    vpc    where the address of the other end is looked up; empty: references match nothing
    far    it is another VPC, so that stale references match nothing
    blind  a middlebox stands between: references match nothing from here on
    kept   a balancer sends under the address of its client, which is seen in no VPC
    """

    vpc: str = ""
    far: bool = False
    blind: bool = False
    kept: bool = False

    @property
    def members(self) -> str:
        """The VPC whose members are seen; empty if none are."""
        return "" if self.blind else self.vpc


BLIND = Sight()
