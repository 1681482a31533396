"""Names from outside are shown as what they are."""

import pytest

from mute_audit.render.literal import clip, clip_middle, visible, width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hackathon_backend_nginx", "hackathon_backend_nginx"),
        ("인터넷 게이트웨이", "인터넷 게이트웨이"),
        ("\x1b[31mred\x07", "⟨U+001B⟩[31mred⟨U+0007⟩"),
        ("a\nb\r\tc\x00", "a⟨U+000A⟩b⟨U+000D⟩⟨U+0009⟩c⟨U+0000⟩"),
        ("\x9b31m", "⟨U+009B⟩31m"),
        ("safe\u202egnp.exe", "safe⟨U+202E⟩gnp.exe"),
        ("\u2066x\u2069\u200f", "⟨U+2066⟩x⟨U+2069⟩⟨U+200F⟩"),
        ("a\u200bb\ufeffc\u00add", "a⟨U+200B⟩b⟨U+FEFF⟩c⟨U+00AD⟩d"),
        ("a\u00a0b\u2028c", "a⟨U+00A0⟩b⟨U+2028⟩c"),
        ("\u3164\u115f\uffa0", "⟨U+3164⟩⟨U+115F⟩⟨U+FFA0⟩"),
        ("x\ufe0f\U000e0101\U000e0041", "x⟨U+FE0F⟩⟨U+E0101⟩⟨U+E0041⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("\ufffe\uffff", "⟨U+FFFE⟩⟨U+FFFF⟩"),
    ],
)
def test_what_moves_turns_or_hides_text_is_spelled_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_what_is_visible_can_be_written_as_utf_8_and_printed_on_one_line() -> None:
    every = "".join(map(chr, range(0x3000))) + "\ud800\U000e0001\U0010ffff"
    shown = visible(every)
    assert shown.encode()
    assert shown.isprintable()
    assert len(shown.splitlines()) == 1


def test_three_marks_on_a_letter_stay_and_a_pile_of_them_is_spelled_out() -> None:
    assert visible("a\u0301\u0302\u0303") == "a\u0301\u0302\u0303"
    assert visible("a" + "\u0301" * 5) == "a" + "\u0301" * 3 + "⟨U+0301⟩" * 2


def test_hangul_takes_two_columns() -> None:
    assert width("ab한글") == 6
    assert width("e\u0301") == 1


def test_clipping_counts_columns_and_says_that_it_cut() -> None:
    assert clip("한글이름", 8) == "한글이름"
    assert clip("한글이름", 7) == "한글이…"
    assert clip("abcdef", 4) == "abc…"
    assert all(width(clip("가a나b다c라d", n)) <= n for n in range(1, 14))


def test_the_middle_of_a_long_name_goes_and_both_ends_stay() -> None:
    assert clip_middle("short", 5) == "short"
    assert clip_middle("a" * 100 + "z" * 100, 10) == "aaaaaa…zzz"
    assert len(clip_middle("x" * 10_000, 96)) == 96
