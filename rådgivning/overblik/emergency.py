"""Break-glass: a colleague's resident, or row about nobody, opened whole without being asked first, for a time, with a
reason, in the open.

Whose it is and databeskyttelse hear of it at once, every time; the door itself closes when the time is up
(nøgler/covering.py); what was read meanwhile is in the trail. Knows no Flask.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger, Nødadgang, NødadgangData
from rådgivning.adgang.permissions import Forbudt, IkkeFundet, Konflikt, Rolle, hent
from rådgivning.beboere.models import Beboer
from rådgivning.beboere.residents import acting
from rådgivning.beskeder.kinds import Slags
from rådgivning.beskeder.queue import læg_i_kø, læg_i_kø_til_rolle
from rådgivning.database import COPENHAGEN, now, today
from rådgivning.henvisninger.models import Henvisning
from rådgivning.kontakter.models import Kontakt
from rådgivning.nøgler.covering import ejer, glem_forbindelse
from rådgivning.nøgler.opening import Dækket, SealedRow, is_readable, kræv_hel, open_many, seal
from rådgivning.opgaver.models import Opgave
from rådgivning.overblik.merged import lagt_ind_i
from rådgivning.restancer.models import Restancesag
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import aktør, hold, skriv

FLEST_DAGE = 7
FLEST_VISTE = 200
SES_I = timedelta(days=90)
# What may be about nobody, by table: what it is called and where it is.
UDEN_BEBOER: dict[str, tuple[type[Kontakt | Opgave | Henvisning | Restancesag], str, str]] = {
    "kontakt": (Kontakt, "anonym kontakt", "/kontakter/{}"),
    "opgave": (Opgave, "opgave uden beboer", "/opgaver/{}/ret"),
    "henvisning": (Henvisning, "henvisning uden beboer", "/henvisninger/{}"),
    "restancesag": (Restancesag, "restancesag uden beboer", "/restancer/{}"),
}
LÆST = (Handling.ÅBNET, Handling.ÆNDRET, Handling.SLETTET, Handling.EKSPORTERET)


class Årsag(StrEnum):
    """Why, as a fixed word; in full it is sealed."""

    SYGDOM = "sygdom"
    FRAVÆR = "fravær"
    AKUT = "akut"
    OPHØRT = "ophørt"
    ANDET = "andet"

    @property
    def etiket(self) -> str:
        """As people read it."""
        return ÅRSAGER[self]


ÅRSAGER = {
    Årsag.SYGDOM: "Kollegaen er syg",
    Årsag.FRAVÆR: "Kollegaen er væk, og der er ingen vikar",
    Årsag.AKUT: "Det haster for beboeren",
    Årsag.OPHØRT: "Kollegaen er holdt op",
    Årsag.ANDET: "Andet",
}


@dataclass(frozen=True)
class Linje:
    """One access: who, to whose resident, why. `begrundelse` is "" for who may not read it, and once she is erased."""

    adgang: Nødadgang
    bruger: str
    kollega: str
    begrundelse: str = ""

    @property
    def årsag(self) -> str:
        """The fixed word, as people read it."""
        return Årsag(self.adgang.årsag).etiket

    @property
    def hvad(self) -> str:
        """What was opened."""
        return UDEN_BEBOER[self.adgang.tabel][1] if self.adgang.tabel else "beboer"

    @property
    def url(self) -> str:
        """Where it is."""
        if not self.adgang.tabel:
            return f"/beboere/{self.adgang.beboer_id}"
        return UDEN_BEBOER[self.adgang.tabel][2].format(self.adgang.række_id)

    @property
    def slut(self) -> datetime:
        """When it ended or ends."""
        return self.adgang.sluttet or self.adgang.til

    @property
    def gælder(self) -> bool:
        """Whether it is open this moment."""
        return now() < self.slut


@dataclass(frozen=True)
class Læsning:
    """Something that was opened or changed while the access was open."""

    tidspunkt: datetime
    handling: str
    genstand: str
    anledning: str
    antal: int


def ser_alt(session: Session, row: SealedRow) -> bool:
    """Whether the actor sees all of a row, or all about a resident, already."""
    try:
        kræv_hel(session, row)
    except Dækket:
        return False
    return True


def hent_uden_beboer(session: Session, tabel: str, id: uuid.UUID) -> Kontakt | Opgave | Henvisning | Restancesag:  # noqa: A002
    """A row that may be about nobody; raises IkkeFundet, also for a table that has none such."""
    if tabel not in UDEN_BEBOER:
        raise IkkeFundet("nødadgang", id)
    return hent(session, UDEN_BEBOER[tabel][0], id)


def åbn(session: Session, beboer_id: uuid.UUID, årsag: Årsag, begrundelse: str, dage: int, id: uuid.UUID) -> Nødadgang:  # noqa: A002
    """Open a colleague's resident to the actor until the end of today, or of one of the next days.

    The same form twice (the same `id`) opens once; a second access is a second row and told of again. Raises
    IkkeFundet, and Konflikt when there is nothing to open.
    """
    hold(session)
    return _åbn(session, hent(session, Beboer, beboer_id), "", (årsag, begrundelse, dage), id)


def åbn_uden_beboer(
    session: Session,
    tabel: str,
    række_id: uuid.UUID,
    årsag: Årsag,
    begrundelse: str,
    dage: int,
    id: uuid.UUID,  # noqa: A002
) -> Nødadgang:
    """Open a colleague's row that is about nobody, an anonymous contact say, as `åbn` opens a resident. It is closed
    again when it becomes a resident's."""
    hold(session)
    row = hent_uden_beboer(session, tabel, række_id)
    if row.beboer_id is not None:
        raise Konflikt("Det hører til en beboer nu. Åbn beboeren i stedet.")
    return _åbn(session, row, tabel, (årsag, begrundelse, dage), id)


