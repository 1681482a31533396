"""Changes to who may do what: statements of resource policies, and what a user has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from mute_audit.address import Address
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.access import AttachedPolicy, UserDetail
from mute_audit.repair.change import Apply, Candidate, aws, candidate, changed, in_region

__all__ = ["bucket_policy", "repository_policy", "user_policies"]

Json = dict[str, Any]
_STATEMENTS = "Statement"


def bucket_policy(
    inventory: Inventory, bucket: Address, label: str, actions: tuple[str, ...]
) -> Iterator[Candidate]:
    """A bucket policy without the actions in one statement, or without the statement.

    `label` is the statement as evidence calls it: `bucket policy SID`, or its place in the list.
    """
    for region in inventory.regions:
        for item in region.bucket_policies:
            if item.bucket != bucket.id.removeprefix("arn:aws:s3:::") or not item.policy:
                continue

            def put(text: str, name: str = item.bucket) -> Apply:
                def one(each: RegionInventory) -> RegionInventory:
                    policies = tuple(
                        changed(p, policy=text) if p.bucket == name else p
                        for p in each.bucket_policies
                    )
                    return changed(each, bucket_policies=policies)

                return _everywhere(one)

            def command(text: str, name: str = item.bucket) -> str:
                if not text:
                    return aws(bucket, "s3api", "delete-bucket-policy", "--bucket", name)
                words = ("s3api", "put-bucket-policy", "--bucket", name, "--policy", text)
                return aws(bucket, *words)

            yield from _statement(bucket, item.policy, label, actions, put, command)


def repository_policy(
    inventory: Inventory, repository: Address, label: str, actions: tuple[str, ...]
) -> Iterator[Candidate]:
    """The same for the policy of an image repository."""
    for region in inventory.regions:
        # Each Region of each account may have a repository of this name.
        if (region.account, region.region) != (repository.account, repository.region):
            continue
        for item in region.repository_policies:
            if item.repository_name != repository.label or not item.policy_text:
                continue

            def put(text: str, name: str = item.repository_name) -> Apply:
                def one(each: RegionInventory) -> RegionInventory:
                    policies = tuple(
                        changed(p, policy_text=text) if p.repository_name == name else p
                        for p in each.repository_policies
                    )
                    return changed(each, repository_policies=policies)

                return in_region(repository.account, repository.region, one)

            def command(text: str, name: str = item.repository_name) -> str:
                which = ("--repository-name", name)
                if not text:
                    return aws(repository, "ecr", "delete-repository-policy", *which)
                verb = ("ecr", "set-repository-policy", *which)
                return aws(repository, *verb, "--policy-text", text)

            yield from _statement(repository, item.policy_text, label, actions, put, command)


def _statement(
    resource: Address,
    text: str,
    label: str,
    actions: tuple[str, ...],
    put: Callable[[str], Apply],
    command: Callable[[str], str],
) -> Iterator[Candidate]:
    """Without the actions, where other actions are left; without the whole statement."""
    try:
        document = json.loads(text)
        statements = document[_STATEMENTS]
        statements = statements if isinstance(statements, list) else [statements]
    except (ValueError, KeyError, TypeError):
        return
    wanted = label.rpartition(" policy ")[2]
    for index, statement in enumerate(statements):
        if wanted not in (statement.get("Sid"), f"{_STATEMENTS}[{index}]"):
            continue
        given = statement.get("Action", [])
        given = given if isinstance(given, list) else [given]
        left = [action for action in given if action not in actions]
        if left and len(left) < len(given):
            kept = {**statement, "Action": left if len(left) > 1 else left[0]}
            made = _text(document, [*statements[:index], kept, *statements[index + 1 :]])
            gone = ", ".join(action for action in given if action in actions)
            yield candidate(
                "remove-action",
                resource,
                {"action": gone, "statement": wanted, "resource": resource.label},
                command(made),
                put(made),
            )
        rest = [*statements[:index], *statements[index + 1 :]]
        made = _text(document, rest)
        yield candidate(
            "remove-statement",
            resource,
            {"statement": wanted, "resource": resource.label},
            command(made if rest else ""),
            put(made),
            cost=1,
        )


def _text(document: Json, statements: list[Any]) -> str:
    return json.dumps({**document, _STATEMENTS: statements}, separators=(",", ":"))


def user_policies(inventory: Inventory, user: Address, code: str, name: str) -> Iterator[Candidate]:
    """A user without a policy or group that is not intended, or with one that is."""
    for region in inventory.regions:
        for item in region.users:
            if user.id not in (item.arn, item.user_name):
                continue
            yield from _user(item, user, code, name)


def _user(item: UserDetail, user: Address, code: str, name: str) -> Iterator[Candidate]:
    who = ("--user-name", item.user_name)
    params = {"user": user.label, "policy": name}
    if code == "iam.unexpected_policy":
        kept = tuple(
            p for p in item.attached_managed_policies if name not in (p.policy_arn, p.policy_name)
        )
        yield candidate(
            "detach-policy",
            user,
            params,
            aws(user, "iam", "detach-user-policy", *who, "--policy-arn", name),
            _edit(item, lambda each: changed(each, attached_managed_policies=kept)),
        )
    elif code == "iam.inline_policy":
        inline = tuple(p for p in item.user_policy_list if p.policy_name != name)
        yield candidate(
            "delete-inline-policy",
            user,
            params,
            aws(user, "iam", "delete-user-policy", *who, "--policy-name", name),
            _edit(item, lambda each: changed(each, user_policy_list=inline)),
        )
    elif code == "iam.group_membership":
        groups = tuple(group for group in item.group_list if group != name)
        yield candidate(
            "leave-iam-group",
            user,
            {"user": user.label, "group": name},
            aws(user, "iam", "remove-user-from-group", *who, "--group-name", name),
            _edit(item, lambda each: changed(each, group_list=groups)),
        )
    elif code == "iam.missing_policy":
        more = AttachedPolicy(name.rpartition("/")[2], name)
        yield candidate(
            "attach-policy",
            user,
            params,
            aws(user, "iam", "attach-user-policy", *who, "--policy-arn", name),
            _edit(
                item,
                lambda each: changed(
                    each, attached_managed_policies=(*each.attached_managed_policies, more)
                ),
            ),
        )


def _edit(user: UserDetail, edit: Callable[[UserDetail], UserDetail]) -> Apply:
    def one(each: RegionInventory) -> RegionInventory:
        users = tuple(
            edit(item) if item.user_name == user.user_name and item.arn == user.arn else item
            for item in each.users
        )
        return changed(each, users=users)

    return _everywhere(one)


def _everywhere(edit: Callable[[RegionInventory], RegionInventory]) -> Apply:
    from dataclasses import replace

    return lambda inventory: replace(
        inventory, regions=tuple(edit(region) for region in inventory.regions)
    )
