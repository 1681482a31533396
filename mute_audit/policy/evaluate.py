"""Policies in, verdicts out."""

from __future__ import annotations

from msgspec.structs import replace

from mute_audit.errors import DisagreementError, MuteAuditError
from mute_audit.finding import PolicyResult
from mute_audit.policy.context import Context
from mute_audit.policy.loader import LoadedPolicy, PolicySet
from mute_audit.policy.registry import KINDS
from mute_audit.verdict import Verdict

__all__ = ["evaluate"]


def evaluate(policies: PolicySet, context: Context) -> tuple[PolicyResult, ...]:
    """The result of every policy, in the order of the set.

    A check that breaks gives its policy the verdict ERROR and leaves the others alone. Only
    a DisagreementError is passed on: with two engines that differ no verdict can be trusted.
    """
    return tuple(_evaluate(loaded, context) for loaded in policies)


def _evaluate(loaded: LoadedPolicy, context: Context) -> PolicyResult:
    policy = loaded.policy
    try:
        result = KINDS[policy.kind].check(policy, context)
    except DisagreementError:
        raise
    except MuteAuditError as problem:
        text = f"{problem} ({problem.hint})" if problem.hint else str(problem)
        result = _error(loaded, text)
    except Exception as problem:  # noqa: BLE001 - becomes the verdict ERROR, which is never green
        result = _error(loaded, f"{type(problem).__name__}: {problem}")
    return replace(result, location=loaded.location)


def _error(loaded: LoadedPolicy, message: str) -> PolicyResult:
    policy = loaded.policy
    return PolicyResult(
        id=policy.id,
        title=policy.title.text(),
        severity=policy.severity,
        kind=policy.kind,
        verdict=Verdict.ERROR,
        description=policy.description.text(),
        remediation=policy.remediation.text(),
        error=message,
        references=policy.references,
    )
