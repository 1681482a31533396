"""The second derivation of grants that no policy document makes: ACLs and snapshot attributes.

The simulator replays what policies allow. This module does the same for the rest, from the
descriptions as AWS prints them, and shares nothing with what found the grant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mute_audit.errors import DisagreementError
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.access import Grantee

__all__ = ["recheck_acl", "recheck_snapshot"]

# S3 user guide, "Access control list overview": what each request on a bucket asks of its ACL.
_ASKED = {
    "listbucket": "READ",
    "listbucketversions": "READ",
    "listbucketmultipartuploads": "READ",
    "putobject": "WRITE",
    "getbucketacl": "READ_ACP",
    "putbucketacl": "WRITE_ACP",
}


def recheck_acl(inventory: Inventory, witness: Mapping[str, Any]) -> None:
    """Raises DisagreementError unless the bucket's ACL lets this request through."""
    service, _, verb = str(witness["action"]).lower().partition(":")
    arn = str(witness["resource"]["resource"])
    name = arn.split(":", 5)[5].partition("/")[0]
    asked = _ASKED.get(verb) if service == "s3" else None
    grants = [
        (grant.permission, _taken_in(grant.grantee, _asking(witness)))
        for region in inventory.regions
        for acl in region.bucket_acls
        if acl.bucket == name
        for grant in acl.grants
    ]
    why = ""
    if asked is None:
        why = "no permission of a bucket's ACL is about this action"
    elif "BucketOwnerEnforced" in _ownerships(inventory, name):
        why = "the bucket's owner is enforced, so that ACLs are off"
    elif not any(
        permission in (asked, "FULL_CONTROL") and taken != "no"
        for permission, taken in grants
        if taken == "named" or not _ignored(inventory, name)
    ):
        why = f"no effective grant of {asked} takes in {witness['principal']}"
    if why:
        raise _differ(witness, why)


def _asking(witness: Mapping[str, Any]) -> str:
    principal = witness["principal"]
    return str(principal["id"] if isinstance(principal, Mapping) else principal)


def _taken_in(grantee: Grantee, principal: str) -> str:
    if grantee.id:
        return "named" if grantee.id == principal else "no"
    group = grantee.uri.rpartition("/")[2]
    if group == "AllUsers":
        return "group"
    return "group" if group == "AuthenticatedUsers" and principal != "anonymous" else "no"


def _ownerships(inventory: Inventory, name: str) -> set[str]:
    return {
        rule.object_ownership
        for region in inventory.regions
        for item in region.bucket_ownerships
        if item.bucket == name and item.ownership_controls is not None
        for rule in item.ownership_controls.rules
    }


def _ignored(inventory: Inventory, name: str) -> bool:
    """Whether the bucket or its account ignores public ACLs."""
    home = [r for r in inventory.regions if any(b.name == name for b in r.buckets)]
    accounts = {region.account for region in home}
    configured = [
        block.public_access_block_configuration
        for region in inventory.regions
        for block in region.bucket_public_access_blocks
        if block.bucket == name
    ]
    configured += [
        block.public_access_block_configuration
        for region in inventory.regions
        if region.account in accounts
        for block in region.account_public_access_blocks
    ]
    return any(block is not None and block.ignore_public_acls for block in configured)


def recheck_snapshot(inventory: Inventory, witness: Mapping[str, Any]) -> None:
    """Raises DisagreementError unless the attributes of the snapshot share it with the principal.

    The principal is an ARN of the account, or `any AWS account`.
    """
    arn = str(witness["resource"]["resource"])
    principal = str(witness["principal"])
    account = principal.split(":")[4] if principal.startswith("arn:") else ""
    for region, name in _snapshots(inventory, arn):
        values = {
            value
            for result in region.db_snapshot_attributes
            if result.db_snapshot_identifier == name
            for attribute in result.db_snapshot_attributes
            if attribute.attribute_name == "restore"
            for value in attribute.attribute_values
        }
        encrypted = any(
            item.encrypted for item in region.db_snapshots if item.db_snapshot_identifier == name
        )
        if account in values or ("all" in values and not encrypted):
            return
    raise _differ(witness, "the attribute `restore` does not name this principal")


def _snapshots(inventory: Inventory, arn: str) -> Iterator[tuple[RegionInventory, str]]:
    for region in inventory.regions:
        for item in region.db_snapshots:
            if arn in (item.db_snapshot_arn, item.db_snapshot_identifier) or (
                not item.db_snapshot_arn
                and arn.endswith(f":snapshot:{item.db_snapshot_identifier}")
            ):
                yield region, item.db_snapshot_identifier


def _differ(witness: Mapping[str, Any], why: str) -> DisagreementError:
    return DisagreementError(
        f"a grant was found that its description does not bear out: {why}",
        where=f"{witness.get('principal')} {witness.get('action')} {witness.get('resource')}",
        hint="this is a bug in mute-audit: please report it with the snapshot",
    )
