"""Interfaces that an instance shows and the list of interfaces lacks.

The two calls are made one after the other, and an instance may be started in between; a list may
have been saved with a filter. AWS describes the interface inside of its instance all the same,
and what is described is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from mute_audit.inventory.network import InterfaceAttachment, NetworkInterface

__all__ = ["add_copies"]

Columns = dict[str, tuple[Any, ...]]


def add_copies(columns: Iterable[Columns]) -> None:
    """Add them to the list of each account and Region, where there is a list at all."""
    for place in columns:
        listed = place.get("NetworkInterfaces")
        if listed is None:
            continue
        known = {eni.network_interface_id for eni in listed}
        more = {eni.network_interface_id: eni for eni in _shown(place, known)}
        if more:
            place["NetworkInterfaces"] = (*listed, *more.values())


def _shown(place: Columns, known: set[str]) -> Iterator[NetworkInterface]:
    """What instances show of theirs beside what is known, as the list would have it."""
    for reservation in place.get("Reservations", ()):
        for instance in reservation.instances:
            for eni in instance.network_interfaces:
                if eni.network_interface_id in known or not eni.subnet_id:
                    continue
                link = eni.attachment or InterfaceAttachment()
                yield replace(eni, attachment=replace(link, instance_id=instance.instance_id))
