"""Restancesager: filed, corrected, moved along the road, closed, opened again, deleted. Knows no Flask.

Figures count endings (storing.py). Open cases are counted where they are worked on, from the clear column `lukket`
alone (`tæl_åbne`), and are no facts: a case would otherwise be counted twice, or have to be moved out of a month that
is already closed.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from rådgivning.adgang.permissions import IkkeFundet, Konflikt, hent
from rådgivning.beboere.households import løs_sag
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import acting, hent_beboer, opret_beboer
from rådgivning.database import now, today
from rådgivning.fakta import facts
from rådgivning.nøgler.opening import Dør, destroy_key, kræv_hel, open_sealed, open_whole_many
from rådgivning.restancer.corrections import annulleret, rettet
from rådgivning.restancer.models import Hændelse, Restancesag, RestancesagData
from rådgivning.restancer.order import sket_efter, umuligt
from rådgivning.restancer.phases import FASER, lukkefase, ordnet, tilstand
from rådgivning.restancer.storing import changed, locked, open_locked, store, trace
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import aktør, hold

FOR_TIDLIGT = "Der er sket noget i sagen efter den dato. Ret datoen, eller ret hændelsen."


class Slettegrund(StrEnum):
    """Why a case is deleted; the word stands in the trail, so it is one of these and never free text."""

    FEJL = "oprettet ved en fejl"
    DOBBELT = "oprettet to gange"
    ØNSKE = "beboeren ønsker ikke, at det står her"


class SagÆndret(Konflikt):
    """Somebody else saved this case first; carries what stands there now."""

    def __init__(self, version: int, gældende: RestancesagData) -> None:
        super().__init__("En anden har rettet sagen, mens du skrev. Det, du skrev, står her stadig.")
        self.version = version
        self.gældende = gældende


class SagFejl(ValueError):
    """What was entered contradicts the case; `felt` says which field, the message is Danish."""

    def __init__(self, felt: str, besked: str) -> None:
        super().__init__(besked)
        self.felt = felt


def opret_sag(
    session: Session,
    data: RestancesagData,
    *,
    boligorganisation: str,
    beboer_id: uuid.UUID | None = None,
    id: uuid.UUID | None = None,  # noqa: A002
) -> Restancesag:
    """File a case with its first events. With an `id` that is already the actor's case (the same form twice) that one
    is given back. Raises IkkeFundet when the resident is not there any more, SagFejl for an impossible event."""
    helhedsplan_id, bruger_id = acting(session)
    hold(session)
    if id is not None and session.get(Restancesag, id) is not None:
        return hent(session, Restancesag, id, egen=True)
    if beboer_id is not None:
        hent_beboer(session, beboer_id, "opret restancesag")
    sag = Restancesag(
        helhedsplan_id=helhedsplan_id,
        ejer_id=bruger_id,
        beboer_id=beboer_id,
        boligorganisation=boligorganisation,
        oprettet=today(),
        fase="forfalden",
    )
    sag.id = id or sag.id
    data = data.model_copy(
        update={"hændelser": [_checked(h.model_copy(update={"af": h.af or bruger_id})) for h in data.hændelser]}
    )
    try:
        with session.begin_nested():
            store(session, sag, data)
    except IntegrityError:
        return hent(session, Restancesag, sag.id, egen=True)
    trace(session, Handling.OPRETTET, sag)
    return sag


def hent_sag(session: Session, id: uuid.UUID, *, egen: bool = False) -> tuple[Restancesag, RestancesagData]:  # noqa: A002
    """A case and what it says; raises IkkeFundet, or Shredded when the resident is erased."""
    sag = hent(session, Restancesag, id, egen=egen)
    return sag, open_sealed(session, sag, RestancesagData, "vis restancesag")


def ret_sag(
    session: Session,
    id: uuid.UUID,  # noqa: A002
    ændringer: Mapping[str, Any],
    version: int,
) -> Restancesag:
    """Save corrected fields; raises SagÆndret when the case is no longer `version`, and Dækket for a note that is
    covered for the actor."""
    sag = locked(session, id)
    if "note" in ændringer:
        kræv_hel(session, sag)
    sag, data = open_locked(session, id)
    if sag.version != version:
        raise SagÆndret(sag.version, data)
    return changed(session, sag, data.model_copy(update=dict(ændringer)), "rettet")


def tilføj_hændelse(session: Session, id: uuid.UUID, hændelse: Hændelse) -> Restancesag:  # noqa: A002
    """Add a step of the road. The same event twice (the same id) is added once. Raises SagFejl for an impossible one.

    An appointment entered with a coming date alone means that date: it was made known today.
    """
    sag, data = open_locked(session, id)
    if any(h.id == hændelse.id for h in data.hændelser):
        return sag
    data.hændelser.append(_checked(hændelse.model_copy(update={"af": aktør(session).bruger_id, "registreret": now()})))
    return changed(session, sag, data, "hændelse tilføjet")


def ret_hændelse(
    session: Session,
    id: uuid.UUID,  # noqa: A002
    hændelse: Hændelse,
    *,
    kun_meldt: bool = False,
) -> Restancesag:
    """Correct the dates or the source of a step; what stood before is kept in `tidligere`, and who wrote it down stays.

    The state becomes what it would be, had the right thing been written down in the first place. Raises SagFejl for an
    impossible date, and for an end before something that happened in the case (not asked with `kun_meldt`, as in
    `luk_sag`).
    """
    sag, data = open_locked(session, id)
    place = _place(data, hændelse.id)
    before = data.hændelser[place]
    after = rettet(before, hændelse, tidspunkt=now(), af=aktør(session).bruger_id)
    if after is before:
        return sag
    _possible(after)
    if FASER[after.fase].lukker and not kun_meldt and sket_efter(data.hændelser, after):
        raise SagFejl("dato", FOR_TIDLIGT)
    data.hændelser[place] = after
    return changed(session, sag, data, "hændelse rettet")


def annullér_hændelse(session: Session, id: uuid.UUID, hændelse_id: uuid.UUID) -> Restancesag:  # noqa: A002
    """Take a step back that did not happen: it stays in the case and counts for nothing."""
    sag, data = open_locked(session, id)
    place = _place(data, hændelse_id)
    data.hændelser[place] = annulleret(data.hændelser[place], tidspunkt=now(), af=aktør(session).bruger_id)
    return changed(session, sag, data, "hændelse annulleret")


def luk_sag(
    session: Session,
    id: uuid.UUID,  # noqa: A002
    *,
    udfald: str,
    dato: date,
    kilde: str,
    hændelse_id: uuid.UUID,
    kun_meldt: bool = False,
) -> Restancesag:
    """Close a case with its outcome on the day it ended. An udsættelse so counts in the month it was carried out.

    Raises Konflikt when the case is closed already, and SagFejl when something happened in it later. With `kun_meldt`
    (a report by whoever filed it) neither is asked: the answer would tell what the beboerrådgiver has written.
    """
    sag, data = open_locked(session, id)
    if any(h.id == hændelse_id for h in data.hændelser):
        return sag
    if not kun_meldt and sag.lukket is not None:
        raise Konflikt("Sagen er allerede lukket. Genåbn den først, hvis den skal lukkes på en anden måde.")
    fase = lukkefase(udfald, tilstand(data.hændelser).nået)
    slut = Hændelse(id=hændelse_id, fase=fase, dato=dato, kilde=kilde, udfald=udfald, af=aktør(session).bruger_id)
    if not kun_meldt and sket_efter(data.hændelser, slut):
        raise SagFejl("dato", FOR_TIDLIGT)
    data.hændelser.append(_checked(slut))
    return changed(session, sag, data, "lukket")


def genåbn_sag(session: Session, id: uuid.UUID) -> Restancesag:  # noqa: A002
    """Open a closed case again: its closing event is annulled and its fact removed."""
    sag, data = open_locked(session, id)
    if sag.lukket is None:
        return sag
    taken_back = partial(annulleret, tidspunkt=now(), af=aktør(session).bruger_id)
    data.hændelser = [taken_back(h) if FASER[h.fase].lukker else h for h in data.hændelser]
    return changed(session, sag, data, "genåbnet")


def knyt_beboer(
    session: Session,
    id: uuid.UUID,  # noqa: A002
    *,
    beboer_id: uuid.UUID | None,
    ny_beboer: uuid.UUID | None = None,
) -> Restancesag:
    """Link a case with a resident (or a new one made from it) and seal it under her key.

    The caller commits and then destroys the case's own key: never before, or a failed commit would leave an envelope
    that nobody can open. Raises Dækket for a colleague's case: moved to an own resident its notes would lie open.
    """
    kræv_hel(session, locked(session, id))
    sag, data = open_locked(session, id)
    if beboer_id is None:
        stamdata = BeboerData(navn=data.navn, telefon=data.telefon, adresse=data.adresse, afdeling=data.afdeling)
        beboer_id = opret_beboer(session, stamdata, id=ny_beboer).id
    else:
        hent_beboer(session, beboer_id, "knyt til restancesag")
    sag.beboer_id = beboer_id
    return changed(session, sag, data, "knyttet til beboer")


def slet_sag(session: Session, id: uuid.UUID, grund: Slettegrund) -> None:  # noqa: A002
    """Delete a case and its fact; one that is no resident's loses its key as well. Of an erased resident's case the row
    goes and the fact, which nobody can tell from others any more, stays."""
    sag = locked(session, id)
    data = open_whole_many(session, [sag], RestancesagData, "slet restancesag", Dør.SLETNING).get(id)
    if data is not None and data.faktum_id is not None:
        facts.fjern(session, data.faktum_id)
    if aktør(session).omfang("lejemål") == "alle":
        løs_sag(session, id)
    session.delete(sag)
    trace(session, Handling.SLETTET, sag, grund)
    session.flush()
    if sag.beboer_id is None:
        destroy_key(session, id)


def tæl_åbne(session: Session) -> int:
    """How many cases are open in the helhedsplan today."""
    helhedsplan_id, _bruger = acting(session)
    where = (Restancesag.helhedsplan_id == helhedsplan_id, col(Restancesag.lukket).is_(None))
    return session.exec(select(func.count()).select_from(Restancesag).where(*where)).one()


def _place(data: RestancesagData, hændelse_id: uuid.UUID) -> int:
    for place, hændelse in enumerate(data.hændelser):
        if hændelse.id == hændelse_id:
            return place
    raise IkkeFundet("hændelse")


def _checked(hændelse: Hændelse) -> Hændelse:
    """A new event as it is kept; raises SagFejl when it cannot have happened."""
    return _possible(ordnet(hændelse))


def _possible(hændelse: Hændelse) -> Hændelse:
    if error := umuligt(hændelse, today()):
        raise SagFejl(*error)
    return hændelse
