"""The demo's second beboerrådgiver: residents of her own whose notes are covered for the first, a task handed over to
her, a planned stand-in, and a break-glass that has ended."""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta

from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.sessions import som_indlogget
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import hent_beboer, opret_beboer
from rådgivning.database import COPENHAGEN, clock, new_id, på_tværs, today
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.opgaver.handover import overdrag
from rådgivning.opgaver.models import Opgave
from rådgivning.opgaver.tasks import opret_opgave
from rådgivning.overblik import emergency, standins
from rådgivning.overblik.emergency import Årsag
from rådgivning.spor.trail import Aktør

KOLLEGA = ("birk", "Birk Demosen")
BEBOERE = (
    ("Signe Øvelsgaard", "Prøveager 91", "økonomi_budget", "Vil helst ringes op om formiddagen."),
    ("Malik Figurdal", "Prøveager 93", "bolig_flytning", "Taler om at flytte tættere på sin søster."),
    ("Karla Luftkastel", "Prøveager 95", "ensomhed_netværk", "Kommer gerne til fællesspisning, hvis nogen følger med."),
    ("Anton Spøgelsby", "Prøveager 97", "digital_hjælp", "Har fået ny telefon og mangler MitID."),
)


def colleague(kontekst: Nøglekontekst) -> None:
    """Play the colleague's part into a demo that is otherwise done."""
    with kontekst.session(Aktør()) as session, på_tværs(session):
        brugere = {b.brugernavn: b for b in session.exec(select(Bruger)).all()}
        hers = som_indlogget(brugere[KOLLEGA[0]]).som_aktør()
        mine = next(som_indlogget(b).som_aktør() for navn, b in brugere.items()
                    if b.rolle == Rolle.BEBOERRÅDGIVER and navn != KOLLEGA[0])  # fmt: skip
    me, her = mine.bruger_id, hers.bruger_id
    if me is None or her is None:
        raise LookupError(KOLLEGA[0])
    real, at = clock.read, datetime.combine(today() - timedelta(days=6), time(10), COPENHAGEN)
    clock.read = lambda: at
    try:
        with kontekst.session(hers) as session:
            ids = [_resident(session, *beboer) for beboer in BEBOERE]
            session.commit()
        with kontekst.session(mine) as session:
            emergency.åbn(session, ids[0], Årsag.SYGDOM, "Afklare en aftale med kommunen i dag", 0, new_id())
            session.commit()
            hent_beboer(session, ids[0], "vis beboer")
            session.commit()
    finally:
        clock.read = real
    with kontekst.session(mine) as session:
        own = select(Opgave.id).where(Opgave.ejer_id == me, col(Opgave.udført).is_(None))
        task = session.exec(own.where(col(Opgave.beboer_id).is_not(None)).order_by(col(Opgave.frist).desc())).first()
        if task is not None:
            overdrag(session, task, her)
        session.commit()
    with kontekst.session(hers) as session:
        first = today() + timedelta(days=30)
        standins.navngiv(session, for_id=her, vikar_id=me, fra=first,
                         til=first + timedelta(days=7), id=new_id())  # fmt: skip
        session.commit()


def _resident(session: Session, navn: str, adresse: str, emne: str, note: str) -> uuid.UUID:
    """A resident of hers with a contact and a task."""
    beboer = opret_beboer(session, BeboerData(navn=navn, adresse=adresse, afdeling="aab55", note=note)).id
    data = KontaktData(
        art="en_til_en",
        aktivitet="beboerrådgivning",
        afdeling="aab55",
        form="fremmøde",
        kilde="beboeren_selv",
        hovedemne=emne,
        udfald="råd_givet",
        varighed=30,
        notat=f"{note} Vi ses igen om et par uger.",
    )
    log_kontakt(session, data, dato=today(), beboer_id=beboer)
    opret_opgave(session, titel="Ring op", frist=today() + timedelta(days=14), note=note, beboer_id=beboer)
    return beboer
