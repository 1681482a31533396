"""Declared against found, field by field: buckets, repositories and users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mute_audit.drift import normalize
from mute_audit.drift.difference import Difference
from mute_audit.drift.found import Found
from mute_audit.drift.view import View
from mute_audit.intent import resources
from mute_audit.inventory import CALLS, access
from mute_audit.verdict import Gap

__all__ = ["bucket", "repository", "user"]

_SWITCHES = (
    "block_public_acls",
    "ignore_public_acls",
    "block_public_policy",
    "restrict_public_buckets",
)


def bucket(entry: resources.Bucket, found: Found, view: View, into: Difference) -> None:
    name, region = found.id, found.region
    if entry.states("region"):
        actual = found.item.bucket_region
        if actual:
            into.value("region", entry.region, actual)
        else:
            why = "the description does not hold the bucket's Region"
            gap = region.failure("Buckets", name) or Gap(
                "s3:ListAllMyBuckets", name, why, "Buckets"
            )
            into.untold("region", entry.region, gap)
    if entry.states("ownership"):
        controls = next((one for one in region.bucket_ownerships if one.bucket == name), None)
        if controls is None:
            into.untold("ownership", entry.ownership, _gap(view, found, "BucketOwnershipControls"))
        else:
            into.value("ownership", entry.ownership, _ownership(controls))
    if entry.states("public_access_block"):
        _switches(entry, found, view, into)
    if entry.states("policy"):
        text = next((one for one in region.bucket_policies if one.bucket == name), None)
        if text is None:
            into.untold("policy", _shown(entry.policy), _gap(view, found, "BucketPolicies"))
        else:
            documents(entry.policy, text.policy, into)


def _gap(view: View, found: Found, key: str) -> Gap:
    """Why something that is asked for each resource is not there for this one."""
    known = view.gap(key, found.region, found.name)
    return known or Gap(CALLS[key].action, found.id, "not in the snapshot", key)


def _ownership(controls: access.BucketOwnership) -> str | None:
    if controls.ownership_controls is None or not controls.ownership_controls.rules:
        return None
    return controls.ownership_controls.rules[0].object_ownership


def _switches(entry: resources.Bucket, found: Found, view: View, into: Difference) -> None:
    blocks = found.region.bucket_public_access_blocks
    block = next((one for one in blocks if one.bucket == found.id), None)
    wanted = entry.public_access_block
    if block is None:
        expected = None if wanted is None else wanted.model_dump(exclude_unset=True)
        gap = _gap(view, found, "BucketPublicAccessBlocks")
        into.untold("public_access_block", expected, gap)
        return
    # No configuration at all is the same as all four off.
    there = block.public_access_block_configuration or access.PublicAccessBlock()
    for switch in _SWITCHES:
        if wanted is None:
            into.value(f"public_access_block.{switch}", False, getattr(there, switch))
        elif wanted.states(switch):
            path = f"public_access_block.{switch}"
            into.value(path, getattr(wanted, switch), getattr(there, switch))


def documents(
    expected: Mapping[str, Any] | None, actual: str | Mapping[str, Any] | None, into: Difference
) -> None:
    """Two policy documents by their meaning; a changed statement is named by its Sid."""
    wanted, there = normalize.policy(expected), normalize.policy(actual)
    if normalize.same_documents(wanted, there):
        return
    if wanted is None or there is None:
        into.value("policy", _document(wanted), _document(there))
        return
    into.value("policy.Version", wanted.version, there.version)
    gone = wanted.statements - there.statements
    came = there.statements - wanted.statements
    others = dict(there.sids)
    for sid, statement in wanted.sids:
        other = others.get(sid)
        if statement in gone and other in came and other is not None:
            gone -= {statement}
            came -= {other}
            path = f"policy.Statement[{sid}]"
            before = normalize.shown_statement(statement, wanted.spelling)
            after = normalize.shown_statement(other, there.spelling)
            for element in sorted(before.keys() | after.keys()):
                into.value(f"{path}.{element}", before.get(element), after.get(element))
    for statement in sorted(gone, key=repr):
        shown = normalize.shown_statement(statement, wanted.spelling)
        into.value("policy.Statement", shown, None)
    for statement in sorted(came, key=repr):
        shown = normalize.shown_statement(statement, there.spelling)
        into.value("policy.Statement", None, shown)


def _document(policy: normalize.Policy | None) -> dict[str, Any] | None:
    if policy is None:
        return None
    statements = [
        normalize.shown_statement(one, policy.spelling)
        for one in sorted(policy.statements, key=repr)
    ]
    return {"Version": policy.version, "Statement": statements}


def _shown(document: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return _document(normalize.policy(document))


def repository(entry: resources.Repository, found: Found, view: View, into: Difference) -> None:
    item: access.Repository = found.item
    if entry.states("scan_on_push"):
        scanning = item.image_scanning_configuration
        into.value("scan_on_push", entry.scan_on_push, bool(scanning and scanning.scan_on_push))
    if entry.states("tag_mutability"):
        into.value("tag_mutability", entry.tag_mutability, item.image_tag_mutability)
    if entry.states("policy"):
        policies = found.region.repository_policies
        text = next((one for one in policies if one.repository_name == item.repository_name), None)
        if text is None:
            into.untold("policy", _shown(entry.policy), _gap(view, found, "RepositoryPolicies"))
        else:
            documents(entry.policy, text.policy_text, into)


def user(entry: resources.User, found: Found, view: View, into: Difference) -> None:
    item: access.UserDetail = found.item
    if entry.states("policies"):
        attached = [normalize.policy_name(one.policy_arn) for one in item.attached_managed_policies]
        into.members("policies", map(normalize.policy_name, entry.policies), attached)
    if entry.states("inline_policies"):
        names = [one.policy_name for one in item.user_policy_list]
        into.members("inline_policies", entry.inline_policies, names)
    if entry.states("groups"):
        into.members("groups", entry.groups, item.group_list)
    if entry.states("boundary"):
        boundary = item.permissions_boundary
        actual = boundary.permissions_boundary_arn if boundary is not None else None
        into.value("boundary", entry.boundary, actual)
