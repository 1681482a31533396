"""A bucket policy without an estate: the four answers for a document alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from mute_audit.identity.automata import Language, language
from mute_audit.identity.catalogue import actions_of, generated
from mute_audit.identity.compile import actions_of_statement
from mute_audit.identity.documents import parse_policy
from mute_audit.identity.judge import Answer, Judge
from mute_audit.identity.public import classify
from mute_audit.identity.s3_actions import actions_in, targets_of
from mute_audit.identity.statements import Effect, Policy
from mute_audit.identity.tokens import Token, literal_tokens, text_tokens
from mute_audit.verdict import Truth

__all__ = ["classify_policy"]

_BUCKET_CHARS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-.")
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov")


def classify_policy(
    document: str | Mapping[str, Any],
    owner: str = "",
    where: str = "",
    now: datetime | None = None,
) -> dict[str, Any]:
    """The answers of `mute-audit access --policy`.

    `owner` is the account of the bucket, so that it does not count as an outside one. Each of
    `anonymous` and `any_account` says whether they may do any S3 action at all; `witness` is
    the request that proves the widest of the answers.

    Raises PolicyError where the document is malformed.
    """
    policy = parse_policy(document, where)
    judge = Judge(policy, owner, "policy", now)
    actions = judge.told_apart(actions_in())
    beyond = _beyond(policy)
    anonymous = _any(judge.anonymous, actions, beyond)
    if anonymous.witness is not None:
        # What the anonymous may do is the best guess for everybody else.
        action = str(anonymous.witness["action"])
        actions = (action, *(other for other in actions if other != action))
    any_account = _any(judge.any_account, actions, beyond)
    named: dict[str, Answer] = {}
    for ask, names in (
        (judge.account, judge.outsiders),
        (judge.organization, judge.names.organizations),
        (judge.canonical, judge.names.canonical),
    ):
        for name in names:
            named[name] = _any(partial(ask, name), actions, beyond)
    public = classify(policy).truth
    shared = [name for name, answer in named.items() if answer.truth is Truth.YES]
    answers = {"anonymous": anonymous, "any_account": any_account, **named}
    proof = next((a for a in answers.values() if a.truth is Truth.YES), None)
    found: dict[str, Any] = {
        "anonymous": anonymous.truth.value,
        "any_account": any_account.truth.value,
        "s3_public": "unknown" if public is Truth.UNKNOWN else public is Truth.YES,
        "outside_accounts": [name for name in judge.outsiders if name in shared],
    }
    for key, names in (
        ("organizations", judge.names.organizations),
        ("canonical_users", judge.names.canonical),
    ):
        if listed := [name for name in names if name in shared]:
            found[key] = listed
    if open_ := [name for name, answer in named.items() if answer.truth is Truth.UNKNOWN]:
        found["undecided"] = open_
    found["witness"] = None if proof is None else dict(proof.witness or {})
    found["reasons"] = [
        f"{who}: {reason}"
        for who, answer in answers.items()
        if answer.truth is not Truth.YES
        for reason in answer.reasons
    ]
    return found


def _beyond(policy: Policy) -> tuple[str, ...]:
    """Actions of S3 that statements allow and the catalogue does not have: newer ones, or none."""
    known = tuple(str(action) for action in actions_of("s3"))
    found: dict[str, None] = {}
    for statement in policy.statements:
        if statement.effect is not Effect.ALLOW or statement.actions is None:
            continue
        for text in statement.actions:
            alone = replace(statement, actions=(text,))
            if text.lower().startswith("s3:") and not actions_of_statement(alone, known):
                found["s3:" + text[3:].replace("*", "x").replace("?", "x")] = None
    return tuple(name for name in found if name.isascii() and name[3:].isalnum())


def _any(
    ask: Callable[[str, list[Language]], Answer], actions: Iterable[str], beyond: Iterable[str]
) -> Answer:
    """The first action that is allowed; else what is open; else why nothing is."""
    unknown: Answer | None = None
    reasons: dict[str, None] = {}
    for action in actions:
        answer = ask(action, [_resources()[kind] for kind in targets_of(action)])
        if answer.truth is Truth.YES:
            return answer
        if answer.truth is Truth.UNKNOWN:
            unknown = unknown or answer
        elif not any(": no Allow takes in " in reason for reason in answer.reasons):
            reasons.update(dict.fromkeys(answer.reasons))
    for action in beyond if unknown is None else ():
        answer = ask(action, [_resources()[kind] for kind in targets_of(action)])
        if answer.truth is not Truth.NO:
            reason = f"{action} is not in the catalogue of actions ({generated()})"
            return Answer(Truth.UNKNOWN, reasons=(reason,))
    if unknown is not None:
        return unknown
    return Answer(Truth.NO, reasons=tuple(reasons) or ("no statement allows it",))


@lru_cache(maxsize=1)
def _resources() -> dict[str, Language]:
    """Every bucket, and every object of every bucket."""
    name = (Token(only=_BUCKET_CHARS), Token(only=_BUCKET_CHARS, star=True))
    buckets = tuple(literal_tokens(f"arn:{p}:s3:::") + name for p in _PARTITIONS)
    objects = tuple(b + literal_tokens("/") + text_tokens() for b in buckets)
    return {"bucket": language(buckets), "object": language(objects)}
