"""Image repositories."""

from __future__ import annotations

from mute_audit.sources.terraform.arns import arn_of
from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out
from mute_audit.sources.terraform.policies import document

__all__ = ["repository", "repository_policy"]

_UNKNOWN = "unknown until apply"


def repository(item: Item, out: Out) -> None:
    name = item.text("name", item.address)
    doc: Doc = {
        "repositoryArn": arn_of(item),
        "repositoryName": name,
        "registryId": item.text_given("registry_id") or item.account,
        "repositoryUri": item.text("repository_url"),
        "imageTagMutability": item.text("image_tag_mutability", "MUTABLE"),
    }
    blocks = item.blocks("image_scanning_configuration")
    on = any(block.get("scan_on_push") is True for block in blocks)
    doc["imageScanningConfiguration"] = {"scanOnPush": on}
    out.put("repositories", item.home, item.id, doc)
    _repository_policy(item, out, name, doc["registryId"], None)


def _repository_policy(item: Item, out: Out, name: str, registry: str, text: str | None) -> None:
    doc = {"repositoryName": name, "registryId": registry, "policyText": text}
    out.put("RepositoryPolicies", item.home, f"{item.account}/{item.region}/{name}", doc)


def repository_policy(item: Item, out: Out) -> None:
    value = item.get("repository")
    owner = item.estate.found(value, "repository")
    key = "RepositoryPolicies"
    if owner is None and not isinstance(value, str):
        for candidate in item.estate.candidates(value, "repository"):
            out.gap(f"repository of {item.address}", arn_of(candidate), _UNKNOWN, key)
        return
    name = owner.text("name", owner.address) if owner is not None else str(value)
    text = document(item, "policy")
    if text is None:
        where = arn_of(owner) if owner is not None else item.address
        out.gap(f"policy of {item.address}", where, _UNKNOWN, key)
        return
    registry = item.text_given("registry_id") or item.account
    _repository_policy(item, out, name, registry, text or None)
