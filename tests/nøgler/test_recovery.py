"""The recovery sheet: whole or split, read back exactly, and every slip of the pen named."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rådgivning.nøgler.keyring import Keyring
from rådgivning.nøgler.recovery import ArkFejl, Del, from_text, join, split, to_lines, whole

RING = Keyring({1: bytes(range(32)), 2: bytes(range(100, 132))}, 2)
FROZEN = """1  AEAA CAAA AAAA CAQD AQCQ MBYI  K4
2  BEFA WDAN BYHR AEIS CMKB KFQX  OM
3  DAMR UGY4 DUPB 6LIX H4JD UIEV  TN
"""


def paper(parts: list[Del]) -> str:
    """A sheet with a heading, as it is printed."""
    return "\n".join(["Gendannelsesark, skrevet 21.11.2026", *(line for part in parts for line in to_lines(part))])


def test_a_whole_sheet_gives_the_keyring_back_whatever_way_it_is_typed() -> None:
    text = paper(whole(RING))
    assert join(from_text(text)) == RING
    typed = [
        f"{line[0]}) {line[1:].strip().lower().replace(' ', '-')}" for part in whole(RING) for line in to_lines(part)
    ]
    assert join(from_text("\n".join(typed))) == RING
    assert join(from_text(text.replace("O", "0").replace("B", "8"))) == RING


def test_any_two_of_three_sheets_are_enough_and_one_is_not() -> None:
    sheets = split(RING)
    for a, b in combinations(sheets, 2):
        assert join(from_text(paper(sheets[b]) + "\n" + paper(sheets[a]))) == RING
    for parts in sheets.values():
        with pytest.raises(ArkFejl, match="mangler en del"):
            join(from_text(paper(parts)))
    assert join([*sheets[1], *sheets[2], *sheets[3]]) == RING


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_one_sheet_alone_fits_every_key(root: bytes, other: bytes) -> None:
    """For any part of one key there is a second part with which it would be any other key: it tells nothing."""
    part = split(Keyring({1: root}, 1))[1][0]
    slope = bytes(a ^ b for a, b in zip(part.værdi, other, strict=True))
    twice = bytes(((a << 1) ^ (0x11B if a & 0x80 else 0)) & 0xFF for a in slope)
    second = Del(1, 2, part.sæt, bytes(a ^ b for a, b in zip(other, twice, strict=True)))
    assert join([part, second]).roots[1] == other


def test_sheets_of_two_splits_are_not_mixed() -> None:
    first, second = split(RING), split(RING)
    while first[1][0].sæt == second[1][0].sæt:
        second = split(RING)
    with pytest.raises(ArkFejl, match="samme opdeling"):
        join([*first[1], *second[2]])


def test_every_single_misread_letter_is_found_with_its_line() -> None:
    lines = to_lines(whole(RING)[0])
    for number, line in enumerate(lines):
        for place in range(3, len(line)):
            if line[place] == " ":
                continue
            wrong = "Z" if line[place] != "Z" else "Y"
            changed = [*lines]
            changed[number] = line[:place] + wrong + line[place + 1 :]
            with pytest.raises(ArkFejl, match=rf"Linje {number + 1} "):
                from_text("\n".join(changed))


@pytest.mark.parametrize("text", ["", "hej", "1  AAAA", "\n".join(to_lines(whole(RING)[0])[:2])])
def test_what_is_no_sheet_is_refused(text: str) -> None:
    with pytest.raises(ArkFejl):
        from_text(text)


def test_lines_of_two_keys_in_one_are_told_apart() -> None:
    one, two = (to_lines(part) for part in whole(RING))
    with pytest.raises(ArkFejl, match="hører ikke sammen"):
        from_text("\n".join([one[0], two[1], one[2]]))


@given(st.text(max_size=400))
def test_no_text_makes_the_reader_fall_over(text: str) -> None:
    try:
        join(from_text(text))
    except ArkFejl:
        return
    raise AssertionError("a random text was taken for a keyring")


def test_the_form_of_the_sheet_never_changes() -> None:
    """A sheet written today must be readable for ever."""
    assert join(from_text(FROZEN)) == Keyring({1: bytes(range(32))}, 1)
    assert to_lines(whole(Keyring({1: bytes(range(32))}, 1))[0]) == FROZEN.strip().splitlines()
