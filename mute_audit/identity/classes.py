"""What the set evaluator is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mute_audit.identity.automata import Language
from mute_audit.identity.callers import Caller
from mute_audit.identity.compile import Memory
from mute_audit.identity.keys import Names
from mute_audit.identity.statements import Policy
from mute_audit.verdict import Truth

__all__ = ["Layer", "Outcome", "Question"]


@dataclass(frozen=True, slots=True)
class Layer:
    """Policies of which one must allow: a resource policy, or a user's identity policies.

    `labels` names each of the policies, where the layer's own name does not say enough; one
    that only `limits` grants nothing by allowing (a boundary, a service control policy).
    """

    name: str
    policies: tuple[Policy, ...]
    labels: tuple[str, ...] = ()
    limits: bool = False

    @property
    def labelled(self) -> Iterator[tuple[Policy, str]]:
        labels = self.labels or (self.name,) * len(self.policies)
        return zip(self.policies, labels, strict=True)


@dataclass(frozen=True, slots=True)
class Question:
    """A class of requests.

    layers     each must allow; a Deny in any of them, or in `denies`, refuses
    callers    the principals
    action     one action, as in `s3:GetObject`
    resources  the resources, as a language over ARNs
    owner      the account that the resource belongs to; empty where it is not known
    denies     policies that can only refuse (resource control policies)
    fixed      context keys (lower case) whose value is known; None is absent
    names      whom the policies name; found out where it is not given
    memory     what was compiled for other questions about the same policies
    """

    layers: tuple[Layer, ...]
    callers: tuple[Caller, ...]
    action: str
    resources: Language
    owner: str = ""
    denies: tuple[Layer, ...] = ()
    fixed: Mapping[str, str | None] = field(default_factory=dict)
    names: Names | None = None
    memory: Memory = field(default_factory=Memory)


@dataclass(frozen=True, slots=True)
class Outcome:
    """YES with a request, NO with what is in the way, UNKNOWN with what is open.

    witness    the `request` object of `simulate`
    statements labels of the Allow statements that let the witness through
    reasons    labels and sentences, in the order found
    denied     for a NO: the Deny statements that were in the way of an Allow that applies
    """

    truth: Truth
    witness: Mapping[str, Any] | None = None
    statements: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
