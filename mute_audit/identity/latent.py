"""Latent exposure: which single setting would open a bucket that is closed (A17)."""

from __future__ import annotations

from dataclasses import dataclass

from mute_audit.identity.buckets import BucketExposure, Switch
from mute_audit.identity.judge import Answer
from mute_audit.verdict import Truth

__all__ = ["Latent", "latent_exposure"]


@dataclass(frozen=True, slots=True)
class Latent:
    """One setting and what the anonymous could do without it.

    setting  the switch and where it is on, as in `RestrictPublicBuckets (account)`
    answer   YES with the request that would then be allowed; UNKNOWN where what lies underneath
             cannot be seen
    """

    setting: str
    answer: Answer


def latent_exposure(bucket: BucketExposure, action: str) -> tuple[Latent, ...]:
    """The single settings that keep the anonymous from this action, empty where none does.

    A switch that is on at both levels is two settings, so neither of them alone opens anything.
    """
    if bucket.public(action).truth is Truth.YES:
        return ()
    found: list[Latent] = []
    restrict = _only_level(bucket.switches["RestrictPublicBuckets"])
    if restrict and bucket.policy is not None:
        answer = bucket.by_policy_alone(action, "anonymous")
        if answer.truth is not Truth.NO:
            found.append(Latent(f"RestrictPublicBuckets ({restrict})", answer))
    ignore = _only_level(bucket.switches["IgnorePublicAcls"])
    if ignore and bucket.acl.hidden:
        reasons = ("whether public ACL grants lie underneath cannot be seen",)
        found.append(Latent(f"IgnorePublicAcls ({ignore})", Answer(Truth.UNKNOWN, reasons=reasons)))
    return tuple(found)


def _only_level(switch: Switch) -> str:
    """The one level at which a switch is on; empty for none, both, or not known."""
    if (switch.account, switch.bucket) == (Truth.YES, Truth.NO):
        return "account"
    return "bucket" if (switch.account, switch.bucket) == (Truth.NO, Truth.YES) else ""
