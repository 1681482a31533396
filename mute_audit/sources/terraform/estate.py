"""The resources of a plan or state, as translators see them: ids instead of references."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mute_audit import address
from mute_audit.sources.terraform.computed import FILLED_IN
from mute_audit.sources.terraform.following import Follower, Planned
from mute_audit.sources.terraform.former import Former
from mute_audit.sources.terraform.kinds import anything, ends_like, kinds_of
from mute_audit.sources.terraform.naming import parse_resource
from mute_audit.sources.terraform.out import Home, tags
from mute_audit.sources.terraform.standins import StandIns
from mute_audit.sources.terraform.values import Joined, Open, Ref, Unseen, is_known

__all__ = ["Estate", "Item", "unknown_id"]

# Where the description's id is another attribute than `id`.
_BY_ARN = frozenset(
    {
        "aws_db_instance",
        "aws_ecr_repository",
        "aws_ecs_service",
        "aws_iam_group",
        "aws_iam_policy",
        "aws_iam_role",
        "aws_iam_user",
        "aws_lambda_function",
        "aws_rds_cluster_instance",
    }
)
# Attributes that give the id of something that AWS makes along with the resource.
_ALONG = frozenset(
    {
        "default_network_acl_id",
        "default_route_table_id",
        "default_security_group_id",
        "main_route_table_id",
        "network_interface_id",
        "primary_network_interface_id",
        "association_default_route_table_id",
        "propagation_default_route_table_id",
        "vpc_owner_id",
        "owner_id",
    }
)
_PUBLIC = frozenset({"public_ip", "carrier_ip"})
_PRIVATE = frozenset({"private_ip", "private_ips"})


_NOWHERE = Home()


@dataclass(slots=True)
class Item:
    """One resource instance.

    id      its real id where it is known, else its Terraform address
    home    where its provider works, as far as that is told
    """

    estate: Estate
    planned: Planned
    id: str
    home: Home = _NOWHERE

    @property
    def region(self) -> str:
        return self.home.region

    @property
    def account(self) -> str:
        return self.home.account

    @property
    def address(self) -> str:
        return self.planned.address

    @property
    def type(self) -> str:
        return self.planned.name.type

    def get(self, name: str) -> Any:
        """An attribute: the value, with `Ref` and `Open` where it is unknown."""
        unknown = self.planned.unknown
        if unknown is False or (isinstance(unknown, dict) and name not in unknown):
            return self.planned.values.get(name)
        value = self.estate.follower.attribute(self.address, name)
        if name in FILLED_IN.get(self.type, ()) and self.computed(value):
            return value
        return self._settled(value)

    def _settled(self, value: Any) -> Any:
        """Unknown, and nothing tells what it will be: what is not shown is in the module."""
        if self.computed(value):
            module = self.planned.name.module
            shown = self.estate.follower.module(module).text
            seen: frozenset[Ref | Unseen] = frozenset() if shown else frozenset({Unseen(module)})
            return Open(seen, "nothing shows what it will be", whole=not shown)
        if isinstance(value, dict):
            return {key: self._settled(item) for key, item in value.items()}
        return [self._settled(item) for item in value] if isinstance(value, list) else value

    def known(self, name: str, default: Any = None) -> Any:
        """An attribute where it is known and not null, else `default`."""
        value = self.get(name)
        return default if value is None or not is_known(value) else value

    def text(self, name: str, default: str = "") -> str:
        value = self.estate.text(self.get(name))
        return value or default

    def number(self, name: str, default: int = 0) -> int:
        value = self.known(name, default)
        try:
            return int(value)
        except (TypeError, ValueError):
            return default

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.known(name, default)
        return bool(value) if not isinstance(value, str) else value == "true"

    def ref(self, name: str) -> str:
        """The id that an attribute holds; empty for null; of its own where it stays open."""
        return self.estate.id_in(self.get(name), name, self)

    def untold(self, name: str) -> bool:
        """Whether it cannot be told whose id an attribute holds."""
        return self.ref(name) == unknown_id(name, self)

    def refs(self, name: str) -> list[str]:
        """The ids that a list holds; one more of its own where a part of it stays open."""
        return self.estate.ids_in(self.get(name), name, self)

    def computed(self, value: Any) -> bool:
        """Whether a value is unknown because the provider fills it in: nothing is written there."""
        return isinstance(value, Ref) and value.address == self.address

    def is_open(self, value: Any) -> bool:
        """Whether nothing stands for a value yet: no stand-in, no name."""
        return not is_known(value) and not self.estate.text(value)

    def given(self, name: str) -> Any:
        """An attribute as it is written; None where the provider fills it in."""
        value = self.get(name)
        return None if self.computed(value) else value

    def text_given(self, name: str) -> str:
        return self.estate.text(self.given(name))

    def ref_given(self, name: str) -> str:
        return "" if self.given(name) is None else self.ref(name)

    def refs_given(self, name: str) -> list[str]:
        return [] if self.given(name) is None else self.refs(name)

    @property
    def tags(self) -> list[dict[str, Any]]:
        """The tags that are known, those of the provider's `default_tags` too."""
        found: dict[str, Any] = {}
        for name in ("tags", "tags_all"):
            value = self.get(name)
            found |= value if isinstance(value, dict) else {}
        return tags(found)

    def blocks(self, name: str) -> list[dict[str, Any]]:
        """Inner blocks; a block of which nothing is known is left out."""
        value = self.get(name)
        items = value if isinstance(value, list) else [value]
        return [item for item in items if isinstance(item, dict)]

    def open(self, name: str) -> Open | None:
        """Why an attribute stays open, if it does."""
        value = self.get(name)
        return value if isinstance(value, Open) else None


