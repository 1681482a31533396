"""The S3 actions that a bucket policy can grant, in the groups that people ask about."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from mute_audit.identity.catalogue import FUTURE, Action, Level, actions_of, find_action

__all__ = ["Group", "actions_in", "group_of", "targets_of"]


class Group(StrEnum):
    """What an action does, as a person would put it.

    READ the data of objects · LIST what is there · WRITE or delete · ACL · POLICY and every
    other change of permissions · SETTINGS read the bucket's configuration · FUTURE what AWS may
    add
    """

    READ = "read"
    LIST = "list"
    WRITE = "write"
    ACL = "acl"
    POLICY = "policy"
    SETTINGS = "settings"
    FUTURE = "future"


# A bucket's policy cannot grant its own creation.
_LEFT_OUT = frozenset({"CreateBucket"})
_OBJECT = "object"
_BUCKET = "bucket"


def group_of(action: Action) -> Group:
    """The group of a catalogued action."""
    if "Acl" in action.name:
        return Group.ACL
    if action.level is Level.PERMISSIONS or "Policy" in action.name:
        return Group.POLICY
    if action.level is Level.LIST:
        return Group.LIST
    if action.level in (Level.WRITE, Level.TAGGING):
        return Group.WRITE
    return Group.READ if _OBJECT in action.resources else Group.SETTINGS


@lru_cache(maxsize=1)
def _groups() -> dict[Group, tuple[str, ...]]:
    found: dict[Group, list[str]] = {group: [] for group in Group}
    for action in actions_of("s3"):
        if action.name not in _LEFT_OUT and {_BUCKET, _OBJECT} & set(action.resources):
            found[group_of(action)].append(str(action))
    found[Group.FUTURE].append(f"s3:{FUTURE}")
    return {group: tuple(names) for group, names in found.items()}


def actions_in(*groups: Group) -> tuple[str, ...]:
    """The actions of these groups that apply to a bucket or an object; of all, if none given."""
    return tuple(name for group in groups or tuple(Group) for name in _groups()[group])


@lru_cache(maxsize=4_096)
def targets_of(action: str) -> tuple[str, ...]:
    """`object`, `bucket` or both, for an action whose resource the catalogue does not know."""
    known = find_action(action)
    if known is None:
        return (_OBJECT, _BUCKET)
    return tuple(kind for kind in (_OBJECT, _BUCKET) if kind in known.resources)
