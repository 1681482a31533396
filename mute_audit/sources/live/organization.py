"""The organisation's policies: which calls find them, and how they are put together.

AWS lets nobody but the management account (and whoever it delegated that to) ask, so nothing is
asked anywhere else. What comes out is one item for each account: the levels above it with what
is attached to each. Imports no boto3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mute_audit.sources.live.asks import Answers, Ask, Item

__all__ = [
    "DEEPEST",
    "accounts_below",
    "control_policies",
    "each_policy",
    "if_it_manages",
    "policies_of_each_type",
    "units",
    "units_below",
]

# Organizations user guide, "Quotas": organisational units nest five deep under the root.
DEEPEST = 5
_TYPES = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")


def units(level: int) -> str:
    """The internal key of the units at this depth; 0 is the root."""
    return "OrganizationRoots" if level == 0 else f"OrganizationalUnits{level}"


def if_it_manages(answers: Answers) -> Iterator[Ask]:
    for item in answers["Organizations"]:
        organization = item.get("Organization") or {}
        # Without all features an organisation has no policies.
        whole = organization.get("FeatureSet", "ALL") == "ALL"
        if whole and organization.get("MasterAccountId") == answers.account:
            yield Ask()


def _targets(answers: Answers, level: int) -> Iterator[Item]:
    for item in answers[units(level)]:
        yield from (item,) if level == 0 else item["OrganizationalUnits"]


def units_below(level: int) -> Callable[[Answers], Iterator[Ask]]:
    def asks(answers: Answers) -> Iterator[Ask]:
        for target in _targets(answers, level):
            parent = {"ParentId": target["Id"]}
            yield Ask(parent, parent)

    return asks


def accounts_below(answers: Answers) -> Iterator[Ask]:
    for level in range(DEEPEST + 1):
        yield from units_below(level)(answers)


def _enabled(answers: Answers) -> list[str]:
    return [
        entry["Type"]
        for root in answers[units(0)]
        for entry in root.get("PolicyTypes", ())
        if entry.get("Status") == "ENABLED" and entry["Type"] in _TYPES
    ]


def policies_of_each_type(answers: Answers) -> Iterator[Ask]:
    for name in _enabled(answers):
        yield Ask({"Filter": name})


def each_policy(answers: Answers) -> Iterator[Ask]:
    for summary in answers["OrganizationPolicies"]:
        policy = {"PolicyId": summary["Id"]}
        yield Ask(policy, policy, within=summary["Id"])


def control_policies(answers: Answers) -> list[Item]:
    """One item for each account of the organisation."""
    documents = {
        item["PolicySummary"]["Id"]: item for item in answers["OrganizationPolicyDocuments"]
    }
    attached: dict[str, list[Item]] = {}
    for item in answers["AccountControlPolicies"]:
        document = documents.get(item["PolicyId"])
        for target in item["Targets"] if document is not None else ():
            attached.setdefault(target["TargetId"], []).append(_policy(document or {}))
    above: dict[str, str] = {}
    names: dict[str, str] = {}
    for level in range(DEEPEST + 1):
        for target in _targets(answers, level):
            names[target["Id"]] = target.get("Name", "")
        for item in answers[units(level)] if level else ():
            above |= {unit["Id"]: item["ParentId"] for unit in item["OrganizationalUnits"]}
    found = []
    for item in answers["OrganizationAccounts"]:
        for account in item["Accounts"]:
            chain = [account["Id"], item["ParentId"]]
            while chain[-1] in above:
                chain.append(above[chain[-1]])
            names[account["Id"]] = account.get("Name", "")
            levels = [
                {"TargetId": one, "Name": names.get(one, ""), "Policies": attached.get(one, [])}
                for one in reversed(chain)
            ]
            types = _enabled(answers)
            found.append({"AccountId": account["Id"], "PolicyTypes": types, "Levels": levels})
    return sorted(found, key=lambda item: str(item["AccountId"]))


def _policy(document: dict[str, Any]) -> Item:
    summary = document["PolicySummary"]
    return {
        "Id": summary["Id"],
        "Name": summary.get("Name", ""),
        "Type": summary["Type"],
        "Content": document.get("Content", ""),
    }
