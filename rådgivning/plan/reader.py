"""From the text of a plan file to a validated plan, or to errors that name line, path and what to do."""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from rådgivning.database import today
from rådgivning.plan import checks, schema
from rådgivning.plan.lines import LineIndex, Sti, skriv_sti
from rådgivning.plan.standard import med_standard

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


@dataclass(frozen=True, order=True)
class Fejl:
    """One mistake in a plan file. `linje` counts from 1; 0 when the file could not be read at all."""

    linje: int
    sti: str
    besked: str


class PlanFejl(Exception):
    """The plan file cannot be used. `fejl` has every mistake found, in the order of the file."""

    def __init__(self, fil: str, fejl: Iterable[Fejl]) -> None:
        self.fil = fil
        self.fejl = tuple(sorted(set(fejl)))
        super().__init__("\n".join(self.linjer()))

    def linjer(self) -> list[str]:
        """One line of text per mistake: `ishøj-2025.toml, linje 12, afdeling.aab55: …`."""
        return [", ".join(filter(None, (self.fil, _line_words(f.linje), f.sti))) + f": {f.besked}" for f in self.fejl]


def _line_words(linje: int) -> str:
    return f"linje {linje}" if linje else ""


def læs(data: bytes, fil: str, tidligere: schema.PlanIndhold | None = None) -> schema.PlanIndhold:
    """Read and check a plan file's bytes; `fil` is its name for messages, `tidligere` the plan it replaces.

    Raises PlanFejl.
    """
    text = afkod(data, fil)
    raw = _parse(text, fil)
    index = LineIndex(text)
    whole, borrowed = med_standard(raw)
    try:
        indhold = schema.PlanIndhold.model_validate(whole)
    except ValidationError as error:
        found = [_from_pydantic(details, index) for details in error.errors()]
        raise PlanFejl(fil, found) from None
    wrong = [
        Fejl(index.find(sti), skriv_sti(sti), besked)
        for sti, besked in (*checks.tjek(indhold, borrowed), *checks.genbrug(indhold, tidligere, today()))
    ]
    if wrong:
        raise PlanFejl(fil, wrong)
    return indhold


def afkod(data: bytes, fil: str) -> str:
    """A plan file's text, NFC and with plain line ends. Raises PlanFejl."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PlanFejl(
            fil, [Fejl(line, "", "Filen skal gemmes som UTF-8; her står et tegn, der ikke er det.")]
        ) from None
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n")


_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_TOML_WORDS = {
    "Cannot overwrite": "Navnet er brugt før i samme tabel.",
    "Cannot declare": "Tabellen er skrevet før.",
    "Cannot mutate": "Tabellen er skrevet før og kan ikke udvides her.",
    "Duplicate inline": "Navnet er brugt før i samme tabel.",
    "Unterminated string": "Teksten mangler et afsluttende anførselstegn.",
    "Expected '='": "Efter navnet skal der stå et lighedstegn.",
    "Unclosed array": "Listen mangler et komma eller et afsluttende ].",
    "Unclosed inline": "Tabellen mangler et komma eller et afsluttende }.",
    "Invalid value (at end": "Filen slutter midt i en værdi: der mangler nok et ] eller }.",
    "Invalid date": "Datoen findes ikke.",
    "Illegal character": "Teksten må ikke fylde flere linjer; der mangler nok et anførselstegn.",
    "Invalid value": "Værdien kan ikke læses. Tekst skal stå i anførselstegn, datoer som 2025-11-01, tal som 7.8.",
}
_UNQUOTED = re.compile(r"^\s*(?:\[\[?)?[\w.-]*[^\W\dA-Za-z_][\w.-]*", re.MULTILINE)


def _parse(text: str, fil: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _TOML_PLACE.search(message)
        lines = text.splitlines() or [""]
        linje = int(place[1]) if place and place[1] else len(lines)
        besked = next((da for en, da in _TOML_WORDS.items() if message.startswith(en)), "Linjen er ikke gyldig TOML.")
        if _UNQUOTED.match(lines[min(linje, len(lines)) - 1]):
            besked = 'Navne med æ, ø eller å skal stå i anførselstegn, fx "delmål".'
        raise PlanFejl(fil, [Fejl(linje, "", besked)]) from None


_WORDS = {
    "missing": "Feltet mangler.",
    "string_type": "Skal være en tekst i anførselstegn.",
    "string_too_short": "Må ikke være tom.",
    "string_too_long": "Nøglen er for lang (højst 60 tegn).",
    "string_pattern_mismatch": "En nøgle består af små bogstaver, tal og tegnene _ + - og begynder ikke med et tegn.",
    "greater_than_equal": "Skal være mindst {ge}.",
    "less_than_equal": "Må højst være {le}.",
    "less_than": "Skal være under {lt}.",
    "enum": "Skal være en af: {expected}.",
    "literal_error": "Skal være en af: {expected}.",
    "model_type": "Skal være en tabel med felter.",
    "dict_type": "Skal være en tabel med felter.",
    "model_attributes_type": "Skal være en tabel med felter.",
    "tuple_type": "Skal være en liste i [ ].",
    "finite_number": "Skal være et tal.",
}
_KINDS = {
    "date": "Skal være en dato, fx 2025-11-01, uden anførselstegn.",
    "decimal": "Skal være et tal med punktum før decimalerne, fx 7.8, uden anførselstegn.",
    "int": "Skal være et helt tal uden anførselstegn.",
    "bool": "Skal være true eller false.",
}


def _from_pydantic(details: ErrorDetails, index: LineIndex) -> Fejl:
    sti: Sti = tuple(part for part in details["loc"] if part != "[key]")
    kind = details["type"]
    words = _WORDS.get(kind) or _KINDS.get(kind.split("_")[0], "Kan ikke læses.")
    if kind == "extra_forbidden":
        words = _unknown(str(sti[-1]))
    context = {name: str(value).replace(" or ", " eller ") for name, value in details.get("ctx", {}).items()}
    return Fejl(index.find(sti), skriv_sti(sti), words.format_map(context))


def _unknown(field: str) -> str:
    """That a field is unknown, with the nearest known name when one is close."""
    models = [m for m in vars(schema).values() if isinstance(m, type) and issubclass(m, BaseModel)]
    known = {name for model in models for name in model.model_fields}
    near = difflib.get_close_matches(field, known, n=1)
    return f"Feltet kendes ikke. Mente du »{near[0]}«?" if near else "Feltet kendes ikke."
