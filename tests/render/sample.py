"""A realistic report of the M.U.T.E. stack after somebody changed it behind the baseline's back.

`clean_report` is the estate as intended. `changed_report` has a policy of every verdict, drift of
every kind, a gap, a waiver, checkov's answer and marked paths. `hostile_report` is the same with
names that try to be something else.
"""

from __future__ import annotations

import msgspec

from mute_audit.address import Address
from mute_audit.finding import (
    REPORT_SCHEMA,
    Blocker,
    Change,
    Declaration,
    Drawing,
    DrawnPath,
    DrawnPlace,
    DrawnSubnet,
    DrawnVpc,
    DrawnZone,
    DriftItem,
    DriftKind,
    Evidence,
    FieldChange,
    Finding,
    Hop,
    Location,
    Outside,
    Packet,
    PolicyResult,
    Repair,
    Report,
    Severity,
    SourceInfo,
    StaticFinding,
    StaticResult,
    StaticStatus,
    Summary,
    Text,
)
from mute_audit.verdict import Gap, Verdict

ACCOUNT = "123456789012"
REGION = "ap-northeast-2"


def at(kind: str, id: str, name: str = "", region: str = REGION) -> Address:
    return Address(kind, id, name, ACCOUNT, region)


IGW = at("ec2.internet-gateway", "igw-0a1b2c3d4e5f60718", "hackathon_igw")
NAT = at("ec2.nat-gateway", "nat-0b1c2d3e4f5a60719", "hackathon_nat")
VPC = at("ec2.vpc", "vpc-0f00ba51c0ffee001", "hackathon_vpc_infra")
RDS = at(
    "rds.instance",
    f"arn:aws:rds:{REGION}:{ACCOUNT}:db:hackathon-mute-rds",
    "hackathon-mute-rds",
)
BUCKET = at("s3.bucket", "arn:aws:s3:::hackathon-mute-backend", "hackathon-mute-backend")
USER = at("iam.user", f"arn:aws:iam::{ACCOUNT}:user/hackathon_s3_ai", "hackathon_s3_ai", "global")
SG_RDS = at("ec2.security-group", "sg-0d0d0d0d0d0d0d005", "hackathon_sg_rds")

# name: (id, private address, public address, group)
INSTANCES = {
    "hackathon_jenkins_master": ("192.168.0.10", "13.125.10.11", "hackathon_sg_jenkins"),
    "hackathon_jenkins_agent": ("192.168.1.10", "", "hackathon_sg_jenkins"),
    "hackathon_frontend_nginx": ("192.168.2.10", "13.125.20.21", "hackathon_sg_frontend"),
    "hackathon_frontend_nextjs": ("192.168.2.11", "13.125.20.22", "hackathon_sg_frontend"),
    "hackathon_backend_nginx": ("192.168.4.10", "13.125.30.31", "hackathon_sg_backend"),
    "hackathon_backend_nestjs": ("192.168.3.10", "", "hackathon_sg_backend"),
    "hackathon_backend_ai": ("192.168.3.11", "", "hackathon_sg_ai"),
    "hackathon_backend_ai_music": ("192.168.3.12", "", "hackathon_sg_ai"),
}


def instance(name: str) -> Address:
    number = list(INSTANCES).index(name) + 1
    return at("ec2.instance", f"i-0{number:016x}", name)


def drawn(name: str, state: str = "running") -> DrawnPlace:
    private, public, group = INSTANCES[name]
    return DrawnPlace(instance(name), private, public, state, (group,))


def subnet_id(name: str) -> str:
    order = ("jenkins_public", "jenkins_private", "network_public1", "network_private1")
    order += ("network_public2", "network_private2")
    return f"subnet-0{order.index(name) + 1:016x}"


def subnet(name: str, number: int, table: str, *places: DrawnPlace) -> DrawnSubnet:
    return DrawnSubnet(
        id=subnet_id(name),
        name=f"hackathon_{name}",
        cidr=f"192.168.{number}.0/24",
        public="public" in name,
        route_table=f"hackathon_rtb_{table}",
        places=places,
    )


