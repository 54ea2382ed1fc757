"""Whose contact a form means: a resident found, one to be registered, or nobody (anonymous)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session
from wtforms import Field

from rådgivning.adgang.permissions import IkkeFundet
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import Træf, hent_beboer, mulige_dubletter, søg_beboere
from rådgivning.dansk import vis_telefon
from rådgivning.kontakter.forms import NY, KontaktForm
from rådgivning.nøgler.errors import Shredded

VÆLG = "Vælg beboeren på listen, opret en ny, eller sæt kryds ved »Anonym«."
BEGGE = (
    "Du har både valgt en beboer og sat kryds ved »Anonym«. Tryk igen, hvis den skal være anonym, eller vælg beboeren."
)
TO_VALGT = "Der er valgt to forskellige beboere. Vælg igen."
DUBLET = "Der findes allerede en beboer, der ligner. Vælg på listen, eller tryk igen for at oprette en ny."
SLETTET = "Beboeren er slettet i mellemtiden. Resten af det, du har skrevet, står her endnu."
MANGLER_AFDELING = "Vælg afdeling. Den står ikke i beboerens stamdata."


@dataclass
class Hvem:
    """The answer; `træffere` are hits the page shows as radio buttons, `fejl` means that it is not settled yet."""

    beboer_id: uuid.UUID | None = None
    ny: BeboerData | None = None
    træffere: Sequence[Træf] | None = None
    fejl: bool = False


def afgør(session: Session, form: KontaktForm) -> Hvem:
    """Who the form means; puts the message at the field when that is not clear."""
    field = form.beboer_id
    ny = NY in field.valgte or (not field.valgte and bool(form.ny_navn.data))
    if field.anonym:
        return _anonymous(form, chosen=bool(field.valgte) or ny)
    if len(field.valgte) > 1:
        field.vælg("")
        return _unsettled(form.beboer_søg, TO_VALGT)
    if ny:
        return _new(session, form)
    if field.beboer_id is not None:
        return Hvem(beboer_id=field.beboer_id)
    field.vælg("")
    return _unsettled(form.beboer_søg, VÆLG, find(session, form) if form.beboer_søg.data else None)


def find(session: Session, form: KontaktForm) -> Sequence[Træf]:
    """The residents that fit what was typed."""
    return søg_beboere(session, form.beboer_søg.data) if form.beboer_søg.data else []


def valgt_tekst(session: Session, form: KontaktForm) -> str:
    """The chosen resident in one line; a choice that no longer exists is dropped."""
    chosen = form.beboer_id.beboer_id
    if chosen is None:
        return "Opret ny beboer" if NY in form.beboer_id.valgte else ""
    try:
        data = hent_beboer(session, chosen, "valgt i formular")[1]
    except (IkkeFundet, Shredded):
        form.beboer_id.vælg("")
        return ""
    return ", ".join(part for part in (data.navn, data.adresse, vis_telefon(data.telefon)) if part)


def fejl_ved(field: Field, besked: str) -> None:
    """Put a message at a field that has been validated."""
    field.errors = [*field.errors, besked]


def _anonymous(form: KontaktForm, *, chosen: bool) -> Hvem:
    if chosen:
        form.beboer_id.vælg("")
        return _unsettled(form.beboer_søg, BEGGE)
    return _with_afdeling(form, Hvem())


def _new(session: Session, form: KontaktForm) -> Hvem:
    navn = form.ny_beboers_navn()
    data = BeboerData(
        navn=navn,
        telefon=form.ny_telefon.data,
        adresse=form.ny_adresse.data,
        afdeling=form.afdeling.data,
        aldersgruppe=form.aldersgruppe.data,
    )
    if not navn:
        return _unsettled(form.ny_navn, "Skriv den nye beboers navn.")
    if not form.dublet_set.data and (alike := mulige_dubletter(session, data)):
        form.dublet_set.data = "1"
        form.beboer_id.vælg(NY)
        return _unsettled(form.beboer_søg, DUBLET, alike)
    return _with_afdeling(form, Hvem(ny=data))


def _with_afdeling(form: KontaktForm, hvem: Hvem) -> Hvem:
    if not form.afdeling.data and not form.afdeling.errors:
        fejl_ved(form.afdeling, "Vælg afdeling.")
        hvem.fejl = True
    return hvem


def _unsettled(field: Field, besked: str, træffere: Sequence[Træf] | None = None) -> Hvem:
    fejl_ved(field, besked)
    return Hvem(træffere=træffere, fejl=True)
