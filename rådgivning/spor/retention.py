"""The trail's own retention: the oldest entries go, and the chain can still be checked from where it now begins.

A chain is only ever cut at its beginning. The cut is told twice: the sealed head says after which number and which mac
the chain goes on, and an entry in the chain itself says how many went, when, and the same mac.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlmodel import Session, col, delete, func, select

from rådgivning.database import now
from rådgivning.spor.chain import head_seal
from rådgivning.spor.heads import i_grupper
from rådgivning.spor.models import Handling, Spor, SporHoved, SporNævnt
from rådgivning.spor.trail import NY_KÆDE, SLETTEFRIST, SYSTEM, Aktør, Opslag, afslut_fremmede, append, lock_head

AD_GANGEN = 10_000


def slet_gamle(session: Session, helhedsplan_id: uuid.UUID | None, *, før: datetime, højst: int = AD_GANGEN) -> int:
    """Delete a chain's entries from before `før`, the oldest first and at most `højst`; returns how many.

    None is the chain of the system and of strangers. In the Session's transaction, whoever its actor is: the caller
    commits, and calls again until nothing is left to delete, so that others can write in between.
    """
    afslut_fremmede(session)
    kæde = str(helhedsplan_id or SYSTEM)
    hoved = lock_head(session, kæde)
    kept = select(func.min(Spor.nr)).where(Spor.kæde == kæde, Spor.nr > hoved.fra, Spor.tidspunkt >= før)
    til = min((session.exec(kept).one() or hoved.nr + 1) - 1, hoved.fra + højst)
    if til <= hoved.fra:
        return 0
    gone, mac = til - hoved.fra, session.get_one(Spor, (kæde, til)).mac
    system = Aktør(helhedsplan_id=helhedsplan_id)
    if kæde == SYSTEM:
        chains = tuple(sorted(set(session.exec(select(SporHoved.kæde)).all()) - {SYSTEM}))
        append(session, Opslag(system, Handling.SYSTEM, "spor", chains, (), NY_KÆDE, {}, now()))
    detaljer: dict[str, str | int] = {"antal": gone, "til": til, "mac": i_grupper(mac)}
    append(session, Opslag(system, Handling.SLETTET, "spor", (), (), SLETTEFRIST, detaljer, now()))
    hoved = lock_head(session, kæde)
    hoved.fra, hoved.fra_mac = til, mac
    hoved.segl = head_seal(session.info["audit_key"], hoved)
    session.add(hoved)
    for table in (SporNævnt, Spor):
        session.exec(delete(table).where(col(table.kæde) == kæde, col(table.nr) <= til))
    session.flush()
    return gone
