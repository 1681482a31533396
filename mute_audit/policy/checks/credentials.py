"""The credentials of users: access keys, console passwords, MFA devices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from mute_audit.address import Address
from mute_audit.finding import Evidence, Finding, PolicyResult
from mute_audit.identity.facts import look_up, regions_of
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.access import AccessKey, UserDetail
from mute_audit.policy.context import Context
from mute_audit.policy.model import BasePolicy, IamAccessKeys, IamConsoleMfa
from mute_audit.policy.outcome import about_names, conclude, finding
from mute_audit.policy.resource_types import RESOURCE_TYPES
from mute_audit.policy.subjects import subjects
from mute_audit.verdict import Gap, Verdict

__all__ = ["access_keys", "console_mfa"]

T = TypeVar("T")


def access_keys(policy: IamAccessKeys, context: Context) -> PolicyResult:
    """`iam.access-keys`: no active key is too old, and no user has too many."""
    inventory = context.analysis.inventory
    users = subjects(inventory, RESOURCE_TYPES["iam.user"], policy.users)
    found = about_names(policy, users, "iam.unknown")
    for address, user in users.found:
        entry, gap = look_up(
            _regions(inventory, address),
            "AccessKeys",
            (user.arn, user.user_name),
            lambda r, name=user.user_name: next(  # type: ignore[misc]
                (item for item in r.access_keys if item.user_name == name), None
            ),
        )
        if entry is None:
            found += _unknown(policy, address, gap)
            continue
        active = [key for key in entry.access_key_metadata if key.status != "Inactive"]
        if len(active) > policy.max_active:
            params = {"actual": str(len(active)), "expected": str(policy.max_active)}
            found.append(finding(policy, Verdict.FAIL, "iam.many_keys", address, params))
        for key in active:
            found += _about_key(policy, address, key, context.analysis.now)
    return conclude(policy, found, len(users.found))


def _about_key(
    policy: IamAccessKeys, address: Address, key: AccessKey, now: datetime | None
) -> Iterable[Finding]:
    made = _moment(key.create_date)
    if made is None or now is None:
        why = "the date of the scan is not known" if made else "the key has no readable date"
        yield from _unknown(policy, address, Gap("age of the key", key.access_key_id, why))
        return
    age = now - made
    if age > timedelta(days=policy.max_days):
        params = {
            "key": key.access_key_id,
            "actual": str(age.days),
            "expected": str(policy.max_days),
        }
        evidence = Evidence(source=key.access_key_id)
        yield finding(policy, Verdict.FAIL, "iam.old_key", address, params, evidence)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def console_mfa(policy: IamConsoleMfa, context: Context) -> PolicyResult:
    """`iam.console-mfa`: nobody signs in to the console with a password alone."""
    inventory = context.analysis.inventory
    users = subjects(inventory, RESOURCE_TYPES["iam.user"], policy.users)
    found = about_names(policy, users, "iam.unknown")
    for address, user in users.found:
        found += _about_console(policy, inventory, address, user)
    return conclude(policy, found, len(users.found))


def _about_console(
    policy: IamConsoleMfa, inventory: Inventory, address: Address, user: UserDetail
) -> Iterable[Finding]:
    regions = _regions(inventory, address)
    where = (user.arn, user.user_name)
    name = user.user_name
    profile, gap = look_up(
        regions,
        "LoginProfiles",
        where,
        lambda r: next((item for item in r.login_profiles if item.user_name == name), None),
    )
    if profile is not None and profile.login_profile is None:
        return  # no password, so no way into the console
    devices, unseen = look_up(
        regions,
        "UserMFADevices",
        where,
        lambda r: next((item for item in r.mfa_devices if item.user_name == name), None),
    )
    if devices is not None and devices.mfa_devices:
        return  # with a device it does not matter whether there is a password
    if profile is None:
        yield from _unknown(policy, address, gap)
    elif devices is None:
        yield from _unknown(policy, address, unseen)
    else:
        yield finding(policy, Verdict.FAIL, "iam.no_mfa", address)


def _regions(inventory: Inventory, address: Address) -> tuple[RegionInventory, ...]:
    return regions_of(inventory, address.account)


def _unknown(policy: BasePolicy, address: Address, gap: Gap | None) -> Iterable[Finding]:
    evidence = Evidence(gaps=() if gap is None else (gap,))
    yield finding(policy, Verdict.UNKNOWN, "iam.unknown", address, evidence=evidence)
