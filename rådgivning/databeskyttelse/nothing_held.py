"""The answer to somebody nothing is held on: art. 15(1) gives her a confirmation, and that is no refusal.

Knows no Flask.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

from sqlmodel import Session, col, select

from rådgivning.adgang.permissions import Konflikt
from rådgivning.beboere.likeness import kendetegn, samme_person
from rådgivning.beboere.models import BeboerData
from rådgivning.databeskyttelse.access import programmet
from rådgivning.databeskyttelse.models import Anmodning, AnmodningData, Status
from rådgivning.databeskyttelse.requests import Søgt, find_præcis, imødekom, lås, tekst
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.nøgler.opening import SealedRow, open_unnamed
from rådgivning.restancer.models import Restancesag, RestancesagData

INTET: Final = "Vi har ingen oplysninger om dig"
BEBOER: Final = (
    "Nu er der en beboer med det navn og den fødselsdato eller adresse. Bed beboerrådgiveren om at registrere"
    " anmodningen på beboerens side."
)
LØS: Final = (
    "En henvisning eller en restancesag, som ikke er knyttet til en beboer, passer på den, der spørger. Bed"
    " beboerrådgiveren om at knytte den til en beboer og registrere anmodningen på beboerens side."
)
UKENDT: Final = "Anmodningen er fra en beboer, eller flere passer på det, der er skrevet."


def hindring(session: Session, row: Anmodning) -> str:
    """Why it cannot be said that nothing is held; "" when it can. The program compares, nobody is shown."""
    if row.beboer_id is not None or row.fundet > 0:
        return UKENDT
    data = tekst(session, row, "er der oplysninger") or AnmodningData()
    if find_præcis(session, Søgt(data.navn, data.fødselsdato, data.adresse)):
        return BEBOER
    return LØS if _loose(session, row.helhedsplan_id, data) else ""


def svar_intet(session: Session, id: uuid.UUID) -> None:  # noqa: A002
    """Answer that nothing is held on her; it is looked once more. Raises IkkeFundet and Konflikt."""
    row = lås(session, id)
    if why := hindring(session, row):
        raise Konflikt(why)
    data = tekst(session, row, "ingen oplysninger") or AnmodningData()
    imødekom(session, row, data.model_copy(update={"begrundelse": INTET}))


def er_intet(row: Anmodning, data: AnmodningData) -> bool:
    """Whether that was the answer."""
    return row.status == Status.IMØDEKOMMET and row.beboer_id is None and data.begrundelse == INTET


def _loose(session: Session, plan_id: uuid.UUID, data: AnmodningData) -> bool:
    """Whether she is written down where no resident is named."""
    mine = kendetegn(BeboerData(navn=data.navn, fødselsdato=data.fødselsdato, adresse=data.adresse))
    kinds: tuple[tuple[type[Any], type[Any]], ...] = ((Henvisning, HenvisningData), (Restancesag, RestancesagData))
    with programmet(session):
        for model, slags in kinds:
            where = (model.helhedsplan_id == plan_id, col(model.beboer_id).is_(None))
            rows: list[SealedRow] = list(session.exec(select(model).where(*where)).all())
            opened = open_unnamed(session, rows, slags) if rows else {}
            for said in opened.values():
                theirs = kendetegn(BeboerData(navn=said.navn, telefon=said.telefon, adresse=said.adresse))
                if samme_person(mine, theirs):
                    return True
    return False
