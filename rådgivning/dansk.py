"""Danish dates, numbers, weeks, holidays, phone numbers, sorting and search folding.

Pure functions: no clock, no database, no Flask. The show-functions in `FILTERS` are Jinja filters of the same name.
Error sentences never repeat what was typed, so a birth date or a phone number cannot end in a log.
"""

import calendar
import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays
from babel.dates import format_date
from babel.numbers import format_decimal

TIDSZONE: Final = ZoneInfo("Europe/Copenhagen")
Number = int | float | Decimal

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4}|\d{2})", re.ASCII)
_CLOCK = re.compile(r"(?:kl\.?\s*)?(\d{1,2})(?:[.:]?(\d{2}))?", re.ASCII | re.IGNORECASE)
_UNIT = re.compile(r"\s*(?:kr\.?|,-|%)\s*$|^kr\.?\s*", re.IGNORECASE)
_GROUPED = re.compile(r"-?[1-9]\d{0,2}(?:[. ]\d{3})+(?:,\d+)?", re.ASCII)
_PLAIN = re.compile(r"-?\d+(?:[.,]\d+)?", re.ASCII)
_HYPHEN = "[-\u2010-\u2015\u2212]"
_CPR = re.compile(
    rf"(?<![\d+])(?:(\d\d)(\d\d)(\d\d)[ \u00a0]?{_HYPHEN}?[ \u00a0]?\d{{4}}"
    rf"|(\d\d)[./](\d\d)[./](\d\d)[ \u00a0]?{_HYPHEN}[ \u00a0]?\d{{4}}"
    r"|(\d\d)[ \u00a0](\d\d)[ \u00a0](\d\d)[ \u00a0]?\d\d[ \u00a0]?\d\d)(?!\d)"
)
_PHONE = re.compile(r"[+]?[\d\s().\-/\u00a0\u2010-\u2015]+", re.ASCII)


def dato(d: dt.date | None) -> str:
    """`21.11.2026`; an aware datetime is first taken to Danish time; None gives an empty string."""
    if d is None:
        return ""
    return f"{_danish(d):%d.%m.%Y}"


def lang_dato(d: dt.date | None) -> str:
    """`lørdag den 21. november 2026`; None gives an empty string."""
    return "" if d is None else str(format_date(_danish(d), "full", locale="da"))


def tidspunkt(t: dt.datetime | None) -> str:
    """`21.11.2026 kl. 14.05` in Danish time; None gives an empty string."""
    return "" if t is None else f"{_danish(t):%d.%m.%Y kl. %H.%M}"


def klokkeslæt(t: dt.time | None) -> str:
    """`14.05`; None gives an empty string."""
    return "" if t is None else f"{t:%H.%M}"


def måned(d: dt.date) -> str:
    """`november 2026`."""
    return str(format_date(_danish(d), "MMMM y", locale="da"))


def iso_uge(d: dt.date) -> int:
    """The ISO week number used in Denmark (2 January 2027 is in week 53 of 2026; Babel's own pattern says 1)."""
    return _danish(d).isocalendar().week


def tal(x: Number | None, decimals: int | None = None) -> str:
    """`1.234.567,5`; `decimals` fixes the number of decimals (rounded half up); None gives an empty string."""
    if x is None:
        return ""
    value = Decimal(str(x))
    if not value.is_finite():
        raise ValueError("not a finite number")
    if decimals is None:
        return str(format_decimal(value, locale="da"))
    rounded = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    # Adding zero turns minus nothing into nothing.
    return str(format_decimal(rounded + 0, format=pattern, locale="da"))


def kroner(x: Number | None) -> str:
    """`1.234,50 kr.`; None gives an empty string."""
    return "" if x is None else f"{tal(x, 2)} kr."


def procent(x: Number | None, decimals: int | None = None) -> str:
    """`12,5 %` from 12.5 (per cent as the sources print it, not a fraction); None gives an empty string."""
    return "" if x is None else f"{tal(x, decimals)} %"


