"""Instances, launch templates, functions, ECS services, databases."""

from __future__ import annotations

from typing import Any

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out, tags
from mute_audit.sources.terraform.to_vpc import _put_interface, _vpc_of, default_group
from mute_audit.sources.terraform.values import Open, Ref, is_known

__all__ = [
    "cluster_instance",
    "db_instance",
    "db_snapshot",
    "ecs_service",
    "function",
    "instance",
]


def _own(item: Item, value: Any) -> bool:
    """Unknown because the provider fills it in: nothing is written there."""
    return isinstance(value, Ref) and value.address == item.address


def _template(item: Item) -> Item | None:
    """The launch template of an instance, by id or name."""
    for block in item.blocks("launch_template"):
        for name in ("id", "name"):
            value = block.get(name)
            if isinstance(value, Ref):
                return item.estate.items.get(value.address)
            found = item.estate.by_id.get(str(value or ""))
            if found is not None:
                return found
            for other in item.estate.each("aws_launch_template"):
                if value and other.text("name") == value:
                    return other
    return None


def instance(item: Item, out: Out) -> None:
    estate = item.estate
    template = _template(item)
    nets = template.blocks("network_interfaces") if template is not None else []
    net: dict[str, Any] = nets[0] if nets else {}
    subnet = _subnet(item, net)
    open_subnet = item.open("subnet_id")
    if open_subnet is not None:
        out.gap(
            f"subnet of {item.address}",
            item.address,
            f"subnet_id is unknown until apply ({open_subnet.why})",
            "NetworkInterfaces",
        )
    home = estate.by_id.get(subnet)
    vpc_id = home.ref("vpc_id") if home is not None else _vpc_of(subnet, out)
    name = tags(item.get("tags_all") or item.get("tags"))
    zone = item.text("availability_zone")
    zone = zone or (home.text("availability_zone") if home is not None else "")
    doc: Doc = {
        "InstanceId": item.id,
        "InstanceType": item.text("instance_type")
        or (template.text("instance_type") if template is not None else ""),
        "ImageId": item.ref("ami") or (template.ref("image_id") if template is not None else ""),
        # What is planned will run; a state says what it is.
        "State": {"Name": item.text("instance_state", "running")},
        "SubnetId": subnet,
        "VpcId": vpc_id,
        "SourceDestCheck": item.flag("source_dest_check", True),
        "Placement": {"AvailabilityZone": zone, "Tenancy": item.text("tenancy", "default")},
        "Tags": name,
        "NetworkInterfaces": [],
    }
    _metadata(item, template, doc)
    _profile(item, doc)
    _disk(item, out, doc)
    given = [
        estate.id_in(block.get("network_interface_id"), f"network interface of {item.address}")
        for block in (item.blocks("network_interface") + item.blocks("primary_network_interface"))
    ]
    given = [] if _own(item, item.get("network_interface")) else [n for n in given if n]
    if given:
        _attach(given, item, out, doc)
    else:
        _primary(item, template, net, out, doc)
    out.put(
        "Reservations",
        item.region,
        item.id,
        {"ReservationId": f"of {item.id}", "Instances": [doc]},
    )


def _subnet(item: Item, net: dict[str, Any]) -> str:
    value = item.get("subnet_id")
    if value and not _own(item, value):
        return item.ref("subnet_id")
    if net.get("subnet_id"):
        return item.estate.id_in(net["subnet_id"], f"subnet of {item.address}")
    return "" if value is None or _own(item, value) else item.ref("subnet_id")


def _metadata(item: Item, template: Item | None, doc: Doc) -> None:
    value = item.get("metadata_options")
    blocks = [] if _own(item, value) else item.blocks("metadata_options")
    if not blocks and template is not None:
        blocks = template.blocks("metadata_options")
    for block in blocks[:1]:
        hops = block.get("http_put_response_hop_limit")
        doc["MetadataOptions"] = {
            "HttpTokens": item.estate.text(block.get("http_tokens")) or "optional",
            "HttpEndpoint": item.estate.text(block.get("http_endpoint")) or "enabled",
            **({"HttpPutResponseHopLimit": hops} if isinstance(hops, int) else {}),
        }


def _profile(item: Item, doc: Doc) -> None:
    value = item.get("iam_instance_profile")
    if value and not _own(item, value):
        doc["IamInstanceProfile"] = {"Arn": item.ref("iam_instance_profile")}


