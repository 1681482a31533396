"""Korean for what the engines say in English: details of blockers, notes, gaps.

The engines know one language. Each sentence of theirs stands here with its placeholders, which
keep their names; `phrases.py` finds the one that a text was made from. What a gap is about
(`Gap.what`) stays as it is: `accept_gaps` calls it by that name.
"""

from __future__ import annotations

__all__ = ["DETAILS", "REASONS", "WHYS"]

# What a blocker says of itself, and what stands behind the colon of a note.
DETAILS: dict[str, str] = {
    # Filters.
    "no rule of {groups} on {nic} lets in {packet}": (
        "{nic}에 적용된 {groups}에 이 패킷을 받아들이는 규칙이 없습니다: {packet}"
    ),
    "no rule of {groups} on {nic} lets out {packet}": (
        "{nic}에 적용된 {groups}에 이 패킷을 내보내는 규칙이 없습니다: {packet}"
    ),
    "entry {entry} denies {packet} into {subnet}": (
        "{subnet}에 들어오는 패킷을 {entry} 항목에서 거부합니다: {packet}"
    ),
    "entry {entry} denies {packet} out of {subnet}": (
        "{subnet}에서 나가는 패킷을 {entry} 항목에서 거부합니다: {packet}"
    ),
    "mode {mode} of {place}, and no exclusion of {vpc} or its subnet opens it": (
        "{place}의 모드가 {mode}이며, {vpc}나 해당 서브넷에 대한 제외 항목이 없습니다"
    ),
    # Routes.
    "route {route} to {target} is a blackhole": "경로 {route}(대상 {target})가 블랙홀입니다",
    "route {route} is a blackhole": "경로 {route}가 블랙홀입니다",
    "route table {table} has no route to {address}": (
        "라우팅 테이블 {table}에 {address} 방향의 경로가 없습니다"
    ),
    "{subnet} has no route by {table} from {source} to {gateway}": (
        "{subnet}의 라우팅 테이블 {table}에 {gateway} 방향의 경로가 없습니다(보낸 곳 {source})"
    ),
    "the packet comes round to {where} again": "패킷이 돌아서 다시 {where}에 도착합니다",
    "{address} leads to {where} from here, not to {goal}": (
        "여기에서 {address}의 경로는 {goal}이 아니라 {where} 방향입니다"
    ),
    "the answer arrives at {where} as {packet}, which is not what {source} waits for": (
        "응답이 {where}에 {packet} 형태로 도착하며, {source}에서 기다리는 응답이 아닙니다"
    ),
    # Gateways and connections.
    "{name} is {state}": "{name}의 상태가 {state}입니다",
    "{name} is {state}, not active": "{name}의 상태가 active가 아니라 {state}입니다",
    "attachment {name} is {state}": "연결(attachment) {name}의 상태가 {state}입니다",
    "{name} is not attached to {vpc}": "{name} 게이트웨이가 {vpc}에 연결되어 있지 않습니다",
    "{name} is attached to no VPC": "{name} 게이트웨이가 어떤 VPC에도 연결되어 있지 않습니다",
    "{vpc} has no internet gateway attached": "{vpc}에 연결된 인터넷 게이트웨이가 없습니다",
    "{name} has no subnet in zone {zone}": "{name}에 가용 영역 {zone}의 서브넷이 없습니다",
    "{name} is associated with no route table of {gateway}": (
        "{name}에 {gateway}의 라우팅 테이블이 지정되어 있지 않습니다"
    ),
    "{name} carries TCP, UDP and ICMP, not protocol {protocol}": (
        "{name}: TCP, UDP, ICMP만 처리하며 프로토콜 {protocol} 트래픽은 처리하지 않습니다"
    ),
    "{name} carries IPv6 only, not {address}": "{name}: IPv6만 처리합니다(목적지 {address})",
    "{name} takes in nothing that it did not send for: {packet}": (
        "{name}: 내부에서 시작하지 않은 연결은 받지 않습니다: {packet}"
    ),
    "the answer leaves through {name}, which has no such connection": (
        "응답이 {name} 게이트웨이로 나가지만, 그곳에는 이 연결이 없습니다"
    ),
    "{name} takes only what {vpc} itself sends, not {source}": (
        "{name}: {vpc}에서 직접 보낸 트래픽만 받으며 {source}는 해당하지 않습니다"
    ),
    "{address} is not in {vpc}, and a peer passes nothing on": (
        "{address}는 {vpc}의 주소가 아니며, 피어는 트래픽을 다른 곳으로 넘기지 않습니다"
    ),
    "{name} does not listen on {protocol} {port}": "{name}에 {protocol} {port} 리스너가 없습니다",
    "{name} has no target for port {port}": "{name}에 포트 {port} 트래픽을 보낼 대상이 없습니다",
    "attachment {name} does not support IPv6": "연결(attachment) {name}: IPv6를 지원하지 않습니다",
    "{name} keeps the client's address, so that {target} does not reach itself by it": (
        "{name}: 클라이언트 주소를 유지하므로 {target}에서 자기 자신에게는 접근할 수 없습니다"
    ),
    "{name} opens no connection of its own": "{name}: 스스로 연결을 시작하지 않습니다",
    "{name} serves what {vpc} itself sends, not {source}": (
        "{name}: {vpc}에서 직접 보낸 트래픽만 처리하며 {source}는 해당하지 않습니다"
    ),
    "{name} has no session": "{name}에 이 연결이 없습니다",
    "{name} has no route to {address}": "{name}에 {address} 방향의 경로가 없습니다",
    "{name} may not pass on packets": "{name}에서 패킷을 전달하지 않을 수 있습니다",
    "{name} may drop it": "{name}에서 패킷을 버릴 수 있습니다",
    # Addresses and hosts.
    "{name} drops what goes to the private address {address}": (
        "{name}: 프라이빗 IP {address}로 가는 패킷을 버립니다"
    ),
    "{name} drops the private source {address}": (
        "{name}: 프라이빗 IP {address}에서 온 패킷을 버립니다"
    ),
    "{name} drops {source} → {target}": "{name}: {source} → {target} 패킷을 버립니다",
    "{name} drops what is not addressed to it: {address}": (
        "{name}: 자신의 주소가 아닌 {address}로 가는 패킷을 버립니다"
    ),
    "{name} may only send from its own addresses, not from {address}": (
        "{name}: 자신의 주소로만 보낼 수 있으며 {address}는 자신의 주소가 아닙니다"
    ),
    "{address} of {name} has no public address to leave under": (
        "{name}의 {address}에 인터넷으로 나갈 때 쓸 퍼블릭 IP가 없습니다"
    ),
    "{address} is no public address of {vpc}": "{address}는 {vpc}의 퍼블릭 IP가 아닙니다",
    "{name} has no public address that the internet could send to": (
        "{name}에 인터넷에서 접근할 수 있는 퍼블릭 IP가 없습니다"
    ),
    "the internet has no way to the private address {address}": (
        "인터넷에서 프라이빗 IP {address}에 도달하는 경로는 없습니다"
    ),
    "no interface in the estate has the public address {address}": (
        "퍼블릭 IP {address}를 가진 인터페이스가 없습니다"
    ),
    "nothing in or around the estate has the address {address}": (
        "{address} 주소를 가진 리소스나 네트워크가 없습니다"
    ),
    "no subnet of {vpc} holds {address}": "{vpc}에 {address}를 포함하는 서브넷이 없습니다",
    "no interface in {subnet} has {address}": "{subnet}에 {address} 주소의 인터페이스가 없습니다",
    "{address} is a link-local address that no Amazon service uses": (
        "{address}는 어떤 AWS 서비스도 쓰지 않는 링크 로컬 주소입니다"
    ),
    "nobody but the sender is in {name}": "{name}에는 보내는 쪽밖에 없습니다",
    "no interface is in {name}": "{name}에 인터페이스가 없습니다",
    "{name} is a gateway's interface, and passes on what others send": (
        "{name}: 게이트웨이의 인터페이스이며 다른 곳에서 보낸 것만 전달합니다"
    ),
    "{name} is a gateway's interface; nothing answers at its own address": (
        "{name}: 게이트웨이의 인터페이스이며, 이 주소 자체에서는 응답하지 않습니다"
    ),
    "{name} serves functions: it opens connections and accepts none": (
        "{name}: 함수가 쓰는 인터페이스로, 연결을 시작할 수만 있고 받지 않습니다"
    ),
    "{name} is attached to no host": "{name} 인터페이스가 어떤 호스트에도 연결되어 있지 않습니다",
    "the two ends and the protocol have no version of IP in common": (
        "양쪽과 프로토콜에 공통된 IP 버전이 없습니다"
    ),
    # Behind a note's code.
    "no target is healthy; {name} is {state}": "정상 상태인 대상이 없습니다. {name}: {state}",
    "{name} sends it on to {target} as {packet}": "{name}에서 {target}에 {packet} 형태로 전달",
    "{name} answers on port {port} itself": "{name}에서 포트 {port} 요청에 직접 응답",
    "{name} calls the function {target}": "{name}에서 함수 {target} 호출",
    "{name} leads to a network that is not seen from AWS": "{name} 너머의 네트워크는 보이지 않음",
    "{name} leads to a network not seen from AWS": "{name} 너머의 네트워크는 보이지 않음",
    "{name} decides, and its rules are not read": "{name}에서 결정하며 규칙은 읽지 않음",
    "{name} is reached at {address}": "{name}, 퍼블릭 IP {address}",
    "not from every address; {address} gets through": "모든 주소가 아니라 {address} 등에서만 통과",
    "of {port}, {part} gets through": "{port} 중 {part}만 통과",
    "the answer gets back to ports {ports} of the client only": (
        "응답이 클라이언트의 포트 {ports}에만 돌아옴"
    ),
    "the answer gets back to ports {ports} of the translator on the way only": (
        "응답이 중간에서 주소를 변환하는 곳의 포트 {ports}에만 돌아옴"
    ),
    "the answer gets back to ports {ports} of {name} only": (
        "응답이 {name}의 포트 {ports}에만 돌아옴"
    ),
    "{names} gets to {target} by {port} once what is stopped is started": (
        "중지된 것을 시작하면 {names}에서 {target}의 {port}에 접근 가능"
    ),
    "{names} may get to {target} by {port} once what is stopped is started": (
        "중지된 것을 시작하면 {names}에서 {target}의 {port}에 접근할 가능성 있음"
    ),
    "only {names} is off now; else the packet would get through": (
        "꺼져 있는 것은 {names}뿐이며, 켜면 패킷이 통과함"
    ),
    "an egress-only exclusion under block-bidirectional is not read as opening an interface's own"
    " way out: AWS's texts disagree": (
        "block-bidirectional 모드의 송신 전용 제외는 인터페이스 자체의 송신을 열지 않는다고 봄"
    ),
    "an egress-only exclusion under block-bidirectional is read as opening the ways through NAT and"
    " egress-only gateways, not an interface's own way out": (
        "block-bidirectional 모드의 송신 전용 제외는 NAT와 송신 전용 게이트웨이만 연다고 봄"
    ),
    "{default} (`{key}` is not in the snapshot)": "{default} (스냅샷에 `{key}` 없음)",
    # AWS's defaults (`inventory.calls`).
    "rules are named by their text": "규칙을 내용으로 구분",
    "groups belong to their own VPC": "보안 그룹은 자신의 VPC에만 속함",
    "no internet gateway": "인터넷 게이트웨이 없음",
    "no egress-only internet gateway": "송신 전용 인터넷 게이트웨이 없음",
    "no NAT gateway": "NAT 게이트웨이 없음",
    "public addresses as the interfaces show them": "퍼블릭 IP는 인터페이스에 표시된 대로",
    "no peering connection": "피어링 연결 없음",
    "no VPC endpoint": "VPC 엔드포인트 없음",
    "no transit gateway": "전송 게이트웨이 없음",
    "no transit gateway attachment": "전송 게이트웨이 연결 없음",
    "no transit gateway peering": "전송 게이트웨이 피어링 없음",
    "nothing is propagated": "전파되는 경로 없음",
    "no virtual private gateway": "가상 프라이빗 게이트웨이 없음",
    "no VPN connection": "VPN 연결 없음",
    "no customer gateway": "고객 게이트웨이 없음",
    "VPC Block Public Access is off": "VPC 퍼블릭 액세스 차단 꺼짐",
    "no exclusion from VPC Block Public Access": "VPC 퍼블릭 액세스 차단의 제외 항목 없음",
    "instances are taken to be running": "인스턴스는 실행 중",
    "no load balancer": "로드 밸런서 없음",
    "default actions only": "기본 작업만 있음",
    "attributes at their defaults": "속성은 기본값",
    "no database instance": "데이터베이스 인스턴스 없음",
    "no database snapshot": "데이터베이스 스냅샷 없음",
    "no function in a VPC": "VPC에 연결된 함수 없음",
    "no ECS service": "ECS 서비스 없음",
    "no ECS task": "ECS 태스크 없음",
    "no bucket": "버킷 없음",
    "no access point of several Regions": "다중 리전 액세스 포인트 없음",
    "no repository": "리포지토리 없음",
    "the account is in no organization": "계정이 조직에 속해 있지 않음",
}