def _åbn(session: Session, row: SealedRow, tabel: str, hvorfor: tuple[Årsag, str, int], id_: uuid.UUID) -> Nødadgang:
    """`tabel` is "" for a resident."""
    helhedsplan_id, bruger_id = acting(session)
    if session.get(Nødadgang, id_) is not None:
        return hent(session, Nødadgang, id_)
    if aktør(session).rolle != Rolle.BEBOERRÅDGIVER:
        raise Forbudt("nødadgang")
    whose = ejer(session, row)
    if whose is None or ser_alt(session, row) or not is_readable(session, row):
        raise Konflikt("Der er ikke noget at åbne: du kan allerede se det, der står.")
    årsag, begrundelse, dage = hvorfor
    adgang = Nødadgang(
        id=id_,
        helhedsplan_id=helhedsplan_id,
        bruger_id=bruger_id,
        beboer_id=None if tabel else row.id,
        tabel=tabel,
        række_id=row.id if tabel else None,
        kollega_id=whose,
        årsag=årsag,
        fra=now(),
        til=_midnight_after(min(max(dage, 0), FLEST_DAGE)),
    )
    seal(session, adgang, NødadgangData(begrundelse=begrundelse))
    session.add(adgang)
    session.flush()
    glem_forbindelse(session)
    detaljer: dict[str, str | int] = {"dage": dage}
    skriv(
        session, Handling.OPRETTET, "nødadgang", _ids(adgang), beboere=_om(adgang), anledning=årsag, detaljer=detaljer
    )
    læg_i_kø(session, whose, Slags.NØDADGANG)
    læg_i_kø_til_rolle(session, helhedsplan_id, Rolle.DATABESKYTTELSE, Slags.NØDADGANG_TILSYN)
    return adgang


def _om(adgang: Nødadgang) -> list[uuid.UUID]:
    return [adgang.beboer_id] if adgang.beboer_id is not None else []


def _ids(adgang: Nødadgang) -> list[uuid.UUID]:
    return [adgang.id] if adgang.række_id is None else [adgang.id, adgang.række_id]


