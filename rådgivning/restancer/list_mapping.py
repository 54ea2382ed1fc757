"""Which heading of a sender's list is which column of ours: guessed by usual names, remembered, asked for otherwise.

Pure functions. A mapping is column to heading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rådgivning.dansk import fold

# The first name is the column's own (design.md section 6); `adresse` may be there and is used for letters.
SYNONYMER: Mapping[str, tuple[str, ...]] = {
    "lejemål": ("lejemål", "lejemålsnr", "lejemålsnummer", "lejemål nr", "lej nr", "lejenr", "lejlighedsnr", "bolignr"),
    "navn": ("navn", "lejer", "lejernavn", "lejers navn", "beboer", "beboernavn", "fulde navn", "debitor"),
    "telefon": ("telefon", "tlf", "telefonnummer", "tlf nr", "telefon nr", "telefonnr", "mobil", "mobilnummer"),
    "adresse": ("adresse", "vej", "lejemålsadresse", "gade"),
    "afdeling": ("afdeling", "afd", "afd nr", "afdelingsnr", "afdelingsnummer", "afdeling nr"),
    "beløb": ("beløb", "restance", "skyldig", "skyldigt beløb", "saldo", "restance i alt", "gæld", "udestående"),
    "forfaldsdato": ("forfaldsdato", "forfald", "forfaldsdag", "forfalden den", "betalingsdato"),
    "fase": ("fase", "status", "trin", "stade", "rykkertrin"),
    "dato": ("dato", "fasedato", "dato for fase", "statusdato", "dato for status"),
}
KOLONNER = tuple(SYNONYMER)
_KENDTE = {fold(name): column for column, names in SYNONYMER.items() for name in names}


def kendte(overskrifter: Sequence[str]) -> dict[str, str]:
    """The columns whose usual name stands among the headings, each with the first heading that is one."""
    found: dict[str, str] = {}
    for overskrift in overskrifter:
        column = _KENDTE.get(fold(overskrift[:100]))
        if column is not None:
            found.setdefault(column, overskrift)
    return found


def gæt(overskrifter: Sequence[str], husket: Mapping[str, str]) -> dict[str, str]:
    """The mapping to offer: what this sender used last time where those headings are there, else the usual names."""
    remembered = {column: heading for column, heading in husket.items() if heading in overskrifter}
    taken = set(remembered.values())
    guessed = {column: h for column, h in kendte(overskrifter).items() if h not in taken and column not in remembered}
    return {column: (remembered | guessed)[column] for column in KOLONNER if column in remembered | guessed}


def mangler(kolonner: Mapping[str, str]) -> list[tuple[str, str]]:
    """(column, Danish sentence) for what a list cannot do without, and for a heading that is chosen twice."""
    found = []
    if not kolonner.get("lejemål") and not kolonner.get("navn"):
        found.append(("lejemål", "Vælg kolonnen med lejemålets nummer eller med navnet, så husstanden kan findes."))
    if not kolonner.get("beløb"):
        found.append(("beløb", "Vælg kolonnen med beløbet."))
    if not kolonner.get("forfaldsdato") and not kolonner.get("dato"):
        found.append(("forfaldsdato", "Vælg kolonnen med forfaldsdatoen eller med fasens dato."))
    chosen = [heading for heading in kolonner.values() if heading]
    twice = [column for column, heading in kolonner.items() if heading and chosen.count(heading) > 1]
    return found + [(column, "Den samme kolonne er valgt to gange.") for column in twice]
