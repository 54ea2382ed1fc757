"""Checking the rows of an import: every value is understood, or the row says which column is wrong and why."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import acting
from rådgivning.dansk import fold, ligner_cpr, normaliser_telefon, parse_dato, parse_tal
from rådgivning.database import today
from rådgivning.felter.messages import CPR_BESKED, STYRETEGN_BESKED, length_error
from rådgivning.felter.text import NotatFelt, TekstFelt, typed_text
from rådgivning.kontakter.models import KontaktData
from rådgivning.kontakter.sheet import KOLONNER, Rækker
from rådgivning.plan import checks, lister
from rådgivning.plan.agreement import Gyldig
from rådgivning.plan.plans import plan
from rådgivning.plan.schema import HOVEDEMNE, Listenavn, liste_for

UKENDT = "ukendt"
LISTER = {
    "afdeling": "afdeling",
    "art": "art",
    "hovedemne": "hovedemne",
    "aldersgruppe": "aldersgruppe",
    "kilde": "henvisningskilde",
    "form": "form",
    "udfald": "udfald",
}


@dataclass(frozen=True)
class Rækkefejl:
    """A row that is refused: its number in the file, the column, and why. Never repeats what stands there."""

    række: int
    kolonne: str
    grund: str

    def __str__(self) -> str:
        return f"Række {self.række}, {self.kolonne}: {self.grund}"


@dataclass(frozen=True)
class GodRække:
    """A row that can be imported; `id` is the same each time the same content is read."""

    nummer: int
    id: uuid.UUID
    dato: date
    data: KontaktData
    beboer: BeboerData | None


@dataclass(frozen=True)
class Kontrolleret:
    """The rows that can be imported, and what is wrong with the others, in the order of the file."""

    gode: list[GodRække]
    fejl: list[Rækkefejl]


def kontrollér(session: Session, rækker: Rækker) -> Kontrolleret:
    """Check every row. The database is only asked for the plan, before the first row."""
    return Regler(session).kontrollér(rækker)


class Regler:
    """What is the same for every row of an import: the plan's lists, and how often a content has been seen."""

    def __init__(self, session: Session) -> None:
        self.plan_id, _bruger = acting(session)
        self.plan = plan(session, self.plan_id)
        self.begins = self.plan.helhedsplan.fra
        self.keys = {column: self._known(liste) for column, liste in LISTER.items()}
        self.offers = {art: self._offer(session, art) for art in self.plan.liste[Listenavn.ART]}
        self.seen: Counter[str] = Counter()
        self.secret: bytes = session.info["statistics_key"]

    def kontrollér(self, rækker: Rækker) -> Kontrolleret:
        """Check every row without asking the database: whoever waits for it may go first."""
        found = Kontrolleret([], [])
        for nummer, cells in rækker.rækker:
            values, bad = self.row(cells)
            found.fejl.extend(Rækkefejl(nummer, kolonne, grund) for kolonne, grund in bad)
            if not bad:
                found.gode.append(self.accepted(nummer, values))
        return found

    def _known(self, liste: str) -> dict[str, str]:
        """Keys by key and by label, without regard to case, spaces and signs; also those that are retired by now."""
        values = self._values(liste)
        by_label = {fold(checks.navn(value)): key for key, value in values.items()}
        return by_label | {fold(key): key for key in values}

    def _values(self, liste: str) -> Mapping[str, Gyldig]:
        return checks.nøgler(self.plan, liste_for(liste, "") if liste == HOVEDEMNE else liste)

    def row(self, cells: dict[str, str]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """The values of a row by column, and (column, reason) for what cannot be understood."""
        values: dict[str, Any] = {}
        bad: list[tuple[str, str]] = []
        if "" in cells:
            bad.append(("rækken", "Der er flere felter end overskrifter. Sæt tekst med skilletegn i anførselstegn."))
        for column in KOLONNER:
            try:
                values[column] = self._value(column, _clean(column, cells.get(column, "")), values.get("dato"))
            except ValueError as error:
                bad.append((column, str(error)))
        if not bad and not values["beboer_navn"] and (values["beboer_telefon"] or values["beboer_adresse"]):
            bad.append(("beboer_navn", "Der er telefon eller adresse, men intet navn."))
        return values, bad

    def _value(self, column: str, text: str, dato: date | None) -> Any:
        if column in LISTER:
            return self._key(column, text, dato)
        special: dict[str, Callable[[str], Any]] = {
            "dato": self._date,
            "varighed": _minutes,
            "beboer_telefon": normaliser_telefon,
        }
        return special.get(column, str)(text)

    def _key(self, column: str, text: str, dato: date | None) -> str:
        if not text:
            if column in {"afdeling", "art"}:
                raise ValueError("Feltet skal udfyldes.")
            return self.keys[column].get(UKENDT, "")
        key = self.keys[column].get(fold(text))
        if key is None:
            raise ValueError("Står ikke på helhedsplanens liste.")
        if not self._values(LISTER[column])[key].gælder(dato or today()):
            raise ValueError("Gælder ikke på den dato.")
        return key

    def _date(self, text: str) -> date:
        day = parse_dato(text)
        if day > today():
            raise ValueError("Datoen ligger i fremtiden.")
        if day < self.begins:
            raise ValueError("Datoen ligger, før helhedsplanen begyndte.")
        return day

    def _offer(self, session: Session, art: str) -> str:
        return next((key for key, _navn in lister.tilbud(session, self.plan_id, art=art)), "")

    def accepted(self, nummer: int, values: dict[str, Any]) -> GodRække:
        """The row as it will be saved, with the id its content gives it."""
        content = json.dumps([str(self.plan_id), *(str(values[column]) for column in KOLONNER)], ensure_ascii=False)
        self.seen[content] += 1
        name = b"import:" + f"{self.seen[content]}:".encode() + content.encode()
        digest = hmac.digest(self.secret, name, hashlib.sha256)
        kept = {column: values[column] for column in (*LISTER, "varighed", "notat")}
        data = KontaktData(**kept, aktivitet=self.offers[values["art"]])
        return GodRække(nummer, uuid.UUID(bytes=digest[:16], version=4), values["dato"], data, _resident(values))


def _resident(values: dict[str, Any]) -> BeboerData | None:
    if not values["beboer_navn"]:
        return None
    return BeboerData(
        navn=values["beboer_navn"],
        telefon=values["beboer_telefon"],
        adresse=values["beboer_adresse"],
        afdeling=values["afdeling"],
        aldersgruppe=values["aldersgruppe"],
    )


def _clean(column: str, cell: str) -> str:
    """The cell's text, held to the same rules as the form's fields."""
    kind = NotatFelt if column == "notat" else TekstFelt
    text = typed_text([cell])
    if ligner_cpr(text):
        raise ValueError(CPR_BESKED)
    if len(text) > kind.room:
        raise ValueError(length_error(len(text), kind.room))
    if kind.forbidden.search(text):
        raise ValueError(STYRETEGN_BESKED)
    return text


def _minutes(text: str) -> int | None:
    if not text:
        return None
    number = parse_tal(text.casefold().removesuffix("utter").removesuffix(".").removesuffix("min"))
    if number != number.to_integral_value() or not 0 <= number <= 1440:
        raise ValueError("Skriv varigheden som et helt antal minutter.")
    return int(number)