def _disk(item: Item, out: Out, doc: Doc) -> None:
    value = item.get("root_block_device")
    if _own(item, value) or not item.blocks("root_block_device"):
        return
    block = item.blocks("root_block_device")[0]
    device = item.estate.text(block.get("device_name")) or "/dev/xvda"
    known = block.get("volume_id")
    volume = known if isinstance(known, str) and known else f"{item.address}.root_block_device"
    doc["RootDeviceName"] = device
    doc["BlockDeviceMappings"] = [
        {"DeviceName": device, "Ebs": {"VolumeId": volume, "Status": "attached"}}
    ]
    out.put(
        "Volumes",
        item.region,
        volume,
        {
            "VolumeId": volume,
            "Encrypted": block.get("encrypted") is True,
            "VolumeType": item.estate.text(block.get("volume_type")) or "gp2",
            "Tags": tags(block.get("tags_all") or block.get("tags")),
        },
    )


def _attach(names: list[str], item: Item, out: Out, doc: Doc) -> None:
    """Interfaces of their own, which the instance takes."""
    for index, name in enumerate(names):
        eni = out.get("NetworkInterfaces", name)
        if eni is None:
            out.gap(f"interface {name}", item.id, "not described", "NetworkInterfaces")
            continue
        eni["Attachment"] = {"InstanceId": item.id, "DeviceIndex": index, "Status": "attached"}
        eni["Status"] = "in-use"
        if index == 0:
            doc["SubnetId"] = doc["SubnetId"] or eni["SubnetId"]
            doc["VpcId"] = doc["VpcId"] or eni["VpcId"]
            doc["PrivateIpAddress"] = eni.get("PrivateIpAddress", "")
            doc["SecurityGroups"] = list(eni["Groups"])
            doc["SourceDestCheck"] = eni.get("SourceDestCheck", True)


def _groups(item: Item, template: Item | None, net: dict[str, Any], vpc_id: str) -> list[str]:
    found: list[str] = []
    written = False
    for name in ("vpc_security_group_ids", "security_groups"):
        value = item.get(name)
        if value is None or _own(item, value) or value == []:
            continue
        written = True
        found += item.refs(name)
    if not written and net.get("security_groups"):
        return item.estate.ids_in(net["security_groups"], f"groups of {item.address}")
    if not written and template is not None and template.get("vpc_security_group_ids"):
        return template.refs("vpc_security_group_ids")
    # By name only in EC2-Classic and default VPCs; a name is turned into the id.
    if any(not name.startswith("sg-") and name not in item.estate.by_id for name in found):
        names = {g.text("name"): g.id for g in item.estate.each("aws_security_group")}
        found = list(dict.fromkeys(names.get(name, name) for name in found))
    return found or [default_group(item, vpc_id)]


def _public(item: Item, net: dict[str, Any], subnet: str, out: Out) -> bool:
    """Whether the instance gets a public address: said here, else the subnet's habit."""
    for value in (item.get("associate_public_ip_address"), net.get("associate_public_ip_address")):
        if value in (True, "true"):
            return True
        if value in (False, "false"):
            return False
    home = out.get("Subnets", subnet)
    return bool(home is not None and home.get("MapPublicIpOnLaunch"))


def _primary(item: Item, template: Item | None, net: Doc, out: Out, doc: Doc) -> None:
    """The interface that AWS makes along with the instance."""
    subnet, vpc_id = doc["SubnetId"], doc["VpcId"]
    if not subnet:
        _in_default_vpc(item, out)
        return
    groups = [{"GroupId": name} for name in _groups(item, template, net, vpc_id)]
    known = item.known("primary_network_interface_id")
    name = str(known) if known else f"{item.address}.primary_network_interface_id"
    private = item.estate.private_of(item, subnet)
    eni: Doc = {
        "NetworkInterfaceId": name,
        "SubnetId": subnet,
        "VpcId": vpc_id,
        "PrivateIpAddress": private,
        "Groups": groups,
        "Attachment": {"InstanceId": item.id, "DeviceIndex": 0, "Status": "attached"},
        "InterfaceType": "interface",
        "SourceDestCheck": doc["SourceDestCheck"],
        "Status": "in-use",
    }
    public = item.known("public_ip", "")
    if public or ("public_ip" not in _known_names(item) and _public(item, net, subnet, out)):
        shown = str(public) or item.estate.public_of(item)
        eni["Association"] = {"PublicIp": shown, "IpOwnerId": "amazon"}
        doc["PublicIpAddress"] = shown
    six = item.known("ipv6_addresses", [])
    eni["Ipv6Addresses"] = [{"Ipv6Address": text} for text in six or []]
    doc["PrivateIpAddress"] = private
    doc["SecurityGroups"] = groups
    _put_interface(out, item.region, eni)


