"""Two residents side by side before they are merged: what each says, how much there is, and what is proposed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, select

from rådgivning.adgang.permissions import Konflikt
from rådgivning.beboere.forms import BeboerFormular, vist_felt
from rådgivning.beboere.households import husstand
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import hent_beboer
from rådgivning.dansk import dato
from rådgivning.nøgler.models import Søgeændring
from rådgivning.nøgler.opening import kræv_hel
from rådgivning.overblik.combined import BEGGE, BEHOLDT, FELTER, UDGÅET, begge_noter
from rådgivning.overblik.moving import ANLEDNING, antal_om

NAVNE = {
    "kontakt": "Kontakter",
    "kontakt_version": "Tidligere udgaver af kontakter",
    "opgave": "Opgaver",
    "henvisning": "Henvisninger",
    "henvisning_behandling": "Afslutninger af henvisninger",
    "restancesag": "Restancesager",
    "samtykke": "Samtykker",
    "kladde": "Kladder",
}
_LONGEST = 80


@dataclass(frozen=True)
class Side:
    """One of the two: row, stamdata, where she lives, how many rows there are about her by table."""

    beboer: Beboer
    data: BeboerData
    bolig: str
    antal: dict[str, int]


@dataclass(frozen=True)
class Linje:
    """A line of the comparison; `forskel` when the two say different things."""

    etiket: str
    beholdt: str
    udgået: str
    forskel: bool


@dataclass(frozen=True)
class Valg:
    """A field to be chosen: (key, text) of each answer, and the one proposed."""

    svar: list[tuple[str, str]]
    forslag: str


@dataclass(frozen=True)
class Sammenligning:
    """Everything on the page; `flyttes` is how many rows of each kind will change resident."""

    beholdt: Side
    udgået: Side
    linjer: list[Linje]
    valg: dict[str, Valg]
    flyttes: list[tuple[str, int]]


def sammenlign(session: Session, beholdt_id: uuid.UUID, udgået_id: uuid.UUID) -> Sammenligning:
    """Both residents, opened by name. Raises IkkeFundet, Shredded, Konflikt for one and the same, and Dækket for a
    colleague's of whom the actor does not see all."""
    beholdt, udgået = _side(session, beholdt_id), _side(session, udgået_id)
    if beholdt_id == udgået_id:
        raise Konflikt("Det er den samme beboer to gange. Gå tilbage, og vælg en anden.")
    shown = {navn: (_vist(session, beholdt, navn), _vist(session, udgået, navn)) for navn in FELTER}
    labels = {navn: str(getattr(BeboerFormular, navn).args[0]) for navn in FELTER}
    newer = _changed(session, udgået) > _changed(session, beholdt)
    differ = [navn for navn in FELTER if getattr(beholdt.data, navn) != getattr(udgået.data, navn)]
    lines = [Linje(labels[navn], *shown[navn], forskel=navn in differ) for navn in FELTER if any(shown[navn])]
    if beholdt.bolig or udgået.bolig:
        lines.append(_line("Bor i", beholdt.bolig, udgået.bolig))
    lines.append(_line("Oprettet", dato(beholdt.beboer.oprettet), dato(udgået.beboer.oprettet)))
    for navn in (*NAVNE, *(n for n in beholdt.antal if n not in NAVNE)):
        counts = beholdt.antal.get(navn, 0), udgået.antal.get(navn, 0)
        if any(counts):
            lines.append(_line(_kind(navn), *map(str, counts)))
    return Sammenligning(
        beholdt,
        udgået,
        lines,
        {navn: _choice(navn, beholdt.data, udgået.data, shown[navn], newer) for navn in differ},
        [(_kind(navn), count) for navn, count in udgået.antal.items() if count],
    )


def _kind(tabel: str) -> str:
    return NAVNE.get(tabel, tabel.replace("_", " ").capitalize())


def _line(etiket: str, beholdt: str, udgået: str) -> Linje:
    return Linje(etiket, beholdt, udgået, beholdt != udgået)


def _side(session: Session, beboer_id: uuid.UUID) -> Side:
    beboer, data = hent_beboer(session, beboer_id, ANLEDNING)
    kræv_hel(session, beboer)
    home = husstand(session, beboer_id, ANLEDNING)
    bolig = " ".join(filter(None, (home[1].nummer, home[1].adresse))) if home else ""
    return Side(beboer, data, bolig, antal_om(session, beboer_id))


def _vist(session: Session, side: Side, navn: str) -> str:
    return vist_felt(session, side.beboer.helhedsplan_id, side.data, navn)


def _changed(session: Session, side: Side) -> tuple[int, date]:
    """What tells which of two was corrected last."""
    query = select(Søgeændring.nr).where(
        Søgeændring.helhedsplan_id == side.beboer.helhedsplan_id, Søgeændring.række_id == side.beboer.id
    )
    return session.exec(query).one_or_none() or 0, side.beboer.oprettet


def _choice(navn: str, beholdt: BeboerData, udgået: BeboerData, shown: tuple[str, str], newer: bool) -> Valg:
    """The answers to one field. Proposed is what says something; when both do, both notes or the latest correction."""
    answers = [(BEHOLDT, _short(shown[0])), (UDGÅET, _short(shown[1]))]
    if navn == "note" and begge_noter(beholdt, udgået):
        return Valg([(BEGGE, "Behold begge"), *answers], BEGGE)
    empty = [getattr(data, navn) in ("", None) for data in (beholdt, udgået)]
    return Valg(answers, UDGÅET if empty[0] or (newer and not empty[1]) else BEHOLDT)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return (text if len(text) <= _LONGEST else text[:_LONGEST].rstrip() + " …") or "(tomt)"
