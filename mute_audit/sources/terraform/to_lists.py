"""Prefix lists and their entries."""

from __future__ import annotations

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Out
from mute_audit.sources.terraform.values import Open, Ref

__all__ = ["prefix_list", "prefix_list_entry"]


def prefix_list(item: Item, out: Out) -> None:
    out.put(
        "PrefixLists",
        item.home,
        item.id,
        {
            "PrefixListId": item.id,
            "PrefixListName": item.text("name"),
            "AddressFamily": item.text("address_family"),
            "Tags": item.tags,
        },
    )
    value = item.get("entry")
    if isinstance(value, Open):
        return
    blocks = [] if isinstance(value, Ref) else item.blocks("entry")
    texts = [item.estate.text(block.get("cidr")) for block in blocks]
    if all(texts):
        out.put(
            "PrefixListEntries",
            item.home,
            item.id,
            {"PrefixListId": item.id, "Entries": [{"Cidr": text} for text in texts]},
        )


def prefix_list_entry(item: Item, out: Out) -> None:
    name, cidr = item.ref("prefix_list_id"), item.text("cidr")
    doc = out.get("PrefixListEntries", name)
    if doc is None:
        return
    if cidr:
        doc["Entries"].append({"Cidr": cidr})
    else:
        # One entry that is not known leaves the whole list unknown.
        out.drop("PrefixListEntries", name)
