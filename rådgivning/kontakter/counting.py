"""The facts of a contact: what may be counted of it, kept in step with the contact in the same transaction."""

from __future__ import annotations

import uuid

from sqlmodel import Session

from rådgivning.fakta import facts
from rådgivning.fakta.facts import Dimensioner
from rådgivning.kontakter.models import Kontakt, KontaktData
from rådgivning.nøgler.pseudonyms import pseudonym

_YES_NO = {True: "ja", False: "nej", None: ""}


def tæl(session: Session, kontakt: Kontakt, data: KontaktData) -> KontaktData:
    """Make the contact's facts say what the contact says; returns the data with the facts' ids in it.

    One fact for the contact, one more when it led on to another offer.
    """
    found = data.model_copy()
    found.faktum_id = _write(session, data.faktum_id, _contact(session, kontakt, data))
    if data.brobygning_til:
        found.brobygning_faktum_id = _write(session, data.brobygning_faktum_id, _bridge(session, kontakt, data))
    elif data.brobygning_faktum_id is not None:
        facts.fjern(session, data.brobygning_faktum_id)
        found.brobygning_faktum_id = None
    return found


def glem(session: Session, data: KontaktData) -> None:
    """Remove the facts of a contact that should never have been counted."""
    for faktum in (data.faktum_id, data.brobygning_faktum_id):
        if faktum is not None:
            facts.fjern(session, faktum)


def _write(session: Session, faktum: uuid.UUID | None, dimensioner: Dimensioner) -> uuid.UUID:
    if faktum is None:
        return facts.tilføj(session, **dimensioner)
    facts.ret(session, faktum, **dimensioner)
    return faktum


def _common(session: Session, kontakt: Kontakt, data: KontaktData) -> Dimensioner:
    beboer = kontakt.beboer_id
    return Dimensioner(
        helhedsplan_id=kontakt.helhedsplan_id,
        måned=f"{kontakt.dato:%Y-%m}",
        afdeling=data.afdeling,
        aktivitet=data.aktivitet,
        art=data.art,
        hovedemne=data.hovedemne,
        aldersgruppe=data.aldersgruppe,
        kilde=data.kilde,
        pseudonym=None if beboer is None else pseudonym(session, beboer, kontakt.dato.year),
    )


def _contact(session: Session, kontakt: Kontakt, data: KontaktData) -> Dimensioner:
    own = Dimensioner(enhed="kontakt", form=data.form, udfald=data.udfald, anledning=data.anledning)
    return {**_common(session, kontakt, data), **own}


def _bridge(session: Session, kontakt: Kontakt, data: KontaktData) -> Dimensioner:
    own = Dimensioner(
        enhed="brobygning",
        modtager=data.brobygning_til,
        ledsaget=_YES_NO[data.brobygning_ledsaget],
        udfald=data.brobygning_resultat,
    )
    return {**_common(session, kontakt, data), **own}