def parse_dato(text: str) -> dt.date:
    """A date from ISO, `21.11.2026`, `1.2.26`, `21/11-26` or `21/11-2026`.

    Two-digit years follow the rule of the CPR number: 00-36 are 2000-2036, 37-99 are 1937-1999.
    Raises ValueError with a Danish sentence.
    """
    text = text.strip()
    if iso := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in iso.groups())
    elif typed := _DAY_FIRST.fullmatch(text):
        day, month, year = (int(part) for part in typed.groups())
        if len(typed.group(3)) == 2:
            year += 2000 if year <= 36 else 1900
    else:
        raise ValueError("Skriv datoen som 21.11.2026.")
    if not 1900 <= year <= 2199:
        raise ValueError("Årstallet skal ligge mellem 1900 og 2199.")
    if not _exists(year, month, day):
        raise ValueError("Den dato findes ikke i kalenderen. Skriv den som 21.11.2026.")
    return dt.date(year, month, day)


def parse_klokkeslæt(text: str) -> dt.time:
    """A time of day from `14.05`, `14:05`, `1405`, `kl. 9.30` or `9`. Raises ValueError with a Danish sentence."""
    typed = _CLOCK.fullmatch(text.strip())
    hour, minute = (int(part or 0) for part in typed.groups()) if typed else (24, 0)
    if hour > 23 or minute > 59:
        raise ValueError("Skriv klokkeslættet som 14.05.")
    return dt.time(hour, minute)


def parse_tal(text: str) -> Decimal:
    """A number as Danes write it: `1.234,50`, `1 234,50`, `1234.50`, `1.234` (over a thousand).

    `kr.`, `,-` and `%` around it are left out. A dot before exactly three digits separates thousands unless the
    number starts with 0. Raises ValueError with a Danish sentence.
    """
    cleaned = _UNIT.sub("", text.strip()).strip().replace("\u2212", "-").replace("\u00a0", " ")
    if _GROUPED.fullmatch(cleaned):
        return Decimal(cleaned.replace(".", "").replace(" ", "").replace(",", "."))
    if _PLAIN.fullmatch(cleaned) and len(cleaned) <= 30:
        return Decimal(cleaned.replace(",", "."))
    raise ValueError("Skriv et tal, fx 1.234,50.")


@lru_cache(maxsize=200)
def _holidays_of(year: int) -> dict[dt.date, str]:
    """The Danish public holidays of one year with their Danish names."""
    return dict(holidays.country_holidays("DK", years=year, language="da"))


def helligdag(d: dt.date) -> str:
    """The name of the public holiday (`Langfredag`), or an empty string on other days."""
    d = _danish(d)
    return _holidays_of(d.year).get(d, "")


def er_helligdag(d: dt.date) -> bool:
    """Whether the day is a Danish public holiday (Sundays as such are not)."""
    return helligdag(d) != ""


def om_måneder(d: dt.date, måneder: int) -> dt.date:
    """The same day so many months later, or that month's last day when it has no such day."""
    år, måned = divmod(d.year * 12 + d.month - 1 + måneder, 12)
    return dt.date(år, måned + 1, min(d.day, calendar.monthrange(år, måned + 1)[1]))


def ligner_cpr(text: str) -> bool:
    """Whether the text holds something like a CPR number: a possible date and four digits, with or without a hyphen.

    The date may be split by points, strokes or spaces as people write it by hand. Modulus 11 is not used: valid numbers
    without it have been given out since 2007 (cpr.dk).
    Longer runs of digits and numbers after a plus sign (foreign phones) do not count.
    """
    return any(
        _exists(1900 + int(year), int(month), int(day)) or _exists(2000 + int(year), int(month), int(day))
        for found in _CPR.findall(text)
        for day, month, year in [[part for part in found if part]]
    )


def normaliser_telefon(text: str) -> str:
    """E.164: eight digits get +45, `+46 70…` and `0046 70…` stay foreign; empty stays empty.

    Any eight digits are taken, allocated or not. Raises ValueError with a Danish sentence.
    """
    text = text.replace("(0)", "").strip()
    if not text:
        return ""
    digits = re.sub(r"\D", "", text, flags=re.ASCII)
    if not _PHONE.fullmatch(text):
        raise ValueError("Et telefonnummer består af tal, fx 20 12 34 56.")
    international = text.startswith(("+", "00"))
    digits = digits.removeprefix("00")
    if len(digits) == 8 and not international:
        return f"+45{digits}"
    if len(digits) == 10 and digits.startswith("45"):
        return f"+{digits}"
    if international and 7 <= len(digits) <= 15 and digits[0] != "0" and not digits.startswith("45"):
        return f"+{digits}"
    raise ValueError("Et dansk telefonnummer har 8 cifre, fx 20 12 34 56. Et udenlandsk begynder med + og landekoden.")