def _known_names(item: Item) -> set[str]:
    """Attributes that the plan shows as they will be, an empty address included."""
    unknown = item.planned.unknown
    if unknown is True:
        return set()
    hidden = {k for k, v in unknown.items() if v} if isinstance(unknown, dict) else set()
    return set(item.planned.values) - hidden


def _in_default_vpc(item: Item, out: Out) -> None:
    """Without a subnet the instance goes to a default subnet, which no plan shows."""
    out.gap(
        f"subnet of {item.address}",
        item.address,
        "none is given: AWS takes one of the default VPC, which the plan does not show",
        "NetworkInterfaces",
    )


# --- functions and services ---------------------------------------------------------------------


def function(item: Item, out: Out) -> None:
    doc: Doc = {
        "FunctionName": item.text("function_name", item.address),
        "FunctionArn": item.id,
        "Runtime": item.text("runtime"),
        "Role": item.ref("role"),
    }
    for block in item.blocks("vpc_config")[:1]:
        subnets = item.estate.ids_in(block.get("subnet_ids"), f"subnet_ids of {item.address}")
        home = item.estate.by_id.get(subnets[0]) if subnets else None
        vpc_id = home.ref("vpc_id") if home is not None else ""
        if not vpc_id and subnets:
            vpc_id = _vpc_of(subnets[0], out)
        groups = block.get("security_group_ids")
        doc["VpcConfig"] = {
            "SubnetIds": subnets,
            "SecurityGroupIds": item.estate.ids_in(groups, f"security groups of {item.address}"),
            "VpcId": vpc_id,
        }
    out.put("Functions", item.region, item.id, doc)


def ecs_service(item: Item, out: Out) -> None:
    doc: Doc = {
        "serviceArn": item.id,
        "serviceName": item.text("name", item.address),
        "clusterArn": item.ref("cluster"),
        "desiredCount": item.number("desired_count"),
    }
    for block in item.blocks("network_configuration")[:1]:
        ids = item.estate.ids_in
        doc["networkConfiguration"] = {
            "awsvpcConfiguration": {
                "subnets": ids(block.get("subnets"), f"subnets of {item.address}"),
                "securityGroups": ids(block.get("security_groups"), f"groups of {item.address}"),
                "assignPublicIp": "ENABLED"
                if block.get("assign_public_ip") is True
                else "DISABLED",
            }
        }
    out.put("services", item.region, item.id, doc)


# --- databases ----------------------------------------------------------------------------------

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
    found: Item | None = None
    if isinstance(value, Ref):
        found = estate.items.get(value.address)
    elif isinstance(value, str) and value:
        groups = list(estate.each("aws_db_subnet_group"))
        found = next((g for g in groups if value in (g.text("name"), g.id)), None)
    if found is None or found.type != "aws_db_subnet_group":
        return None
    subnets = found.refs("subnet_ids")
    home = estate.by_id.get(subnets[0]) if subnets else None
    vpc_id = home.ref("vpc_id") if home is not None else ""
    if not vpc_id and subnets:
        vpc_id = _vpc_of(subnets[0], out)
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
    if value is None or value == [] or _own(item, value):
        return [default_group(item, group["VpcId"])] if group is not None else []
    return item.refs("vpc_security_group_ids")


def cluster_instance(item: Item, out: Out) -> None:
    """An Aurora instance: network and groups are those of its cluster."""
    value = item.get("cluster_identifier")
    cluster: Item | None = None
    if isinstance(value, Ref):
        cluster = item.estate.items.get(value.address)
    elif isinstance(value, str):
        every = item.estate.each("aws_rds_cluster")
        cluster = next((c for c in every if value in (c.text("cluster_identifier"), c.id)), None)
    if cluster is None:
        what = f"cluster of {item.address}"
        out.gap(what, item.address, "not described", "DBInstances")
        return
    named = cluster.get("db_subnet_group_name")
    if not named or _own(cluster, named):
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
        "TagList": tags(item.get("tags_all") or item.get("tags")),
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
    out.put("DBInstances", item.region, item.id, doc)


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
    out.put("DBSnapshots", item.region, item.id, doc)
    out.put(
        "DBSnapshotAttributesResults",
        item.region,
        item.id,
        {
            "DBSnapshotIdentifier": doc["DBSnapshotIdentifier"],
            "DBSnapshotAttributes": [
                {"AttributeName": "restore", "AttributeValues": list(shared or [])}
            ],
        },
    )
