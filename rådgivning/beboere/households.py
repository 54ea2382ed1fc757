"""Households: who lives in which tenancy, and which restancesager belong to it. Knows no Flask.

`LejemålData` is the one place that says so, and it is sealed: no column and no entry of the trail ties a resident to a
tenancy. Who lives where is looked up in memory; whoever is shown a tenancy opens it by name.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import cast

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from rådgivning.adgang.permissions import IkkeFundet, Konflikt, hent
from rådgivning.beboere.models import Beboer, BeboerData, Lejemål, LejemålData
from rådgivning.beboere.residents import acting, hent_beboer
from rådgivning.dansk import fold
from rådgivning.nøgler.changes import note_change
from rådgivning.nøgler.mirrors import Billede, Spejl
from rådgivning.nøgler.opening import destroy_key, open_sealed, open_unnamed, seal
from rådgivning.nøgler.restriction import kræv_ubegrænsede, restricted
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import hold, skriv

BØRN_LÅST = (
    "Svaret om børn gælder hele husstanden, og behandlingen af oplysningerne om en, der bor der, er begrænset."
    " Lad svaret være, som det var."
)
_NOT_NUMBER = re.compile(r"[^0-9a-z]+")


class LejemålFindes(Konflikt):
    """The boligorganisation has a tenancy with that number already."""

    def __init__(self, id: uuid.UUID) -> None:  # noqa: A002
        super().__init__("Der er allerede et lejemål med det nummer. Føj beboeren til det i stedet.")
        self.id = id


class Husstande(Billede[LejemålData]):
    """The tenancies by id, by member, by restancesag and by number within a boligorganisation."""

    def __init__(self) -> None:
        super().__init__()
        self.for_beboer: dict[uuid.UUID, uuid.UUID] = {}
        self.for_sag: dict[uuid.UUID, uuid.UUID] = {}
        self.for_nummer: dict[tuple[str, str], uuid.UUID] = {}

    def sæt(self, id: uuid.UUID, post: LejemålData) -> None:  # noqa: A002
        """Put a tenancy in, in the place of what was known of it."""
        self.fjern(id)
        super().sæt(id, post)
        self.for_beboer |= dict.fromkeys(post.medlemmer, id)
        self.for_sag |= dict.fromkeys(post.sager, id)
        if nøgle(post.nummer):
            self.for_nummer[post.boligorganisation, nøgle(post.nummer)] = id

    def fjern(self, id: uuid.UUID) -> None:  # noqa: A002
        """Take a tenancy out."""
        old = self.poster.get(id)
        super().fjern(id)
        if old is None:
            return
        for places, names in ((self.for_beboer, old.medlemmer), (self.for_sag, old.sager)):
            for name in names:
                if places.get(name) == id:
                    del places[name]
        number = (old.boligorganisation, nøgle(old.nummer))
        if self.for_nummer.get(number) == id:
            del self.for_nummer[number]


SPEJL: Spejl[LejemålData] = Spejl(Lejemål, LejemålData, lambda _row, data: data, Husstande)


def nøgle(nummer: str) -> str:
    """A tenancy's number as it is compared: `55-0107-2`, `55 0107 2` and `55.0107.2` are the same."""
    return _NOT_NUMBER.sub("-", fold(nummer)).strip("-")


def husstande(session: Session) -> Husstande:
    """Who lives where, in memory; to be read, never to be changed or shown: what is shown is opened by name."""
    return cast("Husstande", SPEJL.frisk(session))


def alle_lejemål(session: Session, boligorganisation: str = "") -> dict[uuid.UUID, LejemålData]:
    """Every tenancy of the helhedsplan (of one boligorganisation), for matching a list; traced as one count."""
    helhedsplan_id, _bruger = acting(session)
    rows = session.exec(select(Lejemål).where(Lejemål.helhedsplan_id == helhedsplan_id)).all()
    opened = open_unnamed(session, rows, LejemålData) if rows else {}
    return {i: d for i, d in opened.items() if boligorganisation in ("", d.boligorganisation)}


def find_lejemål(session: Session, boligorganisation: str, nummer: str) -> uuid.UUID | None:
    """The tenancy with this number in this boligorganisation: a number is unique only there (and never looked up
    across, domæne.md 5.9)."""
    return husstande(session).for_nummer.get((boligorganisation, nøgle(nummer))) if nøgle(nummer) else None


