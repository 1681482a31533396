"""Every code has its sentence in both languages, and every word is used."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from mute_audit.address import Address
from mute_audit.finding import Blocker, FieldChange, Finding, Severity
from mute_audit.render import catalogue_en, catalogue_ko
from mute_audit.render.interface import LANGUAGES
from mute_audit.render.wording import Wording, shown_values, template_fields, untold_params
from mute_audit.render.words_en import WORDS as ENGLISH
from mute_audit.render.words_ko import WORDS as KOREAN
from mute_audit.verdict import Verdict

RENDER = Path(importlib.util.find_spec("mute_audit.render").origin).parent
# Keys that are put together at run time.
DYNAMIC = re.compile(
    r"(verdict|severity|state|exit|source|request|drift|static)\.[a-z0-9-]+|"
    r"drift\.[a-z]+\.means|effects\.(opened|closed)|static\.short\.[a-z-]+"
)


def finding(code: str, verdict: Verdict = Verdict.FAIL, **params: str) -> Finding:
    return Finding.build(
        policy="p",
        verdict=verdict,
        severity=Severity.HIGH,
        code=code,
        resource=Address("rds.instance", "db-1", "orders"),
        params=params,
    )


def tables() -> Iterator[tuple[str, dict, dict]]:
    for name in catalogue_en.__all__:
        yield name, getattr(catalogue_en, name), getattr(catalogue_ko, name)
    yield "WORDS", ENGLISH, KOREAN


@pytest.mark.parametrize(("name", "english", "korean"), list(tables()), ids=lambda x: str(x)[:20])
def test_both_languages_have_the_same_keys_with_the_same_placeholders(
    name: str, english: dict, korean: dict
) -> None:
    assert english.keys() == korean.keys()
    for key, text in english.items():
        pairs = zip(
            (text,) if isinstance(text, str) else text,
            (korean[key],) if isinstance(text, str) else korean[key],
            strict=True,
        )
        for one, other in pairs:
            if name != "WORDS" or not key.endswith(".one"):
                assert template_fields(one) == template_fields(other), key
            assert one.strip()
            assert other.strip()


def test_every_word_is_used_and_every_used_word_is_there() -> None:
    commands = RENDER.with_name("cli").glob("*.py")
    sources = [*RENDER.glob("*.py"), *RENDER.glob("templates/*.j2"), *commands]
    text = "".join(
        path.read_text(encoding="utf-8")
        for path in sources
        if not path.name.startswith(("words_", "catalogue_"))
    )
    asked = set(re.findall(r"words(?:\.count)?\(\s*[\"']([a-z_.-]+)[\"']\s*[,)]", text))
    counted = {re.sub(r"\.(one|other)$", "", key) for key in ENGLISH}
    assert asked - ENGLISH.keys() - counted == set()
    literal = set(re.findall(r"[\"']([a-z_]+(?:\.[a-z_-]+)+)[\"']", text))
    unused = {
        key
        for key in ENGLISH
        if not DYNAMIC.fullmatch(key)
        and key not in literal
        and re.sub(r"\.(one|other)$", "", key) not in literal
    }
    assert unused == set()


@pytest.mark.parametrize("code", sorted(catalogue_ko.MESSAGES))
def test_no_korean_particle_that_depends_on_a_sound_follows_a_name(code: str) -> None:
    for template in catalogue_ko.MESSAGES[code]:
        assert not re.search(r"\}(을|를|이|가|은|는|과|와|으로|로)(?![가-힣])", template), template


def _policy_codes() -> ModuleType:
    if importlib.util.find_spec("mute_audit.policy.codes") is None:
        pytest.skip("mute_audit.policy.codes does not exist yet")
    return importlib.import_module("mute_audit.policy.codes")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_of_the_policies_has_a_sentence_made_from_its_own_params(lang: str) -> None:
    words = Wording(lang)
    for code, params in _policy_codes().CODES.items():
        made = finding(code, **dict.fromkeys(params, "X"))
        text = words.message_text(made)
        assert not text.startswith(code), f"{code} has no sentence in {lang}"
        assert "=" not in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_blocker_and_note_of_the_packet_tracer_has_a_sentence(lang: str) -> None:
    if importlib.util.find_spec("mute_audit.network.tracer.codes") is None:
        pytest.skip("mute_audit.network.tracer.codes does not exist yet")
    codes = importlib.import_module("mute_audit.network.tracer.codes")
    words = Wording(lang)
    for code in codes.CODES:
        assert words.blocker(Blocker("host", "x", code)) != code, code
    for code in codes.NOTES:
        assert words.note(code) != code, code
    for component in codes.Component:
        assert component.value in catalogue_ko.COMPONENTS


def test_every_type_of_place_and_every_step_of_a_path_has_a_name() -> None:
    network = RENDER.parent / "network"
    types: set[str] = set()
    for name in ("place", "sites", "outer", "parts", "places"):
        text = (network / f"{name}.py").read_text()
        types |= set(re.findall(r'"((?:ec2|elbv2|rds|lambda|ecs|networkmanager)\.[a-z-]+)"', text))
    assert "ec2.carrier-gateway" in types
    assert not types - set(catalogue_ko.TYPES)
    steps: set[str] = set()
    for path in (network / "tracer").glob("*.py"):
        steps |= set(re.findall(r'\.hop\(\s*"([a-z-]+)"', path.read_text()))
    assert "vpn-gateway" in steps
    assert not steps - set(catalogue_ko.HOPS)


def test_the_same_finding_reads_naturally_in_both_languages() -> None:
    made = finding("reach.forbidden", source="internet", target="orders", port="tcp/5432")
    assert Wording("en").message_text(made) == (
        "The internet can reach orders on tcp/5432, which policy does not allow."
    )
    assert Wording("ko").message_text(made) == (
        "인터넷에서 orders의 tcp/5432에 접근할 수 있습니다. 정책이 허용하지 않는 경로입니다."
    )


def test_a_part_of_the_internet_and_all_ports_are_named_as_such() -> None:
    made = finding("reach.forbidden", source="internet:8.8.8.8/32", target="orders", port="all")
    assert (
        Wording("en")
        .message_text(made)
        .startswith("8.8.8.8/32 on the internet can reach orders on every port,")
    )


def test_a_finding_that_lacks_a_param_falls_back_to_a_shorter_sentence() -> None:
    made = finding("reach.forbidden", source="internet", target="orders")
    assert Wording("en").message_text(made) == (
        "The internet can reach orders, which policy does not allow."
    )
    assert Wording("en").message_text(finding("reach.unknown")) == (
        "What can reach orders cannot be told."
    )


def test_an_unknown_code_shows_itself_and_all_that_it_carries() -> None:
    made = finding("new.code", b="2", a="1\x1b")
    for lang in LANGUAGES:
        assert Wording(lang).message_text(made) == "new.code: a=1⟨U+001B⟩, b=2, resource=orders"


def test_an_undecided_difference_is_not_told_as_a_difference() -> None:
    told = finding("drift.present", name="orders", actual="changed")
    open_ = finding("drift.present", Verdict.UNKNOWN, name="orders", actual="unknown")
    assert Wording("en").message_text(told) == "orders differs from the baseline: changed."
    assert "cannot be told" in Wording("en").message_text(open_)
    assert Wording("ko").message_text(told) == "orders: 기준선과 다릅니다(변경됨)."


def test_a_value_that_happens_to_be_a_word_of_ours_is_not_translated() -> None:
    made = finding("config.mismatch", field="Kind", expected="host", actual="missing")
    assert Wording("ko").message_text(made) == (
        "orders의 Kind 값이 다릅니다. 기대: host, 실제: missing."
    )


@pytest.mark.parametrize(
    ("expected", "en", "ko"),
    [
        ("required", "but should be required.", "기대: required,"),
        ("not equals default", "but should not be default.", "기대: default 외의 값,"),
        ("one of a, b", "but should be one of a, b.", "기대: a, b 중 하나,"),
        ("at least 7", "but should be at least 7.", "기대: 7 이상,"),
        ("matches t3.*", "but should match t3.*.", "기대: t3.* 형식,"),
        ("not empty", "but should not be empty.", "기대: 비어 있지 않음,"),
    ],
)
def test_what_is_asked_of_a_field_is_a_sentence(expected: str, en: str, ko: str) -> None:
    made = finding("config.mismatch", field="Kind", expected=expected, actual="x")
    assert Wording("en").message_text(made).endswith(en)
    assert ko in Wording("ko").message_text(made)


def test_what_a_sentence_leaves_out_of_a_finding_is_not_lost() -> None:
    made = finding("reach.forbidden", source="a", target="b", port="tcp/1", expected="c", via="d")
    assert untold_params(Wording("en"), made) == (("expected", "c"), ("via", "d"))


def test_pieces_tell_names_from_words() -> None:
    made = finding("reach.forbidden", source="internet", target="orders", port="tcp/1")
    names = [piece.text for piece in Wording("en").message(made) if piece.is_name]
    assert names == ["orders", "tcp/1"]


@pytest.mark.parametrize(
    ("note", "english"),
    [
        ("one-way", "The packet arrives, but nothing can come back."),
        ("one-way: udp/53", "The packet arrives, but nothing can come back. (udp/53)"),
        ("no place is in `sg:x`", "Nothing was found for `sg:x`"),
        ("waiver expired (W-1)", "A waiver has expired: W-1"),
        ("something: else", "something: else"),
    ],
)
def test_notes_are_translated_where_they_are_ours(note: str, english: str) -> None:
    assert Wording("en").note(note) == english
    assert (Wording("ko").note(note) == note) == (english == note)


def test_reasons_of_the_exit_code_are_told_in_words() -> None:
    assert Wording("en").reason("fail:p-1") == "Failed: p-1"
    assert Wording("ko").reason("gap:ec2:DescribeVpcs: x") == "수집하지 못함: ec2:DescribeVpcs: x"
    assert Wording("ko").reason("drift") == "실제 상태가 기준선과 다릅니다"
    assert Wording("en").reason("because") == "because"


def test_the_detail_of_a_blocker_follows_its_sentence_only_where_it_adds_something() -> None:
    blocker = Blocker("host", "i-1", "stopped", "i-1 is stopped")
    assert Wording("en").blocker(blocker) == "i-1 is stopped"
    assert Wording("ko").blocker(blocker) == "i-1의 상태가 stopped입니다"
    assert Wording("en").blocker(Blocker("host", "i-1", "new", "d")) == "new (d)"


@pytest.mark.parametrize(
    ("expected", "actual", "shown"),
    [
        (True, False, ("true", "false")),
        (5432, "5432", ("5432", '"5432"')),
        ("true", True, ('"true"', "true")),
        (None, "", ("absent", '""')),
        (None, "absent", ("absent", '"absent"')),
        (["b", "a"], {"k": 1}, ('["b","a"]', '{"k":1}')),
    ],
)
def test_two_values_that_differ_never_look_the_same(
    expected: object, actual: object, shown: tuple[str, str]
) -> None:
    assert shown_values(Wording("en"), FieldChange("f", expected, actual)) == shown


def test_times_are_written_for_people_and_anything_else_is_left_alone() -> None:
    words = Wording("en")
    assert words.moment("2025-11-24T01:02:03+00:00") == "2025-11-24 01:02:03 UTC"
    assert words.moment("2025-11-24T01:02:03.25Z") == "2025-11-24 01:02:03 UTC"
    assert words.moment("2025-11-24T01:02:03+09:00") == "2025-11-24T01:02:03+09:00"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", ["aws", "demo", "directory"])
def test_every_kind_of_source_has_a_name(kind: str, lang: str) -> None:
    """The kinds that `SourceInfo` has, not others."""
    assert Wording(lang).source_kind(kind) != kind
