"""Has a user read herself or her own household? Compared by the program itself: no name and no address in the trail.

The name is the user's own. The address is kept as a keyed mark that databeskyttelse has made from what was typed once:
whoever reads the table learns nothing, and the page shows only that there is one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import uuid
from collections.abc import Collection, Mapping, Sequence

from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.dansk import fold
from rådgivning.database import now
from rådgivning.databeskyttelse.trail_models import Bopæl
from rådgivning.nøgler.opening import open_in_turns
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv

_POSTCODE = re.compile(r"\d{4}")


def adresse_mærke(key: bytes, adresse: str) -> bytes:
    """A keyed mark of an address, however its commas and capitals are set and with or without a postcode and town."""
    words = fold(adresse).split()
    town = next((at for at, word in enumerate(words) if at > 1 and _POSTCODE.fullmatch(word)), len(words))
    return hmac.digest(key, b"bopael\0" + " ".join(words[:town]).encode(), hashlib.sha256)


def gem_bopæl(session: Session, bruger_id: uuid.UUID, adresse: str) -> None:
    """Remember the mark of a user's own address; an empty one forgets it."""
    row = session.get(Bopæl, bruger_id)
    if not adresse:
        if row is not None:
            session.delete(row)
            skriv(session, Handling.SLETTET, "bopæl", [bruger_id])
        return
    row = row or Bopæl(bruger_id=bruger_id, mærke=b"", gemt=now())
    row.mærke, row.gemt = adresse_mærke(session.info["audit_key"], adresse), now()
    session.add(row)
    skriv(session, Handling.ÆNDRET, "bopæl", [bruger_id])


def hjemme(
    session: Session, læst: Mapping[str, Collection[uuid.UUID]], brugere: Sequence[Bruger]
) -> dict[str, set[str]]:
    """Which of the residents that each user opened have her name or live where she lives.

    The Session is the program's own: every resident in question is opened once, in turns, and the trail gets a count.
    """
    marks = {str(row.bruger_id): row.mærke for row in session.exec(select(Bopæl)).all()}
    names = {str(user.id): _name(user.navn) for user in brugere}
    readers: dict[uuid.UUID, set[str]] = {}
    for bruger, ids in læst.items():
        for id_ in ids:
            readers.setdefault(id_, set()).add(bruger)
    if not readers:
        return {}
    found: dict[str, set[str]] = {}
    for turn in open_in_turns(session, Beboer, _known(session, readers), BeboerData):
        for row, data in turn:
            if data is None:
                continue
            mark = adresse_mærke(session.info["audit_key"], data.adresse) if data.adresse else None
            for bruger in readers[row.id]:
                named = bool(data.navn) and _name(data.navn) == names.get(bruger)
                if named or (mark is not None and hmac.compare_digest(mark, marks.get(bruger, b""))):
                    found.setdefault(bruger, set()).add(str(row.id))
    return found


def _known(session: Session, ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Those who still are residents, a few hundred at a time."""
    wanted = sorted(ids)
    return [
        found
        for start in range(0, len(wanted), 500)
        for found in session.exec(select(Beboer.id).where(col(Beboer.id).in_(wanted[start : start + 500]))).all()
    ]


def _name(text: str) -> tuple[str, ...]:
    """A name in whatever order and spelling."""
    return tuple(sorted(fold(text).split()))
