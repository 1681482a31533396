"""The English sentences and words of every report. The Korean ones have the same keys.

A finding's code has one or more templates: the first whose placeholders are all among the
finding's `params` is used. `{resource}` is the finding's resource and always there. Where the
sentence differs for a finding that could not be told, the code with `.unknown` has it.
"""

from __future__ import annotations

__all__ = [
    "ASKED",
    "ASKED_WORDS",
    "BLOCKERS",
    "CHANGES",
    "COMPONENTS",
    "HOPS",
    "MESSAGES",
    "NOTES",
    "NOTE_PREFIXES",
    "REASONS",
    "REASON_PREFIXES",
    "TYPES",
]

# What `config` asks of a field, by how the engine begins to say it: what follows on "should".
ASKED: dict[str, str] = {
    "not equals ": "not be {value}",
    "not in ": "be none of {value}",
    "one of ": "be one of {value}",
    "at least ": "be at least {value}",
    "at most ": "be at most {value}",
    "matches ": "match {value}",
    "contains ": "contain {value}",
    "not contains ": "not contain {value}",
    "": "be {value}",
}
ASKED_WORDS: dict[str, str] = {
    "empty": "be empty",
    "not empty": "not be empty",
    "present": "be present",
    "absent": "be absent",
}

MESSAGES: dict[str, tuple[str, ...]] = {
    "reach.forbidden": (
        "{source} can reach {target} on {port}, which policy does not allow.",
        "{source} can reach {target}, which policy does not allow.",
        "{resource} can be reached in a way that policy does not allow.",
    ),
    "reach.missing": (
        "{source} should reach {target} on {port}, but cannot.",
        "{source} should reach {target}, but cannot.",
        "{resource} should be reachable, but is not.",
    ),
    "reach.unknown": (
        "Whether {source} can reach {target} on {port} cannot be told.",
        "Whether {source} can reach {target} cannot be told.",
        "What else can reach {target} on {port} cannot be told.",
        "What can reach {target} cannot be told.",
        "What can reach {resource} cannot be told.",
    ),
    "reach.wrong_way": (
        "{source} reaches {target} on {port} by the wrong way: {via} instead of {expected}.",
        "{resource} is reached by another way than policy asks for.",
    ),
    "s3.acl_way_open": (
        "{resource} is public through an access control list: a public grant is effective.",
    ),
    "s3.acl_way_unknown": (
        "Whether an access control list makes {resource} public cannot be told.",
    ),
    "s3.restrict_on": (
        "RestrictPublicBuckets is effective on {resource}: the intended public read cannot work.",
    ),
    "s3.read_not_public": (
        "Not everyone may call {action} on {resource}, although policy asks for public read.",
        "Not everyone may read {resource}, although policy asks for public read.",
    ),
    "s3.write_public": (
        "Anyone may call {action} on {resource}.",
        "Anyone may change {resource}.",
    ),
    "s3.outside_access": (
        "The outside account {account} may call {action} on {resource}.",
        "Somebody outside the account may call {action} on {resource}.",
        "Somebody outside the account has access to {resource}.",
    ),
    "s3.block_policy_on": (
        "BlockPublicPolicy is on for {resource}: its policy holds, but cannot be applied again.",
    ),
    "s3.unknown": (
        "Whether anyone may call {action} on {resource} cannot be told.",
        "Who has access to {resource} cannot be told.",
    ),
    "iam.unexpected_policy": (
        "{resource} has the policy {policy}, which is not intended.",
        "{resource} has a policy that is not intended.",
    ),
    "iam.missing_policy": (
        "{resource} lacks the policy {policy}.",
        "{resource} lacks an intended policy.",
    ),
    "iam.inline_policy": (
        "{resource} has the inline policy {policy}; none is intended.",
        "{resource} has an inline policy; none is intended.",
    ),
    "iam.group_membership": (
        "{resource} is in the group {group}; no membership is intended.",
        "{resource} is in a group; no membership is intended.",
    ),
    "iam.boundary": (
        "{resource} has the permissions boundary {boundary}.",
        "{resource} has a permissions boundary.",
    ),
    "iam.no_such_user": (
        "The IAM user {user} does not exist.",
        "The IAM user {resource} does not exist.",
    ),
    "iam.unknown": ("What {resource} may do cannot be told.",),
    "iam.old_key": (
        "The access key {key} of {resource} is {actual} days old; {expected} are allowed.",
        "{resource} has an access key that is older than allowed.",
    ),
    "iam.many_keys": (
        "{resource} has {actual} active access keys; {expected} are allowed.",
        "{resource} has more active access keys than allowed.",
    ),
    "iam.no_mfa": ("{resource} has a console password and no MFA device.",),
    "iam.root_key": ("{resource} has an access key.",),
    "iam.unused": (
        "The {credential} of {resource} has lain unused for {actual} days; {expected} are allowed.",
        "{resource} has a credential that has lain unused for too long.",
    ),
    "iam.full_access": ("{resource} may do everything to everything.",),
    "iam.escalation": (
        "{resource} may give itself more rights: {action} on {target}.",
        "{resource} may give itself more rights.",
    ),
    "iam.role_open": ("Every AWS account may take on the role {resource}.",),
    "iam.role_shared": ("The outside account {account} may take on the role {resource}.",),
    "iam.role_unknown": (
        "Who outside the account may take on the role {resource} cannot be told.",
    ),
    "ecr.public": (
        "Every AWS account may call {action} on the repository {resource}.",
        "The repository {resource} is open to every AWS account.",
    ),
    "ecr.outside_access": (
        "The outside account {account} may call {action} on the repository {resource}.",
        "The outside account {account} has access to the repository {resource}.",
        "Somebody outside the account has access to the repository {resource}.",
    ),
    "ecr.unknown": ("Who has access to the repository {resource} cannot be told.",),
    "rds.snapshot_public": ("Every AWS account may restore the database snapshot {resource}.",),
    "rds.snapshot_shared": (
        "The outside account {account} may restore the database snapshot {resource}.",
    ),
    "config.mismatch": (
        "{field} of {resource} is {actual}, but should {expected}.",
        "{field} of {resource} is not what policy asks for.",
        "{resource} is not configured as policy asks for.",
    ),
    "config.unknown": (
        "{field} of {resource} cannot be told.",
        "How {resource} is configured cannot be told.",
    ),
    "config.unknown_many": ("{field} of {actual} resources cannot be told: {name}.",),
    "subject.missing": (
        "{name} does not exist, although policy speaks of it. Is {near} meant?",
        "{name} does not exist, although policy speaks of it.",
        "{resource} does not exist, although policy speaks of it.",
    ),
    "subject.empty": (
        "{name} selects nothing, and the policy does not say that it may (`allow_empty`).",
    ),
    "subject.shared": (
        "{source} can reach {target} on {port}. Several have the allowed name {name}: {actual}.",
    ),
    "drift.present": (
        "{name} differs from the baseline: {actual}.",
        "{name} differs from the baseline.",
        "{resource} differs from the baseline.",
    ),
    "drift.present.unknown": (
        "Whether {name} differs from the baseline cannot be told.",
        "Whether {resource} differs from the baseline cannot be told.",
    ),
}

