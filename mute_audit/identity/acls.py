"""What a bucket's access control list lets in (A3, A4), as far as nothing denies it again.

A grant of the list is like an Allow for whoever it names: a Deny of the bucket's policy, or of
the organisation, beats it. The lists of single objects are not collected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mute_audit.identity.automata import Language, language
from mute_audit.identity.callers import ANONYMOUS, Caller, CallerKind, any_account
from mute_audit.identity.judge import Answer, Judge
from mute_audit.identity.s3_actions import targets_of
from mute_audit.identity.tokens import glob_tokens, literal_tokens
from mute_audit.inventory.access import Grant
from mute_audit.verdict import Gap, Truth

__all__ = ["ALL_USERS", "AUTHENTICATED", "OWNER_ENFORCED", "AclState", "AclWays", "about_objects"]

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
OWNER_ENFORCED = "BucketOwnerEnforced"

# S3 user guide, "Mapping of ACL permissions and access policy permissions"; for a bucket.
_BUCKET_PERMISSIONS = {
    "READ": ("s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"),
    "WRITE": ("s3:PutObject",),
    "READ_ACP": ("s3:GetBucketAcl",),
    "WRITE_ACP": ("s3:PutBucketAcl",),
}
# The same for an object; which objects have such an ACL is not collected.
_OBJECT_ACTIONS = frozenset(
    {
        "s3:getobject",
        "s3:getobjectversion",
        "s3:getobjecttorrent",
        "s3:getobjectversiontorrent",
        "s3:getobjectacl",
        "s3:getobjectversionacl",
        "s3:putobjectacl",
        "s3:putobjectversionacl",
    }
)


def about_objects(action: str) -> bool:
    """Whether an object's own ACL could let somebody do this."""
    return action.lower() in _OBJECT_ACTIONS


@dataclass(frozen=True, slots=True)
class AclState:
    """What the bucket's ACL does now.

    dead    no ACL can let the public in: ACLs are off, or public ones are ignored (A3)
    why     `owner-enforced`, `ignored`, or empty
    known   the effective grants were collected (or ACLs are off)
    hidden  public grants may lie underneath; GetBucketAcl does not show them (A3)
    public  the effective grants to AllUsers and AuthenticatedUsers (A4)
    others  the effective grants to canonical users that are not the owner
    """

    dead: Truth
    why: str = ""
    known: bool = True
    hidden: bool = False
    public: tuple[Grant, ...] = ()
    others: tuple[Grant, ...] = ()
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True)
class AclWays:
    """The ways into one bucket by its ACL.

    judge       the bucket's policy, for what it denies; `policy_gap` where it is not known
    recheck     derives a grant a second time; raises DisagreementError
    """

    state: AclState
    arn: str
    judge: Judge
    policy_gap: Gap | None = None
    recheck: Callable[[Mapping[str, Any]], None] | None = None

    def anonymous(self, action: str) -> Answer:
        return self._public(action, (ALL_USERS,))

    def any_account(self, action: str) -> Answer:
        return self._public(action, (ALL_USERS, AUTHENTICATED))

    def _public(self, action: str, groups: tuple[str, ...]) -> Answer:
        if self.state.dead is Truth.YES:
            return Answer(Truth.NO, reasons=(f"ACLs let nobody in ({self.state.why})",))
        for grant in self.state.public:
            if grant.grantee.uri in groups and _grants(grant.permission, action):
                return self._granted(action, grant)
        return self._no_grant(action)

    def others(self, action: str, grantee: str = "") -> Answer:
        """May this canonical user (not the owner) do it; any of them, where it is empty?"""
        if self.state.why == "owner-enforced":
            return Answer(Truth.NO, reasons=("ACLs let nobody in (owner-enforced)",))
        for grant in self.state.others:
            if grantee in ("", grant.grantee.id) and _grants(grant.permission, action):
                return self._granted(action, grant)
        if self.state.dead is Truth.YES and self.state.known:
            # A15: the ACL way is dead; what is left could only be for single accounts, by name.
            return Answer(Truth.NO, reasons=(f"ACLs let nobody in ({self.state.why})",))
        return self._no_grant(action)

    def _no_grant(self, action: str) -> Answer:
        """No grant was seen that lets it through. What was not seen may still do so."""
        gaps = self.state.gaps
        if not self.state.known:
            return Answer(Truth.UNKNOWN, gaps=gaps, reasons=("the ACL is not known",))
        if about_objects(action):
            return Answer(Truth.UNKNOWN, gaps=gaps, reasons=("the ACLs of objects are not read",))
        return Answer(Truth.NO, reasons=("no such grant in the bucket's ACL",))

    def _granted(self, action: str, grant: Grant) -> Answer:
        """The grant, unless a policy denies what it lets through."""
        who = grant.grantee.uri or grant.grantee.id
        if self.policy_gap is not None:
            return Answer(Truth.UNKNOWN, gaps=(self.policy_gap,))
        label = f"ACL grant {grant.permission} to {who}"
        answer = self.judge.beside(label, _callers(grant), action, self._resource(action))
        if answer.witness is not None and self.recheck is not None:
            self.recheck(answer.witness)
        return answer

    def _resource(self, action: str) -> Language:
        tokens = literal_tokens(self.arn)
        if targets_of(action)[:1] != ("bucket",):
            tokens += glob_tokens("/?*")
        return language((tokens,))


def _callers(grant: Grant) -> tuple[Caller, ...]:
    if grant.grantee.uri == ALL_USERS:
        return (ANONYMOUS,)
    if grant.grantee.uri == AUTHENTICATED:
        return any_account()
    return (Caller(CallerKind.CANONICAL, name=grant.grantee.id),)


def _grants(permission: str, action: str) -> bool:
    names = (
        tuple(name for group in _BUCKET_PERMISSIONS.values() for name in group)
        if permission == "FULL_CONTROL"
        else _BUCKET_PERMISSIONS.get(permission, ())
    )
    return action.lower() in {name.lower() for name in names}