def slut(session: Session, id: uuid.UUID) -> Nødadgang:  # noqa: A002
    """End an access before its time: who has it, whose resident it is, or databeskyttelse. Ending it twice is once."""
    hold(session)
    adgang = hent_adgang(session, id)
    if adgang.sluttet is None and now() < adgang.til:
        adgang.sluttet, adgang.sluttet_af = now(), aktør(session).bruger_id
        session.add(adgang)
        session.flush()
        glem_forbindelse(session)
        skriv(session, Handling.ÆNDRET, "nødadgang", _ids(adgang), beboere=_om(adgang), anledning="sluttet før tid")
    return adgang


def hent_adgang(session: Session, id: uuid.UUID) -> Nødadgang:  # noqa: A002
    """An access that is the actor's to know of; raises IkkeFundet for a third one's."""
    adgang, who = hent(session, Nødadgang, id), aktør(session)
    if who.rolle != Rolle.DATABESKYTTELSE and who.bruger_id not in (adgang.bruger_id, adgang.kollega_id):
        raise IkkeFundet("nødadgang", id, fremmed=True)
    return adgang


def nødadgange(session: Session) -> list[Linje]:
    """The latest accesses the actor is to know of, newest first: all for databeskyttelse, else those that are hers or
    to her residents."""
    who = aktør(session)
    where = [] if who.rolle == Rolle.DATABESKYTTELSE else [_concerns(who.bruger_id)]
    return linjer(session, where)


def nødadgange_til(session: Session, beboer_id: uuid.UUID) -> list[Linje]:
    """Who has, or lately had, one to a resident, for her page: for her beboerrådgiver and for who has it."""
    lately = col(Nødadgang.til) > now() - SES_I
    return linjer(session, [Nødadgang.beboer_id == beboer_id, lately, _concerns(aktør(session).bruger_id)])


def linjer(session: Session, where: Sequence[ColumnElement[bool] | bool]) -> list[Linje]:
    """Accesses in words, newest first."""
    query = select(Nødadgang).where(Nødadgang.helhedsplan_id == aktør(session).helhedsplan_id, *where)
    rows = session.exec(query.order_by(col(Nødadgang.fra).desc(), col(Nødadgang.id)).limit(FLEST_VISTE)).all()
    data = open_many(session, rows, NødadgangData, "vis nødadgang")
    name = navne(session, {i for row in rows for i in (row.bruger_id, row.kollega_id)})
    why = {row.id: data[row.id].begrundelse if row.id in data else "" for row in rows}
    return [Linje(row, name[row.bruger_id], name[row.kollega_id], why[row.id]) for row in rows]


def læst_imens(session: Session, adgang: Nødadgang) -> list[Læsning]:
    """What she opened and changed of it while the access was open, from the trail, oldest first."""
    query = select(Spor).where(
        Spor.kæde == str(adgang.helhedsplan_id),
        Spor.aktør == adgang.bruger_id,
        Spor.tidspunkt >= adgang.fra,
        Spor.tidspunkt <= (adgang.sluttet or adgang.til),
        col(Spor.handling).in_(LÆST),
    )
    found = session.exec(query.order_by(col(Spor.nr))).all()
    hers = {str(id_) for id_ in _been(session, adgang)}
    return [
        Læsning(entry.tidspunkt, entry.handling, entry.genstand, entry.anledning, len(entry.rækker))
        for entry in found
        if entry.genstand != "nødadgang" and not hers.isdisjoint(entry.beboere if adgang.beboer_id else entry.rækker)
    ]


def _been(session: Session, adgang: Nødadgang) -> set[uuid.UUID | None]:
    """By what the trail names what was opened: the row, or the resident and whoever was merged into her."""
    if adgang.beboer_id is None:
        return {adgang.række_id}
    return {adgang.beboer_id, *lagt_ind_i(session, adgang.beboer_id)}


def navne(session: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Users' names."""
    rows = session.exec(select(Bruger).where(col(Bruger.id).in_(ids))).all() if ids else []
    return {row.id: row.navn for row in rows}


def _concerns(bruger_id: uuid.UUID | None) -> ColumnElement[bool]:
    return or_(col(Nødadgang.bruger_id) == bruger_id, col(Nødadgang.kollega_id) == bruger_id)


def _midnight_after(dage: int) -> datetime:
    return datetime.combine(today() + timedelta(days=dage + 1), time(), COPENHAGEN)
