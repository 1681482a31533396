"""Database instances, those of Aurora clusters too, and snapshots."""

from __future__ import annotations

from typing import Any

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out
from mute_audit.sources.terraform.to_interfaces import default_group, vpc_of
from mute_audit.sources.terraform.values import Open, is_known

__all__ = ["cluster_instance", "db_instance", "db_snapshot"]

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
}


def _port(item: Item, engine: str) -> int:
    given = item.number("port")
    if given:
        return given
    return next((port for name, port in _PORTS.items() if engine.startswith(name)), 0)


def _subnet_group(item: Item, value: Any, out: Out) -> Doc | None:
    """The subnet group with its subnets, by reference or by name."""
    estate = item.estate
    found = estate.found(value, "db_subnet_group_name")
    if found is None and isinstance(value, str) and value:
        groups = estate.each("aws_db_subnet_group")
        found = next((g for g in groups if value == g.text("name")), None)
    if found is None or found.type != "aws_db_subnet_group":
        return None
    subnets = found.refs("subnet_ids")
    vpc_id = vpc_of(item, subnets[0], out) if subnets else ""
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
    group = _subnet_group(item, item.get("db_subnet_group_name"), out)
    _database(item, item, group, _rds_groups(item, group), out)


def _rds_groups(item: Item, group: Doc | None) -> list[str]:
    value = item.get("vpc_security_group_ids")
    if value is None or value == [] or item.computed(value):
        return [default_group(item, group["VpcId"])] if group is not None else []
    return item.refs("vpc_security_group_ids")


def cluster_instance(item: Item, out: Out) -> None:
    """An Aurora instance: network and groups are those of its cluster."""
    value = item.get("cluster_identifier")
    cluster = item.estate.found(value, "cluster_identifier")
    if cluster is None and isinstance(value, str):
        every = item.estate.each("aws_rds_cluster")
        cluster = next((c for c in every if value == c.text("cluster_identifier")), None)
    if cluster is None:
        what = f"cluster of {item.address}"
        out.gap(what, item.address, "not described", "DBInstances")
        return
    named = cluster.get("db_subnet_group_name")
    if not named or cluster.computed(named):
        named = item.get("db_subnet_group_name")
    group = _subnet_group(item, named, out)
    _database(item, cluster, group, _rds_groups(cluster, group), out)


def _database(item: Item, shared: Item, group: Doc | None, groups: list[str], out: Out) -> None:
    """One instance; `shared` holds what a cluster says for all of its own."""
    named = item.text("identifier") or item.text("cluster_identifier")
    engine = item.text("engine") or shared.text("engine")
    port = _port(shared, engine)
    managed = shared.flag("manage_master_user_password")
    doc: Doc = {
        "DBInstanceIdentifier": item.text("identifier", named or item.address),
        "DBInstanceArn": item.id,
        "DBInstanceClass": item.text("instance_class"),
        "DBInstanceStatus": "available",
        "Engine": engine,
        "EngineVersion": item.text("engine_version") or shared.text("engine_version"),
        "StorageType": item.text("storage_type") or shared.text("storage_type"),
        "StorageEncrypted": shared.flag("storage_encrypted"),
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
    if shared is not item:
        doc["DBClusterIdentifier"] = shared.text("cluster_identifier", shared.id)
    if managed:
        doc["MasterUserSecret"] = {
            "SecretArn": f"{shared.address}.master_user_secret",
            "SecretStatus": "active",
        }
    if group is not None:
        doc["DBSubnetGroup"] = group
    elif not isinstance(item.get("db_subnet_group_name"), Open):
        name = item.text("db_subnet_group_name") or "of the default VPC"
        what = f"subnet group {name}"
        out.gap(what, item.address, "the plan does not show its subnets")
    if not is_known(item.get("publicly_accessible")) and item.open("publicly_accessible"):
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