# What the identity engine notes of an answer; labels of statements stay as they are.
REASONS: dict[str, str] = {
    "{name}: no Allow takes in {action} by {who}": "{name}: {action} 허용 정책 문 없음({who})",
    "{name}: denies": "{name}: 거부함",
    "{name}: cannot hold here: {labels}": "{name}: 여기서는 성립할 수 없는 조건({labels})",
    "{name}: a principal kind is not modelled": "{name}: 지원하지 않는 종류의 보안 주체",
    "{name}: the element `{element}` is not modelled": "{name}: 지원하지 않는 요소 `{element}`",
    "{name}: the operator `{text}` is not modelled": "{name}: 지원하지 않는 연산자 `{text}`",
    "{name}: `{text}` has no value here": "{name}: 여기에는 `{text}` 값이 없음",
    "{name}: what it asks about is not known here": "{name}: 조건이 묻는 값을 여기서는 알 수 없음",
    "{name}: the key is compared in ways that exclude each other": (
        "{name}: 같은 키를 서로 배타적인 방법으로 비교함"
    ),
    "{name}: `Null` asks for `true` or `false`": "{name}: `Null`에는 `true`나 `false`를 써야 함",
    "allowed by {statement}, {unless}": "{statement}에서 허용됨({unless})",
    "the search was cut off at its limit": "경우의 수가 많아 탐색을 한도에서 멈춤",
    "nothing of {kind} is open to {who}": "{kind} 중 {who}에게 열린 것이 없음",
    "`{name}` is a principal that is not modelled": "`{name}`: 지원하지 않는 보안 주체",
    "access point {name} takes signed requests alone": (
        "액세스 포인트 {name}은(는) 서명된 요청만 받음"
    ),
    "access point {name} has no policy": "액세스 포인트 {name}에 정책이 없음",
    "only ways from and to networks outside were compared, of {count} places": (
        "위치 {count}곳 중 외부 네트워크를 오가는 경로만 비교함"
    ),
    "the bucket has no policy": "버킷 정책이 없음",
    "the policy leaves it to access points ({name})": "버킷 정책에서 액세스 포인트에 맡김({name})",
    "RestrictPublicBuckets holds back the public policy ({labels})": (
        "RestrictPublicBuckets가 공개 정책을 막음({labels})"
    ),
    "whether RestrictPublicBuckets holds it back is not known": (
        "RestrictPublicBuckets가 이를 막는지 알 수 없음"
    ),
    "no such grant in the bucket's ACL": "버킷 ACL에 해당하는 권한 부여가 없음",
    "ACLs let nobody in ({why})": "ACL로 허용되는 대상이 없음({why})",
    "the ACL is not known": "ACL을 알 수 없음",
    "the ACLs of objects are not read": "객체 ACL은 읽지 않음",
    "ACLs are in force, and the ACLs of objects are not read": (
        "ACL이 적용되는 버킷이며, 객체 ACL은 읽지 않음"
    ),
    "whether public grants lie underneath cannot be seen": (
        "가려진 공개 권한 부여가 있는지 알 수 없음"
    ),
    "whether public ACL grants lie underneath cannot be seen": (
        "가려진 공개 ACL 권한 부여가 있는지 알 수 없음"
    ),
    "the repository has no policy": "리포지토리 정책이 없음",
    "an encrypted snapshot cannot be public": "암호화된 스냅샷은 공개할 수 없음",
    "`restore` does not name `all`": "`restore` 속성에 `all`이 없음",
    "it has no policy that lets anybody in": "외부를 허용하는 정책이 없음",
    "sharing a snapshot does not give this": "스냅샷을 공유해도 주어지지 않는 권한",
    "a {policy} cannot give it": "{policy}로는 줄 수 없는 권한",
}