def network(*paths: DrawnPath, music_state: str = "running") -> Drawing:
    """The network of the stack, with these paths marked."""
    nat = DrawnPlace(NAT, "192.168.2.200", "13.125.99.99", "available")
    rds = DrawnPlace(RDS, "192.168.3.77", "", "available", ("hackathon_sg_rds",))
    zones = (
        DrawnZone(
            "ap-northeast-2a",
            (
                subnet("jenkins_public", 0, "public", drawn("hackathon_jenkins_master")),
                subnet("jenkins_private", 1, "private1", drawn("hackathon_jenkins_agent")),
            ),
        ),
        DrawnZone(
            "ap-northeast-2b",
            (
                subnet(
                    "network_public1",
                    2,
                    "public",
                    drawn("hackathon_frontend_nginx"),
                    drawn("hackathon_frontend_nextjs"),
                    nat,
                ),
                subnet(
                    "network_private1",
                    3,
                    "private2",
                    drawn("hackathon_backend_nestjs"),
                    drawn("hackathon_backend_ai"),
                    drawn("hackathon_backend_ai_music", music_state),
                    rds,
                ),
            ),
        ),
        DrawnZone(
            "ap-northeast-2c",
            (
                subnet("network_public2", 4, "public", drawn("hackathon_backend_nginx")),
                subnet("network_private2", 5, "private3"),
            ),
        ),
    )
    vpc = DrawnVpc(VPC, ("192.168.0.0/16",), zones, (IGW,))
    return Drawing(vpcs=(vpc,), paths=paths)


# --- the policies ------------------------------------------------------------------------------

_POLICIES = {
    "mute-rds-backend-only": (
        Severity.CRITICAL,
        "reach",
        14,
        Text(
            "The database is reachable only from the backend",
            "데이터베이스에는 백엔드에서만 접근할 수 있다",
        ),
    ),
    "mute-internet-entry": (
        Severity.HIGH,
        "reach",
        9,
        Text(
            "From the internet only the published ports are reachable",
            "인터넷에서는 공개한 포트에만 접근할 수 있다",
        ),
    ),
    "mute-ai-backend-only": (
        Severity.HIGH,
        "reach",
        9,
        Text(
            "AI services are reachable only from the backend",
            "AI 서비스는 백엔드에서만 접근할 수 있다",
        ),
    ),
    "mute-private-subnets": (
        Severity.CRITICAL,
        "reach",
        5,
        Text(
            "Nothing in a private subnet is reachable from the internet",
            "프라이빗 서브넷은 인터넷에서 접근할 수 없다",
        ),
    ),
    "mute-it-works": (
        Severity.MEDIUM,
        "reach",
        17,
        Text("The services reach what they need", "서비스가 필요한 곳에 접근할 수 있다"),
    ),
    "mute-s3-public-read": (
        Severity.HIGH,
        "s3",
        1,
        Text("The bucket is public for reading only", "버킷은 읽기만 공개된다"),
    ),
    "mute-iam-s3-ai": (
        Severity.HIGH,
        "iam",
        1,
        Text(
            "hackathon_s3_ai has exactly AmazonS3FullAccess",
            "hackathon_s3_ai에는 AmazonS3FullAccess만 있다",
        ),
    ),
    "mute-ecr-private": (
        Severity.MEDIUM,
        "ecr",
        3,
        Text("The image repositories are private", "이미지 리포지토리는 비공개다"),
    ),
    "mute-imdsv2": (
        Severity.LOW,
        "config",
        8,
        Text("Every instance requires IMDSv2", "모든 인스턴스는 IMDSv2를 요구한다"),
    ),
}


def policy(id: str, verdict: Verdict = Verdict.PASS, **more: object) -> PolicyResult:
    severity, kind, judged, title = _POLICIES[id]
    values: dict[str, object] = {
        "judged": judged,
        "description": Text(
            f"{title.en}. Groups, ACLs, routes and gateways are all taken into account.",
            f"{title.ko}. 보안 그룹, ACL, 라우팅, 게이트웨이를 모두 고려한다.",
        ),
        "location": Location("policies/mute/network.yaml", 12, 3),
    }
    values.update(more)
    return PolicyResult(id=id, title=title, severity=severity, kind=kind, verdict=verdict, **values)