# What a repair changes (`Change.code`).
CHANGES: dict[str, str] = {
    "remove-inbound-rule": "Delete the inbound rule {rule} of {group}: {what}.",
    "remove-outbound-rule": "Delete the outbound rule {rule} of {group}: {what}.",
    "narrow-inbound-rule": (
        "In the inbound rule {rule} of {group} let in {to} alone, instead of {what}."
    ),
    "add-inbound-rule": "Add an inbound rule to {group}: {what}.",
    "add-outbound-rule": "Add an outbound rule to {group}: {what}.",
    "leave-group": "Take the security group {group} off {host}.",
    "point-route": "In the route table {table} send {destination} to {to} instead of {target}.",
    "remove-route": "Delete the route of {table} that sends {destination} to {target}.",
    "associate-table": "Associate the subnet {subnet} with the route table {table}.",
    "remove-acl-entry": "Delete the entry {entry} of the network ACL {acl}.",
    "drop-public-address": "Take the public address {address} from {host}.",
    "check-source": "Turn the source/destination check of {host} on.",
    "unpublish-database": "Turn PubliclyAccessible of {database} off.",
    "start-host": "Start {host}.",
    "remove-action": "Take {action} out of the statement {statement} in the policy of {resource}.",
    "remove-statement": "Delete the statement {statement} from the policy of {resource}.",
    "detach-policy": "Detach the policy {policy} from {user}.",
    "attach-policy": "Attach the policy {policy} to {user}.",
    "delete-inline-policy": "Delete the inline policy {policy} of {user}.",
    "leave-iam-group": "Take {user} out of the group {group}.",
}

