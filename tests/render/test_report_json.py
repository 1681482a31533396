"""The JSON report: published, validated, readable again."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

import mute_audit
from mute_audit.errors import InputError
from mute_audit.finding import Report
from mute_audit.render.formats import render
from mute_audit.render.interface import Options
from mute_audit.render.json import load_report, schema

PUBLISHED = Path(mute_audit.__file__).parent / "schemas" / "report.schema.json"


def reports(sample: Any) -> list[Report]:
    return [sample.clean_report(), sample.changed_report(), sample.hostile_report()]


def test_the_published_schema_is_the_one_that_the_code_makes() -> None:
    """`make schemas` writes it anew."""
    fresh = json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"
    assert PUBLISHED.read_text(encoding="utf-8") == fresh


def test_the_published_schema_is_a_valid_schema_of_its_dialect() -> None:
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    assert published["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert published["$id"] == "urn:mute-audit:report:v1"
    jsonschema.Draft202012Validator.check_schema(published)


def test_every_report_validates_against_the_published_schema(sample: Any) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(PUBLISHED.read_text(encoding="utf-8")))
    for report in reports(sample):
        validator.validate(json.loads(render(report, "json")))


def _closed(node: Any) -> Any:
    """The schema without room for keys that it does not name."""
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(value) for key, value in node.items()}
    if closed.get("type") == "object" and "properties" in closed:
        closed["additionalProperties"] = False
    return closed


def test_the_schema_names_every_key_that_is_written(sample: Any) -> None:
    validator = jsonschema.Draft202012Validator(_closed(schema()))
    for report in reports(sample):
        validator.validate(json.loads(render(report, "json")))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "mute-audit/report/v2"),
        (("policies", 0, "verdict"), "green"),
        (("policies", 0, "findings", 0, "message"), {"en": "only one language"}),
        (("summary",), None),
        (("drift", 0, "kind"), 3),
    ],
)
def test_a_wrong_report_does_not_validate(
    changed: Report, path: tuple[Any, ...], value: Any
) -> None:
    document = json.loads(render(changed, "json"))
    node = document
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(document)


def test_a_saved_report_is_the_same_report_again(sample: Any) -> None:
    for report in reports(sample):
        text = render(report, "json")
        again = load_report(text.encode())
        assert again == report
        assert render(again, "json") == text


def test_every_finding_has_its_sentence_in_both_languages(changed: Report) -> None:
    document = json.loads(render(changed, "json", Options(lang="ko")))
    messages = [f["message"] for p in document["policies"] for f in p["findings"]]
    assert len(messages) == 6
    assert all(set(message) == {"en", "ko"} for message in messages)
    assert messages[0]["ko"] == (
        "인터넷에서 hackathon-mute-rds의 tcp/5432에 접근할 수 있습니다. "
        "정책이 허용하지 않는 경로입니다."
    )


def test_counts_and_lists_are_written_even_where_they_are_empty(clean: Report) -> None:
    """So that `jq .summary.exit_code` and `jq '.policies[].findings[]'` work on every report."""
    document = json.loads(render(clean, "json"))
    assert document["summary"]["failed"] == 0
    assert document["summary"]["exit_code"] == 0
    assert document["policies"][0]["findings"] == []
    assert document["drift"] == []


def test_names_stay_raw_as_data_and_are_spelled_out_in_sentences(hostile: Report) -> None:
    document = json.loads(render(hostile, "json"))
    finding = document["policies"][4]["findings"][0]
    assert finding["params"]["target"] == "safe\u202egnp.exe\u2066"
    assert "\u202e" not in finding["message"]["en"]
    assert "⟨U+202E⟩" in finding["message"]["en"]


def test_the_order_of_a_mapping_does_not_change_the_bytes(changed: Report) -> None:
    policy = changed.policies[0]
    finding = policy.findings[0]
    turned = msgspec.structs.replace(finding, params=dict(reversed(list(finding.params.items()))))
    other = msgspec.structs.replace(
        changed,
        policies=(msgspec.structs.replace(policy, findings=(turned,)), *changed.policies[1:]),
    )
    assert other == changed
    assert render(other, "json") == render(changed, "json")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not JSON: input data was truncated"),
        (b"\xff\xfe", "not JSON:"),
        (b"# a comment", "not JSON: invalid character (byte 0)"),
        (b"[]", "not a report of mute-audit: it has no `schema`"),
        (b'{"a": 1}', "not a report of mute-audit: it has no `schema`"),
        (b'{"schema": 3}', "not a report of mute-audit: it has no `schema`"),
        (b"[" * 100_000, "not a report of mute-audit"),
        (
            b'{"schema": "mute-audit/report/v2"}',
            "the report has the format `mute-audit/report/v2`, this version reads",
        ),
        (
            b'{"schema": "mute-audit/report/v1", "policies": [{"id": 3}]}',
            "not a valid `mute-audit/report/v1`: expected `str`, got `int` - at `$.policies[0].id`",
        ),
    ],
)
def test_a_file_that_is_no_report_is_refused_with_its_name_and_the_reason(
    data: bytes, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        load_report(data, "old.json")
    assert caught.value.message.startswith(message)
    assert caught.value.where == "old.json"
    assert str(caught.value).startswith("old.json: ")


def test_a_newer_report_with_keys_that_are_not_known_is_read(changed: Report) -> None:
    document = json.loads(render(changed, "json"))
    document["added_later"] = {"x": 1}
    document["policies"][0]["added_later"] = True
    assert load_report(json.dumps(document).encode()) == changed
