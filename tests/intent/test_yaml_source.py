"""YAML is read like JSON, every value knows its line, and no file can eat the machine."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mute_audit.errors import InputError, PolicyError
from mute_audit.finding import Location
from mute_audit.intent.yaml_source import parse_yaml, read_yaml

FILE = Path("file.yaml")


def data(text: str | bytes) -> object:
    return parse_yaml(text, FILE).data


@pytest.mark.parametrize(
    "text",
    [
        "on",
        "off",
        "yes",
        "No",
        "True",
        "NULL",
        "22:22",
        "2024-01-01",
        "0x10",
        "1_000",
        ".5",
        ".inf",
    ],
)
def test_yaml_1_1_surprises_are_plain_text(text: str) -> None:
    assert data(f"value: {text}") == {"value": text}


@pytest.mark.parametrize(
    "text", ["2.10", "007", "1e3", "-0", "+1", "0.10", "1" * 30, "1." + "3" * 20]
)
def test_a_number_that_would_come_back_otherwise_stays_text(text: str) -> None:
    assert data(f"value: {text}") == {"value": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [("16.3", 16.3), ("-5", -5), ("0", 0), ("true", True), ("false", False), ("null", None)],
)
def test_json_words_and_plain_numbers_are_what_they_say(text: str, value: object) -> None:
    assert data(f"value: {text}") == {"value": value}
    assert data(f"value: '{text}'") == {"value": text}


@given(st.from_regex(r"\A-?[0-9]{1,25}(\.[0-9]{1,25})?\Z"))
def test_no_digit_that_was_written_is_lost(text: str) -> None:
    """The value's own text is the file's text, whether it became a number or not."""
    value = data(f"value: {text}")
    assert isinstance(value, dict)
    assert str(value["value"]) == text


def test_keys_are_always_text() -> None:
    assert data("22: a\ntrue: b\nnull: c") == {"22": "a", "true": "b", "null": "c"}


def test_an_empty_file_holds_nothing() -> None:
    assert data("# only a comment\n") is None


def test_utf8_with_a_mark_and_utf16_are_read() -> None:
    assert data(b"\xef\xbb\xbfa: 1") == {"a": 1}
    assert data("a: 한국어".encode("utf-16")) == {"a": "한국어"}


def test_a_merged_key_yields_to_an_own_one() -> None:
    text = "base: &b {p: 1, q: 2}\nother:\n  <<: *b\n  q: 3\n"
    assert data(text) == {"base": {"p": 1, "q": 2}, "other": {"p": 1, "q": 3}}


def test_of_several_merged_mappings_the_first_wins() -> None:
    text = "a: &a {p: 1}\nb: &b {p: 2, q: 2}\nc:\n  <<: [*a, *b]\n"
    value = data(text)
    assert isinstance(value, dict)
    assert value["c"] == {"p": 1, "q": 2}


def test_places_are_those_of_the_text() -> None:
    document = parse_yaml("a:\n  b: [x, yy]\n  c: &c\n    d: 1\ne: *c\n", FILE)
    assert document.locate(("a", "b")) == Location("file.yaml", 2, 3)
    assert document.locate(("a", "b", 1)) == Location("file.yaml", 2, 10)
    assert document.locate(("a", "c", "d")) == Location("file.yaml", 4, 8)
    assert document.locate_key(("a", "c", "d")) == Location("file.yaml", 4, 5)


def test_what_an_alias_stands_for_is_found_where_it_is_written() -> None:
    document = parse_yaml("a: &c\n  d: 1\ne: *c\n", FILE)
    assert document.locate(("e", "d")) == Location("file.yaml", 2, 6)


def test_a_missing_value_is_found_at_the_nearest_one_above() -> None:
    document = parse_yaml("a:\n  b:\n    c: 1\n", FILE)
    assert document.locate(("a", "b", "nothing", "there")) == Location("file.yaml", 2, 3)
    assert document.holds(("a", "b", "c"))
    assert not document.holds(("a", "b", "nothing"))


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ("a: 1\nb: 2\na: 3\n", "the key `a` stands here twice", "file.yaml:3:1"),
        ("a: &x 1\nb: *y\n", "undefined alias", "file.yaml:2:4"),
        ("a: [1, 2", "not readable as YAML", "file.yaml:2:1"),
        ("a: 1\n---\nb: 2\n", "a second document starts here", "file.yaml:2:1"),
        ("a: !!python/object:os.system x", "the tag `!!python/object:os.system`", "file.yaml:1:4"),
        ("a: !Ref x", "the tag `!Ref` is not known", "file.yaml:1:4"),
        ("? [a]\n: 1\n", "a key must be a single word", "file.yaml:1:3"),
        ("a: 1\n'': 2\n", "a key is empty", "file.yaml:2:1"),
        ("a: &a [*a]\n", "an alias inside of what it stands for", "file.yaml:1:4"),
        ("a: &a {<<: *a}\n", "an alias inside of what it stands for", "file.yaml:1:4"),
        ("a:\n  <<: [1]\n", "`<<` must name a mapping", "file.yaml:2:8"),
        ("ok: 1\nbad: \x01\n", "control characters", "file.yaml:2"),
        (b"a: \xff\n", "invalid leading UTF-8", "file.yaml:1"),
        ("a: !!int 1x", "`1x` is not a number", "file.yaml:1:4"),
        ("a: !!bool on", "`on` is neither true nor false", "file.yaml:1:4"),
    ],
)
def test_an_error_says_what_and_where(text: str | bytes, message: str, where: str) -> None:
    with pytest.raises(InputError) as caught:
        data(text)
    assert message in caught.value.message
    assert caught.value.where == where


def test_a_doubled_key_names_the_first_line() -> None:
    with pytest.raises(InputError) as caught:
        data("x:\n  a: 1\n  a: 2\n")
    assert caught.value.hint == "first in line 2"


def laughs(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, levels):
        below = ", ".join([f"*a{level - 1}"] * 10)
        lines.append(f"a{level}: &a{level} [{below}]")
    return "\n".join(lines)


def test_a_billion_laughs_end_early() -> None:
    """Nine lines of aliases stand for a billion values; a few of them are fine."""
    with pytest.raises(InputError, match="aliases repeat more than"):
        data(laughs(9))
    assert data(laughs(3))


def test_merged_billion_laughs_end_early() -> None:
    lines = ["a0: &a0 {k0: x}"]
    for level in range(1, 40):
        lines.append(f"a{level}: &a{level} {{<<: [*a{level - 1}, *a{level - 1}]}}")
    with pytest.raises(InputError, match="aliases repeat more than"):
        data("\n".join(lines))


@pytest.mark.parametrize("text", ["[" * 5000, "- " * 5000 + "x", "{a: " * 100 + "x" + "}" * 100])
def test_deep_nesting_is_an_error_and_no_crash(text: str) -> None:
    with pytest.raises(InputError):
        data(text)


def test_files_that_cannot_be_read_say_so(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="does not exist"):
        read_yaml(tmp_path / "nothing.yaml", PolicyError)
    with pytest.raises(PolicyError, match="is a folder"):
        read_yaml(tmp_path, PolicyError)
    large = tmp_path / "large.yaml"
    large.write_bytes(b"a: " + b"x" * (8 * 1024 * 1024))
    with pytest.raises(PolicyError, match="larger than 8 MiB"):
        read_yaml(large, PolicyError)


def test_a_file_is_read_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a:\n  b: 1\n")
    document = read_yaml(path)
    assert document.data == {"a": {"b": 1}}
    assert document.path == path
    assert document.locate(("a", "b")) == Location(str(path), 2, 6)
