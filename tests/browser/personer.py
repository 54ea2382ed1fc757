"""Who is in an instance, and every way her name, address, phone or e-mail might be written where it should not be."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

from sqlmodel import select

from rådgivning.adgang.models import Bruger
from rådgivning.beboere.models import Beboer, BeboerData, Lejemål, LejemålData
from rådgivning.dansk import vis_telefon
from rådgivning.databeskyttelse.models import Anmodning, AnmodningData
from rådgivning.drift.instance import open_instance
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.kalender.models import Aftale, AftaleData
from rådgivning.kontakter.models import Kontakt, KontaktData
from rådgivning.nøgler.opening import SealedRow, open_many
from rådgivning.plan.models import Helhedsplan
from rådgivning.restancer.models import Restancesag, RestancesagData
from rådgivning.settings import Settings
from rådgivning.spor.trail import Adgang, Aktør

PERSONALIA = {"navn", "telefon", "email", "adresse", "tredjepart"}
KUVERTER: dict[type[SealedRow], type[Any]] = {
    Beboer: BeboerData, Lejemål: LejemålData, Anmodning: AnmodningData, Henvisning: HenvisningData,
    Aftale: AftaleData, Kontakt: KontaktData, Restancesag: RestancesagData,
}  # fmt: skip
BODIL = "bodil"
SKREVET = {"Zxqvej 7", "Zxqnotat"}
"""What the two write of their own, besides the resident's name."""


def alle_personer(settings: Settings) -> tuple[set[str], str, set[str]]:
    """Every name, address, phone and e-mail in every envelope; the first of BODIL's residents; the users' names."""
    kontekst = open_instance(settings)
    with kontekst.session(Aktør()) as session:
        plan_id = session.exec(select(Helhedsplan.id)).one()
        brugere = set(session.exec(select(Bruger.navn)).all())
        åbner = {str(model.__tablename__): Adgang("alle") for model in KUVERTER}
    found: set[str] = set()
    with kontekst.session(Aktør(None, "system", plan_id, åbner)) as session:
        for model, indhold in KUVERTER.items():
            for data in open_many(session, session.exec(select(model)).all(), indhold, "prøve").values():
                found |= personalia(data.model_dump())
        hers = session.exec(select(Beboer).join(Bruger).where(Bruger.brugernavn == BODIL)).all()
        names = sorted(data.navn for data in open_many(session, hers, BeboerData, "prøve").values())
        session.rollback()
    kontekst.close()
    return found | SKREVET, names[0], brugere


def personalia(data: Any, key: str = "") -> set[str]:
    """What a value holds about persons, however deep."""
    if isinstance(data, dict):
        return {text for name, value in data.items() for text in personalia(value, name)}
    if isinstance(data, list | tuple):
        return {text for value in data for text in personalia(value, key)}
    return {data} if key in PERSONALIA and isinstance(data, str) and len(data) > 3 else set()


def written(texts: set[str], offentligt: str) -> set[str]:
    """The texts and their longer words as they might be written: plain, percent-encoded, as JSON, a phone in each form;
    any case. Not those that stand in what is no secret there, as the plan's place names."""
    forms, known = set(), offentligt.casefold()
    words = {word for text in texts for word in text.split() if len(word) > 5 and not word.isdigit()}
    for text in {text for text in texts | words if text.casefold() not in known}:
        digits = text.removeprefix("+45")
        for form in {text, vis_telefon(text), digits} if text.startswith("+") else {text, text.casefold()}:
            forms |= {form, quote(form), quote(form, safe=""), quote_plus(form), json.dumps(form)[1:-1]}
    return {form.casefold() for form in forms}


def pattern(forms: set[str]) -> re.Pattern[str]:
    """Any of the forms where no word goes on before or after it; an encoded sign before it is no word."""
    return re.compile(rf"(?:(?<![0-9a-zæøå])|(?<=%[0-9a-f][0-9a-f])|(?<=\\[nrt])){_tree(forms)}(?![0-9a-zæøå])")


def as_read(line: str) -> str:
    """A line, and what it says to whoever takes its percent signs away once and twice."""
    once = unquote_plus(line)
    return "\n".join([line, once, unquote_plus(once)]).casefold()


def _tree(forms: set[str]) -> str:
    """An expression that looks at each letter once: thousands of alternatives tried in turn take minutes."""
    rest: dict[str, set[str]] = {}
    for form in forms - {""}:
        rest.setdefault(form[0], set()).add(form[1:])
    branches = [re.escape(letter) + _tree(after) for letter, after in sorted(rest.items())]
    if len(branches) == 1 and "" not in forms:
        return branches[0]
    return f"(?:{'|'.join(branches)}){'?' if '' in forms else ''}" if branches else ""
