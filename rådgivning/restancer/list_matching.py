"""Which case a row of a list is about, and what it changes there. Pure functions beside one that opens the cases.

A list is held against the sender's side of a case. For opkrævning that is her own cases and, in them, what she has
reported herself: what the beboerrådgiver wrote, whether the case is linked with a resident, and cases others filed
are not looked at, so that nothing in a preview can tell of them. Finding the resident is for that reason a step of
its own, which only the beboerrådgiver takes (list_residents.py). Cases of other boligorganisationer are never looked
at by anybody (domæne.md 5.9).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from rådgivning.beboere.households import nøgle
from rådgivning.beboere.models import Beboer
from rådgivning.beboere.residents import acting
from rådgivning.dansk import fold
from rådgivning.nøgler.opening import open_unnamed
from rådgivning.restancer.models import (
    Hændelse,
    Listefejl,
    Listerække,
    Listesag,
    Listestand,
    Restanceliste,
    Restancesag,
    RestancesagData,
)
from rådgivning.restancer.own import som_meldt
from rådgivning.restancer.phases import FASER, tilstand
from rådgivning.spor.trail import aktør

KILDE = "opkrævning"
FROSSEN = "Behandlingen af beboerens oplysninger er begrænset, så sagen er ikke ændret. Kontakt databeskyttelse."


@dataclass(frozen=True)
class Kendt:
    """A case as its sender knows it: who it is about, the events she may know of, and the day it ended for her."""

    id: uuid.UUID
    data: RestancesagData
    hændelser: list[Hændelse]
    lukket: date | None


@dataclass
class Fund:
    """What a row is about: a case, none yet, or one of several, which somebody must say."""

    række: Listerække
    sag: Kendt | None = None
    tvivl: list[Kendt] = field(default_factory=list)
    ændringer: dict[str, Any] = field(default_factory=dict)
    hændelser: list[Hændelse] = field(default_factory=list)

    @property
    def hvad(self) -> str:
        """ny, ændret, uændret or tvivl."""
        if self.tvivl:
            return "tvivl"
        if self.sag is None:
            return "ny"
        return "ændret" if self.ændringer or self.hændelser else "uændret"


def kendte_sager(session: Session, boligorganisation: str, kun: Collection[uuid.UUID] | None = None) -> list[Kendt]:
    """The boligorganisation's cases that the actor may open (only those named in `kun`); traced as one count."""
    helhedsplan_id, bruger_id = acting(session)
    own = aktør(session).omfang("restancesag") == "egne"
    query = select(Restancesag).where(
        Restancesag.helhedsplan_id == helhedsplan_id, Restancesag.boligorganisation == boligorganisation
    )
    if own:
        query = query.where(Restancesag.ejer_id == bruger_id)
    if kun is not None:
        query = query.where(col(Restancesag.id).in_(kun))
    rows = session.exec(query).all()
    undone = _undone(session, helhedsplan_id)
    opened = open_unnamed(session, rows, RestancesagData) if rows else {}
    if not own:
        return [_known(i, data, data.hændelser, undone) for i, data in opened.items()]
    gone = {i: dag for i, (hvad, dag) in sidst_sagt(session, boligorganisation).items() if hvad == "væk"}
    return [
        _known(i, d, som_meldt(d.hændelser, bruger_id), undone, kun_eget=True, væk=gone.get(i))
        for i, d in opened.items()
    ]


def frosne_sager(session: Session) -> frozenset[uuid.UUID]:
    """The cases of restricted residents, which a beboerrådgiver's list leaves as they are. None for whoever filed them:
    what she reports of her own is taken (nøgler/restriction.py)."""
    if aktør(session).omfang("restancesag") == "egne":
        return frozenset()
    query = select(Restancesag.id).join(Beboer, col(Beboer.id) == col(Restancesag.beboer_id))
    where = (Restancesag.helhedsplan_id == acting(session)[0], col(Beboer.begrænset).is_not(None))
    return frozenset(session.exec(query.where(*where)).all())


