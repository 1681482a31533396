"""The parser of everything that AWS prints: raw snapshots become an inventory.

Every source (live account, plan, saved snapshot, embedded AWS) goes through `load`.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import Any, get_args

import msgspec

from mute_audit.address import arn_account, arn_region, arn_resource
from mute_audit.errors import SnapshotError
from mute_audit.inventory import CALLS, GLOBAL, Inventory, RegionInventory
from mute_audit.sources.copies import add_copies
from mute_audit.sources.disputes import settle_disputes
from mute_audit.sources.joining import Gathered
from mute_audit.sources.keys import FIELDS, GLOBAL_KEYS, shape_hint
from mute_audit.sources.layouts import read_directory
from mute_audit.sources.raw import RawSnapshot
from mute_audit.sources.sharing import LONG, decode_sharing
from mute_audit.sources.splitting import Part, Splitter, broken_json
from mute_audit.verdict import Gap

__all__ = ["load", "read_directory"]

Place = tuple[str, str]

# `us-west-2-lax-1a` is a local zone of us-west-2.
_ZONE = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d+)(?:[a-z]|-.*)?")

# Their lists and instances are made from the same text.
_PLANNED = frozenset({"plan", "state"})


def load(raw: RawSnapshot) -> Inventory:
    """The inventory of a snapshot.

    Account and Region come from where a document lies; where that says nothing, from the
    data, if it is unambiguous, else they stay empty. IAM and S3 go to the Region `global`.

    Raises SnapshotError, with file and JSON path: broken JSON, a value of the wrong type,
    the same resource described twice and differently, nothing that is recognised. In what
    mute-audit collected itself, an answer with a value of the wrong type is a gap instead:
    nobody can mend it, and one odd field must not blind the rest.
    """
    splitter = Splitter()
    gathered: dict[Place, Gathered] = {}
    unread: list[Gap] = []
    with _collector_paused():
        for part in splitter.parts(raw):
            place = (part.account, part.region)
            try:
                items = _typed(part)
            except SnapshotError as error:
                if raw.kind == "directory":
                    raise
                unread.append(_unreadable(part, error))
                continue
            found = gathered.setdefault(place, Gathered())
            found.add(part.key, items, part.origin, part.unfinished)
        moved = _settle(gathered, splitter.caller)
        settled: dict[Place, Gathered] = {}
        for place, found in gathered.items():
            settled.setdefault(moved[place], Gathered()).absorb(found)
        columns = {place: found.joined() for place, found in settled.items()}
        if raw.kind not in _PLANNED:
            add_copies(columns.values())
        disputes = settle_disputes(columns.values())
    gaps = tuple(_settled_gap(gap, moved) for gap in (*raw.gaps, *splitter.gaps, *unread))
    failed = _by_place(gaps, columns)
    regions = tuple(
        RegionInventory(
            account=account,
            region=region,
            held=frozenset(columns.get((account, region), ())),
            failed=tuple(failed.get((account, region), ())),
            **{
                FIELDS[key][0]: column for key, column in columns.get((account, region), {}).items()
            },
        )
        for account, region in sorted(columns.keys() | failed.keys())
    )
    # A plan is made before anybody asks which account it will be applied to.
    unplaced = () if raw.kind == "plan" else _unplaced(regions)
    notes = (*raw.notes, *splitter.notes, *unplaced)
    return Inventory(regions=regions, gaps=gaps, notes=notes, disputes=MappingProxyType(disputes))


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Millions of young objects, none of them garbage: collecting doubles the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _typed(part: Part) -> tuple[Any, ...]:
    kind = FIELDS[part.key][1]
    try:
        if len(memoryview(part.data)) >= LONG:
            with suppress(msgspec.ValidationError):
                return decode_sharing(part.data, get_args(kind)[0])
            # Again as a whole: the message then names the place within the list.
        items: tuple[Any, ...] = msgspec.json.decode(part.data, type=kind)
        return items
    except msgspec.ValidationError as error:
        # Some tools print absent values as null, where `aws` leaves them out.
        if "null" in str(error):
            try:
                spared: tuple[Any, ...] = msgspec.convert(
                    _without_nulls(msgspec.json.decode(part.data)), type=kind
                )
                return spared
            except msgspec.ValidationError as second:
                raise _wrong(part, second) from error
        raise _wrong(part, error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise broken_json(bytes(part.data), f"{part.origin}, $.{part.key}") from error


def _unreadable(part: Part, error: SnapshotError) -> Gap:
    # Without the file's name: a saved snapshot says the same as the account it came from.
    path = str(error.where).removeprefix(f"{part.origin}, ")
    return Gap(
        what=CALLS[part.key].action,
        where=f"{part.account or '-'}/{part.region or '-'}",
        why=f"the answer cannot be read: {error.message} at {path}",
        key=part.key,
    )


def _wrong(part: Part, error: msgspec.ValidationError) -> SnapshotError:
    message, _, path = str(error).partition(" - at `$")
    path = path.rstrip("`")
    message = message[:1].lower() + message[1:]
    if "matching regex" in message:
        message = f"{_written(part, path)} is not {_meant(part.key, path)}"
    return SnapshotError(
        message, where=f"{part.origin}, $.{part.key}{path}", hint=shape_hint(part.key)
    )


# Descriptions whose networks may be of either family.
_BOTH = frozenset({"PrefixLists", "PrefixListEntries", "TransitGatewayStaticRoutes"})


def _meant(key: str, path: str) -> str:
    """What a field with a pattern of its own holds, by the field's name."""
    name = re.sub(r"\[\d+\]$", "", path).rpartition(".")[2].lower()
    if name.endswith("protocol"):
        return "a protocol"
    family = "IPv6" if "v6" in name else "IP" if key in _BOTH else "IPv4"
    alone = name.endswith(("address", "ip")) and not name.startswith("cidr")
    return f"an {family} {'address' if alone else 'network'}"


