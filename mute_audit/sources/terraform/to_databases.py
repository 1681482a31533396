"""Database instances, those of Aurora clusters too, and snapshots."""

from __future__ import annotations

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out
from mute_audit.sources.terraform.to_interfaces import default_group, vpc_of

__all__ = ["cluster", "cluster_instance", "db_instance", "db_snapshot"]

_PORTS = {
    "postgres": 5432,
    "aurora-postgresql": 5432,
    "mysql": 3306,
    "mariadb": 3306,
    "aurora-mysql": 3306,
    "aurora": 3306,
    "oracle": 1521,
    "sqlserver": 1433,
    "db2": 50000,
    "docdb": 27017,
    "neptune": 8182,
}
# The attributes that name a subnet group, and the types of such groups.
_NAMES = ("db_subnet_group_name", "neptune_subnet_group_name")
_GROUPS = ("aws_db_subnet_group", "aws_docdb_subnet_group", "aws_neptune_subnet_group")


def _port(item: Item, engine: str) -> int:
    given = item.number("port")
    if given:
        return given
    return next((port for name, port in _PORTS.items() if engine.startswith(name)), 0)


def _subnet_group(items: tuple[Item, ...], out: Out) -> Doc | None:
    """The subnet group with its subnets, by reference or by name; of the first that names one."""
    found = None
    for item in items:
        for attribute in _NAMES:
            value = item.given(attribute)
            found = found or item.estate.found(value, attribute)
            if found is None and isinstance(value, str) and value:
                groups = item.estate.each(*_GROUPS)
                found = next((one for one in groups if value == one.text("name")), None)
    if found is None or found.type not in _GROUPS:
        return None
    subnets = found.refs("subnet_ids")
    vpc_id = vpc_of(found, subnets[0], out) if subnets else ""
    listed = []
    for name in subnets:
        zone = (out.get("Subnets", name) or {}).get("AvailabilityZone", "")
        listed.append(
            {
                "SubnetIdentifier": name,
                "SubnetAvailabilityZone": {"Name": zone},
                "SubnetStatus": "Active",
            }
        )
    return {
        "DBSubnetGroupName": found.text("name", found.id),
        "VpcId": vpc_id,
        "Subnets": listed,
    }


def db_instance(item: Item, out: Out) -> None:
    source = item.estate.found(item.get("replicate_source_db"), "replicate_source_db")
    # A replica has what it does not say from the instance that it copies.
    shared = source if source is not None and source.type == item.type else item
    group = _subnet_group((item, shared), out)
    _database(item, shared, group, _rds_groups(item, group), out)


def _rds_groups(item: Item, group: Doc | None) -> list[str]:
    groups = item.refs_given("vpc_security_group_ids")
    if not groups and group is not None:
        return [default_group(item, group["VpcId"])]
    return groups


def cluster(item: Item, out: Out) -> None:
    """One that has its instances by itself: Multi-AZ DB clusters, and serverless ones."""
    if item.text("db_cluster_instance_class") or item.text("engine_mode") == "serverless":
        group = _subnet_group((item,), out)
        _database(item, item, group, _rds_groups(item, group), out)


def cluster_instance(item: Item, out: Out) -> None:
    """An Aurora instance: network and groups are those of its cluster."""
    value = item.get("cluster_identifier")
    owner = item.estate.found(value, "cluster_identifier")
    if owner is None and isinstance(value, str):
        every = item.estate.each("aws_docdb_cluster", "aws_neptune_cluster", "aws_rds_cluster")
        owner = next((c for c in every if value == c.text("cluster_identifier")), None)
    if owner is None:
        out.gap(f"cluster of {item.address}", item.address, "not described", "DBInstances")
        return
    group = _subnet_group((owner, item), out)
    _database(item, owner, group, _rds_groups(owner, group), out)


def _database(item: Item, shared: Item, group: Doc | None, groups: list[str], out: Out) -> None:
    """One instance; `shared` holds what a cluster says for all of its own."""
    named = item.text("identifier") or item.text("cluster_identifier")
    engine = item.text("engine") or shared.text("engine")
    port = _port(item, engine) or _port(shared, engine)
    managed = shared.flag("manage_master_user_password")
    doc: Doc = {
        "DBInstanceIdentifier": item.text("identifier", named or item.address),
        "DBInstanceArn": item.id,
        "DBInstanceClass": item.text("instance_class"),
        "DBInstanceStatus": "available",
        "Engine": engine,
        "EngineVersion": item.text("engine_version") or shared.text("engine_version"),
        "StorageType": item.text("storage_type") or shared.text("storage_type"),
        "StorageEncrypted": shared.flag("storage_encrypted") or item.flag("storage_encrypted"),
        "MultiAZ": item.flag("multi_az"),
        "AvailabilityZone": item.text("availability_zone"),
        "PubliclyAccessible": item.flag("publicly_accessible"),
        "DbInstancePort": port,
        "Endpoint": {"Address": "", "Port": port},
        "VpcSecurityGroups": [{"VpcSecurityGroupId": g, "Status": "active"} for g in groups],
        "DeletionProtection": shared.flag("deletion_protection"),
        "BackupRetentionPeriod": shared.number("backup_retention_period"),
        "IAMDatabaseAuthenticationEnabled": shared.flag("iam_database_authentication_enabled"),
        "TagList": item.tags,
    }
    if shared.type != item.type:
        doc["DBClusterIdentifier"] = shared.text("cluster_identifier", shared.id)
    if managed:
        doc["MasterUserSecret"] = {
            "SecretArn": f"{shared.address}.master_user_secret",
            "SecretStatus": "active",
        }
    if group is not None:
        doc["DBSubnetGroup"] = group
    else:
        named = next(filter(None, map(shared.text_given, _NAMES)), "of the default VPC")
        out.notes.append(f"{item.address}: the subnets of its subnet group `{named}` are not known")
    if item.open("publicly_accessible"):
        out.gap(f"publicly_accessible of {item.address}", item.id, "unknown", "DBInstances")
    out.put("DBInstances", item.home, item.id, doc)


def db_snapshot(item: Item, out: Out) -> None:
    doc = {
        "DBSnapshotIdentifier": item.text("db_snapshot_identifier", item.address),
        "DBSnapshotArn": item.text("db_snapshot_arn", item.address),
        "DBInstanceIdentifier": item.ref("db_instance_identifier"),
        "SnapshotType": "manual",
        "Encrypted": item.flag("encrypted"),
        "Status": "available",
    }
    shared = item.known("shared_accounts", [])
    out.put("DBSnapshots", item.home, item.id, doc)
    out.put(
        "DBSnapshotAttributesResults",
        item.home,
        item.id,
        {
            "DBSnapshotIdentifier": doc["DBSnapshotIdentifier"],
            "DBSnapshotAttributes": [
                {"AttributeName": "restore", "AttributeValues": list(shared or [])}
            ],
        },
    )