def ikke_gjort(række: Listerække) -> Listefejl:
    """Why a row about one of them is refused."""
    return Listefejl(række=række.nummer, kolonne="lejemål", grund=FROSSEN)


def _known(
    sag_id: uuid.UUID,
    data: RestancesagData,
    events: list[Hændelse],
    undone: Collection[uuid.UUID],
    *,
    kun_eget: bool = False,
    væk: date | None = None,
) -> Kendt:
    """A case by these events; with `kun_eget` they are the sender's alone, as she left them. For her the case has also
    ended on the day of her list on which it no longer stood, whatever was made of that."""
    stand = tilstand(events)
    # An event taken back with its list may come again; one that somebody annulled did not happen.
    counted = [h for h in events if not (h.liste_id in undone and (h.annulleret or kun_eget))]
    return Kendt(sag_id, data, counted, stand.lukket or væk)


def sidst_sagt(session: Session, boligorganisation: str) -> dict[uuid.UUID, tuple[str, date]]:
    """What this user's latest list about each case said of it, and as of which day."""
    lists = {liste.id: liste for liste in egne_lister(session, boligorganisation)}
    said = session.exec(select(Listesag).where(col(Listesag.liste_id).in_(list(lists)))).all()
    said = sorted(said, key=lambda row: (lists[row.liste_id].dato, lists[row.liste_id].oprettet))
    return {row.sag_id: (row.hvad, lists[row.liste_id].dato) for row in said}


def egne_lister(session: Session, boligorganisation: str) -> Sequence[Restanceliste]:
    """The lists of this user that are done and not taken back."""
    query = select(Restanceliste).where(
        Restanceliste.ejer_id == acting(session)[1],
        Restanceliste.boligorganisation == boligorganisation,
        Restanceliste.tilstand == "færdig",
    )
    return session.exec(query).all()


def _undone(session: Session, helhedsplan_id: uuid.UUID) -> set[uuid.UUID]:
    query = select(Restanceliste.id).where(
        Restanceliste.helhedsplan_id == helhedsplan_id, col(Restanceliste.tilstand).in_(("fortrydes", "fortrudt"))
    )
    return set(session.exec(query).all())


class Sager:
    """The known cases by tenancy number and by name."""

    def __init__(self, kendte: Iterable[Kendt]) -> None:
        self.by_number: dict[str, list[Kendt]] = {}
        self.by_name: dict[str, list[Kendt]] = {}
        for kendt in kendte:
            self.by_number.setdefault(nøgle(kendt.data.lejemål), []).append(kendt)
            self.by_name.setdefault(fold(kendt.data.navn), []).append(kendt)

    def find(self, række: Listerække, dag: date) -> Fund:
        """What a row of a list as of `dag` is about and what it changes."""
        number, name = nøgle(række.lejemål), fold(række.navn)
        same_number = self._current(self.by_number.get(number, []) if number else [], række)
        sure = [k for k in same_number if _same_person(række, k.data)]
        if not same_number and name:
            named = self._current(self.by_name.get(name, []), række)
            sure = [k for k in named if k.data.telefon and k.data.telefon == række.telefon and not _moved(number, k)]
            same_number = named
        if len(sure) == 1:
            return _change(række, sure[0], dag)
        return Fund(række, tvivl=sure or same_number)

    def _current(self, cases: Sequence[Kendt], række: Listerække) -> list[Kendt]:
        """The open ones; else the closed one this very arrears was about."""
        still = [k for k in cases if k.lukket is None]
        return still or [k for k in cases if any(_present(k, h) for h in hændelser(række))][-1:]


def _moved(number: str, kendt: Kendt) -> bool:
    return bool(number and nøgle(kendt.data.lejemål))