# What stops a packet (`Blocker.code`).
BLOCKERS: dict[str, str] = {
    "no-ingress-rule": "no inbound rule matches",
    "no-egress-rule": "no outbound rule matches",
    "acl-denied": "the network ACL denies the packet",
    "no-route": "no route leads there",
    "blackhole": "the matching route is a blackhole",
    "routing-loop": "the routes send the packet in a circle",
    "not-attached": "it is not attached",
    "not-available": "it is not in service",
    "no-public-address": "the interface has no public address",
    "private-address": "a private address cannot cross the internet",
    "wrong-family": "it does not carry this version of IP",
    "no-session": "a NAT gateway takes in nothing that it did not send for",
    "unsupported-protocol": "it does not carry this protocol",
    "edge-to-edge": "a VPC does not pass traffic on from one connection to another",
    "no-zone": "there is no attachment in the sender's zone",
    "no-association": "the attachment has no route table on the transit gateway",
    "no-listener": "the load balancer does not listen there",
    "no-target": "the load balancer has no target for it",
    "loopback": "the client's address is kept, and the client is the target itself",
    "egress-only": "the interface only opens connections",
    "opens-nothing": "an interface of a gateway opens no connection of its own",
    "no-such-destination": "nothing in the estate has this address",
    "other-host": "the route leads to another host with the same address",
    "stopped": "the host is stopped",
    "source-dest-check": "the source/destination check drops the packet",
    "not-forwarding": "the host does not pass packets on",
    "not-inspected": "the firewall on the way drops the packet",
    "bpa-ingress": "Block Public Access keeps out what comes from the internet",
    "bpa-egress": "Block Public Access keeps in what goes to the internet",
    "answer-elsewhere": "the answer leaves another way",
    "other-network": "the routes lead to another network with this address",
    "no-common-family": "the two ends have no version of IP in common",
}

# Notes that are given as a code, alone or before a colon; any other note is shown as it is.
NOTES: dict[str, str] = {
    "partial": "Only a part of the ports or addresses gets through.",
    "one-way": "The packet arrives, but nothing can come back.",
    "public": "The target is reached by its public address, over the internet gateway.",
    "latent": "The path opens as soon as what is off is switched on.",
    "assumed": "AWS's default stands in for a description that is missing.",
    "inspected": "A firewall on the path decides, and its rules are not read.",
    "forwarding": "The path goes through a host that may pass on packets not meant for it.",
    "outside": "The packet leaves the estate here; what lies behind is not seen.",
    "targets": "The load balancer sends it on.",
    "reading": "AWS's own texts disagree; one reading was taken.",
    "nothing to judge": "There was nothing to judge.",
    "lets nobody in": "Nothing has a name that the policy lets in",
}

NOTE_PREFIXES: dict[str, str] = {
    "waiver expired ": "A waiver has expired: {rest}",
    "waiver is for another proof ": "A waiver is for another proof: {rest}",
    "no place is in ": "Nothing was found for {rest}",
}

