"""The baseline file: what it may say, how it says no, and that ours is the stack as decided."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from mute_audit.errors import BaselineError
from mute_audit.intent.baseline import Baseline, load_baseline, parse_baseline, schema
from mute_audit.resources import data_dir, schema_path

ROOT = Path(__file__).parents[2]
OURS = data_dir("baseline") / "mute.yaml"

HEAD = "mute: baseline/v1\n"
NET = HEAD + "vpcs:\n  net: {cidrs: 10.0.0.0/16}\n"


def parsed(text: str) -> Baseline:
    return parse_baseline(text, Path("b.yaml"))


def refusal(text: str) -> str:
    with pytest.raises(BaselineError) as caught:
        parsed(text)
    return str(caught.value)


def test_the_published_schema_is_what_the_code_says() -> None:
    """`make schemas` writes it anew."""
    published = json.loads(schema_path("baseline").read_text(encoding="utf-8"))
    assert published == schema()


def test_the_schema_itself_is_sound_and_takes_our_baseline() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    document = load_baseline(OURS).document
    jsonschema.Draft202012Validator(schema()).validate(document.data)


def test_the_schema_refuses_what_the_code_refuses() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    assert not validator.is_valid({"mute": "baseline/v2"})
    assert not validator.is_valid({"mute": "baseline/v1", "subnet": {}})
    assert validator.is_valid({"mute": "baseline/v1"})


def test_only_written_fields_are_stated() -> None:
    baseline = parsed(NET + "subnets:\n  web: {zone: eu-west-1a}\n")
    subnet = baseline.file.subnets["web"]
    assert subnet.states("zone")
    assert not subnet.states("cidr")
    assert not subnet.states("public_addresses")


def test_values_stand_in_for_their_references() -> None:
    text = NET + (
        "values:\n  admins: [192.0.2.0/24, 198.51.100.0/24]\n  zone: eu-west-1a\n"
        "subnets:\n  web: {zone: $zone}\n"
        "security_groups:\n  web:\n    ingress:\n"
        "      - {ports: tcp/22, from: [$admins, web]}\n      - {ports: tcp/80, from: $admins}\n"
    )
    file = parsed(text).file
    first, second = file.security_groups["web"].ingress
    assert first.sources == ("192.0.2.0/24", "198.51.100.0/24", "web")
    assert second.sources == ("192.0.2.0/24", "198.51.100.0/24")
    assert file.subnets["web"].zone == "eu-west-1a"


def test_a_reference_to_no_value_is_told() -> None:
    text = NET + "values: {zone: a}\nsubnets:\n  web: {zone: $zoen}\n"
    assert refusal(text) == (
        "b.yaml:6:15: `subnets.web.zone`: `$zoen` is not one of `values`; did you mean `zone`?"
    )


def test_what_a_person_freezes_stays_frozen() -> None:
    text = HEAD + "buckets:\n  b: {policy: {Statement: [{Effect: Allow, Action: [a]}]}}\n"
    policy = parsed(text).file.buckets["b"].policy
    assert policy is not None
    with pytest.raises(TypeError):
        policy["Statement"] = ()  # type: ignore[index]
    assert isinstance(policy["Statement"], tuple)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            NET + "subnets:\n  web: {cidr: 10.0.1.5/24}\n",
            (
                "b.yaml:5:15: `subnets.web.cidr`: `10.0.1.5/24` has host bits set; "
                "did you mean `10.0.1.0/24`?"
            ),
        ),
        (
            NET + "subnets:\n  web: {cidr: 10.1.0.0/24}\n",
            "b.yaml:5:15: `subnets.web.cidr`: `10.1.0.0/24` lies outside of its VPC",
        ),
        (
            NET + "subnets:\n  web: {vpc: nte}\n",
            "b.yaml:5:14: `subnets.web.vpc`: `nte` is not one of `vpcs`; did you mean `net`?",
        ),
        (
            HEAD + "subnets:\n  web: {}\n",
            "b.yaml:3:3: `subnets.web.vpc` is missing: 0 VPCs are described",
        ),
        (
            NET + "instances:\n  a: {subnet: wbe}\nsubnets:\n  web: {}\n",
            "b.yaml:5:15: `instances.a.subnet`: `wbe` is not one of `subnets`; did you mean `web`?",
        ),
        (
            NET + "security_groups:\n  a:\n    ingress: [{ports: tcp/1, from: bb}]\n",
            (
                "b.yaml:6:36: `security_groups.a.ingress[0].from`: `bb` is not one of "
                "`security_groups`"
            ),
        ),
        (
            NET + "security_groups:\n  a:\n    ingress: [{ports: tpc/1, from: a}]\n",
            (
                "b.yaml:6:23: `security_groups.a.ingress[0].ports`: `tpc/1`: the protocol `tpc` is "
                "not known; give its number"
            ),
        ),
        (
            NET + "security_groups:\n  a:\n    egress: [{ports: all, to: 10.0.0.1/8}]\n",
            (
                "b.yaml:6:31: `security_groups.a.egress[0].to`: `10.0.0.1/8` is not how AWS writes "
                "it; did you mean `10.0.0.0/8`?"
            ),
        ),
        (
            NET + "route_tables:\n  r: {routes: {0.0.0.0/0: igw}}\ninternet_gateways: {gw: {}}\n",
            (
                "b.yaml:5:27: `route_tables.r.routes[0.0.0.0/0]`: `igw` is not one of the gateways "
                "and instances of this file; did you mean `gw`?"
            ),
        ),
        (
            NET + "route_tables:\n  r: {routes: {anywhere: igw-12345678}}\n",
            (
                "b.yaml:5:16: `route_tables.r.routes`: `anywhere` is neither a network nor the id "
                "of a prefix list"
            ),
        ),
        (
            NET + "subnets: {s: {}}\nroute_tables:\n  a: {subnets: s}\n  b: {subnets: s}\n",
            "b.yaml:7:16: `route_tables.b.subnets`: `s` belongs to `a` already",
        ),
        (
            NET + "subnets:\n  a: {name: web}\n  b: {name: web}\n",
            "b.yaml:6:3: `subnets.b` and `subnets.a` both describe `web`",
        ),
        (
            HEAD + "scope: {buckets: logs-*}\nbuckets: {data: {}}\n",
            "b.yaml:3:11: `buckets.data` is described but lies outside `scope.buckets`",
        ),
        (
            HEAD + "scope: {vpcs: net}\n",
            "b.yaml:2:15: `scope.vpcs`: `net` is not one of `vpcs`",
        ),
        (
            HEAD + "buckets:\n  b: {policy: {Statements: []}}\n",
            "b.yaml:3:7: `buckets.b.policy`: a policy document needs `Statement`",
        ),
        (
            NET + "network_acls:\n  a:\n    ingress:\n"
            "      - {rule: 1, action: allow, ports: all, cidr: 0.0.0.0/0}\n"
            "      - {rule: 1, action: deny, ports: all, cidr: 0.0.0.0/0}\n",
            "b.yaml:8:9: `network_acls.a.ingress[1]`: rule 1 again",
        ),
        (
            HEAD + "account: '123'\n",
            "b.yaml:2:10: `account`: `123` does not fit `^[0-9]{12}$`",
        ),
    ],
)
def test_a_baseline_that_does_not_hold_together_is_refused_with_the_place(
    text: str, told: str
) -> None:
    assert refusal(text) == told


def test_an_unknown_type_under_others_is_told() -> None:
    told = refusal(NET + "others: {ec2.endpoint: [a]}\n")
    assert told.startswith("b.yaml:4:10: unknown type `ec2.endpoint`; one of ")


def test_relations_may_be_ids_of_what_the_file_does_not_describe() -> None:
    text = NET + (
        "route_tables:\n  r:\n    routes:\n"
        "      {0.0.0.0/0: tgw-0123456789abcdef0, pl-12345678: vpce-12345678}\n"
        "security_groups:\n  a:\n    ingress:\n"
        "      - {ports: tcp/1, from: [sg-12345678, 123456789012/sg-12345678, pl-12345678]}\n"
    )
    assert parsed(text).file.route_tables["r"].routes["0.0.0.0/0"] == "tgw-0123456789abcdef0"


def test_several_vpcs_may_use_one_name_twice() -> None:
    text = HEAD + (
        "vpcs: {blue: {}, green: {}}\nsubnets:\n"
        "  blue-web: {name: web, vpc: blue}\n  green-web: {name: web, vpc: green}\n"
    )
    assert set(parsed(text).file.subnets) == {"blue-web", "green-web"}


# --- ours ------------------------------------------------------------------------------------


def test_the_administrators_networks_are_those_of_terraform() -> None:
    """One value: the default of the Terraform variable is the value of the baseline."""
    text = "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "terraform").glob("*.tf"))
    )
    block = re.search(r'variable "admin_cidrs" \{.*?default\s*=\s*(\[.*?\])', text, re.DOTALL)
    assert block is not None
    assert list(load_baseline(OURS).file.values["admin_cidrs"]) == json.loads(block[1])


def test_subnets_are_the_table_of_the_stack() -> None:
    subnets = load_baseline(OURS).file.subnets
    assert {
        name: (subnet.cidr, subnet.zone[-1], subnet.public_addresses)
        for name, subnet in subnets.items()
    } == {
        "hackathon_jenkins_public": ("192.168.0.0/24", "a", True),
        "hackathon_jenkins_private": ("192.168.1.0/24", "a", False),
        "hackathon_network_public1": ("192.168.2.0/24", "b", True),
        "hackathon_network_private1": ("192.168.3.0/24", "b", False),
        "hackathon_network_public2": ("192.168.4.0/24", "c", True),
        "hackathon_network_private2": ("192.168.5.0/24", "c", False),
    }


def test_security_groups_open_the_ports_of_the_table() -> None:
    groups = load_baseline(OURS).file.security_groups
    ports = {
        name.removeprefix("hackathon_sg_"): sorted(
            {int(text.removeprefix("tcp/")) for rule in group.ingress for text in rule.ports}
        )
        for name, group in groups.items()
    }
    assert ports == {
        "jenkins": [22, 80, 443, 8080],
        "backend": [22, 80, 443, 3000],
        "frontend": [22, 80, 443, 3000],
        "ai": [22, 3000, 5000],
        "rds": [5432],
    }


def test_instances_are_the_table_of_the_stack() -> None:
    instances = load_baseline(OURS).file.instances
    ubuntu, amazon = "ubuntu-noble-24.04", "Amazon Linux 2023"
    table = {
        "jenkins_master": ("t3.medium", "jenkins", "jenkins_public", ubuntu),
        "jenkins_agent": ("t3.medium", "jenkins", "jenkins_private", ubuntu),
        "frontend_nginx": ("t2.micro", "frontend", "network_public1", amazon),
        "frontend_nextjs": ("t3.small", "frontend", "network_public1", amazon),
        "backend_nginx": ("t2.micro", "backend", "network_public2", amazon),
        "backend_nestjs": ("t2.micro", "backend", "network_private1", amazon),
        "backend_ai": ("t3.medium", "ai", "network_private1", amazon),
        "backend_ai_music": ("t3.large", "ai", "network_private1", ubuntu),
    }
    assert {
        name.removeprefix("hackathon_"): (
            one.type,
            one.security_groups[0].removeprefix("hackathon_sg_"),
            one.subnet.removeprefix("hackathon_"),
            one.image,
        )
        for name, one in instances.items()
    } == table
    for name, one in instances.items():
        assert one.imdsv2 == "required"
        assert one.root_volume is not None
        assert one.root_volume.encrypted
        assert one.public_address == ("public" in one.subnet), name
        assert all(map(one.states, ("state", "imdsv2", "public_address", "source_dest_check")))