def _same_person(række: Listerække, data: RestancesagData) -> bool:
    """Whether nothing speaks against it: names share a word, or one is missing, or the phone is the same."""
    ours, theirs = set(fold(række.navn).split()), set(fold(data.navn).split())
    return not ours or not theirs or bool(ours & theirs) or bool(række.telefon and række.telefon == data.telefon)


def valgt(fund: Fund, svar: str, dag: date) -> Fund | None:
    """A doubtful row with its answer: a case's id, `ny`, or None for one that waits."""
    if svar == "ny":
        return Fund(fund.række)
    chosen = next((kendt for kendt in fund.tvivl if str(kendt.id) == svar), None)
    return None if chosen is None else _change(fund.række, chosen, dag)


def hændelser(række: Listerække) -> list[Hændelse]:
    """The events a row tells of: when it fell due, and the phase it has come to."""
    due = række.forfaldsdato or (række.dato if række.fase == "forfalden" else None)
    found = [Hændelse(fase="forfalden", dato=due, kilde=KILDE)] if due else []
    if række.fase != "forfalden":
        found.append(Hændelse(fase=række.fase, dato=række.dato, kilde=KILDE))
    return found


def måneder(række: Listerække) -> list[str]:
    """The months a row says are owed."""
    due = række.forfaldsdato or (række.dato if række.fase == "forfalden" else None)
    return [f"{due:%Y-%m}"] if due else []


def genfind(række: Listerække, kendt: Kendt, dag: date) -> Fund:
    """What a row changes in a case it is known to be about, as the case is now."""
    return _change(række, kendt, dag)


def _change(række: Listerække, kendt: Kendt, dag: date) -> Fund:
    """Only what is new is changed: a list that is imported again, or an older one, has nothing new."""
    events = _new_events(række, kendt)
    fund = Fund(række, kendt, hændelser=events)
    if kendt.lukket is None or events:
        fund.ændringer = _new_fields(række, kendt.data, dag)
    return fund


def _new_events(række: Listerække, kendt: Kendt) -> list[Hændelse]:
    counted = [h for h in kendt.hændelser if not h.annulleret and not FASER[h.fase].lukker]
    if kendt.lukket is not None:
        return [h for h in hændelser(række) if _day(h) > kendt.lukket and not _present(kendt, h)]
    furthest = max((FASER[h.fase].rang for h in counted), default=-1)
    found = []
    for h in hændelser(række):
        fase, same = FASER[h.fase], [_day(k) for k in counted if k.fase == h.fase]
        later = fase.rang > furthest or (fase.rang == furthest > 0 and (fase.berammes or _day(h) > max(same)))
        if later and not _present(kendt, h):
            found.append(h)
    return found


def _day(h: Hændelse) -> date:
    """The day an event names: an appointment's own."""
    return h.frist if h.frist and FASER[h.fase].berammes else h.dato


def _present(kendt: Kendt, h: Hændelse) -> bool:
    return any(k.fase == h.fase and _day(k) == _day(h) for k in kendt.hændelser)


def _new_fields(række: Listerække, data: RestancesagData, dag: date) -> dict[str, Any]:
    """Fields by name: the amount and months of a list not older than the last, and what was not known before."""
    changes: dict[str, Any] = {
        name: getattr(række, name)
        for name in ("navn", "telefon", "adresse", "lejemål")
        if getattr(række, name) and not getattr(data, name)
    }
    said = data.listet
    if said is not None and said.dato > dag:
        return changes
    if række.beløb != (said.beløb if said else data.beløb):
        changes["beløb"] = række.beløb
    known = {*data.måneder, *(said.måneder if said else ())}
    new = [m for m in måneder(række) if m not in known]
    if new:
        changes["måneder"] = sorted({*data.måneder, *new})
    return changes


def stand(række: Listerække, før: Listestand | None, dag: date) -> Listestand:
    """What the lists have said of a case after this one."""
    if før is not None and før.dato > dag:
        return før
    told = sorted({*(før.måneder if før else ()), *måneder(række)})
    return Listestand(dato=dag, beløb=række.beløb, måneder=told)