RDS_PATH = (
    Hop("internet", "internet"),
    Hop("internet-gateway", IGW.id, IGW.name),
    Hop(
        "subnet",
        subnet_id("network_public1"),
        "hackathon_network_public1",
        ("acl-0aa11:100", "rtb-0aa11 0.0.0.0/0"),
    ),
    Hop(
        "instance",
        instance("hackathon_frontend_nginx").id,
        "hackathon_frontend_nginx",
        ("sgr-0aa0000000000001",),
    ),
    Hop("subnet", subnet_id("network_private1"), "hackathon_network_private1"),
    Hop("database", RDS.id, RDS.name, ("sgr-0bb0000000000002",)),
)

NESTJS_GAP = Gap(
    "ec2:DescribeVpcBlockPublicAccessOptions",
    f"{ACCOUNT}/{REGION}",
    "InternalError: An internal error has occurred",
    "VpcBlockPublicAccessOptions",
)


def findings() -> dict[str, tuple[Finding, ...]]:
    """The findings of the changed estate, by policy."""
    rds_open = Finding.build(
        policy="mute-rds-backend-only",
        verdict=Verdict.FAIL,
        severity=Severity.CRITICAL,
        code="reach.forbidden",
        resource=RDS,
        params={"source": "internet", "target": RDS.name, "port": "tcp/5432"},
        evidence=Evidence(
            source="internet",
            port="tcp/5432",
            path=RDS_PATH,
            return_path=tuple(reversed(RDS_PATH)),
            witness=Packet("tcp", "198.51.100.7", "192.168.3.77", 49152, 5432),
            rules=("sgr-0aa0000000000001", "sgr-0bb0000000000002", "acl-0aa11:100"),
            notes=("forwarding",),
        ),
        location=Location("terraform/modules/security/main.tf", 41, 3),
    )
    rds_open = msgspec.structs.replace(
        rds_open,
        declarations=(
            Declaration("sgr-0aa0000000000001", Location("terraform/rules.tf", 7)),
            Declaration("sgr-0bb0000000000002", Location("terraform/modules/security/main.tf", 41)),
        ),
    )
    ssh_open = Finding.build(
        policy="mute-internet-entry",
        verdict=Verdict.FAIL,
        severity=Severity.HIGH,
        code="reach.forbidden",
        resource=instance("hackathon_backend_nginx"),
        params={"source": "internet", "target": "hackathon_backend_nginx", "port": "tcp/22"},
        evidence=Evidence(
            source="internet",
            port="tcp/22",
            path=(
                Hop("internet", "internet"),
                Hop("internet-gateway", IGW.id, IGW.name),
                Hop("subnet", subnet_id("network_public2"), "hackathon_network_public2"),
                Hop(
                    "instance",
                    instance("hackathon_backend_nginx").id,
                    "hackathon_backend_nginx",
                    ("sgr-0cc0000000000003",),
                ),
            ),
            witness=Packet("tcp", "198.51.100.7", "13.125.30.31", 49152, 22),
            rules=("sgr-0cc0000000000003",),
        ),
    )
    agent_cut = Finding.build(
        policy="mute-it-works",
        verdict=Verdict.FAIL,
        severity=Severity.MEDIUM,
        code="reach.missing",
        resource=instance("hackathon_backend_ai_music"),
        params={
            "source": "hackathon_jenkins_agent",
            "target": "hackathon_backend_ai_music",
            "port": "tcp/22",
        },
        evidence=Evidence(
            source="hackathon_jenkins_agent",
            port="tcp/22",
            path=(
                Hop(
                    "instance",
                    instance("hackathon_jenkins_agent").id,
                    "hackathon_jenkins_agent",
                ),
                Hop("subnet", subnet_id("jenkins_private"), "hackathon_jenkins_private"),
            ),
            blockers=(
                Blocker(
                    "security-group",
                    "sg-0d0d0d0d0d0d0d004",
                    "no-ingress-rule",
                    "no rule lets in tcp/22",
                ),
                Blocker("host", instance("hackathon_backend_ai_music").id, "stopped"),
            ),
            notes=("latent",),
        ),
    )
    nestjs_open = Finding.build(
        policy="mute-private-subnets",
        verdict=Verdict.UNKNOWN,
        severity=Severity.CRITICAL,
        code="reach.unknown",
        resource=instance("hackathon_backend_nestjs"),
        params={"source": "internet", "target": "hackathon_backend_nestjs", "port": "tcp/443"},
        evidence=Evidence(source="internet", port="tcp/443", gaps=(NESTJS_GAP,)),
    )
    bucket_write = Finding.build(
        policy="mute-s3-public-read",
        verdict=Verdict.FAIL,
        severity=Severity.HIGH,
        code="s3.write_public",
        resource=BUCKET,
        params={"action": "s3:PutObject"},
        evidence=Evidence(
            request={
                "principal": "*",
                "action": "s3:PutObject",
                "resource": "arn:aws:s3:::hackathon-mute-backend/songs/1.mp3",
                "context": {"aws:SecureTransport": True, "aws:PrincipalAccount": "anonymous"},
            },
            rules=("statement AllowUpload",),
        ),
    )
    imds = Finding.build(
        policy="mute-imdsv2",
        verdict=Verdict.FAIL,
        severity=Severity.LOW,
        code="config.mismatch",
        resource=instance("hackathon_jenkins_master"),
        params={
            "field": "MetadataOptions.HttpTokens",
            "expected": "required",
            "actual": "optional",
        },
        evidence=Evidence(
            fields=(FieldChange("MetadataOptions.HttpTokens", "required", "optional"),)
        ),
    )
    return {
        "mute-rds-backend-only": (rds_open,),
        "mute-internet-entry": (ssh_open,),
        "mute-it-works": (agent_cut,),
        "mute-private-subnets": (nestjs_open,),
        "mute-s3-public-read": (bucket_write,),
        "mute-imdsv2": (msgspec.structs.replace(imds, waived_by="W-2025-003"),),
    }