# Why it is not known (`Gap.why`); what AWS says is shown as it is.
WHYS: dict[str, str] = {
    "not in the snapshot": "스냅샷에 없음",
    "`{name}` is not described": "`{name}`이(가) 기술되어 있지 않음",
    "put off by terraform to a later plan": "terraform이 나중의 plan으로 미룸",
    "unknown until apply": "적용(apply)하기 전에는 알 수 없음",
    "the bucket is there already, and nothing here says how it is set": (
        "이미 있는 버킷이며, 설정이 어떤지 알려 주는 것이 없음"
    ),
    "it is not in the snapshot": "스냅샷에 없음",
    "the document is not in the snapshot": "스냅샷에 문서가 없음",
    "the VPC is not in the snapshot": "스냅샷에 이 VPC가 없음",
    "group {name} is not in the snapshot": "스냅샷에 그룹 {name} 없음",
    "not in the snapshot, and {name} belongs to one": "스냅샷에 없음({name} 인터페이스가 속함)",
    "learned by BGP, and not in the snapshot": "BGP로 학습한 경로이며 스냅샷에 없음",
    "what is behind it is not in the snapshot": "그 너머에 무엇이 있는지 스냅샷에 없음",
    "none is in the description of its levels": "단계별 설명에 하나도 없음",
    "no report was made: run `aws iam generate-credential-report`": (
        "보고서가 만들어져 있지 않음: `aws iam generate-credential-report` 실행 필요"
    ),
    "the credential report does not list it": "자격 증명 보고서에 없음",
    "the credential report is older than the user": "자격 증명 보고서가 사용자보다 오래됨",
    "it has no readable date": "읽을 수 있는 날짜가 없음",
    "its action is `{text}`": "작업: `{text}`",
    "no route says which they are": "어떤 주소인지 알려 주는 경로가 없음",
    "their networks overlap, and only the VPC that was attached first is propagated": (
        "네트워크가 겹치며, 먼저 연결된 VPC의 경로만 전파됨"
    ),
    "AWS keeps the client's address only for targets in this VPC or a peered one": (
        "이 VPC나 피어링된 VPC의 대상에만 클라이언트 주소가 유지됨"
    ),
    "not scanned": "스캔하지 않음",
    "not described": "설명이 없음",
    "none is described": "설명이 하나도 없음",
    "not in the resource's description": "리소스 설명에 이 필드가 없음",
    "nothing is described for this subnet": "이 서브넷에 대한 설명이 없음",
    "its subnet or address is not described": "서브넷이나 주소에 대한 설명이 없음",
    "the database's subnets are unknown": "데이터베이스의 서브넷을 알 수 없음",
    "the description lists none": "설명에 하나도 없음",
    "the description of an interface lists none": "인터페이스 설명에 하나도 없음",
    "the description does not hold the bucket's Region": "설명에 버킷의 리전이 없음",
    "the description does not hold the metadata options": "설명에 메타데이터 옵션이 없음",
    "the description does not show the root volume": "설명에 루트 볼륨이 없음",
    "AWS no longer describes the image: withdrawn, or not shared any more": (
        "AWS에서 더는 설명하지 않는 이미지(철회되었거나 공유가 해제됨)"
    ),
    "they are not collected": "수집하지 않음",
    "not collected for this resource": "이 리소스에 대해 수집하지 않음",
    "policies of {service} are not collected": "{service}의 정책은 수집하지 않음",
    "the policies of access points are not collected": "액세스 포인트의 정책은 수집하지 않음",
    "the entries of this prefix list were not collected": "이 접두사 목록의 항목을 수집하지 않음",
    "the scan was given none, so that nothing was compared": (
        "스캔에 기준선이 지정되지 않아 비교하지 않음"
    ),
    "not modelled": "지원하지 않는 기능",
    "this kind of target is not modelled": "지원하지 않는 종류의 대상",
    "whether the host passes packets on cannot be seen from outside": (
        "호스트가 패킷을 전달하는지 밖에서는 알 수 없음"
    ),
    "the rules of the firewall are not read": "방화벽 규칙은 읽지 않음",
    "the appliances behind it are not read": "뒤에 있는 어플라이언스는 읽지 않음",
    "the connection is not one of this VPC": "이 VPC의 연결이 아님",
    "its other end is not known": "반대쪽을 알 수 없음",
    "kind `{kind}`": "종류: `{kind}`",
    "mode `{mode}`": "모드: `{mode}`",
    "AWS chooses the zone": "가용 영역을 AWS에서 선택함",
    "AWS spreads the traffic over them": "AWS가 트래픽을 여러 연결로 나눔",
    "AWS takes one of several": "여러 개 중 하나를 AWS에서 선택함",
    "its subnet {subnet} is in another VPC, {vpc}": "서브넷 {subnet}은 다른 VPC({vpc})에 있음",
    "its address {text} is not one of its subnet {subnet}": (
        "주소 {text}는 서브넷 {subnet}의 주소가 아님"
    ),
    "its primary address {text} is not among its addresses": (
        "기본 주소 {text}가 주소 목록에 없음"
    ),
    "it is of a NAT gateway, and attached to {name}": (
        "NAT 게이트웨이의 인터페이스인데 {name}에 연결되어 있음"
    ),
    "another interface of its VPC has its address {text} too": (
        "같은 VPC의 다른 인터페이스에도 주소 {text}가 있음"
    ),
    "its public address {text} is not among those of its addresses": (
        "퍼블릭 IP {text}가 주소 목록의 퍼블릭 IP에 없음"
    ),
    "its public address {text} is that of something else too": (
        "퍼블릭 IP {text}를 다른 리소스도 가지고 있음"
    ),
    "attached to {name}, and shown by {other}": "{name}에 연결되어 있는데 {other}에도 나타남",
    "its interface {name} is in {subnet}": "인터페이스 {name}는 {subnet}에 있음",
    "its interface {name} has no address {text}": "인터페이스 {name}에 주소 {text}가 없음",
    "its address {text} is that of {name}": "주소 {text}는 {name}의 주소임",
    "its protocol or CIDR cannot be read": "프로토콜이나 CIDR을 읽을 수 없음",
    "an entry cannot be read: {error}": "읽을 수 없는 항목이 있음: {error}",
    "the answer cannot be read: {error}": "응답을 읽을 수 없음: {error}",
    "CIDR `{text}` cannot be read": "CIDR `{text}`을 읽을 수 없음",
    "protocol `{text}` is not known": "알 수 없는 프로토콜 `{text}`",
    "{text} cannot be read": "{text}을 읽을 수 없음",
    "its destination cannot be read": "목적지를 읽을 수 없음",
    "the destination is no CIDR": "목적지가 CIDR이 아님",
    "they overlap with different targets, and AWS takes any": (
        "대상이 다른데 서로 겹치며, AWS가 어느 것을 쓸지 정해져 있지 않음"
    ),
    "they overlap with different targets, and AWS picks one at random": (
        "대상이 다른데 서로 겹치며, AWS가 어느 것을 쓸지 정해져 있지 않음"
    ),
    "two routes to one destination": "목적지 하나에 경로가 둘임",
    "no connection of the estate leads there": "그곳으로 가는 연결이 없음",
    "it cannot be followed any further": "더는 따라갈 수 없음",
    "the interface is not described, and its possible addresses differ in the verdict": (
        "인터페이스 설명이 없고, 가능한 주소에 따라 판정이 달라짐"
    ),
    "it stands in one of {count} subnets, which are not reached alike": (
        "서브넷 {count}개 중 하나에 있으며, 서브넷마다 접근 가능 여부가 다름"
    ),
    "more than {count} packets to tell apart": "구분해야 할 패킷이 {count}개를 넘음",
    "nothing sends from there": "그곳에서 보내는 것이 없음",
    "AWS has more routes than one answer holds": "경로가 많아 응답 하나에 다 담기지 않음",
    "more routes than one answer": "경로가 많아 응답 하나에 다 담기지 않음",
    "several places have it; give the id of the one meant": (
        "이 이름의 리소스가 여럿이므로 의도한 것의 ID를 적어야 함"
    ),
    "`local.{name}`: the plan does not show its definition": (
        "`local.{name}`: 플랜에 정의가 나타나지 않음"
    ),
    "the last page is missing: {name} announces another one": (
        "마지막 페이지가 없음: {name}에 다음 페이지가 있다고 되어 있음"
    ),
    "the date of the scan is not known": "스캔 날짜를 알 수 없음",
    "the key has no readable date": "키의 날짜를 읽을 수 없음",
}
