"""Which resource is which entry: by name inside of its VPC, and by likeness when renamed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mute_audit.drift.found import Found
from mute_audit.drift.sections import SECTIONS, Section
from mute_audit.drift.view import View
from mute_audit.intent import resources
from mute_audit.verdict import Gap

__all__ = ["Matches", "called", "match"]


@dataclass
class Matches:
    """The outcome of matching.

    there    section and key → what was found for it
    renamed  … and which of them were found by likeness, under another name
    doubles  resources that have the name of an entry which another one fits better
    rest     by section, what no entry declares
    """

    there: dict[tuple[str, str], Found] = field(default_factory=dict)
    renamed: set[tuple[str, str]] = field(default_factory=set)
    doubles: list[Found] = field(default_factory=list)
    rest: dict[str, list[Found]] = field(default_factory=dict)

    def vpc_ids(self, keys: Iterator[str] | tuple[str, ...]) -> frozenset[str]:
        """The ids of those VPCs among `keys` that were found."""
        found = (self.there.get(("vpcs", key)) for key in keys)
        return frozenset(vpc.id for vpc in found if vpc is not None)


def called(key: str, entry: resources.Described) -> str:
    """The name that an entry has in AWS."""
    return entry.name or key


def match(view: View) -> Matches:
    """Finds the resource of each entry, and tells `view` their names.

    Entries are looked for in their own VPC. Several of one name: the one that differs least.
    None of the name: the only undeclared one that equals the entry in every field was
    renamed. What nobody could look for is left open in `view`.
    """
    matches = Matches()
    for section in SECTIONS:
        _match_section(section, view, matches)
    return matches


def _match_section(section: Section, view: View, matches: Matches) -> None:
    entries = section.entries(view.baseline.file)
    regions = view.everywhere if section.once else view.regions
    everything = [item for region in regions for item in section.listing(region)]
    open_entries: list[str] = []
    unclear: list[tuple[str, list[Found]]] = []
    for key, entry in entries.items():
        pool = [item for item in everything if _fits(section, entry, item, view, matches)]
        found = [item for item in pool if _is(key, entry, item)]
        if not found:
            open_entries.append(key)
        elif len(found) == 1:
            _settle(section, key, found[0], view, matches)
        else:
            unclear.append((key, found))
    for key, found in unclear:
        entry = entries[key]
        # Of equals the one whose own name it is: a group's name is unique in its VPC, a tag is not.
        ranked = [
            (_distance(section, entry, key, item, view), item.name != called(key, entry), item.id)
            for item in found
        ]
        best = found[ranked.index(min(ranked))]
        _settle(section, key, best, view, matches)
        if not section.in_vpc or ("vpcs", view.baseline.vpc_of(entry)) in matches.there:
            matches.doubles += [item for item in found if item is not best]
        # Else the VPC is not known, and the others may be namesakes in other VPCs.
    taken = {item.id for (name, _), item in matches.there.items() if name == section.name}
    taken |= {item.id for item in matches.doubles}
    rest = [item for item in everything if item.id not in taken]
    for key, item in _renamed(section, entries, open_entries, rest, view, matches):
        _settle(section, key, item, view, matches)
        matches.renamed.add((section.name, key))
        rest.remove(item)
    matches.rest[section.name] = rest
    for key in entries.keys() - {key for name, key in matches.there if name == section.name}:
        gaps = _gaps(section, entries[key], view, matches)
        if gaps:
            view.leave_open(section.name, key, gaps)


def _gaps(section: Section, entry: Any, view: View, matches: Matches) -> tuple[Gap, ...]:
    """Why nobody could look for an entry that was not found; none: it is not there."""
    gaps = view.gaps(section.key, anywhere=section.once)
    if section.in_vpc:
        vpc = matches.there.get(("vpcs", view.baseline.vpc_of(entry)))
        if vpc is not None:
            gap = view.gap(section.key, vpc.region)
            gaps = [gap] if gap is not None else []
        else:
            gaps = [*view.gaps("Vpcs"), *gaps]
    return tuple(dict.fromkeys(gaps))


def _settle(section: Section, key: str, item: Found, view: View, matches: Matches) -> None:
    matches.there[(section.name, key)] = item
    view.declare(item.id, section.name, key)


def _distance(section: Section, entry: Any, key: str, item: Found, view: View) -> int:
    with view.supposing(item.id, key):
        difference = section.compare(entry, item, view)
    return len(difference.changes)


def _fits(section: Section, entry: Any, item: Found, view: View, matches: Matches) -> bool:
    """Whether `item` lies where `entry` would."""
    if not section.in_vpc:
        return True
    vpc = matches.there.get(("vpcs", view.baseline.vpc_of(entry)))
    if vpc is not None:
        # A gateway that is attached to nothing may be the one that was detached.
        return item.vpc == vpc.id or (section.name == "internet_gateways" and not item.vpc)
    # The VPC is not known: by name alone, unless it is known not to be there.
    return bool(view.gaps("Vpcs"))


def _is(key: str, entry: Any, item: Found) -> bool:
    if isinstance(entry, resources.NetworkAcl) and entry.default:
        return bool(item.item.is_default)
    if entry.id:
        return bool(item.id == entry.id)
    return called(key, entry) in item.names


def _renamed(
    section: Section,
    entries: Mapping[str, Any],
    keys: list[str],
    rest: list[Found],
    view: View,
    matches: Matches,
) -> list[tuple[str, Found]]:
    """Entries and resources that fit each other and nothing else."""
    if section.name in ("databases", "buckets", "repositories", "users"):
        # Their names are theirs for life.
        return []
    pairs = []
    for key in keys:
        entry = entries[key]
        if entry.id or not _tells_apart(entry):
            continue
        pairs += [
            (key, item)
            for item in rest
            if _fits(section, entry, item, view, matches)
            and not _made_by_aws(item)
            and _alike(section, entry, key, item, view)
        ]
    return [
        (key, item)
        for key, item in pairs
        if sum(other is item for _, other in pairs) == 1
        and sum(other == key for other, _ in pairs) == 1
    ]


def _tells_apart(entry: resources.Described) -> bool:
    """Whether an entry says enough about itself to be known without its name."""
    if isinstance(entry, resources.InternetGateway):
        # A VPC has at most one.
        return True
    return bool(entry.model_fields_set - {"name", "id", "vpc", "tags"})


def _made_by_aws(item: Found) -> bool:
    """The VPC that comes with an account; the table, group and ACL that come with a VPC."""
    thing = item.item
    if item.type == "ec2.security-group":
        return bool(thing.group_name == "default")
    if item.type == "ec2.route-table":
        return any(link.main for link in thing.associations)
    return bool(getattr(thing, "is_default", False))


def _alike(section: Section, entry: Any, key: str, item: Found, view: View) -> bool:
    with view.supposing(item.id, key):
        return not section.compare(entry, item, view)