REMEDIATION = Text(
    "Remove the rule that lets the internet in, or limit its source to the backend's group.",
    "인터넷을 허용하는 규칙을 제거하거나, 원본을 백엔드 보안 그룹으로 제한하십시오.",
)

SKIPPED = StaticFinding(
    "CKV_AWS_157",
    "Ensure that RDS instances have Multi-AZ enabled",
    "module.database.aws_db_instance.this",
    Location("terraform/modules/database/main.tf", 12),
    "the estate is Single-AZ by decision",
    "https://docs.example.com/policies/ckv-aws-157",
)

SOURCE = SourceInfo(
    kind="demo",
    name="demo",
    accounts=(ACCOUNT,),
    regions=(REGION,),
    collected_at="2025-11-24T01:02:03Z",
)


def clean_report() -> Report:
    """Everything as intended: eight kinds of policy pass, no drift, no gap."""
    return Report(
        schema=REPORT_SCHEMA,
        tool_version="0.1.0",
        generated_at="2025-11-24T01:02:09Z",
        source=SOURCE,
        summary=Summary(passed=len(_POLICIES), exit_code=0),
        policies=tuple(policy(id) for id in _POLICIES),
        baseline="baseline/mute.yaml",
        outside=(Outside("ec2.vpc", 1), Outside("ec2.subnet", 4), Outside("s3.bucket", 2)),
        static=StaticResult(
            StaticStatus.PASSED, version="3.3.30", path="terraform", passed=212, skipped=(SKIPPED,)
        ),
        drawing=network(),
    )


def drift_items() -> tuple[DriftItem, ...]:
    return (
        DriftItem(
            DriftKind.CHANGED,
            SG_RDS,
            (
                FieldChange("ingress[tcp/5432]", ["hackathon_sg_backend"], ["0.0.0.0/0"]),
                FieldChange("description", "Database", ""),
            ),
            location=Location("baseline/mute.yaml", 88, 5),
        ),
        DriftItem(
            DriftKind.CHANGED,
            RDS,
            (
                FieldChange("storage_encrypted", True, False),
                FieldChange("backup_retention_days", 7, "7"),
            ),
        ),
        DriftItem(
            DriftKind.UNEXPECTED,
            at("ec2.security-group", "sg-0eeee0000000000ee", "temp-open-all"),
            (FieldChange("ingress[all]", None, ["0.0.0.0/0"]),),
        ),
        DriftItem(DriftKind.MISSING, at("ecr.repository", "mute-frontend", "mute-frontend")),
        DriftItem(DriftKind.UNKNOWN, BUCKET, gaps=(Gap("s3:GetBucketPolicy", BUCKET.id),)),
    )


