"""Changes to hosts: public addresses, the source/destination check, whether they run."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mute_audit.address import Address
from mute_audit.inventory import RegionInventory
from mute_audit.inventory.network import NetworkInterface
from mute_audit.inventory.workload import InstanceState
from mute_audit.repair.change import Candidate, aws, candidate, changed, in_region

__all__ = ["check_source", "drop_public_address", "interfaces_of", "start_host", "unpublish"]


def interfaces_of(region: RegionInventory, host: str) -> tuple[NetworkInterface, ...]:
    """The interfaces of an instance, or the one with this id."""
    return tuple(
        eni
        for eni in region.network_interfaces
        if eni.network_interface_id == host
        or (eni.attachment is not None and eni.attachment.instance_id == host)
    )


def drop_public_address(
    region: RegionInventory, host: Address, enis: Iterable[NetworkInterface]
) -> Candidate | None:
    """A host without its public addresses."""
    mine = {}
    for eni in enis:
        associations = (eni.association, *(item.association for item in eni.private_ip_addresses))
        for item in associations:
            if item is not None and item.public_ip:
                mine[item.public_ip] = (eni, item)
    if not mine:
        return None
    names = {eni.network_interface_id for eni, _ in mine.values()}

    def without(eni: NetworkInterface) -> NetworkInterface:
        if eni.network_interface_id not in names:
            return eni
        private = tuple(changed(item, association=None) for item in eni.private_ip_addresses)
        return changed(eni, association=None, private_ip_addresses=private)

    def edit(each: RegionInventory) -> RegionInventory:
        kept = tuple(item for item in each.addresses if item.network_interface_id not in names)
        return changed(_each_interface(each, without), addresses=kept)

    commands = []
    for _, (eni, item) in sorted(mine.items(), key=lambda row: row[0]):
        if item.association_id.startswith("eipassoc-"):
            words: tuple[str, ...] = (
                "disassociate-address",
                "--association-id",
                item.association_id,
            )
        else:
            # Of the subnet's own pool: it stays until the interface is told to have none.
            words = (
                "modify-network-interface-attribute",
                "--network-interface-id",
                eni.network_interface_id,
                "--no-associate-public-ip-address",
            )
        commands.append(aws(host, "ec2", *words))
    return candidate(
        "drop-public-address",
        host,
        {"host": host.label, "address": ", ".join(sorted(mine))},
        "\n".join(filter(None, dict.fromkeys(commands))),
        in_region(region.account, region.region, edit),
        cost=1,
    )


def check_source(
    region: RegionInventory, host: Address, enis: Iterable[NetworkInterface]
) -> Candidate | None:
    """A host that drops what is not its own."""
    names = {eni.network_interface_id for eni in enis if not eni.source_dest_check}
    if not names:
        return None

    def checked(eni: NetworkInterface) -> NetworkInterface:
        wanted = eni.network_interface_id in names
        return changed(eni, source_dest_check=True) if wanted else eni

    commands = (
        aws(
            host,
            "ec2",
            "modify-network-interface-attribute",
            "--network-interface-id",
            name,
            "--source-dest-check",
            '{"Value": true}',
        )
        for name in sorted(names)
    )
    return candidate(
        "check-source",
        host,
        {"host": host.label},
        "\n".join(filter(None, commands)),
        in_region(region.account, region.region, lambda each: _each_interface(each, checked)),
    )


def unpublish(region: RegionInventory, database: Address) -> Candidate | None:
    """A database that AWS gives no public address."""
    found = next((db for db in region.db_instances if db.db_instance_arn == database.id), None)
    if found is None or not found.publicly_accessible:
        return None

    def edit(each: RegionInventory) -> RegionInventory:
        bases = tuple(
            changed(db, publicly_accessible=False) if db is found else db
            for db in each.db_instances
        )
        return changed(each, db_instances=bases)

    name = found.db_instance_identifier
    return candidate(
        "unpublish-database",
        database,
        {"database": database.label},
        aws(
            database,
            "rds",
            "modify-db-instance",
            "--db-instance-identifier",
            name,
            "--no-publicly-accessible",
            "--apply-immediately",
        ),
        in_region(region.account, region.region, edit),
    )


def start_host(region: RegionInventory, host: Address) -> Candidate | None:
    """An instance that runs."""
    if not any(item.instance_id == host.id for item in region.instances):
        return None

    def edit(each: RegionInventory) -> RegionInventory:
        blocks = tuple(
            changed(
                block,
                instances=tuple(
                    changed(item, state=InstanceState("running"))
                    if item.instance_id == host.id
                    else item
                    for item in block.instances
                ),
            )
            for block in each.reservations
        )
        return changed(each, reservations=blocks)

    return candidate(
        "start-host",
        host,
        {"host": host.label},
        aws(host, "ec2", "start-instances", "--instance-ids", host.id),
        in_region(region.account, region.region, edit),
    )


def _each_interface(
    region: RegionInventory, edit: Callable[[NetworkInterface], NetworkInterface]
) -> RegionInventory:
    """Every interface, in the list and inside of instances."""
    blocks = tuple(
        changed(
            block,
            instances=tuple(
                changed(item, network_interfaces=tuple(map(edit, item.network_interfaces)))
                for item in block.instances
            ),
        )
        for block in region.reservations
    )
    return changed(
        region,
        network_interfaces=tuple(map(edit, region.network_interfaces)),
        reservations=blocks,
    )
