"""The front page of the databeskyttelse role: what waits, and where everything is.

Each part of the room adds one Linje to LINJER.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, func, select

from rådgivning.adgang.models import Bruger, Nødadgang
from rådgivning.adgang.permissions import Ret, current_helhedsplan_id, har_ret, kræver
from rådgivning.database import current_session, now
from rådgivning.databeskyttelse import requests
from rådgivning.databeskyttelse.retention_preview import antal_snart
from rådgivning.databeskyttelse.rights_review import mangler
from rådgivning.overblik.handing import kan_overdrages_helt

Tæller = Callable[[Session, uuid.UUID], int | None]


@dataclass(frozen=True)
class Linje:
    """A part of the room: what it is for, and `antal`, which counts what there is of it ("" is shown for None).

    `haster` counts what is late or wrong; it stands out when it is not 0.
    """

    titel: str
    url: str
    tekst: str
    ret: Ret
    antal: Tæller = lambda _session, _plan: None
    haster: Tæller = lambda _session, _plan: None
    haster_ord: str = ""


def _users(session: Session, plan_id: uuid.UUID) -> int:
    return session.exec(
        select(func.count()).select_from(Bruger).where(Bruger.helhedsplan_id == plan_id, col(Bruger.spærret).is_(None))
    ).one()


def _open(session: Session, plan_id: uuid.UUID) -> int:
    """Emergency accesses that are open just now."""
    nu, where = now(), (Nødadgang.helhedsplan_id == plan_id, col(Nødadgang.sluttet).is_(None))
    return session.exec(select(func.count()).select_from(Nødadgang).where(*where, Nødadgang.til > nu)).one()


LINJER: list[Linje] = [
    Linje(
        "Anmodninger",
        "/databeskyttelse/anmodninger",
        "Indsigt, rettelse, sletning, begrænsning, dataportabilitet og indsigelse: svar inden en måned.",
        Ret.REGISTREREDE,
        requests.antal_åbne,
        requests.antal_over_frist,
        "over fristen",
    ),
    Linje(
        "Kvitteringer", "/databeskyttelse/kvitteringer", "Hvad der er slettet hvornår, og hvorfor.", Ret.REGISTREREDE
    ),
    Linje("Brugere", "/brugere", "Hvem der kan logge ind, og hvad de må.", Ret.BRUGERE, _users),
    Linje(
        "Rettigheder",
        "/rettigheder",
        "Kvartalets gennemgang: hvem må hvad, og bruger de det?",
        Ret.RETTIGHEDER,
        haster=mangler,
        haster_ord="mangler",
    ),
    Linje("Vikarer og nødadgang", "/nødadgang", "Hvem der ser en kollegas notater.", Ret.RETTIGHEDER, _open),
    Linje(
        "Overdragelser",
        "/overdragelser",
        "Beboere, der har skiftet beboerrådgiver, og sager efter en, der er holdt op.",
        Ret.RETTIGHEDER,
        haster=lambda session, _plan: len(kan_overdrages_helt(session)),
        haster_ord="er holdt op og har sager",
    ),
    Linje("Spor", "/spor", "Hvem der gjorde og læste hvad.", Ret.SPOR),
    Linje("Læsninger", "/spor/læst", "Hvem der er læst af hvem, og hvor tit.", Ret.SPOR),
    Linje("Usædvanlig læsning", "/spor/usædvanligt", "Læsning, som nogen bør se på, og hvorfor.", Ret.SPOR),
    Linje("Sporets hoved", "/spor/hoved", "Til at gemme et andet sted: viser, om sporet er skrevet om.", Ret.SPOR),
    Linje(
        "Slettefrister", "/databeskyttelse/slettefrister", "Hvad der slettes hvornår.", Ret.REGISTREREDE, antal_snart
    ),
    Linje("Dokumenter", "/databeskyttelse/dokumenter", "Fortegnelse, slettepolitik, rettigheder.", Ret.REGISTREREDE),
    Linje("Brud", "/spor/brud", "Hvad et brud på persondatasikkerheden omfatter.", Ret.SPOR),
]


@kræver(Ret.REGISTREREDE)
def forside() -> ResponseReturnValue:
    """The parts with their counts."""
    session, plan_id = current_session(), current_helhedsplan_id()
    linjer = [
        (linje, linje.antal(session, plan_id), linje.haster(session, plan_id) or 0)
        for linje in LINJER
        if har_ret(linje.ret)
    ]
    return render_template("databeskyttelse/forside.html", linjer=linjer)
