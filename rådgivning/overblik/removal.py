"""Deleting a resident who was registered by mistake: what goes, and what can no longer be read."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlmodel import Session, func, select

from rådgivning.adgang.kladder import slet_kladder_om
from rådgivning.beboere.households import flyt_ud
from rådgivning.beboere.residents import Slettegrund, slet_beboer
from rådgivning.beboere.statements import slet_bemærkninger
from rådgivning.henvisninger.models import Henvisning
from rådgivning.kontakter.log import slet_beboers_kontakter
from rådgivning.kontakter.models import Kontakt
from rådgivning.opgaver.models import Opgave
from rådgivning.opgaver.tasks import slet_beboers_opgaver
from rådgivning.overblik.merging import glem_sammenlægninger
from rådgivning.restancer.erasure import slet_beboers_sager
from rådgivning.restancer.models import Restancesag
from rådgivning.samtykker.consents import slet_beboers_samtykker
from rådgivning.samtykker.models import Samtykke
from rådgivning.spor.trail import hold

Om = type[Kontakt | Opgave | Henvisning | Restancesag | Samtykke]
ROOMS: tuple[Om, ...] = (Kontakt, Opgave, Henvisning, Restancesag, Samtykke)


@dataclass(frozen=True)
class Omfang:
    """How much there is about a resident."""

    kontakter: int
    opgaver: int
    henvisninger: int
    restancesager: int
    samtykker: int

    @property
    def sager(self) -> int:
        """What may stay as rows that nobody can read, in the lists of who sent them."""
        return self.henvisninger + self.restancesager


def omfang(session: Session, beboer_id: uuid.UUID) -> Omfang:
    """Count what the rooms hold about a resident; opens nothing."""
    return Omfang(*(_count(session, model, beboer_id) for model in ROOMS))


def slet(session: Session, beboer_id: uuid.UUID, grund: Slettegrund) -> None:
    """Delete a resident, her contacts, her tasks, her consents, her cases (see restancer/erasure.py), the drafts about
    them, what was merged into her, and her key. Raises IkkeFundet.

    What was counted stays, anonymous.
    """
    hold(session)
    glem_sammenlægninger(session, beboer_id)
    slet_kladder_om(session, {beboer_id, *_about(session, beboer_id)})
    slet_beboers_kontakter(session, beboer_id)
    slet_beboers_opgaver(session, beboer_id)
    slet_beboers_samtykker(session, beboer_id)
    slet_beboers_sager(session, beboer_id)
    slet_bemærkninger(session, beboer_id)
    flyt_ud(session, beboer_id)
    slet_beboer(session, beboer_id, grund)


def _about(session: Session, beboer_id: uuid.UUID) -> list[uuid.UUID]:
    return [i for model in ROOMS for i in session.exec(select(model.id).where(model.beboer_id == beboer_id)).all()]


def _count(session: Session, model: Om, beboer_id: uuid.UUID) -> int:
    return session.exec(select(func.count()).select_from(model).where(model.beboer_id == beboer_id)).one()
