"""Conditions on a part of the caller's ARN, rewritten as conditions on the ARN.

`aws:PrincipalAccount` and `aws:username` of an identity are parts of its `aws:PrincipalArn`: put on
one dimension, they cannot contradict each other.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from mute_audit.identity.atoms import TextTest
from mute_audit.identity.automata import language
from mute_audit.identity.callers import Caller, CallerKind
from mute_audit.identity.tokens import DIGITS, Token, Tokens, glob_tokens, segment_tokens

__all__ = ["lift_to_arn"]

_IDENTITIES = (CallerKind.ROOT, CallerKind.USER, CallerKind.ROLE)


def lift_to_arn(key: str, caller: Caller, test: TextTest) -> TextTest | None:
    """A condition on a part of the caller's ARN as one on the ARN; None for other keys."""
    if caller.kind not in _IDENTITIES:
        return None
    if key == "aws:principalaccount":
        return _lifted(test, _account_in_arn)
    if key == "aws:username" and caller.kind is CallerKind.USER:
        return _lifted(test, _name_in_arn)
    return None


def _lifted(test: TextTest, lift: Callable[[Tokens], tuple[Tokens, ...]]) -> TextTest:
    lifted = tuple(tokens for pattern in test.language.patterns for tokens in lift(pattern))
    return TextTest(language(lifted), test.negated)


def _within(tokens: Tokens, only: frozenset[str] | None, but: frozenset[str]) -> Tokens:
    return tuple(_narrowed(token, only, but) for token in tokens)


@lru_cache(maxsize=1_024)
def _narrowed(token: Token, only: frozenset[str] | None, but: frozenset[str]) -> Token:
    return Token(
        only=token.only if only is None or token.only is not None else only,
        but=token.but | but,
        star=token.star,
    )


def _account_in_arn(tokens: Tokens) -> tuple[Tokens, ...]:
    head = (
        glob_tokens("arn:")
        + _within(glob_tokens("*"), None, frozenset(":"))
        + glob_tokens(":iam::")
    )
    return (head + _within(tokens, DIGITS, frozenset(":")) + glob_tokens(":*"),)


def _name_in_arn(tokens: Tokens) -> tuple[Tokens, ...]:
    name = _within(tokens, None, frozenset("/"))
    head = segment_tokens("arn:*:iam::????????????:user/")
    return head + name, head + glob_tokens("*/") + name
