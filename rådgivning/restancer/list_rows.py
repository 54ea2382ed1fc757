"""Checking the rows of a restance list: each is understood, or says which column is wrong and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from rådgivning.beboere.households import nøgle
from rådgivning.beboere.residents import acting
from rådgivning.dansk import fold, ligner_cpr, normaliser_telefon, parse_dato, parse_tal
from rådgivning.database import today
from rådgivning.felter.messages import STYRETEGN_BESKED, length_error
from rådgivning.felter.sheet import Linje
from rådgivning.felter.text import TekstFelt, typed_text
from rådgivning.plan.lister import afdelinger, valg
from rådgivning.restancer.forms import SENEST, STØRSTE_BELØB, TIDLIGST
from rådgivning.restancer.list_mapping import KOLONNER
from rådgivning.restancer.list_sheet import Ark
from rådgivning.restancer.models import Listefejl, Listerække
from rådgivning.restancer.phases import FASER, VEJEN

RÆKKEN = "rækken"
CPR = "Der står noget, der ligner et CPR-nummer. Fjern det fra arket: CPR-numre gemmes ikke her."
FORMEL = "Cellen begynder med = og er en formel. Indsæt værdien i stedet."
EXCEL_DAG_0 = date(1899, 12, 30)
_SERIAL = re.compile(r"\d{5}", re.ASCII)
_MIDNIGHT = re.compile(r"[T ]00[:.]00(?:[:.]00)?$")
_FORMULA = re.compile(r"=\s*[\w('\"+-]")
_ØRE = Decimal("0.01")


@dataclass
class Kontrolleret:
    """The rows that can be used, what is wrong with the others, and by what a refused row can still be known: its
    tenancy number and name, so that its case is not taken for one that is gone."""

    rækker: list[Listerække] = field(default_factory=list)
    fejl: list[Listefejl] = field(default_factory=list)
    omtalte: set[str] = field(default_factory=set)

    @property
    def afvist(self) -> int:
        """How many rows are refused; one row can have several faults."""
        return len({fejl.række for fejl in self.fejl})


class Regler:
    """What is the same for every row of a list from one boligorganisation."""

    def __init__(self, session: Session, boligorganisation: str) -> None:
        plan_id, _bruger = acting(session)
        self.afdelinger: dict[str, str] = {}
        own = afdelinger(session, plan_id, boligorganisation=boligorganisation) if boligorganisation else {}
        for key, afdeling in own.items():
            number = (
                [afdeling.nummer, f"afd {afdeling.nummer}", f"afdeling {afdeling.nummer}"] if afdeling.nummer else []
            )
            self.afdelinger |= {fold(name): key for name in (key, afdeling.etiket, *number)}
        self.eneste = next(iter(own)) if len(own) == 1 else ""
        road = {fase.nøgle for fase in VEJEN}
        self.faser = {fold(n): key for key, label in valg(session, plan_id, "restance_fase") for n in (key, label)}
        self.faser |= {fold(f.nøgle): f.nøgle for f in VEJEN} | {fold("fogedmøde"): "fogedsag"}
        self.faser = {name: key for name, key in self.faser.items() if key in road}

    def kontrollér(self, ark: Ark, kolonner: Mapping[str, str]) -> Kontrolleret:
        """Check every line without asking the database. Of two rows about one tenancy the second is refused."""
        places = {column: ark.overskrifter.index(h) for column, h in kolonner.items() if h in ark.overskrifter}
        found = Kontrolleret()
        seen: dict[str, int] = {}
        for line in ark.linjer:
            række, fejl = self._line(line, places, len(ark.overskrifter))
            if række is not None:
                first = seen.setdefault(_who(række), line.nummer)
                if first != line.nummer:
                    fejl = [Listefejl(række=line.nummer, kolonne="lejemål", grund=_twice(first))]
                else:
                    found.rækker.append(række)
            found.fejl += fejl
            if fejl:
                found.omtalte |= _names(line, places)
        return found

    def _line(self, line: Linje, places: Mapping[str, int], width: int) -> tuple[Listerække | None, list[Listefejl]]:
        bad = list(_whole(line, width))
        values: dict[str, Any] = {}
        if not bad:
            for column in KOLONNER:
                cell = line.celler[places[column]] if column in places and places[column] < len(line.celler) else ""
                try:
                    values[column] = self._value(column, _clean(cell))
                except ValueError as error:
                    bad.append((column, str(error)))
        if not bad:
            bad = list(_together(values))
        if bad:
            return None, [Listefejl(række=line.nummer, kolonne=column, grund=reason) for column, reason in bad]
        values["dato"] = values["dato"] or values["forfaldsdato"]
        return Listerække(nummer=line.nummer, **values), []

    def _value(self, column: str, text: str) -> Any:
        read: dict[str, Callable[[str], Any]] = {
            "telefon": normaliser_telefon,
            "afdeling": self._afdeling,
            "beløb": _amount,
            "forfaldsdato": _date,
            "fase": self._fase,
            "dato": _date,
        }
        return read.get(column, str)(text)

    def _afdeling(self, text: str) -> str:
        if not text and self.eneste:
            return self.eneste
        if not text:
            raise ValueError("Feltet skal udfyldes.")
        key = self.afdelinger.get(fold(text))
        if key is None:
            raise ValueError("Afdelingen hører ikke til boligorganisationen eller kendes ikke.")
        return key

    def _fase(self, text: str) -> str:
        if not text:
            return "forfalden"
        key = self.faser.get(fold(text))
        if key is None:
            raise ValueError("Fasen kendes ikke. Skriv den som i listen over faser, eller lad feltet stå tomt.")
        return key


def _whole(line: Linje, width: int) -> Iterable[tuple[str, str]]:
    """What is wrong with a line as a whole."""
    if line.fejl:
        yield RÆKKEN, line.fejl[:1].upper() + line.fejl[1:]
    elif any(line.celler[width:]):
        yield RÆKKEN, "Der er flere felter end overskrifter. Sæt tekst med skilletegn i anførselstegn."
    elif any(ligner_cpr(cell) for cell in line.celler):
        yield RÆKKEN, CPR


def _clean(cell: str) -> str:
    """The cell's text, held to the same rules as the form's fields."""
    text = typed_text([cell])
    if _FORMULA.match(text):
        raise ValueError(FORMEL)
    if len(text) > TekstFelt.room:
        raise ValueError(length_error(len(text), TekstFelt.room))
    if TekstFelt.forbidden.search(text):
        raise ValueError(STYRETEGN_BESKED)
    return text


def _amount(text: str) -> Decimal:
    if not text:
        raise ValueError("Beløbet mangler.")
    number = parse_tal(re.sub(r"^\s*DKK\s*|\s*DKK\s*$", "", text, flags=re.IGNORECASE))
    kroner = number.quantize(_ØRE)
    if abs(kroner - number) > Decimal("0.001"):
        raise ValueError("Skriv beløbet med højst to decimaler.")
    if kroner <= 0:
        raise ValueError("Beløbet skal være over 0 kr.")
    if kroner > STØRSTE_BELØB:
        raise ValueError("Beløbet er for stort. Er kommaet sat rigtigt?")
    return kroner


def _date(text: str) -> date | None:
    if not text:
        return None
    serial = _SERIAL.fullmatch(text)
    day = EXCEL_DAG_0 + timedelta(days=int(text)) if serial else parse_dato(_MIDNIGHT.sub("", text))
    if not today() - TIDLIGST <= day <= today() + SENEST:
        raise ValueError("Datoen ligger for langt fra i dag. Er årstallet rigtigt?")
    return day


def _together(values: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """What cannot be when the columns are seen together."""
    fase, dato, forfald = FASER[values["fase"]], values["dato"], values["forfaldsdato"]
    if not nøgle(values["lejemål"]) and not values["navn"]:
        yield "lejemål", "Der er hverken lejemål eller navn, så husstanden kan ikke findes."
    if dato is None and (forfald is None or fase.nøgle != "forfalden"):
        yield "dato", "Datoen for fasen mangler."
    if forfald is not None and forfald > today():
        yield "forfaldsdato", "Datoen ligger i fremtiden."
    if dato is not None and dato > today() and not fase.berammes:
        yield "dato", "Datoen ligger i fremtiden."
    elif dato is not None and forfald is not None and dato < forfald:
        yield "dato", "Datoen for fasen ligger før forfaldsdatoen."


def _who(række: Listerække) -> str:
    return nøgle(række.lejemål) or f"{fold(række.navn)}\n{række.telefon}"


def _twice(first: int) -> str:
    return f"Lejemålet står også i række {first}. Læg beløbene sammen i én række."


def _names(line: Linje, places: Mapping[str, int]) -> set[str]:
    cells = [line.celler[places[c]] for c in ("lejemål", "navn") if c in places and places[c] < len(line.celler)]
    return {name for cell in cells for name in (nøgle(cell[:200]), fold(cell[:200])) if name}