def repair(*found: Finding) -> Repair:
    """One change that closes all of the findings."""
    group = at("ec2.security-group", "sg-0d0d0d0d0d0d0d005", "hackathon_sg_rds")
    change = Change(
        "remove-inbound-rule",
        group,
        {"rule": "sgr-1", "group": group.name, "what": "tcp/5432 ← 0.0.0.0/0"},
        "aws ec2 revoke-security-group-ingress --group-id sg-5 --security-group-rule-ids sgr-1",
    )
    return Repair((change,), tuple(finding.identity for finding in found))


def changed_report() -> Report:
    """The estate after the changes: fails, one unknown, one error, drift, a gap, a waiver."""
    found = findings()
    results = []
    for id in _POLICIES:
        if id == "mute-private-subnets":
            results.append(policy(id, Verdict.UNKNOWN, findings=found[id], gaps=(NESTJS_GAP,)))
        elif id == "mute-imdsv2":
            results.append(policy(id, findings=found[id]))
        elif id in found:
            results.append(
                policy(
                    id,
                    Verdict.FAIL,
                    findings=found[id],
                    remediation=REMEDIATION,
                    repairs=(repair(*found[id]),) if id == "mute-rds-backend-only" else (),
                    references=("https://docs.aws.amazon.com/vpc/latest/userguide/",),
                )
            )
        elif id == "mute-ecr-private":
            results.append(
                policy(id, Verdict.ERROR, judged=0, error="selector `ecr:mute-*` names nothing")
            )
        else:
            results.append(policy(id))
    paths = (
        DrawnPath(
            "mute-rds-backend-only",
            Verdict.FAIL,
            "tcp/5432",
            tuple(hop.id for hop in RDS_PATH),
        ),
        DrawnPath(
            "mute-internet-entry",
            Verdict.FAIL,
            "tcp/22",
            (
                "internet",
                IGW.id,
                subnet_id("network_public2"),
                instance("hackathon_backend_nginx").id,
            ),
        ),
        DrawnPath(
            "mute-private-subnets",
            Verdict.UNKNOWN,
            "tcp/443",
            (
                "internet",
                IGW.id,
                subnet_id("network_private1"),
                instance("hackathon_backend_nestjs").id,
            ),
        ),
    )
    clean = clean_report()
    return msgspec.structs.replace(
        clean,
        summary=Summary(
            passed=3,
            failed=4,
            unknown=1,
            errors=1,
            waived=1,
            drift=5,
            gaps=1,
            accepted_gaps=1,
            exit_code=4,
            exit_reasons=(
                f"gap:{NESTJS_GAP}",
                "unknown:mute-private-subnets",
                "error:mute-ecr-private",
            ),
        ),
        policies=tuple(results),
        drift=drift_items(),
        gaps=(NESTJS_GAP,),
        accepted_gaps=(
            Gap(
                "s3:GetObjectAcl",
                BUCKET.id,
                "object ACLs are not read: accepted in mute-audit.yaml",
            ),
        ),
        static=StaticResult(
            StaticStatus.FAILED,
            version="3.3.30",
            path="terraform",
            passed=210,
            failed=(
                StaticFinding(
                    "CKV_AWS_24",
                    "Ensure no security groups allow ingress from 0.0.0.0:0 to port 22",
                    "module.security.aws_vpc_security_group_ingress_rule.this",
                    Location("terraform/modules/security/main.tf", 41),
                ),
            ),
            skipped=(SKIPPED,),
        ),
        drawing=network(*paths, music_state="stopped"),
    )


# --- hostile names -----------------------------------------------------------------------------

SCRIPT = "<script>document.title='pwned'</script>"
ATTRIBUTE = "\" onmouseover='document.title=1' x=\""
IMAGE = "<img src=https://evil.example/x.png onerror=\"document.title='pwned'\">"
ESCAPES = "\x1b[31mred\x1b]8;;https://evil.example\x07link\x1b]8;;\x07"
BIDI = "safe\u202egnp.exe\u2066"
MARKUP = "[red]bold[/red] [link=https://evil.example]x[/link]"
MARKDOWN = "`| @everyone ![x](https://evil.example/x.png) <b>b</b> [a](javascript:alert(1))"
FORMULA = '=HYPERLINK("https://evil.example","x")'
LONG = "가나다라" * 50 + "x" * 10_000
HOSTILE = (
    SCRIPT,
    ATTRIBUTE,
    IMAGE,
    ESCAPES,
    BIDI,
    MARKUP,
    MARKDOWN,
    FORMULA,
    LONG,
    "a\nb\r\n\x00c",
)