# Why the exit code is what it is (`Summary.exit_reasons`).
REASONS: dict[str, str] = {
    "drift": "The estate differs from the baseline",
    "drift-unknown": "Something could not be compared with the baseline",
    "checkov": "checkov found failures",
    "checkov-missing": "checkov is not installed",
    "checkov-error": "checkov could not finish",
}

REASON_PREFIXES: dict[str, str] = {
    "gap:": "Not collected: {rest}",
    "fail:": "Failed: {rest}",
    "unknown:": "Cannot be told: {rest}",
    "error:": "Could not be evaluated: {rest}",
}

COMPONENTS: dict[str, str] = {
    "security-group": "security group",
    "network-acl": "network ACL",
    "route-table": "route table",
    "internet-gateway": "internet gateway",
    "nat-gateway": "NAT gateway",
    "transit-gateway": "transit gateway",
    "peering": "VPC peering",
    "vpc-endpoint": "VPC endpoint",
    "load-balancer": "load balancer",
    "block-public-access": "VPC Block Public Access",
    "no-such-destination": "no such destination",
    "host": "host",
}

# Steps of a path (`Hop.kind`).
HOPS: dict[str, str] = {
    "internet": "internet",
    "internet-gateway": "internet gateway",
    "nat-gateway": "NAT gateway",
    "egress-only-internet-gateway": "egress-only gateway",
    "subnet": "subnet",
    "instance": "instance",
    "database": "database",
    "load-balancer": "load balancer",
    "interface": "interface",
    "network-interface": "interface",
    "function": "function",
    "service": "service",
    "peering": "peering",
    "transit-gateway": "transit gateway",
    "transit-gateway-attachment": "transit gateway attachment",
    "vpc-endpoint": "VPC endpoint",
    "network": "network",
    "task": "task",
    "vpn-gateway": "VPN gateway",
    "gateway": "gateway",
    "on-premises": "on-premises",
    "amazon-service": "AWS service",
    "peer": "peer VPC",
    "host": "host",
}

TYPES: dict[str, str] = {
    "internet": "internet",
    "network": "network",
    "region": "Region",
    "baseline": "baseline",
    "ec2.vpc": "VPC",
    "ec2.subnet": "subnet",
    "ec2.route-table": "route table",
    "ec2.network-acl": "network ACL",
    "ec2.security-group": "security group",
    "ec2.instance": "EC2 instance",
    "ec2.network-interface": "network interface",
    "ec2.internet-gateway": "internet gateway",
    "ec2.egress-only-internet-gateway": "egress-only internet gateway",
    "ec2.nat-gateway": "NAT gateway",
    "ec2.address": "Elastic IP address",
    "ec2.prefix-list": "prefix list",
    "ec2.vpc-endpoint": "VPC endpoint",
    "ec2.gateway-endpoint": "gateway endpoint",
    "ec2.peering": "VPC peering",
    "ec2.vpc-peering-connection": "VPC peering",
    "ec2.transit-gateway": "transit gateway",
    "ec2.transit-gateway-attachment": "transit gateway attachment",
    "ec2.vpn-gateway": "virtual private gateway",
    "ec2.local-gateway": "local gateway",
    "ec2.carrier-gateway": "carrier gateway",
    "ec2.gateway": "gateway",
    "networkmanager.core-network": "core network",
    "ec2.block-public-access": "VPC Block Public Access",
    "elbv2.load-balancer": "load balancer",
    "elbv2.target-group": "target group",
    "rds.instance": "RDS database",
    "rds.subnet-group": "RDS subnet group",
    "lambda.function": "Lambda function",
    "ecs.service": "ECS service",
    "ecs.task": "ECS task",
    "s3.bucket": "S3 bucket",
    "ecr.repository": "ECR repository",
    "iam.user": "IAM user",
    "iam.role": "IAM role",
    "iam.group": "IAM group",
    "iam.policy": "IAM policy",
}