def _written(part: Part, path: str) -> str:
    """The value at a path of msgspec (`[0].Entries[3].CidrBlock`), in backticks."""
    value: Any = msgspec.json.decode(part.data)
    for index, name in re.findall(r"\[(\d+)\]|\.(\w+)", path):
        value = value[int(index)] if index else value[name]
    text = str(value)
    return f"`{text[:77]}…`" if len(text) > 80 else f"`{text}`"


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def _settle(gathered: dict[Place, Gathered], caller: str) -> dict[Place, Place]:
    """Where each group of documents belongs, from its folder or from its own data."""
    moved: dict[Place, Place] = {}
    for account, region in gathered:
        mine = [items for place, items in gathered.items() if place[0] == account]
        if not account:
            owners = {owner for items in mine for owner in _owners(items)}
            account_now = caller or (owners.pop() if len(owners) == 1 else "")
        else:
            account_now = account
        region_now = region
        if not region:
            seen = set(_regions(gathered[account, region]))
            region_now = seen.pop() if len(seen) == 1 else ""
        moved[account, region] = (account_now, region_now)
    return moved


def _owners(gathered: Gathered) -> Iterator[str]:
    """The accounts in the data; shared VPCs bring in those of their owners."""
    for key in ("Vpcs", "Subnets", "SecurityGroups", "NetworkInterfaces", "Reservations"):
        yield from {item.owner_id for item in gathered.each(key)} - {""}
    for arn in _arns(gathered):
        account = arn_account(arn)
        # AWS-managed policies carry `aws` where the account stands.
        if account.isdigit():
            yield account


def _regions(gathered: Gathered) -> Iterator[str]:
    for key in ("Subnets", "NetworkInterfaces"):
        for zone in {item.availability_zone for item in gathered.each(key)}:
            match = _ZONE.fullmatch(zone)
            if match:
                yield match[1]
    for arn in _arns(gathered):
        if arn_region(arn):
            yield arn_region(arn)


def _arns(gathered: Gathered) -> Iterator[str]:
    attributes = {
        "LoadBalancers": "load_balancer_arn",
        "TargetGroups": "target_group_arn",
        "DBInstances": "db_instance_arn",
        "Functions": "function_arn",
        "services": "service_arn",
        "tasks": "task_arn",
        "repositories": "repository_arn",
        "UserDetailList": "arn",
        "RoleDetailList": "arn",
        "GroupDetailList": "arn",
    }
    for key, attribute in attributes.items():
        for item in gathered.each(key):
            yield getattr(item, attribute)


def _settled_gap(gap: Gap, moved: dict[Place, Place]) -> Gap:
    """A gap of `-/-` gets the account and Region that its documents turned out to have."""
    place = _place(gap.where)
    if place is None or place not in moved or moved[place] == place:
        return gap
    account, region = moved[place]
    return msgspec.structs.replace(gap, where=f"{account or '-'}/{region or '-'}")


def _place(where: str) -> Place | None:
    """`123456789012/eu-west-1` taken apart; None for an ARN or an id."""
    account, slash, region = where.partition("/")
    if not slash or ":" in where or "/" in region:
        return None
    return ("" if account == "-" else account, "" if region == "-" else region)


def _by_place(
    gaps: tuple[Gap, ...], columns: dict[Place, dict[str, tuple[Any, ...]]]
) -> dict[Place, list[Gap]]:
    failed: dict[Place, list[Gap]] = {}
    for gap in gaps:
        if not gap.key:
            continue
        place = _place(gap.where)
        for owner in [place] if place is not None else _places_of(gap, columns):
            failed.setdefault(owner, []).append(gap)
    return failed


def _places_of(gap: Gap, columns: dict[Place, dict[str, tuple[Any, ...]]]) -> list[Place]:
    """Where the resource of a gap lives: as its ARN tells, or where its id is described."""
    if not gap.where.startswith("arn:"):
        known = [place for place, held in columns.items() if _describes(held, gap.where)]
        return known or list(columns)
    account, region = arn_account(gap.where), arn_region(gap.where)
    if gap.key in GLOBAL_KEYS:
        region = GLOBAL
    places = [
        place
        for place in columns
        # Lists that AWS manages carry `aws` where the account stands, buckets nothing.
        if place[1] == region and (place[0] == account or not account.isdigit())
    ]
    bucket = arn_resource(gap.where) if ":s3:::" in gap.where else ""
    owners = [
        place
        for place in places
        if any(item.name == bucket for item in columns[place].get("Buckets", ()))
    ]
    return owners or places


def _describes(held: dict[str, tuple[Any, ...]], name: str) -> bool:
    """Whether anything is described under this id, which is what a description begins with."""
    return any(
        getattr(items[0], "__struct_fields__", ())
        and any(getattr(item, items[0].__struct_fields__[0]) == name for item in items)
        for items in held.values()
        if items
    )


def _unplaced(regions: tuple[RegionInventory, ...]) -> Iterator[str]:
    for region in regions:
        if not region.account:
            yield f"{region.place}: the data does not say which account this is"
        if not region.region:
            yield f"{region.place}: the data does not say which Region this is"
