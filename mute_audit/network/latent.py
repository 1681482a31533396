"""What becomes reachable when something that is off is switched on (N55, N57, N28).

Three kinds of switches: a host that is stopped starts; VPC Block Public Access is switched off;
what a blackholed route leads to returns. Each is tried on a copy of the inventory in which it
is on, all others as they are, and what gets through there and not here is latent. So a path
that two switches hold back is not listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from msgspec.structs import replace as changed

from mute_audit.finding import Evidence
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.workload import InstanceState
from mute_audit.network.places import Place
from mute_audit.network.reach import Flow, Reach
from mute_audit.network.traffic import NOTHING, Traffic
from mute_audit.verdict import Truth

__all__ = ["Latent", "asleep", "awake", "latent_flows"]

_ASLEEP = frozenset({"stopped", "stopping"})


@dataclass(frozen=True, slots=True)
class Latent:
    """A flow that gets, or may get, through once `opened_by` is on.

    kind       `stopped`, `block-public-access` or `blackhole`, as blockers are called
    opened_by  what is off now: ids of hosts, the account and Region, the target of the route
    flow       the traffic that gets through then and not now
    proof      the packet, replayed in the estate as it is then; None for an unknown flow
    """

    kind: str
    opened_by: tuple[str, ...]
    flow: Flow
    proof: Evidence | None


@dataclass(frozen=True, slots=True)
class _Switch:
    kind: str
    ids: tuple[str, ...]
    inventory: Inventory


def latent_flows(
    reach: Reach, origins: Sequence[Place], goals: Sequence[Place], traffic: Traffic
) -> Iterator[Latent]:
    """Everything latent from any of `origins` to any of `goals`, switch by switch.

    Raises DisagreementError when the tracer stops a witness.
    """
    now: dict[tuple[Place, Place], Traffic] = {}
    switches = list(_switches(reach.inventory))
    for flow in reach.each_flow(origins, goals, traffic) if switches else ():
        pair = flow.source, flow.target
        now[pair] = now.get(pair, NOTHING) | flow.traffic
    for switch in switches:
        then = Reach(switch.inventory)
        sources = then.everything() if origins is reach.everything() else origins
        targets = then.everything() if goals is reach.everything() else goals
        for flow in then.each_flow(sources, targets, traffic):
            left = flow.traffic - now.get((flow.source, flow.target), NOTHING)
            if not left:
                continue
            proof = then.prove(flow, left) if flow.truth is Truth.YES else None
            opened_by = _opened_by(switch, flow, proof)
            yield Latent(switch.kind, opened_by, replace(flow, traffic=left), proof)


def awake(inventory: Inventory) -> Inventory:
    """The same with every stopped host running; the very same where none is stopped."""
    hosts = frozenset(asleep(inventory))
    return _everywhere(inventory, lambda region: _wake(region, hosts)) if hosts else inventory


def _opened_by(switch: _Switch, flow: Flow, proof: Evidence | None) -> tuple[str, ...]:
    """Of the hosts that a switch starts, those that the flow has to do with."""
    if switch.kind != "stopped":
        return switch.ids
    met = {flow.source.address.id, flow.target.address.id}
    if proof is not None:
        met |= {hop.id for hop in (*proof.path, *proof.return_path)}
    return tuple(name for name in switch.ids if name in met) or switch.ids


# --- the switches -----------------------------------------------------------------------------


def _switches(inventory: Inventory) -> Iterator[_Switch]:
    hosts = asleep(inventory)
    if hosts:
        yield _Switch("stopped", hosts, awake(inventory))
    for region in inventory.regions:
        if _blocks(region):
            opened = tuple(_unblocked(r) if r is region else r for r in inventory.regions)
            yield _Switch(
                "block-public-access", (region.place,), replace(inventory, regions=opened)
            )
    for target in _blackholed(inventory):
        returned = _everywhere(inventory, partial(_revive, targets=frozenset({target})))
        yield _Switch("blackhole", (target,), returned)


def _everywhere(
    inventory: Inventory, change: Callable[[RegionInventory], RegionInventory]
) -> Inventory:
    return replace(inventory, regions=tuple(change(region) for region in inventory.regions))


def asleep(inventory: Inventory) -> tuple[str, ...]:
    """Stopped instances by id, stopped databases by ARN, as places are called."""
    hosts = [i.instance_id for i in inventory.instances.values() if i.state.name in _ASLEEP]
    bases = [arn for arn, db in inventory.databases.items() if db.db_instance_status in _ASLEEP]
    return tuple(sorted((*hosts, *bases)))


def _wake(region: RegionInventory, names: frozenset[str]) -> RegionInventory:
    """With these hosts running; a route into one of them leads somewhere again."""
    reservations = tuple(
        changed(
            reservation,
            instances=tuple(
                changed(one, state=InstanceState(name="running"))
                if one.instance_id in names
                else one
                for one in reservation.instances
            ),
        )
        for reservation in region.reservations
    )
    bases = tuple(
        changed(db, db_instance_status="available")
        if (db.db_instance_arn or db.db_instance_identifier) in names
        else db
        for db in region.db_instances
    )
    own = {
        eni.network_interface_id
        for eni in region.network_interfaces
        if eni.attachment is not None and eni.attachment.instance_id in names
    } | {
        eni.network_interface_id
        for one in region.instances
        if one.instance_id in names
        for eni in one.network_interfaces
    }
    return _revive(changed(region, reservations=reservations, db_instances=bases), names | own)


def _blocks(region: RegionInventory) -> bool:
    modes = [
        options.internet_gateway_block_mode for options in region.vpc_block_public_access_options
    ]
    printed = [vpc.block_public_access_states for vpc in region.vpcs]
    printed += [subnet.block_public_access_states for subnet in region.subnets]
    modes += [states.internet_gateway_block_mode for states in printed if states is not None]
    return any(mode not in ("", "off") for mode in modes)


def _unblocked(region: RegionInventory) -> RegionInventory:
    return changed(
        region,
        vpc_block_public_access_options=tuple(
            changed(options, internet_gateway_block_mode="off")
            for options in region.vpc_block_public_access_options
        ),
        vpcs=tuple(changed(vpc, block_public_access_states=None) for vpc in region.vpcs),
        subnets=tuple(changed(net, block_public_access_states=None) for net in region.subnets),
    )


def _blackholed(inventory: Inventory) -> tuple[str, ...]:
    return tuple(
        sorted(
            {
                route.target
                for table in inventory.route_tables.values()
                for route in table.routes
                if route.state == "blackhole" and route.target
            }
        )
    )


def _revive(region: RegionInventory, targets: frozenset[str]) -> RegionInventory:
    tables = tuple(
        changed(
            table,
            routes=tuple(
                changed(route, state="active")
                if route.state == "blackhole" and route.target in targets
                else route
                for route in table.routes
            ),
        )
        for table in region.route_tables
    )
    return changed(region, route_tables=tables)