def hent_lejemål(session: Session, id: uuid.UUID, anledning: str = "vis husstand") -> tuple[Lejemål, LejemålData]:  # noqa: A002
    """A tenancy and what it says; raises IkkeFundet."""
    lejemål = hent(session, Lejemål, id)
    return lejemål, open_sealed(session, lejemål, LejemålData, anledning)


def husstand(
    session: Session, beboer_id: uuid.UUID, anledning: str = "vis husstand"
) -> tuple[uuid.UUID, LejemålData] | None:
    """The tenancy a resident lives in, or None when nobody has said."""
    lejemål_id = husstande(session).for_beboer.get(beboer_id)
    return None if lejemål_id is None else (lejemål_id, hent_lejemål(session, lejemål_id, anledning)[1])


def sagens_lejemål(
    session: Session, sag_id: uuid.UUID, anledning: str = "vis husstand"
) -> tuple[uuid.UUID, LejemålData] | None:
    """The tenancy a restancesag belongs to, or None."""
    lejemål_id = husstande(session).for_sag.get(sag_id)
    return None if lejemål_id is None else (lejemål_id, hent_lejemål(session, lejemål_id, anledning)[1])


def opret_lejemål(session: Session, data: LejemålData, id: uuid.UUID | None = None) -> Lejemål:  # noqa: A002
    """Register a tenancy; members move in from where they lived. With an `id` that exists (the same form twice) that
    one is given back. Raises LejemålFindes when the boligorganisation has the number already."""
    helhedsplan_id, _bruger = acting(session)
    hold(session)
    if id is not None and session.get(Lejemål, id) is not None:
        return hent(session, Lejemål, id)
    taken = find_lejemål(session, data.boligorganisation, data.nummer)
    if taken is not None:
        raise LejemålFindes(taken)
    lejemål = Lejemål(helhedsplan_id=helhedsplan_id)
    lejemål.id = id or lejemål.id
    members, cases = data.medlemmer, data.sager
    seal(session, lejemål, data.model_copy(update={"medlemmer": [], "sager": []}))
    try:
        with session.begin_nested():
            session.add(lejemål)
    except IntegrityError:
        return hent(session, Lejemål, lejemål.id)
    _record(session, Handling.OPRETTET, lejemål)
    for beboer_id in members:
        flyt_ind(session, beboer_id, lejemål.id)
    for sag_id in cases:
        knyt_sag(session, lejemål.id, sag_id)
    return lejemål


def find_eller_opret(
    session: Session, *, boligorganisation: str, nummer: str, adresse: str = "", afdeling: str = ""
) -> uuid.UUID:
    """The tenancy with this number in the boligorganisation, registered when it is not known."""
    hold(session)
    found = find_lejemål(session, boligorganisation, nummer)
    if found is not None:
        return found
    data = LejemålData(nummer=nummer, adresse=adresse, afdeling=afdeling, boligorganisation=boligorganisation)
    return opret_lejemål(session, data).id


def flyt_ind(session: Session, beboer_id: uuid.UUID, lejemål_id: uuid.UUID) -> None:
    """A resident lives here from now on, and no longer where she lived. What she has said of children is the
    household's answer when it has none. Raises IkkeFundet, and Begrænset when she is restricted."""
    hold(session)
    hent(session, Beboer, beboer_id)
    kræv_ubegrænsede(session, [beboer_id])
    if husstande(session).for_beboer.get(beboer_id) == lejemål_id:
        return
    hent(session, Lejemål, lejemål_id)
    flyt_ud(session, beboer_id)
    _beboer, stamdata = hent_beboer(session, beboer_id, "ret husstand")

    def change(data: LejemålData) -> None:
        data.medlemmer.append(beboer_id)
        if data.børn_i_husstanden is None and not restricted(session, data.medlemmer):
            data.børn_i_husstanden = stamdata.børn_i_husstanden

    _change(session, lejemål_id, change)


def flyt_ud(session: Session, beboer_id: uuid.UUID) -> None:
    """A resident no longer lives where she lived; a tenancy with nobody in it and no case is destroyed. Raises
    Begrænset when she is restricted; that a housemate is keeps her neither from moving nor from being erased."""
    hold(session)
    lejemål_id = husstande(session).for_beboer.get(beboer_id)
    if lejemål_id is not None:
        kræv_ubegrænsede(session, [beboer_id])
        _change(session, lejemål_id, lambda data: data.medlemmer.remove(beboer_id))


