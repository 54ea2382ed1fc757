"""The night's run: what has had its time goes, owners are told of what soon will, and consents that end become tasks.

Every step commits by itself and looks again before it deletes: the run can be ended anywhere, started again, and run on
two machines at once. Knows no Flask.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session

from rådgivning.adgang.kladder import ryd_kladder
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.colleagues import aktive
from rådgivning.beboere.models import Beboer
from rådgivning.beboere.residents import arbejdssted
from rådgivning.beskeder.kinds import Slags
from rådgivning.beskeder.queue import læg_i_kø, læg_i_kø_til_rolle
from rådgivning.database import today
from rådgivning.databeskyttelse.requests import varsle_frister
from rådgivning.databeskyttelse.retention import Beboerfrist, beboerfrister, fredede
from rådgivning.databeskyttelse.retention_keep import glem_varsel, slet_hvis_udløbet
from rådgivning.databeskyttelse.retention_kinds import ARBEJDER, udløbne
from rådgivning.databeskyttelse.retention_users import ryd_udløbne
from rådgivning.databeskyttelse.rights_review import varsl_gennemgang
from rådgivning.nøgler.errors import NøgleFejl
from rådgivning.opgaver.consent_tasks import påmind
from rådgivning.overblik.handovers import glem_overdragelser
from rådgivning.overblik.merging import slet_udløbne
from rådgivning.plan.plans import frister
from rådgivning.plan.schema import Fristnavn
from rådgivning.restancer.list_import import ryd_lister
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv

AD_GANGEN = 200
KØRSEL = "natlig kørsel"
Sessioner = Callable[[], Session]
Fremgang = Callable[[int], None]


@dataclass
class Kørsel:
    """What one run did in one helhedsplan, or with `vis` would do: deleted rows by kind, warnings, tasks, failures."""

    slettet: Counter[Fristnavn] = field(default_factory=Counter)
    varslet: int = 0
    opgaver: int = 0
    fejl: int = 0

    @property
    def linje(self) -> str:
        """The one line a run ends with."""
        residents = self.slettet[Fristnavn.BEBOER]
        others = self.slettet.total() - residents
        return (
            f"{residents} {'beboer' if residents == 1 else 'beboere'} slettet, {self.varslet} varslet, "
            f"{self.opgaver} samtykker udløber snart, {others} andre rækker slettet, {self.fejl} fejl"
        )


def kør(sessioner: Sessioner, plan_id: uuid.UUID, fremgang: Fremgang = lambda _n: None) -> Kørsel:
    """Run once for a helhedsplan. `sessioner` makes Sessions of the program itself in it."""
    done = Kørsel()
    with sessioner() as session:
        for number, beboer_id in enumerate(_due(session, plan_id), 1):
            _delete(session, beboer_id, done)
            fremgang(number)
        done.varslet = varsl(session, plan_id)
        session.commit()
        near = [frist.beboer_id for frist in beboerfrister(session, plan_id) if frist.snart(today())]
        done.opgaver = påmind(session, near)
        session.commit()
        for navn in ARBEJDER:
            while gone := _batch(session, plan_id, navn):
                done.slettet[navn] += gone
        for ryd in (gør_endelige, glem_overdragelser, ryd_kladder, ryd_lister, ryd_udløbne):
            ryd(session)
            session.commit()
        for varsl_om in (varsle_frister, varsl_gennemgang):
            varsl_om(session)
            session.commit()
        _note(session, done)
        session.commit()
    return done


def vis(session: Session, plan_id: uuid.UUID) -> Kørsel:
    """What a run would do now; changes nothing."""
    rules, i_dag = frister(session, plan_id), today()
    times = beboerfrister(session, plan_id)
    done = Kørsel(varslet=sum(_to_warn(frist, i_dag) for frist in times))
    done.slettet[Fristnavn.BEBOER] = sum(frist.nu(i_dag) for frist in times)
    for navn in ARBEJDER:
        done.slettet[navn] = udløbne(session, plan_id, rules[navn])
    session.rollback()
    return done


def varsl(session: Session, plan_id: uuid.UUID) -> int:
    """Tell owners of the residents that now soon go, once; take back what is no longer so, and what something open has
    stopped: when that is over she is told anew. How many are new."""
    hold(session)
    i_dag, told = today(), Counter[uuid.UUID]()
    for frist in beboerfrister(session, plan_id):
        if _to_warn(frist, i_dag):
            beboer = session.get_one(Beboer, frist.beboer_id)
            beboer.varslet, beboer.slettes = i_dag, frist.slettes(i_dag)
            session.add(beboer)
            told[frist.ejer_id] += 1
        elif frist.varslet is not None and (frist.hindringer or not frist.snart(i_dag)):
            glem_varsel(session, session.get_one(Beboer, frist.beboer_id))
    for ejer_id, antal in told.items():
        _tell(session, plan_id, ejer_id, antal)
    return told.total()


def gør_endelige(session: Session) -> None:
    """Make merges final that can no longer be undone, but not of whom nothing goes now."""
    hold(session)
    slet_udløbne(session, fredede(session, arbejdssted(session)))


def _to_warn(frist: Beboerfrist, i_dag: date) -> bool:
    return frist.varslet is None and frist.snart(i_dag) and not frist.hindringer


def _tell(session: Session, plan_id: uuid.UUID, ejer_id: uuid.UUID, antal: int) -> None:
    """The owner; her colleagues when she does not work as a beboerrådgiver any more."""
    if ejer_id in aktive(session):
        læg_i_kø(session, ejer_id, Slags.SLETTES_SNART, antal)
    else:
        læg_i_kø_til_rolle(session, plan_id, Rolle.BEBOERRÅDGIVER, Slags.SLETTES_SNART, antal)


def _due(session: Session, plan_id: uuid.UUID) -> list[uuid.UUID]:
    i_dag = today()
    found = [frist.beboer_id for frist in beboerfrister(session, plan_id) if frist.nu(i_dag)]
    session.rollback()
    return found


def _delete(session: Session, beboer_id: uuid.UUID, done: Kørsel) -> None:
    """One resident in a transaction of her own; one who cannot be erased keeps nobody else."""
    try:
        gone = slet_hvis_udløbet(session, beboer_id)
        session.commit()
    except NøgleFejl:
        session.rollback()
        done.fejl += 1
        return
    done.slettet[Fristnavn.BEBOER] += gone


def _batch(session: Session, plan_id: uuid.UUID, navn: Fristnavn) -> int:
    første = frister(session, plan_id)[navn].grænse(today())
    gone = ARBEJDER[navn].slet(session, plan_id, første, AD_GANGEN)
    session.commit()
    return gone


def _note(session: Session, done: Kørsel) -> None:
    """That the run was made and what it did: also a run that found nothing shows that it is made."""
    counts: dict[str, str | int] = {navn.value: antal for navn, antal in done.slettet.items() if antal}
    counts |= {"varslet": done.varslet, "samtykker": done.opgaver, "fejl": done.fejl}
    skriv(session, Handling.SYSTEM, "slettefrist", anledning=KØRSEL, detaljer=counts)
