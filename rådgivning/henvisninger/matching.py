"""Who is it about: residents suggested for a referral or a restancesag, with probable duplicates pointed out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import Træf, mulige_dubletter, søg_beboere
from rådgivning.dansk import vis_telefon
from rådgivning.henvisninger.forms import HvemForm

FORSLAG = 8


@dataclass(frozen=True)
class Forslag:
    """A resident it may be about; `sandsynlig` when she looks like the same person."""

    beboer: Træf
    sandsynlig: bool


def forslag(session: Session, *, navn: str, telefon: str, adresse: str) -> list[Forslag]:
    """Residents that look like the same person, then those who share name, phone or address with it."""
    ens = mulige_dubletter(session, BeboerData(navn=navn, telefon=telefon, adresse=adresse))
    found = {træf.id: Forslag(træf, sandsynlig=True) for træf in ens}
    for tekst in (telefon, navn, adresse):
        for træf in søg_beboere(session, tekst, FORSLAG) if tekst else ():
            found.setdefault(træf.id, Forslag(træf, sandsynlig=False))
    return list(found.values())[:FORSLAG]


def tilbyd(
    form: HvemForm, found: list[Forslag], undtagen: uuid.UUID | None, ellers: tuple[tuple[str, str], ...] = ()
) -> None:
    """Put the suggestions into the form, the most probable chosen; search, a new resident and `ellers` follow."""
    others = [f for f in found if f.beboer.id != undtagen]
    form.hvem.choices = [
        *((str(f.beboer.id), _line(f)) for f in others),
        ("søg", "En anden, jeg søger frem"),
        ("ny", "Opret som ny beboer"),
        *ellers,
    ]
    if not form.hvem.raw_data and undtagen is None and others and others[0].sandsynlig:
        form.hvem.process_data(str(others[0].beboer.id))


def _line(forslag: Forslag) -> str:
    parts = (forslag.beboer.navn, forslag.beboer.adresse, vis_telefon(forslag.beboer.telefon))
    text = ", ".join(part for part in parts if part)
    return f"{text} (ligner samme person)" if forslag.sandsynlig else text


def søgte(session: Session, form: HvemForm | None, sent: Mapping[str, str]) -> list[Træf] | None:
    """Matches of a search without JavaScript: None when nobody pressed the button."""
    if form is None or "find_beboer" not in sent:
        return None
    form.hvem.process_data("søg")
    if not form.beboer_tekst.validate(form):
        return None
    return søg_beboere(session, form.beboer_tekst.data) if len(form.beboer_tekst.data) > 1 else []
