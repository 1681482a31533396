"""What only IAM's credential report tells: the root user, and when credentials were last used.

The report is a CSV in base64 with one line a user (IAM user guide, *Getting credential reports for
your AWS account*). A scan reads the last one and has none made; where there is none, nothing is
known.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from mute_audit.address import Address
from mute_audit.finding import Evidence, Finding, PolicyResult
from mute_audit.inventory import CALLS, GLOBAL, RegionInventory
from mute_audit.policy.context import Context
from mute_audit.policy.model import BasePolicy, IamRootUser, IamUnusedCredentials
from mute_audit.policy.outcome import about_names, conclude, finding
from mute_audit.policy.resource_types import RESOURCE_TYPES
from mute_audit.policy.subjects import subjects
from mute_audit.verdict import Gap, Verdict

__all__ = ["root_user", "unused_credentials"]

KEY = "CredentialReports"
ROOT = "<root_account>"
_NEVER = frozenset({"", "N/A", "no_information", "not_supported"})
Row = Mapping[str, str]


def root_user(policy: IamRootUser, context: Context) -> PolicyResult:
    """`iam.root-user`: the root user has an MFA device and no access key."""
    found: list[Finding] = []
    judged = 0
    for account, rows, gap in _reports(context):
        judged += 1
        address = _root(account)
        row = next((row for row in rows if row.get("user") == ROOT), None)
        if row is None:
            missing = gap or Gap(
                "root user", account, "the credential report does not list it", KEY
            )
            found.append(_unknown(policy, address, missing))
            continue
        if row.get("mfa_active") != "true":
            found.append(finding(policy, Verdict.FAIL, "iam.no_mfa", address))
        for number in ("1", "2"):
            if row.get(f"access_key_{number}_active") == "true":
                evidence = Evidence(source=f"access key {number}")
                found.append(finding(policy, Verdict.FAIL, "iam.root_key", address, {}, evidence))
    return conclude(policy, found, judged)


def unused_credentials(policy: IamUnusedCredentials, context: Context) -> PolicyResult:
    """`iam.unused-credentials`: no password or active key has lain unused for too long."""
    users = subjects(context.analysis.inventory, RESOURCE_TYPES["iam.user"], policy.users)
    found = about_names(policy, users, "iam.unknown")
    reports = {account: (rows, gap) for account, rows, gap in _reports(context)}
    for address, user in users.found:
        rows, gap = reports.get(address.account, ((), None))
        row = next((row for row in rows if row.get("user") == user.user_name), None)
        if row is None:
            why = "the credential report is older than the user"
            found.append(_unknown(policy, address, gap or Gap("credential report", user.arn, why)))
            continue
        found += _about_user(policy, address, row, context.analysis.now)
    return conclude(policy, found, len(users.found))


def _about_user(
    policy: IamUnusedCredentials, address: Address, row: Row, now: datetime | None
) -> Iterator[Finding]:
    for name, last, since in _credentials(row):
        moment = _moment(last) or _moment(since)
        if moment is None or now is None:
            why = "the date of the scan is not known" if moment else "it has no readable date"
            yield _unknown(policy, address, Gap(f"last use of the {name}", address.id, why))
            continue
        age = now - moment
        if age > timedelta(days=policy.max_days):
            params = {
                "credential": name,
                "actual": str(age.days),
                "expected": str(policy.max_days),
            }
            yield finding(
                policy, Verdict.FAIL, "iam.unused", address, params, Evidence(source=name)
            )


def _credentials(row: Row) -> Iterator[tuple[str, str, str]]:
    """Each that works: its name, when it was last used, and since when it exists."""
    if row.get("password_enabled") == "true":
        made = row.get("password_last_changed", "") or row.get("user_creation_time", "")
        yield "console password", row.get("password_last_used", ""), made
    for number in ("1", "2"):
        if row.get(f"access_key_{number}_active") == "true":
            yield (
                f"access key {number}",
                row.get(f"access_key_{number}_last_used_date", ""),
                row.get(f"access_key_{number}_last_rotated", ""),
            )


def _reports(context: Context) -> Iterator[tuple[str, tuple[Row, ...], Gap | None]]:
    """Each account with the lines of its report, or with the reason why there are none."""
    accounts: dict[str, list[RegionInventory]] = {}
    for region in context.analysis.inventory.regions:
        accounts.setdefault(region.account, []).append(region)
    for account, regions in accounts.items():
        reports = [item for region in regions for item in region.credential_reports]
        content = next((item.content for item in reports if item.content), None)
        if content is None:
            yield account, (), _why(account, regions, bool(reports))
            continue
        rows = _rows(content)
        broken = Gap(CALLS[KEY].action, account, "the report cannot be read", KEY)
        yield account, rows, None if rows else broken


def _why(account: str, regions: Iterable[RegionInventory], asked: bool) -> Gap:
    failed = (region.failure(KEY) for region in regions)
    gap = next((one for one in failed if one is not None), None)
    if gap is not None:
        return gap
    why = "no report was made: run `aws iam generate-credential-report`"
    return Gap(CALLS[KEY].action, account, why if asked else "not in the snapshot", KEY)


def _rows(content: str) -> tuple[Row, ...]:
    try:
        text = base64.b64decode(content, validate=True).decode("utf-8-sig")
        return tuple(
            {key: value for key, value in row.items() if isinstance(value, str)}
            for row in csv.DictReader(io.StringIO(text))
            if row.get("user")
        )
    except (binascii.Error, UnicodeDecodeError, csv.Error, ValueError):
        return ()


def _moment(text: str) -> datetime | None:
    if text in _NEVER:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _root(account: str) -> Address:
    return Address("iam.user", f"arn:aws:iam::{account}:root", "root", account, GLOBAL)


def _unknown(policy: BasePolicy, address: Address, gap: Gap) -> Finding:
    evidence = Evidence(source=gap.what, gaps=(gap,))
    return finding(policy, Verdict.UNKNOWN, "iam.unknown", address, evidence=evidence)
