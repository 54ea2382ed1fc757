"""What the tests of handing over share: who gives, who receives, and what stands in between."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import pytest
from sqlmodel import Session

from rådgivning.adgang.models import Bruger
from rådgivning.beboere.residents import hent_beboer
from rådgivning.database import new_id, now
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.kontakter.log import hent_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import open_sealed
from rådgivning.opgaver.models import Opgave, OpgaveData
from rådgivning.overblik import handing
from rådgivning.overblik.models import Overdragelse
from rådgivning.restancer.cases import hent_sag
from rådgivning.spor.trail import Aktør

SQLITE = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
NOTAT = "Kun mellem os"
KONTAKT = KontaktData(art="en_til_en", afdeling="aab55", hovedemne="gæld", udfald="råd_givet", notat=NOTAT)
ALT = {"beboer", "kontakt", "opgave", "udført", "sag", "henvisning"}
SKREVET = {"kontakt", "udført"}


@dataclass
class Hold:
    """Two beboerrådgivere and databeskyttelse, and one resident of the first with everything a resident can have."""

    min: Session
    hendes: Session
    dpo: Session
    jeg: uuid.UUID
    hun: uuid.UUID
    beboer: uuid.UUID
    kontakt: uuid.UUID
    opgave: uuid.UUID
    udført: uuid.UUID
    sag: uuid.UUID
    henvisning: uuid.UUID
    anonym: uuid.UUID

    def læst(self, session: Session) -> dict[str, str]:
        """The notes as a session sees them."""
        _sag, sag = hent_sag(session, self.sag)
        found = {
            "beboer": hent_beboer(session, self.beboer)[1].note,
            "kontakt": hent_kontakt(session, self.kontakt)[1].notat,
            "opgave": open_sealed(session, session.get_one(Opgave, self.opgave), OpgaveData, "prøve").note,
            "udført": open_sealed(session, session.get_one(Opgave, self.udført), OpgaveData, "prøve").note,
            "sag": sag.note,
            "henvisning": open_sealed(
                session, session.get_one(Henvisning, self.henvisning), HenvisningData, "prøve"
            ).beskrivelse,
        }
        session.commit()
        session.expunge_all()
        return found

    def ser(self, session: Session) -> set[str]:
        """Of which of them she sees the note."""
        return {navn for navn, note in self.læst(session).items() if note == NOTAT}

    def giv(self) -> Overdragelse:
        """From me to her."""
        row = handing.overdrag(self.min, [self.beboer], self.hun, "fordeling", new_id())
        self.min.commit()
        return row


def spær(kontekst: Nøglekontekst, bruger_id: uuid.UUID) -> None:
    """Block a user."""
    with kontekst.session(Aktør()) as session:
        session.get_one(Bruger, bruger_id).spærret = now()
        session.commit()