def vis_telefon(telefon: str | None) -> str:
    """`20 12 34 56` from `+4520123456`; foreign numbers are shown as they are kept."""
    if not telefon:
        return ""
    if re.fullmatch(r"\+45\d{8}", telefon, re.ASCII):
        return " ".join(telefon[i : i + 2] for i in range(3, 11, 2))
    return telefon


# Danish order after z is æ ø å; the three ASCII signs after z stand for them. ä sorts as æ, ö as ø, ü as y.
_COLLATION = str.maketrans(
    {
        "æ": "{",
        "ä": "{",
        "ø": "|",
        "ö": "|",
        "œ": "|",
        "å": "}",
        "ü": "y",
        "ð": "d",
        "þ": "th",
        "đ": "d",
        "ł": "l",
        "ı": "i",
    }
)
_DIGITS = re.compile(r"\d+")


def sorteringsnøgle(text: str) -> tuple[str, str]:
    """Sort key in Danish order (… z æ ø å, aa as å), blind to case and accents, `Vejen 2` before `Vejen 14`.

    The second part only settles ties: å before aa, capitals before small letters.
    """
    text = unicodedata.normalize("NFC", text)
    letters = _without_marks(text.casefold().replace("aa", "å").translate(_COLLATION))
    words = " ".join(re.sub(r"[^\w{|}]+|_", " ", letters).split())
    tie = text.replace("Aa", "Å~").replace("AA", "Å~").replace("aa", "å~")
    return _DIGITS.sub(lambda run: run.group().zfill(12), words), tie


# å would lose its ring with the other accents, so a private sign stands in for it meanwhile.
_KEPT_Å = "\ue000"
_FOLDING = str.maketrans(
    {"å": _KEPT_Å, "ä": "æ", "ö": "ø", "œ": "ø", "ð": "d", "þ": "th", "đ": "d", "ł": "l", "ı": "i"}
)
_NOT_WORD = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """The form in which search compares texts: small letters, æ=ae ø=oe å=aa, no accents, single spaces for signs."""
    return spell_out(fold_letters(text))


def fold_letters(text: str) -> str:
    """As `fold`, but with æ, ø, å as one letter each, however they were written: the form to count typing errors in."""
    text = text.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).casefold()
        text = _without_marks(unicodedata.normalize("NFC", text).translate(_FOLDING)).replace(_KEPT_Å, "å")
    text = _NOT_WORD.sub(" ", text).strip()
    return text.replace("aa", "å").replace("ae", "æ").replace("oe", "ø")


def spell_out(folded: str) -> str:
    """What `fold` gives, from what `fold_letters` gave."""
    return folded.replace("å", "aa").replace("æ", "ae").replace("ø", "oe")


def _without_marks(text: str) -> str:
    """The text with accents taken off its letters."""
    if text.isascii():
        return text
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def _danish(d: dt.date) -> dt.date:
    """A plain date as it is; a datetime in Danish time (a naive one counts as Danish already)."""
    return d.astimezone(TIDSZONE) if isinstance(d, dt.datetime) and d.tzinfo is not None else d


def _exists(year: int, month: int, day: int) -> bool:
    """Whether the calendar has that day."""
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]


FILTERS: Final[dict[str, Callable[..., str | int]]] = {
    "dato": dato,
    "helligdag": helligdag,
    "iso_uge": iso_uge,
    "klokkeslæt": klokkeslæt,
    "kroner": kroner,
    "lang_dato": lang_dato,
    "måned": måned,
    "procent": procent,
    "tal": tal,
    "tidspunkt": tidspunkt,
    "vis_telefon": vis_telefon,
}