def hostile_report() -> Report:
    """The changed estate, with hostile texts in every place that comes from outside."""
    report = changed_report()
    results = []
    for index, name in enumerate(HOSTILE):
        thing = at("ec2.instance", f"i-{index}{name}", name)
        finding = Finding.build(
            policy=f"hostile-{index}",
            verdict=Verdict.FAIL,
            severity=Severity.HIGH,
            code="reach.forbidden" if index % 2 else f"new.code-{name[:20]}",
            resource=thing,
            params={"source": name, "target": name, "port": name, name: name},
            evidence=Evidence(
                source=name,
                port="tcp/1",
                path=(Hop("internet", "internet"), Hop(name, name, name, (name,))),
                return_path=(Hop(name, name, name, (name,)),),
                witness=Packet("tcp", name, name, 1, 2),
                request={"principal": name, "action": name, "context": {name: name}},
                fields=(FieldChange(name, name, [name]),),
                blockers=(Blocker("host", name, name, name),),
                rules=(name,),
                gaps=(Gap(name, name, name, name),),
                notes=(name,),
            ),
            location=Location(name, 3),
        )
        finding = msgspec.structs.replace(
            finding, declarations=(Declaration(name, Location(name, 4)),)
        )
        results.append(
            PolicyResult(
                id=f"hostile-{index}",
                title=Text(name, name),
                severity=Severity.HIGH,
                kind="reach",
                verdict=Verdict.FAIL,
                judged=1,
                findings=(
                    msgspec.structs.replace(finding, waived_by=name if index % 3 == 0 else ""),
                ),
                repairs=(
                    Repair(
                        (
                            Change("leave-group", thing, {"group": name, "host": name}, name),
                            Change(f"new-{name[:20]}", thing, {name: name}, name),
                        ),
                        (finding.identity,),
                    ),
                ),
                description=Text(name, name),
                remediation=Text(name, name),
                error=name,
                notes=(name,),
                references=(name, f"javascript:alert('{name}')"),
                location=Location(name),
            )
        )
    places = tuple(
        DrawnPlace(at("ec2.instance", f"i-{index}{name}", name), name, name, name, (name,))
        for index, name in enumerate(HOSTILE)
    )
    drawing = Drawing(
        vpcs=(
            DrawnVpc(
                at("ec2.vpc", SCRIPT, IMAGE),
                (SCRIPT,),
                (DrawnZone(IMAGE, (DrawnSubnet(SCRIPT, IMAGE, ATTRIBUTE, True, BIDI, places),)),),
                (at("ec2.internet-gateway", "igw-1", SCRIPT),),
            ),
        ),
        paths=(
            DrawnPath(
                SCRIPT,
                Verdict.FAIL,
                IMAGE,
                ("internet", "igw-1", SCRIPT, places[0].address.id),
            ),
        ),
    )
    return msgspec.structs.replace(
        report,
        source=SourceInfo("snapshot", SCRIPT, (IMAGE,), (ATTRIBUTE,), BIDI, HOSTILE),
        tool_version=ATTRIBUTE,
        generated_at=SCRIPT,
        baseline=IMAGE,
        policies=tuple(results),
        drift=tuple(
            DriftItem(kind, at("ec2.instance", name, name), (FieldChange(name, name, None),))
            for kind, name in zip(list(DriftKind) * 3, HOSTILE, strict=False)
        ),
        gaps=tuple(Gap(name, name, name, name) for name in HOSTILE),
        outside=tuple(Outside(name, 1) for name in HOSTILE),
        static=StaticResult(
            StaticStatus.ERROR,
            version=SCRIPT,
            path=IMAGE,
            failed=tuple(
                StaticFinding(n, n, n, Location(n), n, f"javascript:{n}") for n in HOSTILE
            ),
            error=SCRIPT,
        ),
        drawing=drawing,
        summary=msgspec.structs.replace(report.summary, exit_reasons=HOSTILE),
    )
