"""A contact in words: what its page, its history and a conflict between two editors show."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from rådgivning.dansk import dato as vis_dato
from rådgivning.kontakter.models import KontaktData
from rådgivning.plan.lister import etiket

# Field, its label, and the plan's list its keys come from ("" when it is no key).
FELTER = (
    ("art", "Slags kontakt", "art"),
    ("hovedemne", "Hovedemne", "hovedemne"),
    ("emner", "Andre emner", "emne"),
    ("udfald", "Udfald", "udfald"),
    ("aftale", "Efter aftale", ""),
    ("anledning", "Anledning", "anledning"),
    ("truffet", "Truffet", ""),
    ("med_ejendomsdrift", "Sammen med ejendomsdriften", ""),
    ("tredjepart", "Klager (holdes ude af en indsigt)", ""),
    ("form", "Form", "form"),
    ("kilde", "Henvist af", "henvisningskilde"),
    ("aktivitet", "Tilbud", "aktivitet"),
    ("varighed", "Varighed", ""),
    ("afdeling", "Afdeling", "afdeling"),
    ("aldersgruppe", "Aldersgruppe", "aldersgruppe"),
    ("brobygning_til", "Brobygning til", "brobygning_til"),
    ("brobygning_ledsaget", "Ledsaget", ""),
    ("brobygning_resultat", "Brobygningen førte til", "brobygning_resultat"),
    ("brobygning_delt", "Oplysninger givet videre", ""),
    ("notat", "Notat", ""),
)
SKJULT = "Skjult: kollegas notat"


@dataclass(frozen=True)
class Forskel:
    """One field that two versions say differently."""

    felt: str
    før: str
    efter: str


def beskriv(session: Session, helhedsplan_id: uuid.UUID, data: KontaktData, dato: date | None) -> dict[str, str]:
    """Label and text of every field that says something, in the order of the page."""
    lines = {"Dato": vis_dato(dato)}
    for name, label, liste in FELTER:
        hidden = name in data.gemt
        lines[label] = SKJULT if hidden else _text(session, helhedsplan_id, getattr(data, name), name, liste)
    return {label: text for label, text in lines.items() if text}


def forskelle(før: dict[str, str], efter: dict[str, str]) -> list[Forskel]:
    """What changed between two versions, as `beskriv` gives them."""
    labels = ["Dato", *(label for _name, label, _liste in FELTER)]
    pairs = [Forskel(label, før.get(label, ""), efter.get(label, "")) for label in labels]
    return [pair for pair in pairs if pair.før != pair.efter]


def _text(session: Session, helhedsplan_id: uuid.UUID, value: Any, name: str, liste: str) -> str:
    if isinstance(value, list):
        return ", ".join(etiket(session, helhedsplan_id, liste, key) for key in value)
    if isinstance(value, bool):
        return "Ja" if value else "Nej"
    if value in (None, ""):
        return ""
    if name == "varighed":
        return f"{value} min."
    return etiket(session, helhedsplan_id, liste, value) if liste else str(value)
