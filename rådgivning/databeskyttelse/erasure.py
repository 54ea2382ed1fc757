"""Erasing a resident (GDPR art. 17): her key, everything that is hers, and a receipt, in one transaction.

A program that is killed meanwhile leaves her whole, or gone: the receipt and the decision to destroy her key are one
commit, and a key whose destruction was decided is destroyed at the next start. Knows no Flask.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial
from typing import Final

from pydantic import BaseModel
from sqlmodel import Session

from rådgivning.beboere.households import løs_sag
from rådgivning.beboere.models import Beboer
from rådgivning.beboere.residents import Slettegrund
from rådgivning.database import today
from rådgivning.databeskyttelse.access import programmet
from rådgivning.databeskyttelse.collecting import Hendes, rækker
from rådgivning.databeskyttelse.models import Anmodning, AnmodningData, Kvittering, Status
from rådgivning.databeskyttelse.receipts import kvittér
from rådgivning.databeskyttelse.requests import besvar_slettet
from rådgivning.fakta.facts import løsriv
from rådgivning.henvisninger.models import HenvisningData
from rådgivning.kalender.models import Aftale, AftaleNote, Optaget
from rådgivning.nøgler.opening import SealedRow, destroy_key
from rådgivning.nøgler.pseudonyms import pseudonym
from rådgivning.overblik.removal import slet
from rådgivning.restancer.erasure import GRUND
from rådgivning.restancer.models import Restancesag, RestancesagData
from rådgivning.restancer.storing import trace
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv

LØSE: Final[dict[str, type[BaseModel]]] = {
    "henvisning": HenvisningData,
    "restancesag": RestancesagData,
    "anmodning": AnmodningData,
}
"""What others wrote of somebody without linking it to a resident."""


def slet_person(
    session: Session,
    beboer_id: uuid.UUID,
    årsag: str,
    *,
    grund: Slettegrund = Slettegrund.ØNSKE,
    af: uuid.UUID | None,
    løse: bool = True,
) -> uuid.UUID:
    """Erase a resident and give the receipt's id; one who is erased already gives hers again. `årsag` is a key of
    receipts.ÅRSAGER. With `løse` what names her without being tied to her goes too. The caller commits.

    Raises IkkeFundet, and Begrænset for a restricted resident."""
    hold(session)
    with programmet(session):
        receipt = kvittér(session, beboer_id, årsag, af=af)
        besvar_slettet(session, beboer_id, receipt, af)
        beboer = session.get(Beboer, beboer_id)
        if beboer is None:
            return receipt
        counted = session.get_one(Kvittering, receipt)
        alone, hers = _found_by_her_marks(session, beboer) if løse else (False, {})
        slet(session, beboer_id, grund)
        if alone:
            counted.antal = {**counted.antal, **_forget_visits(session, hers.get("aftale", []))}
        _forget_loose(session, [row for name in LØSE for row in hers.get(name, [])])
        _forget_reviews(session, hers.get("gennemset", []))
        session.add(counted)
        session.flush()
    return receipt


def _found_by_her_marks(session: Session, beboer: Beboer) -> tuple[bool, dict[str, list[SealedRow]]]:
    """Whether nobody else is known to live with her, and the rows about her that no column ties to her."""
    hendes = Hendes(session, beboer, [])
    home = hendes.hjem
    found = rækker(session, beboer)
    loose = {name: [row for row in rows if getattr(row, "beboer_id", None) is None] for name, rows in found.items()}
    for name, slags in LØSE.items():
        loose[name] = [row for row in hendes.kun_hendes(loose.get(name, []), slags) if not _waits(row)]
    loose["gennemset"] = hendes.kun_hun_nævnt(loose.get("gennemset", []))
    return home is None or set(home.medlemmer) == {beboer.id}, loose


def _forget_visits(session: Session, rows: Sequence[SealedRow]) -> dict[str, int]:
    """Bookings at her address go, notes and keys with them. Where others live with her they wait for their time."""
    for row in rows:
        for part in (session.get(Aftale, row.id), session.get(AftaleNote, row.id), session.get(Optaget, row.id)):
            if part is not None:
                session.delete(part)
        destroy_key(session, row.id)
    if rows:
        skriv(session, Handling.SLETTET, "aftale", [row.id for row in rows], anledning=GRUND)
    return {"aftale": len(rows)} if rows else {}


def _forget_loose(session: Session, rows: Sequence[SealedRow]) -> None:
    """What others wrote of her without her being linked to it stands in their lists as deleted."""
    for row in rows:
        if isinstance(row, Restancesag):
            løs_sag(session, row.id)
            løsriv(session, row.helhedsplan_id, partial(pseudonym, session, row.id))
            row.lukket, row.frist = row.lukket or today(), None
            session.add(row)
            trace(session, Handling.ÆNDRET, row, GRUND)
        destroy_key(session, row.id)


def _waits(row: SealedRow) -> bool:
    """A request that nobody has answered stays until somebody has: an answer is owed."""
    return isinstance(row, Anmodning) and row.status == Status.MODTAGET


def _forget_reviews(session: Session, rows: Sequence[SealedRow]) -> None:
    """What databeskyttelse wrote of her when looking at the trail; the finding is one that nobody has looked at."""
    for row in rows:
        session.delete(row)
        destroy_key(session, row.id)
    if rows:
        skriv(session, Handling.SLETTET, "gennemset", [row.id for row in rows], anledning=GRUND)
