"""Texts of an invitation in the plan: which places a text may have to be filled in, and which way a language runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from babel import Locale, UnknownLocaleError

from rådgivning.plan.schema import Indkaldelsestekst

DANSK: Final = "da"
# What may be filled in, by field; a text message carries no name, since others may read it over a shoulder.
_ALWAYS: Final = frozenset({"afsender", "rådgiver", "telefon"})
_MEETING: Final = frozenset({"dag", "klokken", "sted"})
PLADSER: Final = {
    "hilsen": frozenset({"navn"}),
    "brev": _ALWAYS,
    "med_tid": _ALWAYS | _MEETING,
    "uden_tid": _ALWAYS,
    "sms": _ALWAYS | _MEETING,
    "sms_uden_tid": _ALWAYS,
}
SKAL_MED: Final = {"sms": ("dag", "klokken", "telefon"), "sms_uden_tid": ("telefon",)}
_PLACE = re.compile(r"\{([^{}]*)\}")


def mangler(tekst: Indkaldelsestekst) -> Iterator[tuple[str, str]]:
    """(field, Danish sentence) for every place that is unknown, broken or left out."""
    for felt in type(tekst).model_fields:
        text = getattr(tekst, felt)
        if not isinstance(text, str):
            continue
        places, allowed = _PLACE.findall(text), PLADSER.get(felt, frozenset())
        if set("{}") & set(_PLACE.sub("", text)):
            yield felt, "En { eller } står alene. Skriv pladsen som {telefon}."
        for place in dict.fromkeys(places):
            if place not in allowed:
                known = ", ".join(f"{{{name}}}" for name in sorted(allowed)) or "ingen"
                yield felt, f"Pladsen {{{place}}} kan ikke bruges her. Mulige: {known}."
        for place in SKAL_MED.get(felt, ()):
            if place not in places:
                yield felt, f"Teksten skal have pladsen {{{place}}}."


def udfyld(text: str, værdier: dict[str, str]) -> str:
    """The text with its places filled in; what is filled in is never read as a place itself."""
    return _PLACE.sub(lambda found: værdier.get(found[1], ""), text)


def kendes(sprog: str) -> bool:
    """Whether the key is the code of a language: da, en, tr."""
    try:
        Locale.parse(sprog)
    except (UnknownLocaleError, ValueError):
        return False
    return True


def retning(sprog: str) -> str:
    """`rtl` for a language that runs from right to left, else `ltr`."""
    return Locale.parse(sprog).text_direction if kendes(sprog) else "ltr"
