"""Residents and rows for the tests of time limits, made on a day of the past through the functions the pages call."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from rådgivning import database
from rådgivning.adgang.permissions import Rolle, systemet
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import COPENHAGEN
from rådgivning.databeskyttelse.retention import Beboerfrist, beboerfrister
from rådgivning.databeskyttelse.retention_run import Kørsel, kør
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.plan.schema import Fristnavn
from tests.conftest import IDAG, Personale

SAMTALE = KontaktData(
    art="en_til_en",
    aktivitet="beboerrådgivning",
    afdeling="aab55",
    form="fremmøde",
    kilde="beboeren_selv",
    hovedemne="gæld",
    udfald="råd_givet",
    aldersgruppe="30-39",
    notat="Zxq fortalte noget",
)


@contextlib.contextmanager
def på(dag: date) -> Iterator[None]:
    """Noon of a day in Denmark."""
    before = database.clock.read
    database.clock.read = lambda: datetime.combine(dag, time(12), COPENHAGEN)
    try:
        yield
    finally:
        database.clock.read = before


def beboer(db: Session, dag: date, kontakt: date | None = None) -> uuid.UUID:
    """A resident registered on a day, with one contact that day or later."""
    with på(dag):
        made = opret_beboer(db, BeboerData(navn="Zxq Prøvesen", afdeling="aab55", aldersgruppe="30-39")).id
    with på(kontakt or dag):
        log_kontakt(db, SAMTALE, dato=kontakt or dag, beboer_id=made)
        db.commit()
    return made


class Nat:
    """The night's run of one helhedsplan, on any day."""

    def __init__(self, kontekst: Nøglekontekst, personale: Personale) -> None:
        self.kontekst, self.plan_id, self.personale = kontekst, personale.helhedsplan.id, personale

    def session(self) -> Session:
        """A Session of the program itself."""
        return self.kontekst.session(systemet(self.plan_id))

    def __call__(self, dag: date = IDAG) -> Kørsel:
        """Run once."""
        with på(dag):
            return kør(self.session, self.plan_id)

    def frist(self, beboer_id: uuid.UUID, dag: date = IDAG) -> Beboerfrist:
        """Where a resident's time stands on a day."""
        with på(dag), self.session() as session:
            return beboerfrister(session, self.plan_id, beboer_id)[0]

    def som(self, rolle: Rolle) -> Session:
        """A Session of a user."""
        return self.kontekst.session(self.personale.aktør(rolle))


def hver_dag(nat: Nat, fra: date, til: date) -> list[tuple[date, Kørsel]]:
    """The runs of every night in a span that did something with residents."""
    found = []
    for n in range((til - fra).days + 1):
        dag = fra + timedelta(days=n)
        done = nat(dag)
        if done.varslet or done.slettet[Fristnavn.BEBOER]:
            found.append((dag, done))
    return found
