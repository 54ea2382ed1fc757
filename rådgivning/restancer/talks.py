"""A contact that was logged is an attempt in the household's open restancesager as well: nobody writes it down twice.

`kontakter` lies above this room and does not know it: create_app() hands `følg_kontakt` to every Session.
"""

from __future__ import annotations

import uuid
from datetime import date

from sqlmodel import Session, col, or_, select

from rådgivning.beboere.households import husstande
from rådgivning.beboere.residents import acting
from rådgivning.kontakter.models import KontaktData
from rådgivning.nøgler.opening import is_readable
from rådgivning.nøgler.restriction import restricted
from rådgivning.restancer.attempts import skriv_forsøg
from rådgivning.restancer.models import Kontaktforsøg, Restancesag, RestancesagData
from rådgivning.restancer.storing import open_locked
from rådgivning.spor.trail import aktør

SAMTALE = "samtale"
MÅDER = {
    "telefon": "telefon",
    "besked": "sms",
    "brev": "brev",
    "hjemmebesøg": "bankede_på",
    "ved_døren": "bankede_på",
}
"""The way of an attempt for a contact's form; any other form is a talk."""


def følg_kontakt(
    session: Session, kontakt_id: uuid.UUID, beboer_id: uuid.UUID, dato: date, data: KontaktData | None
) -> None:
    """Let a resident's and her household's restancesager follow a contact that was logged or corrected.

    With `data` None it was deleted or is about somebody else. The attempt bears the contact's id, so it is the same one
    every time.
    """
    for sag in _cases(session, beboer_id):
        sag, sagsdata = open_locked(session, sag.id)  # noqa: PLW2901 - the row, now held
        known = next((f for f in sagsdata.forsøg if f.id == kontakt_id), None)
        changed = _followed(session, sag, known, kontakt_id, dato, data)
        if changed is not None and changed != known:
            skriv_forsøg(session, sag, _with(sagsdata, changed))


def _cases(session: Session, beboer_id: uuid.UUID) -> list[Restancesag]:
    """Those that can follow: a restricted housemate's cases stay as they are, and no contact is refused for it."""
    helhedsplan_id, _bruger = acting(session)
    homes = husstande(session)
    home = homes.for_beboer.get(beboer_id)
    shared = homes.poster[home].sager if home is not None else []
    theirs = or_(col(Restancesag.beboer_id) == beboer_id, col(Restancesag.id).in_(shared))
    rows = session.exec(select(Restancesag).where(Restancesag.helhedsplan_id == helhedsplan_id, theirs)).all()
    kept = restricted(session, {row.beboer_id for row in rows if row.beboer_id})
    return [row for row in rows if row.beboer_id not in kept and is_readable(session, row)]


def _followed(
    session: Session,
    sag: Restancesag,
    known: Kontaktforsøg | None,
    kontakt_id: uuid.UUID,
    dato: date,
    data: KontaktData | None,
) -> Kontaktforsøg | None:
    """The attempt as it should stand; None when the case has no part in the contact. One that was taken back in the
    case stays taken back."""
    if known is None and (data is None or sag.lukket is not None or dato < sag.oprettet):
        return None
    if known is not None and (data is None or known.annulleret):
        return known.model_copy(update={"annulleret": True})
    assert data is not None  # noqa: S101 - both cases without it are settled above
    said = {"måde": MÅDER.get(data.form, SAMTALE), "dato": dato, "truffet": _reached(data)}
    if known is not None:
        return known.model_copy(update=said)
    return Kontaktforsøg(id=kontakt_id, af=aktør(session).bruger_id, **said)


def _reached(data: KontaktData) -> bool | None:
    """Whether somebody was reached: an en-til-en rådgivning is a talk, of the other arts the contact says so."""
    return True if data.truffet is None and data.art == "en_til_en" else data.truffet


def _with(data: RestancesagData, attempt: Kontaktforsøg) -> RestancesagData:
    others = [f for f in data.forsøg if f.id != attempt.id]
    return data.model_copy(update={"forsøg": [*others, attempt]})
