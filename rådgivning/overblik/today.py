"""What one day asks of the beboerrådgiver: visits, due tasks, new referrals, near deadlines, her log, her drafts."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from rådgivning.adgang.models import Kladde
from rådgivning.beboere.residents import acting
from rådgivning.database import COPENHAGEN, today
from rådgivning.henvisninger.intake import indkomne
from rådgivning.henvisninger.models import Henvisning, HenvisningData, Status
from rådgivning.kalender.agenda import Besøg, besøg_mellem, venter
from rådgivning.kontakter.browse import Kontaktlinje, Udsnit, kontaktliste
from rådgivning.opgaver.lists import Opgavelinje, åbne_opgaver
from rådgivning.opgaver.models import Opgave
from rådgivning.restancer.worklist import Frister, frister

NÆR = timedelta(days=14)
FLEST = 10
_DRAFTS = (
    ("Ny kontakt", re.compile(r"/kontakter/ny(/[0-9a-f-]{36})?")),
    ("Rettelse af en kontakt", re.compile(r"/kontakter/[0-9a-f-]{36}/ret")),
    ("Ny beboer", re.compile(r"/beboere/ny")),
    ("Rettelse af en beboer", re.compile(r"/beboere/[0-9a-f-]{36}/ret")),
    ("Ny opgave", re.compile(r"/opgaver/ny(/[0-9a-f-]{36})?|/(henvisninger|restancer)/[0-9a-f-]{36}/opgave")),
    ("Rettelse af en opgave", re.compile(r"/opgaver/[0-9a-f-]{36}/ret")),
    ("Booking af et besøg", re.compile(r"/kalender/ny")),
    ("Svar på et besøg", re.compile(r"/kalender/[0-9a-f-]{36}/(ret|tidspunkt|afvis|aflys)")),
    ("Samtykke", re.compile(r"/samtykker/ny/[0-9a-f-]{36}")),
    ("Henvisning", re.compile(r"/henvisninger/.+")),
    ("Restancesag", re.compile(r"/restancer/.+")),
    ("Sundhedstjek", re.compile(r"/sundhedstjek/.+")),
)


@dataclass(frozen=True)
class NyHenvisning:
    """A referral nobody has taken up; `dage` is how many days it has waited."""

    henvisning: Henvisning
    data: HenvisningData | None
    dage: int


@dataclass(frozen=True)
class Ufærdig:
    """A draft of the actor's: where its form is and when it was saved. What it says is not opened."""

    titel: str
    url: str
    gemt: datetime


@dataclass(frozen=True)
class Dag:
    """Everything on the page. Lists hold the first page; the counts say how many there are."""

    besøg: list[Besøg]
    ubesvarede: list[Besøg]
    opgaver: list[Opgavelinje]
    antal_opgaver: int
    henvisninger: list[NyHenvisning]
    antal_henvisninger: int
    sager: Frister
    kontakter: list[Kontaktlinje]
    kladder: list[Ufærdig]


def dagen(session: Session) -> Dag:
    """The actor's day. Each list is opened as one read."""
    dag = today()
    helhedsplan_id, bruger_id = acting(session)
    forfaldne = select(func.count()).select_from(Opgave)
    forfaldne = forfaldne.where(Opgave.helhedsplan_id == helhedsplan_id, Opgave.ejer_id == bruger_id)
    nye = select(func.count()).select_from(Henvisning).where(Henvisning.helhedsplan_id == helhedsplan_id)
    return Dag(
        besøg=besøg_mellem(session, dag, dag + timedelta(days=1), "besøg i dag", alle=False),
        ubesvarede=venter(session, "venter på svar"),
        opgaver=åbne_opgaver(session, til=dag)[0],
        antal_opgaver=session.exec(forfaldne.where(col(Opgave.udført).is_(None), Opgave.frist <= dag)).one(),
        henvisninger=_referrals(session, dag),
        antal_henvisninger=session.exec(nye.where(Henvisning.status == Status.MODTAGET)).one(),
        sager=frister(session, NÆR, FLEST),
        kontakter=kontaktliste(session, Udsnit(fra=dag, mine=True))[0],
        kladder=_drafts(session, bruger_id, dag),
    )


def _referrals(session: Session, dag: date) -> list[NyHenvisning]:
    linjer, _sider = indkomne(session, "modtaget", 1)
    waited = [(dag - linje.henvisning.oprettet.astimezone(COPENHAGEN).date()).days for linje in linjer]
    return [NyHenvisning(linje.henvisning, linje.data, dage) for linje, dage in zip(linjer, waited, strict=True)]


def _drafts(session: Session, bruger_id: uuid.UUID, dag: date) -> list[Ufærdig]:
    query = select(Kladde).where(Kladde.ejer_id == bruger_id, Kladde.udløber >= dag).order_by(col(Kladde.gemt).desc())
    named = [(next((t for t, p in _DRAFTS if p.fullmatch(k.formular)), ""), k) for k in session.exec(query).all()]
    return [Ufærdig(titel, kladde.formular, kladde.gemt) for titel, kladde in named if titel][:FLEST]