def erstat_medlem(session: Session, gammel: uuid.UUID, ny: uuid.UUID) -> None:
    """Two residents are the same: where the one lived the other lives, unless she lives somewhere already."""
    hold(session)
    known = husstande(session)
    lejemål_id = known.for_beboer.get(gammel)
    if lejemål_id is None:
        return
    taken = ny in known.for_beboer

    def change(data: LejemålData) -> None:
        data.medlemmer = [ny if m == gammel else m for m in data.medlemmer if m != gammel or not taken]

    _change(session, lejemål_id, change)


def knyt_sag(session: Session, lejemål_id: uuid.UUID, sag_id: uuid.UUID) -> None:
    """A restancesag belongs to this tenancy and to no other. That it is of the same boligorganisation is the caller's
    to see to. Raises IkkeFundet."""
    hold(session)
    if husstande(session).for_sag.get(sag_id) == lejemål_id:
        return
    hent(session, Lejemål, lejemål_id)
    løs_sag(session, sag_id)
    _change(session, lejemål_id, lambda data: data.sager.append(sag_id))


def løs_sag(session: Session, sag_id: uuid.UUID) -> None:
    """A restancesag belongs to no tenancy any more."""
    hold(session)
    lejemål_id = husstande(session).for_sag.get(sag_id)
    if lejemål_id is not None:
        _change(session, lejemål_id, lambda data: data.sager.remove(sag_id))


def ret_lejemål(session: Session, id: uuid.UUID, *, nummer: str, adresse: str, afdeling: str) -> None:  # noqa: A002
    """Correct number and address. Raises LejemålFindes when another tenancy has the number, and Begrænset when somebody
    who lives there is restricted."""
    hold(session)
    _row, now = hent_lejemål(session, id, "ret husstand")
    kræv_ubegrænsede(session, now.medlemmer)
    taken = find_lejemål(session, now.boligorganisation, nummer)
    if taken is not None and taken != id:
        raise LejemålFindes(taken)

    def change(data: LejemålData) -> None:
        data.nummer, data.adresse, data.afdeling = nummer, adresse, afdeling

    _change(session, id, change)


def sæt_børn(session: Session, lejemål_id: uuid.UUID, børn: bool | None) -> None:
    """Whether children under 18 live in the household: one answer for all who live there. Raises Begrænset when one of
    them is restricted and the answer is another."""
    hold(session)
    home = husstande(session).poster[lejemål_id]
    if home.børn_i_husstanden is not børn:
        kræv_ubegrænsede(session, home.medlemmer, BØRN_LÅST)
        _change(session, lejemål_id, lambda data: setattr(data, "børn_i_husstanden", børn))


def med_husstandens_svar(session: Session, beboer_id: uuid.UUID, data: BeboerData) -> BeboerData:
    """What a resident's form starts with: of children the household's answer, where there is one."""
    home = husstand(session, beboer_id, "ret beboer")
    if home is None or home[1].børn_i_husstanden is None:
        return data
    return data.model_copy(update={"børn_i_husstanden": home[1].børn_i_husstanden})


def beboerens_svar(session: Session, beboer_id: uuid.UUID, børn: bool | None) -> None:
    """What a resident's form says of children is the answer of everybody she lives with."""
    home = husstande(session).for_beboer.get(beboer_id)
    if home is not None:
        sæt_børn(session, home, børn)


def _change(session: Session, id: uuid.UUID, change: Callable[[LejemålData], None]) -> None:  # noqa: A002
    """Change the held tenancy; with nobody and nothing left in it that it had before, it goes, key and all."""
    query = select(Lejemål).where(Lejemål.id == id).with_for_update().execution_options(populate_existing=True)
    if session.exec(query).one_or_none() is None:
        raise IkkeFundet("lejemål", id)
    lejemål, data = hent_lejemål(session, id, "ret husstand")
    before = bool(data.medlemmer or data.sager)
    change(data)
    if before and not data.medlemmer and not data.sager:
        session.delete(lejemål)
        _record(session, Handling.SLETTET, lejemål)
        destroy_key(session, id)
        return
    lejemål.version += 1
    seal(session, lejemål, data)
    session.add(lejemål)
    _record(session, Handling.ÆNDRET, lejemål)


def _record(session: Session, handling: Handling, lejemål: Lejemål) -> None:
    """Trail first, which holds the helhedsplan's chain, so that changes are numbered in order. No resident is named
    beside the tenancy: that would tell in clear who lives together."""
    skriv(session, handling, "lejemål", [lejemål.id])
    note_change(session, lejemål.helhedsplan_id, lejemål.id)
