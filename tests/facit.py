"""What was put into an instance, written down when it was answered, to be compared with what is there afterwards."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.drift.instance import open_instance
from rådgivning.fakta.models import Faktum
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import Kontakt, KontaktData
from rådgivning.nøgler.opening import open_many
from rådgivning.nøgler.rotation import check_keys
from rådgivning.settings import Settings
from rådgivning.spor.check import tjek
from rådgivning.spor.trail import Aktør
from tests.conftest import IDAG

FORNAVN, EFTERNAVN, VEJ, NOTE = "Kvabso", "Drillenborg", "Knaldperlevænget", "Pludderfortrolig"
HEMMELIGT = (FORNAVN, EFTERNAVN, VEJ, NOTE)
"""Words that stand in everything invented here and nowhere else on this machine."""


@dataclass
class Facit:
    """Residents' names and contacts' notes, by id, and how many contacts were counted."""

    navne: dict[uuid.UUID, str] = field(default_factory=dict)
    notater: dict[uuid.UUID, str] = field(default_factory=dict)
    talt: int = 0

    def læg_i(self, session: Session, antal: int) -> Facit:
        """So many residents more, each with a contact, in one commit."""
        for _ in range(antal):
            self.beboer(session)
        session.commit()
        return self

    def beboer(self, session: Session) -> uuid.UUID:
        """One resident with a contact, in the caller's transaction."""
        navn = f"{FORNAVN} {EFTERNAVN} {uuid.uuid4().hex}"
        data = BeboerData(navn=navn, adresse=f"{VEJ} 7", telefon="+4520121234", afdeling="aab55", aldersgruppe="30-39")
        beboer_id = opret_beboer(session, data).id
        self.navne[beboer_id] = navn
        self.kontakt(session, beboer_id)
        return beboer_id

    def kontakt(self, session: Session, beboer_id: uuid.UUID | None) -> uuid.UUID:
        """One contact, anonymous without a resident."""
        notat = f"{NOTE} {uuid.uuid4().hex}"
        data = KontaktData(art="en_til_en", aktivitet="beboerrådgivning", afdeling="aab55", hovedemne="gæld",
                           aldersgruppe="30-39", notat=notat)  # fmt: skip
        kontakt = log_kontakt(session, data, dato=IDAG, beboer_id=beboer_id).id
        self.notater[kontakt] = notat
        self.talt += 1
        return kontakt

    def uden(self, beboer_id: uuid.UUID, kontakter: set[uuid.UUID]) -> Facit:
        """What is left when a resident with these contacts is erased; what was counted stays."""
        navne = {id_: navn for id_, navn in self.navne.items() if id_ != beboer_id}
        return Facit(navne, {id_: notat for id_, notat in self.notater.items() if id_ not in kontakter}, self.talt)


def læs_alt(settings: Settings, bruger: Aktør) -> Facit:
    """Start as the program does and open everything. Every row must be whole: its envelope opens, every key does, each
    contact has its fact, and the trail holds."""
    kontekst = open_instance(settings)
    try:
        with kontekst.session(bruger) as session:
            beboere = session.exec(select(Beboer)).all()
            kontakter = session.exec(select(Kontakt)).all()
            navne = {id_: data.navn for id_, data in open_many(session, beboere, BeboerData, "prøve").items()}
            data = open_many(session, kontakter, KontaktData, "prøve")
            fakta = set(session.exec(select(Faktum.id).where(col(Faktum.enhed) == "kontakt")).all())
            session.rollback()
            assert len(navne) == len(beboere)
            assert len(data) == len(kontakter)
            assert {found.faktum_id for found in data.values()} <= fakta
            assert {row.beboer_id for row in kontakter if row.beboer_id} <= set(navne)
            assert tjek(session, kontekst.audit_key) == []
        assert check_keys(kontekst.keystore.engine, kontekst.keyring).ubrugelige == 0
    finally:
        kontekst.close()
    return Facit(navne, {id_: found.notat for id_, found in data.items()}, len(fakta))
