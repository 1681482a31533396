"""One error tells everything that is wrong with a file, each with its place and a way out."""

from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field, field_validator

from mute_audit.errors import ConfigError
from mute_audit.intent.written import Flag, Whole, Written
from mute_audit.intent.yaml_source import parse_yaml, validate


class Rule(Written):
    port: Whole
    source: str = Field(alias="from")
    protocol: Literal["tcp", "udp"] = "tcp"


class Other(Written):
    cidr: str


class Model(Written):
    mute: Literal["thing/v1"]
    public: Flag = False
    version: str = ""
    groups: dict[str, tuple[Rule, ...]] = Field(default_factory=dict)
    either: Rule | Other | None = None

    @field_validator("version")
    @classmethod
    def no_latest(cls, value: str) -> str:
        if value == "latest":
            raise ValueError("`latest` is not a version")
        return value


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        validate(Model, parse_yaml(text, Path("f.yaml")), ConfigError)
    return str(caught.value)


def test_a_correct_file_becomes_the_model() -> None:
    text = "mute: thing/v1\npublic: true\ngroups:\n  web:\n    - {port: 443, from: all}\n"
    model = validate(Model, parse_yaml(text, Path("f.yaml")), ConfigError)
    assert model.groups["web"][0].source == "all"
    assert model.public is True


@pytest.mark.parametrize("text", ["16.3", "16.10", "'16.3'", "007"])
def test_text_fields_take_numbers_as_they_are_written(text: str) -> None:
    document = parse_yaml(f"mute: thing/v1\nversion: {text}\n", Path("f.yaml"))
    assert validate(Model, document, ConfigError).version == text.strip("'")


def test_one_problem_is_told_with_its_place() -> None:
    assert refusal("mute: thing/v1\npublic: on\n") == (
        "f.yaml:2:9: `public`: must be `true` or `false`, not `on`"
    )


def test_a_misspelt_key_is_told_with_the_right_one() -> None:
    assert refusal("mute: thing/v1\ngruops: {}\n") == (
        "f.yaml:2:1: unknown key `gruops`; did you mean `groups`?"
    )


def test_keys_deep_inside_know_their_neighbours() -> None:
    text = "mute: thing/v1\ngroups:\n  web:\n    - port: 1\n      from: a\n      protocl: tcp\n"
    assert refusal(text) == (
        "f.yaml:6:7: unknown key `groups.web[0].protocl`; did you mean `protocol`?"
    )


def test_a_word_that_is_none_of_the_allowed_gets_them() -> None:
    text = "mute: thing/v1\ngroups:\n  web:\n    - {port: 1, from: a, protocol: tpc}\n"
    assert refusal(text) == (
        "f.yaml:4:36: `groups.web[0].protocol`: `tpc` is not one of `tcp`, `udp`; "
        "did you mean `tcp`?"
    )


def test_a_missing_key_is_told_where_it_should_stand() -> None:
    text = "mute: thing/v1\ngroups:\n  web:\n    - port: 1\n"
    assert refusal(text) == "f.yaml:4:7: `groups.web[0].from` is missing"


def test_a_models_own_words_are_kept() -> None:
    text = "mute: thing/v1\nversion: latest\n"
    assert refusal(text) == "f.yaml:2:10: `version`: `latest` is not a version"


def test_all_problems_are_told_in_the_order_of_the_file() -> None:
    text = "mute: thing/v2\npublic: 1\ngroups:\n  web: 3\n"
    assert refusal(text).splitlines() == [
        "f.yaml: 3 problems",
        "  f.yaml:1:7: `mute`: `thing/v2` is not one of `thing/v1`; did you mean `thing/v1`?",
        "  f.yaml:2:9: `public`: must be `true` or `false`, not `1`",
        "  f.yaml:4:8: `groups.web`: must be a list, not `3`",
    ]


def test_keys_of_the_other_kind_of_entry_are_not_called_unknown() -> None:
    """Where two kinds of mapping are possible, only what neither knows is unknown."""
    told = refusal("mute: thing/v1\neither: {port: 1, from: a, cdir: x}\n")
    assert "unknown key `either.cdir`" in told
    assert "unknown key `either.port`" not in told


def test_a_file_that_is_no_mapping_is_refused() -> None:
    assert refusal("- a\n") == "f.yaml:1:1: must be a mapping, not a list"
    assert refusal("") == "f.yaml:1:1: must be a mapping, not nothing"


def test_what_was_written_cannot_reach_the_terminal_as_it_is() -> None:
    told = refusal('mute: "\\e[31m\\n"\n')
    assert "\x1b" not in told
    assert "\n" not in told


def test_long_values_are_cut() -> None:
    assert len(refusal(f"mute: {'x' * 5000}\n")) < 300
