"""Declared against found, field by field: instances and databases."""

from __future__ import annotations

from mute_audit.drift import normalize
from mute_audit.drift.difference import Difference
from mute_audit.drift.found import Found
from mute_audit.drift.relating import related, related_one
from mute_audit.drift.view import View
from mute_audit.intent import resources
from mute_audit.inventory import workload
from mute_audit.verdict import Gap

__all__ = ["database", "instance"]

_GROUPS = ("security_groups",)


def instance(entry: resources.Instance, found: Found, view: View, into: Difference) -> None:
    item: workload.Instance = found.item
    if entry.states("type"):
        into.value("type", entry.type, item.instance_type)
    if entry.states("subnet"):
        related_one("subnet", ("subnets",), entry.subnet, item.subnet_id, view, into)
    if entry.states("security_groups"):
        groups = [group.group_id for group in item.security_groups]
        related("security_groups", _GROUPS, entry.security_groups, groups, view, into)
    if entry.states("state"):
        into.value("state", entry.state, normalize.instance_state(item.state.name))
    if entry.states("public_address"):
        into.value("public_address", entry.public_address, _has_public_address(item))
    if entry.states("source_dest_check"):
        into.value("source_dest_check", entry.source_dest_check, item.source_dest_check)
    if entry.states("profile"):
        profile = item.iam_instance_profile
        name = normalize.profile_name(profile.arn) if profile is not None else None
        into.value("profile", entry.profile, name)
    if entry.states("imdsv2"):
        _metadata(entry, item, into)
    if entry.states("image"):
        _image(entry, found, view, into)
    if entry.root_volume is not None:
        _root_volume(entry.root_volume, found, view, into)


def _has_public_address(item: workload.Instance) -> bool:
    associations = [interface.association for interface in item.network_interfaces]
    associations += [
        address.association
        for interface in item.network_interfaces
        for address in interface.private_ip_addresses
    ]
    return bool(item.public_ip_address) or any(
        association is not None and association.public_ip for association in associations
    )


def _metadata(entry: resources.Instance, item: workload.Instance, into: Difference) -> None:
    options = item.metadata_options
    if options is None or not options.http_tokens:
        why = "the description does not hold the metadata options"
        gap = Gap("ec2:DescribeInstances", item.instance_id, why, "Reservations")
        into.untold("imdsv2", entry.imdsv2, gap)
        return
    tokens = normalize.metadata_tokens(options.http_tokens, options.http_endpoint)
    into.value("imdsv2", entry.imdsv2, tokens)


def _image(entry: resources.Instance, found: Found, view: View, into: Difference) -> None:
    item: workload.Instance = found.item
    wanted = view.baseline.file.images.get(entry.image)
    if wanted is None:
        # Written as the id of an image.
        into.value("image", entry.image, item.image_id)
        return
    image = next((one for one in found.region.images if one.image_id == item.image_id), None)
    if image is None:
        gap = view.gap("Images", found.region, item.image_id)
        why = "AWS no longer describes the image: withdrawn, or not shared any more"
        into.untold(
            "image",
            entry.image,
            gap or Gap("ec2:DescribeImages", item.image_id, why, "Images"),
        )
        return
    if not normalize.matches_pattern(image.name, wanted.name):
        into.value("image", entry.image, f"{image.name} ({image.image_id})")
    elif wanted.owner and image.owner_id != wanted.owner:
        # The right name from the wrong publisher is the more worrying case.
        into.value("image", entry.image, f"{image.name} ({image.image_id}) of {image.owner_id}")


def _root_volume(entry: resources.RootVolume, found: Found, view: View, into: Difference) -> None:
    item: workload.Instance = found.item
    root = next(
        (
            device.ebs
            for device in item.block_device_mappings
            if device.device_name == item.root_device_name
        ),
        None,
    )
    stated = {name: getattr(entry, name) for name in ("encrypted", "type") if entry.states(name)}
    volumes = {volume.volume_id: volume for volume in found.region.volumes}
    volume = volumes.get(root.volume_id) if root is not None else None
    if volume is None:
        gap = view.gap("Volumes", found.region, root.volume_id if root else "")
        why = "the description does not show the root volume"
        reason = gap or Gap("ec2:DescribeVolumes", item.instance_id, why, "Volumes")
        for name, expected in stated.items():
            into.untold(f"root_volume.{name}", expected, reason)
        return
    actual = {"encrypted": volume.encrypted, "type": volume.volume_type}
    for name, expected in stated.items():
        into.value(f"root_volume.{name}", expected, actual[name])


def database(entry: resources.Database, found: Found, view: View, into: Difference) -> None:
    item: workload.DbInstance = found.item
    group = item.db_subnet_group
    pairs = {
        "instance_class": ("class", item.db_instance_class),
        "engine": ("engine", item.engine),
        "storage_type": ("storage_type", item.storage_type),
        "encrypted": ("encrypted", item.storage_encrypted),
        "publicly_accessible": ("publicly_accessible", item.publicly_accessible),
        "multi_az": ("multi_az", item.multi_az),
        "zone": ("zone", item.availability_zone),
        "port": ("port", item.port),
        "managed_secret": ("managed_secret", item.master_user_secret is not None),
        "deletion_protection": ("deletion_protection", item.deletion_protection),
        "backup_days": ("backup_days", item.backup_retention_period),
    }
    for field, (path, actual) in pairs.items():
        if entry.states(field):
            into.value(path, getattr(entry, field), actual)
    if entry.states("engine_version"):
        expected = normalize.engine_version(entry.engine_version)
        into.value("engine_version", expected, normalize.engine_version(item.engine_version))
    if entry.states("subnets"):
        subnets = [one.subnet_identifier for one in group.subnets] if group else []
        related("subnets", ("subnets",), entry.subnets, subnets, view, into)
    if entry.states("security_groups"):
        groups = [
            one.vpc_security_group_id
            for one in item.vpc_security_groups
            if one.status not in ("removing", "removed")
        ]
        related("security_groups", _GROUPS, entry.security_groups, groups, view, into)
    if group is not None and group.vpc_id:
        related_one("vpc", ("vpcs",), view.baseline.vpc_of(entry), group.vpc_id, view, into)
