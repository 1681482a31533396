"""The Korean sentences and words of every report. The English ones have the same keys.

A placeholder is followed only by particles that fit after every sound (`에서`, `에`, `의`, `까지`),
because a name may end in anything: no sentence needs `을(를)` or `이(가)` after a name.
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

# `config`가 요구하는 값: 엔진이 쓰는 영어 앞부분 → 한국어.
ASKED: dict[str, str] = {
    "not equals ": "{value} 외의 값",
    "not in ": "{value} 외의 값",
    "one of ": "{value} 중 하나",
    "at least ": "{value} 이상",
    "at most ": "{value} 이하",
    "matches ": "{value} 형식",
    "contains ": "{value} 포함",
    "not contains ": "{value} 미포함",
    "": "{value}",
}
ASKED_WORDS: dict[str, str] = {
    "empty": "비어 있음",
    "not empty": "비어 있지 않음",
    "present": "있음",
    "absent": "없음",
}

MESSAGES: dict[str, tuple[str, ...]] = {
    "reach.forbidden": (
        "{source}에서 {target}의 {port}에 접근할 수 있습니다. 정책이 허용하지 않는 경로입니다.",
        "{source}에서 {target}에 접근할 수 있습니다. 정책이 허용하지 않는 경로입니다.",
        "정책이 허용하지 않는 경로로 {resource}에 접근할 수 있습니다.",
    ),
    "reach.missing": (
        "{source}에서 {target}의 {port}에 접근할 수 있어야 하지만, 접근할 수 없습니다.",
        "{source}에서 {target}에 접근할 수 있어야 하지만, 접근할 수 없습니다.",
        "{resource}에 접근할 수 있어야 하지만, 접근할 수 없습니다.",
    ),
    "reach.unknown": (
        "{source}에서 {target}의 {port}에 접근할 수 있는지 판단할 수 없습니다.",
        "{source}에서 {target}에 접근할 수 있는지 판단할 수 없습니다.",
        "그 밖에 어디에서 {target}의 {port}에 접근할 수 있는지 판단할 수 없습니다.",
        "어디에서 {target}에 접근할 수 있는지 판단할 수 없습니다.",
        "어디에서 {resource}에 접근할 수 있는지 판단할 수 없습니다.",
    ),
    "reach.wrong_way": (
        "{source}에서 {target}의 {port}까지 가는 경로가 다릅니다. 기대: {expected}, 실제: {via}.",
        "{resource}까지 가는 경로가 정책과 다릅니다.",
    ),
    "s3.acl_way_open": (
        "ACL에 의해 {resource} 버킷이 공개되어 있습니다. 공개 권한이 실제로 적용됩니다.",
    ),
    "s3.acl_way_unknown": ("{resource} 버킷이 ACL로 공개되는지 판단할 수 없습니다.",),
    "s3.restrict_on": (
        "{resource} 버킷에 RestrictPublicBuckets가 적용되어, 의도한 공개 읽기가 동작하지 않습니다.",
    ),
    "s3.read_not_public": (
        "정책은 공개 읽기를 요구하지만, {resource}에 대한 {action} 요청이 공개되어 있지 않습니다.",
        "정책은 공개 읽기를 요구하지만, {resource} 버킷의 읽기가 공개되어 있지 않습니다.",
    ),
    "s3.write_public": (
        "누구나 {resource}에 {action} 요청을 할 수 있습니다.",
        "누구나 {resource} 버킷을 변경할 수 있습니다.",
    ),
    "s3.outside_access": (
        "외부 계정 {account}에서 {resource}에 {action} 요청을 할 수 있습니다.",
        "계정 외부에서 {resource}에 {action} 요청을 할 수 있습니다.",
        "계정 외부에서 {resource}에 접근할 수 있습니다.",
    ),
    "s3.block_policy_on": (
        "{resource} 버킷에 BlockPublicPolicy가 켜져 있어, 현재 정책을 다시 적용할 수 없습니다.",
    ),
    "s3.unknown": (
        "누구나 {resource}에 {action} 요청을 할 수 있는지 판단할 수 없습니다.",
        "누가 {resource}에 접근할 수 있는지 판단할 수 없습니다.",
    ),
    "iam.unexpected_policy": (
        "{resource}에 의도하지 않은 정책이 연결되어 있습니다: {policy}.",
        "{resource}에 의도하지 않은 정책이 연결되어 있습니다.",
    ),
    "iam.missing_policy": (
        "{resource}에 있어야 할 정책이 연결되어 있지 않습니다: {policy}.",
        "{resource}에 있어야 할 정책이 연결되어 있지 않습니다.",
    ),
    "iam.inline_policy": (
        "{resource}에 의도하지 않은 인라인 정책이 있습니다: {policy}.",
        "{resource}에 의도하지 않은 인라인 정책이 있습니다.",
    ),
    "iam.group_membership": (
        "{resource} 사용자가 의도하지 않은 그룹에 속해 있습니다: {group}.",
        "{resource} 사용자가 의도하지 않은 그룹에 속해 있습니다.",
    ),
    "iam.boundary": (
        "{resource}에 권한 경계가 설정되어 있습니다: {boundary}.",
        "{resource}에 권한 경계가 설정되어 있습니다.",
    ),
    "iam.no_such_user": (
        "{user}: 이 이름의 IAM 사용자가 없습니다.",
        "{resource}: 이 이름의 IAM 사용자가 없습니다.",
    ),
    "iam.unknown": ("{resource}에 어떤 권한이 있는지 판단할 수 없습니다.",),
    "iam.old_key": (
        "{resource}의 액세스 키 {key}: 생성 후 {actual}일이 지났습니다(허용 기간 {expected}일).",
        "{resource}에 허용 기간이 지난 액세스 키가 있습니다.",
    ),
    "iam.many_keys": (
        "{resource}의 활성 액세스 키가 {actual}개입니다(허용 {expected}개).",
        "{resource}의 활성 액세스 키가 허용된 개수보다 많습니다.",
    ),
    "iam.no_mfa": ("{resource}에 콘솔 암호는 있지만 MFA 디바이스가 없습니다.",),
    "iam.root_key": ("{resource}에 액세스 키가 있습니다.",),
    "iam.unused": (
        "{resource}의 {credential}: {actual}일 동안 사용되지 않았습니다(허용 기간 {expected}일).",
        "{resource}에 오랫동안 사용되지 않은 자격 증명이 있습니다.",
    ),
    "iam.full_access": ("{resource}에 모든 리소스에 대한 모든 권한이 있습니다.",),
    "iam.escalation": (
        "{resource}에서 스스로 권한을 높일 수 있습니다: {target}에 대한 {action} 허용.",
        "{resource}에서 스스로 권한을 높일 수 있습니다.",
    ),
    "iam.role_open": ("모든 AWS 계정에서 {resource} 역할을 맡을 수 있습니다.",),
    "iam.role_shared": ("외부 계정 {account}에서 {resource} 역할을 맡을 수 있습니다.",),
    "iam.role_unknown": ("계정 외부의 누가 {resource} 역할을 맡을 수 있는지 판단할 수 없습니다.",),
    "ecr.public": (
        "모든 AWS 계정에서 {resource} 리포지토리에 {action} 요청을 할 수 있습니다.",
        "{resource} 리포지토리가 모든 AWS 계정에 공개되어 있습니다.",
    ),
    "ecr.outside_access": (
        "외부 계정 {account}에서 {resource} 리포지토리에 {action} 요청을 할 수 있습니다.",
        "외부 계정 {account}에서 {resource} 리포지토리에 접근할 수 있습니다.",
        "계정 외부에서 {resource} 리포지토리에 접근할 수 있습니다.",
    ),
    "ecr.unknown": ("누가 {resource} 리포지토리에 접근할 수 있는지 판단할 수 없습니다.",),
    "rds.snapshot_public": (
        "모든 AWS 계정에서 {resource} 데이터베이스 스냅샷을 복원할 수 있습니다.",
    ),
    "rds.snapshot_shared": (
        "외부 계정 {account}에서 {resource} 데이터베이스 스냅샷을 복원할 수 있습니다.",
    ),
    "config.mismatch": (
        "{resource}의 {field} 값이 다릅니다. 기대: {expected}, 실제: {actual}.",
        "{resource}의 {field} 값이 정책과 다릅니다.",
        "{resource}의 설정이 정책과 다릅니다.",
    ),
    "config.unknown": (
        "{resource}의 {field} 값을 확인할 수 없습니다.",
        "{resource}의 설정을 확인할 수 없습니다.",
    ),
    "config.unknown_many": ("리소스 {actual}개의 {field} 값을 확인할 수 없습니다: {name}.",),
    "subject.missing": (
        "{name}: 정책의 판단 대상이지만 존재하지 않습니다. 혹시 {near} 아닌가요?",
        "{name}: 정책의 판단 대상이지만 존재하지 않습니다.",
        "{resource}: 정책의 판단 대상이지만 존재하지 않습니다.",
    ),
    "subject.empty": (
        "{name}: 선택되는 리소스가 없습니다. 없어도 된다면 `allow_empty: true`를 지정하세요.",
    ),
    "subject.shared": (
        (
            "{source}에서 {target}의 {port}에 접근할 수 있습니다. 정책이 허용한 이름의 리소스가"
            " 여럿이라 어느 것인지 알 수 없습니다({name}: {actual})."
        ),
    ),
    "drift.present": (
        "{name}: 기준선과 다릅니다({actual}).",
        "{name}: 기준선과 다릅니다.",
        "{resource}: 기준선과 다릅니다.",
    ),
    "drift.present.unknown": (
        "{name}: 기준선과 다른지 판단할 수 없습니다.",
        "{resource}: 기준선과 다른지 판단할 수 없습니다.",
    ),
}

# What a repair changes (`Change.code`).
CHANGES: dict[str, str] = {
    "remove-inbound-rule": "{group}에서 인바운드 {rule} 규칙을 삭제하세요: {what}.",
    "remove-outbound-rule": "{group}에서 아웃바운드 {rule} 규칙을 삭제하세요: {what}.",
    "narrow-inbound-rule": (
        "{group}의 인바운드 규칙 {rule}({what})에서 소스를 {to}만 남기고 좁히세요."
    ),
    "add-inbound-rule": "{group}에 인바운드 규칙을 추가하세요: {what}.",
    "add-outbound-rule": "{group}에 아웃바운드 규칙을 추가하세요: {what}.",
    "leave-group": "{host}에서 {group} 보안 그룹을 떼어 내세요.",
    "point-route": (
        "라우팅 테이블 {table}에서 {destination} 경로의 대상을 {target}에서 {to}(으)로 바꾸세요."
    ),
    "remove-route": "{table}에서 {destination} 경로(대상 {target})를 삭제하세요.",
    "associate-table": "{subnet} 서브넷을 {table} 라우팅 테이블에 연결하세요.",
    "remove-acl-entry": "네트워크 ACL {acl}에서 {entry} 항목을 삭제하세요.",
    "drop-public-address": "{host}에서 퍼블릭 IP {address} 연결을 해제하세요.",
    "check-source": "{host}의 소스/대상 확인을 켜세요.",
    "unpublish-database": "{database}의 PubliclyAccessible을 끄세요.",
    "start-host": "{host} 인스턴스를 시작하세요.",
    "remove-action": "{resource} 정책의 {statement} 정책 문에서 {action} 작업을 빼세요.",
    "remove-statement": "{resource} 정책에서 {statement} 정책 문을 삭제하세요.",
    "detach-policy": "{user}에서 {policy} 정책을 분리하세요.",
    "attach-policy": "{user}에 {policy} 정책을 연결하세요.",
    "delete-inline-policy": "{user}의 {policy} 인라인 정책을 삭제하세요.",
    "leave-iam-group": "{user} 사용자를 {group} 그룹에서 제외하세요.",
}

BLOCKERS: dict[str, str] = {
    "no-ingress-rule": "해당하는 인바운드 규칙이 없습니다",
    "no-egress-rule": "해당하는 아웃바운드 규칙이 없습니다",
    "acl-denied": "네트워크 ACL이 패킷을 거부합니다",
    "no-route": "목적지로 가는 경로가 없습니다",
    "blackhole": "해당 경로가 블랙홀입니다",
    "routing-loop": "경로가 순환합니다",
    "not-attached": "연결되어 있지 않습니다",
    "not-available": "사용할 수 없는 상태입니다",
    "no-public-address": "인터페이스에 퍼블릭 IP가 없습니다",
    "private-address": "프라이빗 IP는 인터넷으로 라우팅되지 않습니다",
    "wrong-family": "이 IP 버전의 트래픽을 처리하지 않습니다",
    "no-session": "NAT 게이트웨이는 내부에서 시작하지 않은 연결을 받지 않습니다",
    "unsupported-protocol": "이 프로토콜을 처리하지 않습니다",
    "edge-to-edge": "VPC는 한 연결에서 온 트래픽을 다른 연결로 넘기지 않습니다",
    "no-zone": "보내는 쪽 가용 영역에 전송 게이트웨이 연결(attachment)이 없습니다",
    "no-association": "연결(attachment)에 전송 게이트웨이 라우팅 테이블이 지정되어 있지 않습니다",
    "no-listener": "로드 밸런서에 해당 리스너가 없습니다",
    "no-target": "로드 밸런서에 보낼 수 있는 대상이 없습니다",
    "loopback": "클라이언트 주소가 유지되므로 클라이언트가 자기 자신을 대상으로 삼을 수 없습니다",
    "egress-only": "연결을 시작할 수만 있고 받을 수는 없는 인터페이스입니다",
    "opens-nothing": "게이트웨이의 인터페이스는 스스로 연결을 시작하지 않습니다",
    "no-such-destination": "이 주소를 가진 리소스가 없습니다",
    "other-host": "같은 주소를 가진 다른 호스트로 가는 경로입니다",
    "stopped": "호스트가 중지되어 있습니다",
    "source-dest-check": "소스/대상 확인에 걸려 패킷이 버려집니다",
    "not-forwarding": "패킷을 전달하지 않는 호스트입니다",
    "not-inspected": "경로상의 방화벽에서 패킷이 버려집니다",
    "bpa-ingress": "퍼블릭 액세스 차단이 인터넷에서 오는 트래픽을 막습니다",
    "bpa-egress": "퍼블릭 액세스 차단이 인터넷으로 나가는 트래픽을 막습니다",
    "answer-elsewhere": "응답이 다른 경로로 나갑니다",
    "other-network": "같은 주소를 가진 다른 네트워크로 가는 경로입니다",
    "no-common-family": "양쪽에 공통된 IP 버전이 없습니다",
}

NOTES: dict[str, str] = {
    "partial": "포트나 주소의 일부만 통과합니다.",
    "one-way": "패킷은 도착하지만 응답은 돌아올 수 없습니다.",
    "public": "퍼블릭 IP로, 인터넷 게이트웨이를 거쳐 접근하는 경로입니다.",
    "latent": "지금은 꺼져 있는 대상을 켜면 바로 열리는 경로입니다.",
    "assumed": "빠진 정보 대신 AWS 기본값을 적용했습니다.",
    "inspected": "경로상의 방화벽이 통과 여부를 결정하며, 그 규칙은 읽지 않습니다.",
    "forwarding": "자신에게 온 것이 아닌 패킷을 전달할 수 있는 호스트를 거치는 경로입니다.",
    "outside": "패킷이 여기서 관리 범위를 벗어나며, 그 너머는 확인할 수 없습니다.",
    "targets": "로드 밸런서가 트래픽을 전달합니다.",
    "reading": "AWS 문서가 서로 달라 한 가지 해석을 따랐습니다.",
    "nothing to judge": "판단할 대상이 없습니다.",
    "lets nobody in": "정책에서 허용하는 이름이지만 해당하는 리소스가 없습니다",
}

NOTE_PREFIXES: dict[str, str] = {
    "waiver expired ": "예외 기간이 만료되었습니다: {rest}",
    "waiver is for another proof ": "예외를 승인한 뒤 증거가 바뀌었습니다: {rest}",
    "no place is in ": "해당하는 리소스가 없습니다: {rest}",
}

REASONS: dict[str, str] = {
    "drift": "실제 상태가 기준선과 다릅니다",
    "drift-unknown": "기준선과 비교하지 못한 항목이 있습니다",
    "checkov": "checkov 검사를 위반한 항목이 있습니다",
    "checkov-missing": "checkov가 설치되어 있지 않습니다",
    "checkov-error": "checkov 검사를 마치지 못했습니다",
}

REASON_PREFIXES: dict[str, str] = {
    "gap:": "수집하지 못함: {rest}",
    "fail:": "위반: {rest}",
    "unknown:": "판단 불가: {rest}",
    "error:": "평가 오류: {rest}",
}

COMPONENTS: dict[str, str] = {
    "security-group": "보안 그룹",
    "network-acl": "네트워크 ACL",
    "route-table": "라우팅 테이블",
    "internet-gateway": "인터넷 게이트웨이",
    "nat-gateway": "NAT 게이트웨이",
    "transit-gateway": "전송 게이트웨이",
    "peering": "VPC 피어링",
    "vpc-endpoint": "VPC 엔드포인트",
    "load-balancer": "로드 밸런서",
    "block-public-access": "VPC 퍼블릭 액세스 차단",
    "no-such-destination": "존재하지 않는 목적지",
    "host": "호스트",
}

HOPS: dict[str, str] = {
    "internet": "인터넷",
    "internet-gateway": "인터넷 게이트웨이",
    "nat-gateway": "NAT 게이트웨이",
    "egress-only-internet-gateway": "송신 전용 게이트웨이",
    "subnet": "서브넷",
    "instance": "인스턴스",
    "database": "데이터베이스",
    "load-balancer": "로드 밸런서",
    "interface": "인터페이스",
    "network-interface": "인터페이스",
    "function": "함수",
    "service": "서비스",
    "peering": "피어링",
    "transit-gateway": "전송 게이트웨이",
    "transit-gateway-attachment": "전송 게이트웨이 연결",
    "vpc-endpoint": "VPC 엔드포인트",
    "network": "네트워크",
    "task": "태스크",
    "vpn-gateway": "VPN 게이트웨이",
    "gateway": "게이트웨이",
    "on-premises": "온프레미스",
    "amazon-service": "AWS 서비스",
    "peer": "피어 VPC",
    "host": "호스트",
}

TYPES: dict[str, str] = {
    "internet": "인터넷",
    "network": "네트워크",
    "region": "리전",
    "baseline": "기준선",
    "ec2.vpc": "VPC",
    "ec2.subnet": "서브넷",
    "ec2.route-table": "라우팅 테이블",
    "ec2.network-acl": "네트워크 ACL",
    "ec2.security-group": "보안 그룹",
    "ec2.instance": "EC2 인스턴스",
    "ec2.network-interface": "네트워크 인터페이스",
    "ec2.internet-gateway": "인터넷 게이트웨이",
    "ec2.egress-only-internet-gateway": "송신 전용 인터넷 게이트웨이",
    "ec2.nat-gateway": "NAT 게이트웨이",
    "ec2.address": "탄력적 IP 주소",
    "ec2.prefix-list": "접두사 목록",
    "ec2.vpc-endpoint": "VPC 엔드포인트",
    "ec2.gateway-endpoint": "게이트웨이 엔드포인트",
    "ec2.peering": "VPC 피어링",
    "ec2.vpc-peering-connection": "VPC 피어링",
    "ec2.transit-gateway": "전송 게이트웨이",
    "ec2.transit-gateway-attachment": "전송 게이트웨이 연결",
    "ec2.vpn-gateway": "가상 프라이빗 게이트웨이",
    "ec2.local-gateway": "로컬 게이트웨이",
    "ec2.carrier-gateway": "통신 사업자 게이트웨이",
    "ec2.gateway": "게이트웨이",
    "networkmanager.core-network": "코어 네트워크",
    "ec2.block-public-access": "VPC 퍼블릭 액세스 차단",
    "elbv2.load-balancer": "로드 밸런서",
    "elbv2.target-group": "대상 그룹",
    "rds.instance": "RDS 데이터베이스",
    "rds.subnet-group": "RDS 서브넷 그룹",
    "lambda.function": "Lambda 함수",
    "ecs.service": "ECS 서비스",
    "ecs.task": "ECS 태스크",
    "s3.bucket": "S3 버킷",
    "ecr.repository": "ECR 리포지토리",
    "iam.user": "IAM 사용자",
    "iam.role": "IAM 역할",
    "iam.group": "IAM 그룹",
    "iam.policy": "IAM 정책",
}
