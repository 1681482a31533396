"""The automata and the intervals, against slow and obvious ways to do the same."""

from __future__ import annotations

import fnmatch
import ipaddress
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mute_audit.identity.automata import language
from mute_audit.identity.patterns import TooManyStates, find
from mute_audit.identity.ranges import EVERY_ADDRESS, INTERNET, AddressSet, addresses
from mute_audit.identity.template import Pattern, Text
from mute_audit.identity.tokens import arn_tokens, glob_tokens, literal_tokens

globs = st.text("ab*?", max_size=5)
TEXTS = ["".join(chars) for n in range(5) for chars in itertools.product("abx", repeat=n)]


def glob_language(*patterns: str) -> object:
    return language(tuple(glob_tokens(pattern) for pattern in patterns))


@given(pattern=globs, text=st.text("abx", max_size=6))
def test_a_glob_takes_what_fnmatch_takes(pattern: str, text: str) -> None:
    taken = language((glob_tokens(pattern),)).accepts(text)
    assert taken is fnmatch.fnmatchcase(text, pattern)


@given(inside=st.lists(globs, min_size=1, max_size=2), outside=st.lists(globs, max_size=2))
def test_find_gives_a_shortest_text_of_the_difference(
    inside: list[str], outside: list[str]
) -> None:
    found = find(
        [language((glob_tokens(p),)) for p in inside],
        [language((glob_tokens(p),)) for p in outside],
    )
    fitting = [
        text
        for text in TEXTS
        if all(fnmatch.fnmatchcase(text, p) for p in inside)
        and not any(fnmatch.fnmatchcase(text, p) for p in outside)
    ]
    if found is None:
        assert not fitting
    else:
        assert all(fnmatch.fnmatchcase(found, p) for p in inside)
        assert not any(fnmatch.fnmatchcase(found, p) for p in outside)
        if fitting:
            assert len(found) <= len(fitting[0])


def test_a9_case_matters_unless_it_is_told_not_to() -> None:
    strict, loose = literal_tokens("aB"), literal_tokens("aB", ignore_case=True)
    assert not language((strict,)).accepts("AB")
    assert language((loose,)).accepts("AB")


@pytest.mark.parametrize(
    ("pattern", "arn", "taken"),
    [
        ("arn:aws:iam::*:role/x", "arn:aws:iam::1:role/x", True),
        ("arn:aws:*:role/x", "arn:aws:iam::1:role/x", None),
        ("arn:aws:s*::1:x", "arn:aws:s3:eu:1:x", False),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a:b/c", True),
        ("*", "arn:aws:s3:::b", True),
        ("*", "no arn", False),
    ],
)
def test_a9_arn_patterns_match_segment_by_segment(
    pattern: str, arn: str, taken: bool | None
) -> None:
    tokens = arn_tokens(Pattern(pattern, (Text(pattern),)))
    assert (None if tokens is None else language((tokens,)).accepts(arn)) is taken


def test_a_walk_that_grows_too_large_stops() -> None:
    outside = [language((glob_tokens(f"*{c}{'?' * 12}*"),)) for c in "abcdefgh"]
    long = language((glob_tokens("?" * 40 + "*abcdefgh"),))
    outside.append(language((glob_tokens("x*"),)))  # the first text that comes to mind
    with pytest.raises(TooManyStates):
        find([long], outside, limit=500)


cidrs = st.builds(
    lambda address, length: str(ipaddress.ip_network((address, length), strict=False)),
    st.integers(0, 2**32 - 1),
    st.integers(0, 32),
)


@given(left=st.lists(cidrs, max_size=3), right=st.lists(cidrs, max_size=3), probe=cidrs)
def test_address_sets_agree_with_ipaddress(left: list[str], right: list[str], probe: str) -> None:
    def union(items: list[str]) -> AddressSet:
        total = AddressSet()
        for item in items:
            total |= addresses(item) or AddressSet()
        return total

    address = probe.partition("/")[0]

    def within(items: list[str]) -> bool:
        return any(ipaddress.ip_address(address) in ipaddress.ip_network(i) for i in items)

    both = union(left) & union(right)
    assert (address in union(left)) is within(left)
    assert (address in both) is (within(left) and within(right))
    assert (address in ~union(left)) is not within(left)


def test_the_two_halves_are_the_whole_internet() -> None:
    halves = (addresses("0.0.0.0/1") or AddressSet()) | (addresses("128.0.0.0/1") or AddressSet())
    assert halves == addresses("0.0.0.0/0")
    assert halves | (addresses("::/0") or AddressSet()) == EVERY_ADDRESS


@pytest.mark.parametrize("address", ["10.1.2.3", "192.168.0.1", "127.0.0.1", "fe80::1", "::1"])
def test_private_addresses_are_not_the_internet(address: str) -> None:
    assert address not in INTERNET
    assert "203.0.113.7" in INTERNET
    assert "2600::1" in INTERNET


@pytest.mark.parametrize("text", ["1.2.3", "1.2.3.4/33", "1.2.3.4/255.0.0.0", "x", "", "::/129"])
def test_what_is_no_cidr_is_none(text: str) -> None:
    assert addresses(text) is None
