"""Image repositories."""

from __future__ import annotations

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out
from mute_audit.sources.terraform.policies import document
from mute_audit.sources.terraform.values import Ref

__all__ = ["repository", "repository_policy"]


def repository(item: Item, out: Out) -> None:
    name = item.text("name", item.address)
    doc: Doc = {
        "repositoryArn": item.id,
        "repositoryName": name,
        "registryId": item.text("registry_id") or out.account,
        "repositoryUri": item.text("repository_url"),
        "imageTagMutability": item.text("image_tag_mutability", "MUTABLE"),
    }
    blocks = item.blocks("image_scanning_configuration")
    on = any(block.get("scan_on_push") is True for block in blocks)
    doc["imageScanningConfiguration"] = {"scanOnPush": on}
    out.put("repositories", item.region, item.id, doc)
    _repository_policy(out, item.region, name, doc["registryId"], None)


def _repository_policy(out: Out, region: str, name: str, registry: str, text: str | None) -> None:
    doc = {"repositoryName": name, "registryId": registry, "policyText": text}
    out.put("RepositoryPolicies", region, name, doc)


def repository_policy(item: Item, out: Out) -> None:
    value = item.get("repository")
    owner = item.estate.items.get(value.address) if isinstance(value, Ref) else None
    name = owner.text("name", owner.address) if owner is not None else item.ref("repository")
    text = document(item, "policy")
    if text is None:
        what = f"policy of {item.address}"
        out.gap(what, item.address, "unknown until apply", "RepositoryPolicies")
        return
    registry = item.text("registry_id") or out.account
    _repository_policy(out, item.region, name, registry, text or None)