class Estate:
    """All resources, and what they refer to."""

    def __init__(
        self, resources: Iterable[Planned], follower: Follower, homes: Mapping[str, Home]
    ) -> None:
        self.follower = follower
        self.standins = StandIns()
        self.items: dict[str, Item] = {}
        self._types: dict[str, list[Item]] = {}
        # Two names of one thing: what AWS makes along, and the resource that manages it.
        self.aliases: dict[str, str] = {}
        for planned in resources:
            item = Item(self, planned, _identity(planned), homes.get(planned.address, _NOWHERE))
            self.items[item.address] = item
            if planned.name.mode == "managed":
                self._types.setdefault(item.type, []).append(item)
        # Of a plan: what is there before it is applied, and when it was made.
        self.former: tuple[Former, ...] = ()
        self.made_at = ""
        # Address → ids of what comes along with a resource and findings may be about.
        self.made: dict[str, list[str]] = {}
        # Modules with an attribute of which it cannot be told whose id it holds.
        self.left_open: set[tuple[str, ...]] = set()
        self.by_id = {item.id: item for item in self.items.values()}

    def before(self, *types: str) -> Iterator[Mapping[str, Any]]:
        """The values that resources of these types have before the plan is applied."""
        return (item.values for item in self.former if item.type in types)

    def each(self, *types: str) -> Iterator[Item]:
        for name in types:
            yield from self._types.get(name, ())

    def data(self, kind: str) -> Iterator[Item]:
        return (
            item
            for item in self.items.values()
            if item.planned.name.mode == "data" and item.type == kind
        )

    # --- references ---------------------------------------------------------------------------

    def identify(self, ref: Ref) -> str:
        """The id of what an unknown value will be the id of."""
        item = self.items.get(ref.address)
        if item is None:
            return str(ref)
        if ref.path and ref.path[0] in _ALONG:
            return self.aliases.get(str(ref), str(ref))
        return self.aliases.get(item.id, item.id)

    def id_in(self, value: Any, attribute: str, of: Item) -> str:
        """The id that a value of an attribute is; one of its own where it stays open."""
        if isinstance(value, Ref):
            return self.identify(value)
        if value is None or value == "" or value == []:
            return ""
        if isinstance(value, str):
            return self.aliases.get(value, value)
        choices = self.choices(value, attribute)
        if choices is not None and len(choices) == 1:
            return choices[0]
        return self._left_open(attribute, of)

    def ids_in(self, value: Any, attribute: str, of: Item) -> list[str]:
        if value is None:
            return []
        items = value if isinstance(value, list) else [value]
        found = []
        for item in items:
            if isinstance(item, list):
                found += self.ids_in(item, attribute, of)
            elif isinstance(item, Open):
                # One or several of what it comes from, and known ones beside.
                found.append(self._left_open(attribute, of))
            else:
                found.append(self.id_in(item, attribute, of))
        return list(dict.fromkeys(name for name in found if name))

    def _left_open(self, attribute: str, of: Item) -> str:
        self.left_open.add(tuple(name for name, _ in of.planned.name.module))
        return unknown_id(attribute, of)

    def found(self, value: Any, attribute: str) -> Item | None:
        """The resource that a value of an attribute names, if it is one of the plan's."""
        if isinstance(value, Ref):
            return self.items.get(value.address)
        if isinstance(value, str):
            return self.by_id.get(value)
        choices = self.choices(value, attribute) or []
        return self.by_id.get(choices[0]) if len(choices) == 1 else None

    def maker(self, item: Item, attribute: str) -> str:
        """The id of the resource that `item` was made along with; empty where it is not here.

        A known id is the item's own: AWS gives what it makes along no other.
        """
        owner = self.found(item.get(attribute), attribute)
        return owner.id if owner is not None and owner is not item else ""

    def choices(self, value: Any, attribute: str) -> list[str] | None:
        """The ids that an open value of an attribute may be; None where it may be any."""
        kinds, sources = kinds_of(attribute), self.follower.sources(value)
        if kinds is None or not sources:
            return None
        found: dict[str, None] = {}
        for ref in sorted(sources, key=str):
            name = parse_resource(ref.address)
            item = self.items.get(ref.address)
            if name is None or anything(name.type):
                return None
            if item is None:
                continue
            if item.type in kinds[0]:
                # A known id would not be unknown here.
                if item.id == item.address:
                    found[self.identify(Ref(ref.address, ("id",)))] = None
            elif (ref.path and ends_like(ref.path, attribute)) or (
                item.type in kinds[1] and (not ref.path or ref.path[0] in _ALONG)
            ):
                return None
        return list(found)

    def candidates(self, value: Any, attribute: str) -> list[Item]:
        """The resources that an open value may mean; all of the kind, where it says none."""
        kinds = kinds_of(attribute)
        choices = self.choices(value, attribute)
        if choices is None:
            return list(self.each(*(kinds[0] if kinds is not None else ())))
        return [self.by_id[name] for name in choices if name in self.by_id]

    def text(self, value: Any) -> str:
        """A text; unknown addresses as their stand-ins, names of resources as far as known."""
        if value is None or isinstance(value, (Open, list, dict)):
            return ""
        if isinstance(value, Joined):
            parts = [self.text(part) for part in value.parts]
            return "".join(parts) if all(parts) else ""
        if isinstance(value, Ref):
            return self._stood_in(value)
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value)

    def _stood_in(self, ref: Ref) -> str:
        item = self.items.get(ref.address)
        if item is None or not ref.path:
            return ""
        if ref.path[0] in _PUBLIC:
            return self.public_of(item)
        if ref.path[0] in _PRIVATE:
            return self.private_of(item, self.subnet_of(item))
        return ""

    # --- addresses ----------------------------------------------------------------------------

    def public_of(self, item: Item) -> str:
        """The public address of an EIP, instance or gateway, or its stand-in.

        One that gets an Elastic IP has that one's address.
        """
        known = item.known("public_ip", "")
        return str(known) if known else self.standins.public(item.id)

    def private_of(self, item: Item, subnet_id: str) -> str:
        """The primary private address, or its stand-in."""
        for name in ("private_ip", "private_ips"):
            known = item.known(name)
            if isinstance(known, list):
                known = known[0] if known else ""
            if isinstance(known, str) and known:
                return known
        subnet = self.by_id.get(subnet_id)
        cidr = str(subnet.known("cidr_block", "")) if subnet is not None else ""
        return self.standins.private(item.id, cidr)

    def subnet_of(self, item: Item) -> str:
        return item.ref("subnet_id")

    def cidr_of(self, subnet_id: str) -> str:
        item = self.by_id.get(subnet_id)
        return item.text("cidr_block") if item is not None else ""


def unknown_id(attribute: str, of: Item) -> str:
    """What stands for an id that cannot be told."""
    return address.unknown_id(attribute, of.address)


def _identity(planned: Planned) -> str:
    name = "arn" if planned.name.type in _BY_ARN else "id"
    unknown = planned.unknown.get(name) if isinstance(planned.unknown, dict) else planned.unknown
    value = planned.values.get(name)
    if unknown or not isinstance(value, str) or not value:
        return planned.address
    return value
