"""Danish dates, numbers, phones, CPR detection, sorting and folding."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rådgivning import dansk
from rådgivning.dansk import (
    dato,
    er_helligdag,
    fold,
    fold_letters,
    helligdag,
    iso_uge,
    klokkeslæt,
    kroner,
    lang_dato,
    ligner_cpr,
    normaliser_telefon,
    parse_dato,
    parse_klokkeslæt,
    parse_tal,
    procent,
    sorteringsnøgle,
    spell_out,
    tal,
    tidspunkt,
    vis_telefon,
)

DATES = st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31))


def test_a_date_is_shown_short_and_long() -> None:
    day = dt.date(2026, 11, 21)
    assert dato(day) == "21.11.2026"
    assert lang_dato(day) == "lørdag den 21. november 2026"
    assert (dato(None), lang_dato(None), tidspunkt(None)) == ("", "", "")


def test_an_instant_is_shown_in_danish_time() -> None:
    late = dt.datetime(2026, 6, 30, 22, 5, tzinfo=dt.UTC)
    assert tidspunkt(late) == "01.07.2026 kl. 00.05"
    assert dato(late) == "01.07.2026"
    assert lang_dato(late) == "onsdag den 1. juli 2026"


@pytest.mark.parametrize(
    ("day", "week"), [(dt.date(2027, 1, 2), 53), (dt.date(2026, 1, 1), 1), (dt.date(2026, 11, 21), 47)]
)
def test_the_week_is_the_iso_week(day: dt.date, week: int) -> None:
    assert iso_uge(day) == week


@pytest.mark.parametrize(
    "text", ["2026-11-21", "21.11.2026", "21.11.26", "21/11-26", "21/11-2026", "21/11/2026", " 21. 11. 2026 "]
)
def test_a_date_is_read_however_danes_write_it(text: str) -> None:
    assert parse_dato(text) == dt.date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "year"), [("1.2.00", 2000), ("1.2.36", 2036), ("1.2.37", 1937), ("1.2.99", 1999), ("1.2.1936", 1936)]
)
def test_two_digits_of_a_year_mean_what_they_mean_in_a_cpr_number(text: str, year: int) -> None:
    assert parse_dato(text) == dt.date(year, 2, 1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("31.02.2026", "Den dato findes ikke i kalenderen. Skriv den som 21.11.2026."),
        ("2026-02-29", "Den dato findes ikke i kalenderen. Skriv den som 21.11.2026."),
        ("0.1.2026", "Den dato findes ikke i kalenderen. Skriv den som 21.11.2026."),
        ("1.13.2026", "Den dato findes ikke i kalenderen. Skriv den som 21.11.2026."),
        ("1.1.1899", "Årstallet skal ligge mellem 1900 og 2199."),
        ("1.1.2200", "Årstallet skal ligge mellem 1900 og 2199."),
        ("0000-01-01", "Årstallet skal ligge mellem 1900 og 2199."),
        ("", "Skriv datoen som 21.11.2026."),
        ("i går", "Skriv datoen som 21.11.2026."),
        ("21.11", "Skriv datoen som 21.11.2026."),
        ("21.11.226", "Skriv datoen som 21.11.2026."),
        ("٢١.١١.٢٠٢٦", "Skriv datoen som 21.11.2026."),
    ],
)
def test_what_is_no_date_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as refused:
        parse_dato(text)
    assert str(refused.value) == sentence


@given(DATES)
def test_every_date_shown_is_read_back(day: dt.date) -> None:
    assert parse_dato(dato(day)) == day
    assert parse_dato(day.isoformat()) == day


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (tal(1234567.5), "1.234.567,5"),
        (tal(12), "12"),
        (tal(2.5, 0), "3"),
        (tal(-0.4, 0), "0"),
        (tal(-1234.5, 2), "-1.234,50"),
        (tal(Decimal("0.125"), 2), "0,13"),
        (tal(None), ""),
        (kroner(1234.5), "1.234,50 kr."),
        (kroner(Decimal(0)), "0,00 kr."),
        (kroner(None), ""),
        (procent(7.8), "7,8 %"),
        (procent(68), "68 %"),
        (procent(66.666, 1), "66,7 %"),
        (procent(None), ""),
    ],
)
def test_numbers_are_shown_as_danes_write_them(shown: str, wanted: str) -> None:
    assert shown == wanted


def test_what_is_no_number_is_not_shown_as_one() -> None:
    with pytest.raises(ValueError, match="finite"):
        tal(float("nan"))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.234,50", "1234.50"),
        ("1234.50", "1234.50"),
        ("1234,5", "1234.5"),
        ("1.234", "1234"),
        ("1 234,50", "1234.50"),
        ("1\u00a0234", "1234"),
        ("12.345.678,9", "12345678.9"),
        ("0.125", "0.125"),
        ("-5", "-5"),
        ("\u22125", "-5"),
        ("1.250,-", "1250"),
        ("kr. 1.250", "1250"),
        ("1.250 kr.", "1250"),
        ("7,8 %", "7.8"),
    ],
)
def test_a_number_is_read_however_danes_write_it(text: str, number: str) -> None:
    assert parse_tal(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "x", "1,234.50", "1.234.50", "1..2", "1e5", "NaN", "Infinity", "9" * 31, "1,2,3"])
def test_what_is_no_number_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"^Skriv et tal, fx 1\.234,50\.$"):
        parse_tal(text)


@given(st.decimals(-(10**9), 10**9, places=2))
def test_every_amount_shown_is_read_back(amount: Decimal) -> None:
    assert parse_tal(kroner(amount)) == amount
    assert parse_tal(tal(amount)) == amount


def test_the_holidays_are_the_danish_ones() -> None:
    assert helligdag(dt.date(2026, 4, 3)) == "Langfredag"
    assert er_helligdag(dt.date(2026, 12, 25))
    assert not er_helligdag(dt.date(2026, 5, 1))
    assert not er_helligdag(dt.date(2026, 11, 22))


def test_store_bededag_is_a_holiday_until_2023_only() -> None:
    assert er_helligdag(dt.date(2023, 5, 5))
    assert not er_helligdag(dt.date(2024, 4, 26))


@pytest.mark.parametrize(
    "text",
    [
        "010165-1234",
        "0101651234",
        "010165 1234",
        "010165 - 1234",
        "010165\u20131234",
        "290200-1234",
        "født 311299-4000, bor her",
        "cpr0101651234.",
        "01.02.03-1234",
        "01/02/03 - 1234",
        "01 02 03 12 34",
        "01 02 03 1234",
    ],
)
def test_a_cpr_number_is_recognised(text: str) -> None:
    assert ligner_cpr(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20 12 34 56",
        "+45 20 12 34 56",
        "+4520123456",
        "4520123456",
        "+3101011234",
        "320165-1234",
        "011365-1234",
        "000165-1234",
        "290201-1234",
        "010165-12345",
        "2101016512345",
        "01.01.1965",
        "2026-01-01 1234",
        "20123456 20123457",
        "010165\n1234",
    ],
)
def test_other_numbers_are_not_taken_for_cpr_numbers(text: str) -> None:
    assert not ligner_cpr(text)


@given(DATES, st.integers(0, 9999), st.sampled_from(["", " ", "-"]), st.text("abc .,\n"), st.text("abc .,\n"))
def test_a_cpr_number_is_recognised_in_any_text(day: dt.date, number: int, sign: str, before: str, after: str) -> None:
    assert ligner_cpr(f"{before}{day:%d%m%y}{sign}{number:04}{after}")


@given(st.integers(10_000_000, 99_999_999))
def test_no_danish_phone_number_is_taken_for_a_cpr_number(number: int) -> None:
    phone = f"+45{number:08}"
    assert not ligner_cpr(phone)
    assert not ligner_cpr(vis_telefon(phone))
    assert not ligner_cpr(f"+45 {vis_telefon(phone)}")
    assert normaliser_telefon(vis_telefon(phone)) == phone


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("20123456", "+4520123456"),
        ("20 12 34 56", "+4520123456"),
        ("20-12-34-56", "+4520123456"),
        ("+45 20 12 34 56", "+4520123456"),
        ("0045 20123456", "+4520123456"),
        ("4520123456", "+4520123456"),
        ("45123456", "+4545123456"),
        ("+46 70 123 45 67", "+46701234567"),
        ("0046 (0)70 1234567", "+46701234567"),
        ("  ", ""),
    ],
)
def test_a_phone_number_becomes_e164(text: str, e164: str) -> None:
    assert normaliser_telefon(text) == e164


@pytest.mark.parametrize("text", ["1234567", "123456789", "+45 123", "00", "00 12 34 56", "0012", "+" + "4" * 16, "()"])
def test_a_number_of_wrong_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Et dansk telefonnummer har 8 cifre"):
        normaliser_telefon(text)


def test_letters_in_a_phone_number_are_refused() -> None:
    with pytest.raises(ValueError, match="består af tal"):
        normaliser_telefon("ring 20123456")
    with pytest.raises(ValueError, match="består af tal"):
        normaliser_telefon("+")


def test_a_phone_number_is_shown_in_pairs() -> None:
    assert vis_telefon("+4520123456") == "20 12 34 56"
    assert vis_telefon("+46701234567") == "+46701234567"
    assert vis_telefon("") == vis_telefon(None) == ""


def test_names_are_sorted_as_danes_sort_them() -> None:
    wanted = ["abe", "Émile", "Muller", "Mylius", "Müller", "Zebra", "Æble", "Ærø", "Øst", "Åben", "aaben", "Aalborg"]
    assert sorted(set(wanted), key=sorteringsnøgle) == wanted


def test_ties_are_settled_capitals_first_and_å_before_aa() -> None:
    assert sorted(["aal", "ål", "Aal", "Ål"], key=sorteringsnøgle) == ["Ål", "Aal", "ål", "aal"]


def test_house_numbers_are_sorted_as_numbers() -> None:
    wanted = ["Bøgelunden 2, 1. tv.", "Bøgelunden 14", "Bøgelunden 14 B", "Bøgelunden 114"]
    assert sorted(set(wanted), key=sorteringsnøgle) == wanted


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Åse", "aase"),
        ("Aase", "aase"),
        ("A\u030ase", "aase"),
        ("Ærø", "aeroe"),
        ("Aeroe", "aeroe"),
        ("Björn Bäck", "bjoern baeck"),
        ("O'Brien-Høj", "o brien hoej"),
        ("Yılmaz İpek", "yilmaz ipek"),
        ("José Łódź Đặng", "jose lodz dang"),
        ("Bøgelunden 14, 2. tv.", "boegelunden 14 2 tv"),
        ("  ", ""),
        ("ﬁn_ﬂod", "fin flod"),
    ],
)
def test_texts_are_folded_for_search(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_letters_are_folded_to_one_each() -> None:
    assert fold_letters("Aase Ærø BOEGE") == "åse ærø bøge"


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert spell_out(fold_letters(text)) == fold(text)


def test_every_filter_is_the_function_of_its_name() -> None:
    assert {name: getattr(dansk, name) for name in dansk.FILTERS} == dansk.FILTERS


@pytest.mark.parametrize(
    ("text", "shown"),
    [("14.05", "14.05"), ("9:30", "09.30"), ("0930", "09.30"), (" kl. 9 ", "09.00"), ("23.59", "23.59")],
)
def test_a_time_of_day_is_read_as_danes_write_it(text: str, shown: str) -> None:
    assert klokkeslæt(parse_klokkeslæt(text)) == shown


@pytest.mark.parametrize("text", ["", "24.00", "12.60", "kvart i ti", "9.5", "14.05.30", "-1"])
def test_what_is_no_time_of_day_is_refused_in_danish(text: str) -> None:
    with pytest.raises(ValueError, match="Skriv klokkeslættet"):
        parse_klokkeslæt(text)
